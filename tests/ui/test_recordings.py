"""Recorded calls in the Function step, and a writing that is cancelled before code came, with a real server."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from waiting import LIMIT_S, settled, until
from workbench.nouns import GenerateError
from workbench.session import Session
from workbench.ui.components import Toast
from workbench.ui.panels.function import FunctionPanel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "generate"))  # pytest puts there what it collects

from model_server import CODE, ModelServer


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


def hidden(widget):
    return widget.layout.display == "none"


def test_calls_are_exported_and_replayed_by_buttons_without_a_server(session, server, tmp_path):
    view = FunctionPanel(session, Toast()).recordings
    view.file.control.value = str(tmp_path / "calls.jsonl")
    view.export_button.click()
    settled(lambda: view.file.error.value)
    assert "it begins with the first call of a model" in view.file.error.value
    session.use_model("good", base_url=server.url)
    session.generate()
    settled(lambda: not view.export_button.disabled)
    view.export_button.click()
    settled(lambda: view.panel.toast.messages)
    assert view.panel.toast.messages[-1]["text"] == f"1 call written to {tmp_path / 'calls.jsonl'}"
    assert view.file.error.value == ""
    asked = len(server.requests)
    assert hidden(view.stop_button)
    view.replay_button.click()
    assert "calls.jsonl with 1 call answers in place of a model." in view.said.value
    found = session.generate()
    assert (found.code, found.origin, len(server.requests)) == (CODE, "replay", asked)
    view.stop_button.click()
    assert session.author == "offline"
    assert hidden(view.stop_button)


def test_a_file_that_is_no_recording_is_neither_replayed_nor_written_over(session, server, tmp_path):
    session.use_model("good", base_url=server.url)
    session.generate()
    other = tmp_path / "thesis.txt"
    other.write_text("years of work")
    view = FunctionPanel(session, Toast()).recordings
    view.file.control.value = str(other)
    view.replay_button.click()
    assert view.file.error.value
    with pytest.raises(GenerateError, match="is there and is no recording; choose another name"):
        session.export_recording(other)
    assert other.read_text() == "years of work"
    assert session.recording is None


@pytest.mark.parametrize("again", ["generate", "repair"])
def test_a_writing_that_is_cancelled_before_code_came_is_news_and_no_error(session, server, again):
    if again == "repair":
        session.edit("def train(cfg, dataset, seed):\n    return None\n")
        session.check(probe=False)
    session.use_model("stalls", base_url=server.url)
    before = server.count("stalls")
    thread = session.generate_async() if again == "generate" else session.repair_async()
    until(lambda: server.count("stalls") > before)
    session.cancel()
    thread.join(LIMIT_S)
    assert not thread.is_alive()
    assert "stopped" in session.message.text
    assert session.message.level != "error"
