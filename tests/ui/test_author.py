"""Who writes the function, without a browser: what a person chooses, what is shown while a reply comes."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import ipywidgets
import pytest

from waiting import LIMIT_S, settled, until
from workbench.session import Session
from workbench.ui.components import SecretBox, Toast
from workbench.ui.panels.function import FunctionPanel
from workbench.ui.workbench import Workbench

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "generate"))  # pytest puts there what it collects

from model_server import CODE, KEY, LISTED, REPLY, ModelServer
from reachable import below


@pytest.fixture(scope="module")
def server():
    with ModelServer() as serving:
        yield serving


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    made = Session(tmp_path / "runs")
    made.load("builtin:iris")
    made.contract = "loss"
    return made


@pytest.fixture
def panel(session):
    return FunctionPanel(session, Toast())


def typed(widget, **state):
    widget.set_state(state)


def choose(panel, server, model):
    """What a person does who wants this model."""
    typed(panel.author.who, index=[o[1] for o in panel.author.who.options].index("other"))
    typed(panel.author.address, value=server.url)
    typed(panel.author.name, value=model)


def test_offline_is_the_default_and_shows_no_settings(panel):
    assert panel.author.who.value == "offline"
    assert panel.author.card.layout.display == "none"
    assert not panel.generate_button.disabled
    assert panel.cancel_button.layout.display == "none"


def test_a_server_without_a_model_is_not_yet_somebody_who_writes(panel, session, server):
    typed(panel.author.who, index=len(panel.author.who.options) - 1)
    assert panel.author.card.layout.display is None
    assert panel.generate_button.disabled
    assert "Choose a model" in panel.author.hint.value
    typed(panel.author.address, value=server.url)
    panel.author.list_button.click()
    settled(lambda: panel.author.name.options == LISTED)
    assert "3 models listed" in panel.author.hint.value
    typed(panel.author.name, value="good")
    assert not panel.generate_button.disabled
    assert (session.model.model, session.model.url) == ("good", server.url)
    typed(panel.author.who, index=0)
    assert session.model is None
    assert not panel.generate_button.disabled


def test_a_server_that_is_none_is_said_beside_its_settings(panel):
    typed(panel.author.who, index=len(panel.author.who.options) - 1)
    typed(panel.author.address, value="http://127.0.0.1:9/v1")
    panel.author.list_button.click()
    settled(lambda: panel.author.problem.value and not panel.author.list_button.disabled)
    assert "no server answers at http://127.0.0.1:9/v1" in panel.author.problem.value


def test_numbers_are_taken_and_what_is_none_is_said_where_it_stands(panel, session, server):
    choose(panel, server, "good")
    numbers = panel.author.numbers
    typed(numbers["temperature"].control, value="0.4")
    typed(numbers["max_tokens"].control, value="700")
    typed(numbers["timeout_s"].control, value="90")
    assert (session.model.temperature, session.model.max_tokens, session.model.timeout_s) == (0.4, 700, 90)
    typed(numbers["max_tokens"].control, value="many")
    assert "Longest reply (tokens) is &#x27;many&#x27;; give a whole number" in numbers["max_tokens"].error.value
    assert session.model.max_tokens == 700
    typed(numbers["max_tokens"].control, value="")
    typed(numbers["temperature"].control, value="7")
    assert "the temperature is 7; give one from 0 to 2" in panel.author.problem.value
    typed(numbers["tokens"].control, value="1000")
    assert session.budget.tokens == 1000


def test_what_code_chooses_the_panel_shows(panel, session, server):
    session.use_model("good", base_url=server.url, temperature=0.1, seed=3)
    author = panel.author
    assert (author.who.value, author.name.value, author.address.value) == ("other", "good", server.url)
    assert (author.numbers["temperature"].control.value, author.numbers["seed"].control.value) == ("0.1", "3")
    session.use_composer()
    assert author.who.value == "offline"


def test_the_reply_streams_into_the_editor_and_its_function_takes_its_place(panel, session, server, monkeypatch):
    messages = []
    monkeypatch.setattr(panel.editor, "send", lambda content, buffers=None: messages.append(content))
    choose(panel, server, "good")
    panel.generate_button.click()
    settled(lambda: session.report is not None)
    assert "".join(m["text"] for m in messages if m["do"] == "append") == REPLY
    assert panel.editor.value == CODE
    assert not panel.editor.streaming
    assert "Last reply: good at 127.0.0.1" in panel.author.usage.value
    assert "11 tokens in (4 cached), 7 out" in panel.author.usage.value
    assert "This session: 1 call;" in panel.author.usage.value
    assert "model (good)" in panel.about.value
    assert "Here it is:" in panel.reply.value


def test_cancel_is_there_while_a_reply_comes_and_the_function_before_stays(panel, session, server):
    before = session.generate()
    choose(panel, server, "slow")
    panel.generate_button.click()
    until(lambda: panel.editor.streaming and panel.editor.value.startswith("0 1 2"))
    assert panel.cancel_button.layout.display is None
    assert panel.generate_button.disabled
    assert session.candidate is before
    panel.cancel_button.click()
    settled(lambda: panel.editor.value == before.code)
    assert not panel.editor.streaming
    assert session.candidate is before
    assert "0 1 2" in panel.reply.value
    assert "not whole" in panel.author.usage.value


def test_a_retry_is_shown_as_it_happens(panel, session, server):
    seen = []
    panel.author.usage.observe(lambda change: seen.append(change["new"]), "value")
    choose(panel, server, "busy_twice")
    session.generate()
    assert any("Asked again (1 of 4) in 0 s: the server allows no more calls" in text for text in seen)
    assert "Asked again" not in panel.author.usage.value


def test_the_key_goes_from_the_box_to_its_server_and_is_in_no_widget(panel, session, server):
    choose(panel, server, "unlocked")
    panel.author.key._handle_custom_msg({"event": "secret", "text": KEY}, [])
    assert panel.author.key.state == "Given in this session; it is kept in memory alone."
    assert session.generate().code == CODE
    widgets = below(panel)
    assert panel.author.key in widgets
    assert KEY not in json.dumps(ipywidgets.Widget.get_manager_state(drop_defaults=False, widgets=widgets))


def test_a_key_that_cannot_be_one_is_refused_without_being_shown(panel, server):
    choose(panel, server, "good")
    panel.author.key._handle_custom_msg({"event": "secret", "text": f"{KEY} {KEY}"}, [])
    assert "the key holds characters that no key has" in panel.author.problem.value
    assert KEY not in panel.author.problem.value


def test_the_box_for_a_key_has_no_trait_that_could_hold_one():
    assert {"placeholder", "state", "disabled", "label"} >= {
        n
        for n in SecretBox.class_trait_names(sync=True)
        if not n.startswith("_") and n not in ("layout", "tabbable", "tooltip")
    }


def test_the_header_names_the_model(tmp_path, server):
    wb = Workbench(tmp_path / "runs")

    def chip():
        return next(c for c in wb.shell.stepper.chips if c["label"] == "model")

    assert chip()["text"] == "offline"
    wb.use_model("good", base_url=server.url)
    until(lambda: chip()["text"] == "good")
    assert server.url in chip()["hint"]


def test_a_reply_that_comes_does_not_redraw_the_panel_from_two_threads(panel, session, server):
    choose(panel, server, "good")
    before = threading.active_count()
    threads = [session.generate_async() for _ in range(2)]
    for thread in threads:
        thread.join(LIMIT_S)
    assert panel.editor.value == CODE
    assert threading.active_count() < before + 10, "no thread for each piece of a reply"


def test_repair_is_for_a_function_that_fails_and_a_model_that_is_chosen(panel, session, server):
    session.edit(CODE)
    session.check(probe=False)
    assert session.report.blocking
    assert panel.repair_button.disabled
    choose(panel, server, "scripted")
    assert not panel.repair_button.disabled
    server.script = [CODE]
    repaired = session.repair(rounds=3, probe=False)
    assert "Not repaired" in panel.repaired.value or "not repaired" in panel.repaired.value
    assert panel.repaired.value.count("<b>Version 1</b>") == len(repaired.same) == 2
    assert "def train(cfg, dataset, seed, model_dir=None):" in panel.repaired.value
    assert panel.cancel_button.layout.display == "none"


def test_the_empty_step_says_who_will_write(panel, session, server):
    assert "the offline composer writes" in panel.hint.value
    choose(panel, server, "unlocked")
    assert "unlocked writes" in panel.hint.value
