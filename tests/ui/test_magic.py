"""`%%train` in a real IPython shell."""

from __future__ import annotations

import os

import pytest
from IPython.core.interactiveshell import InteractiveShell

from workbench.session import Session


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    made = InteractiveShell()
    made.extension_manager.load_extension("workbench")
    return made


def test_a_hand_written_function_goes_through_the_checks_and_is_not_run_in_the_kernel(shell, capsys, tmp_path):
    session = Session(tmp_path / "runs")
    session.load("builtin:iris")
    code = session.generate().code
    shell.push({"wb": session})
    hand = code.replace("seed: int", "sead: int", 1) + "\nimport os\nos.environ['RAN_IN_THE_KERNEL'] = 'yes'\n"
    shell.run_cell("%%train --static\n" + hand)
    said = capsys.readouterr().out
    assert "signature" in said
    assert "changes something on import" in said
    assert "RAN_IN_THE_KERNEL" not in os.environ
    assert session.candidate.origin == "edit"
    assert session.candidate.parent is not None
    assert "train" not in shell.user_ns


def test_without_a_session_it_says_how_to_make_one(shell, capsys):
    shell.run_cell("%%train\nx = 1\n")
    assert capsys.readouterr().out == (
        "workbench: there is no session yet; make one with wb = Workbench() and load a dataset\n"
    )


def test_with_two_sessions_it_asks_for_a_name(shell, capsys, tmp_path):
    shell.push({"one": Session(tmp_path), "two": Session(tmp_path)})
    shell.run_cell("%%train\nx = 1\n")
    assert capsys.readouterr().out == "workbench: there are several sessions (one, two); name one: %%train one\n"
    shell.run_cell("%%train three\nx = 1\n")
    assert capsys.readouterr().out == "workbench: 'three' is no session; there are: one, two\n"
