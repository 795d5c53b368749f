"""A planted key is looked for in all that the workbench shows, keeps or starts: only its server may hear it."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from pathlib import Path

import ipywidgets
import nbformat
import psutil
import pytest

from waiting import LIMIT_S
from workbench.generate.model import ModelError
from workbench.generate.providers import PROVIDERS
from workbench.runs import depot
from workbench.ui.workbench import Workbench
from workbench.worker import nursery

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "generate"))  # pytest puts there what it collects

from model_server import KEY, ModelServer
from reachable import below

PLANTED = "sk-planted-in-the-environment-71c4"
CURIOUS = """\
import os
import time
from typing import Any

from ConfigSpace import Configuration


def train(cfg: Configuration, dataset: Any, seed: int, model_dir: str = None) -> float:
    print(dict(os.environ))
    time.sleep(0.2)
    return 0.5
"""


@pytest.fixture
def server():
    with ModelServer() as serving:
        yield serving


@pytest.fixture
def wb(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for preset in PROVIDERS.values():
        for name in preset.key_env:
            monkeypatch.setenv(name, PLANTED)
    depot.close()  # what is forked here comes from processes that could have seen the keys
    nursery.close_all()
    made = Workbench(tmp_path / "runs")
    made.load("builtin:iris")
    made.contract = "loss"
    return made


def clean(where, text):
    for key in (KEY, PLANTED, KEY[3:-3]):
        assert key not in text, f"the key is in {where}"


def files(folder):
    """Whatever lies in a folder, as text."""
    return "\n".join(p.read_bytes().decode("utf-8", "replace") for p in sorted(folder.rglob("*")) if p.is_file())


def environments():
    """The environments of all processes that this one has started."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            found.append((" ".join(child.cmdline()), json.dumps(child.environ())))
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def test_a_key_is_found_nowhere_but_at_its_server(wb, server, tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    author = _shown(wb)
    author.who.value = "other"
    author.address.value = server.url
    author.key._handle_custom_msg({"event": "secret", "text": KEY}, [])

    # calls that go well, that fail, and whose server says the key aloud
    shown = []
    wb.observe(lambda change: shown.append(repr(change["new"])))
    for model in ("unlocked", "echoes", "echoes_in_error", "refuses", "cut_off"):
        author.name.value = model
        try:
            wb.generate()
        except ModelError as error:
            caught = traceback.TracebackException.from_exception(error, capture_locals=True)
            clean(f"the traceback of {model}", "".join(caught.format()) + repr(error) + repr(vars(error)))
        assert server.headers[-1]["authorization"] == f"Bearer {KEY}"
    clean("what the session says", "".join(shown))

    # a function that prints its environment, checked and run
    wb.edit(CURIOUS)
    wb.check()
    wb.set_scenario(n_trials=8)
    run = wb.run(override="a test")
    seen = []
    end = time.monotonic() + LIMIT_S
    while wb.run_state not in ("finished", "failed", "stopped") and time.monotonic() < end:
        seen += environments()
        run.wait(0.05)
    wb.wait(LIMIT_S)
    assert wb.run_state == "finished", run.log_tail(30)
    names = {command for command, _ in seen}
    assert any("workbench.runs.depot" in name for name in names), names  # the driver is a fork of it, as are
    assert any("workbench.worker.template" in name for name in names), names  # the workers of this
    for command, environment in seen:
        clean(f"the environment of {command}", environment)
    assert "PATH" in files(run.folder)  # the function did print what it saw
    clean("the run folder", files(run.folder))

    # what is kept, and what a notebook is saved with
    assert (tmp_path / "data").exists()
    clean("the record", files(tmp_path / "data"))
    clean("any file", files(tmp_path))
    state = ipywidgets.Widget.get_manager_state(drop_defaults=False, widgets=below(wb.shell))
    clean("the state of the widgets", json.dumps(state))
    book = nbformat.v4.new_notebook(metadata={"widgets": {"application/vnd.jupyter.widget-state+json": state}})
    book.cells.append(nbformat.v4.new_code_cell("wb", outputs=[nbformat.v4.new_output("display_data", _bundle(wb))]))
    clean("a saved notebook", nbformat.writes(book))
    clean("the session", repr(wb) + repr(vars(wb)) + repr(wb.model) + repr(wb.completion) + repr(wb.writer.__dict__))
    clean("the log", caplog.text)
    clean("the output", "".join(capfd.readouterr()))
    assert os.environ["OPENAI_API_KEY"] == PLANTED  # it was there to be found


def _bundle(wb):
    bundle = wb._repr_mimebundle_()
    return bundle[0] if isinstance(bundle, tuple) else bundle


def _shown(wb):
    """The settings of the model in the Function step, as the shell shows it."""
    wb.step = "function"
    return wb.shell.panels["function"].author
