"""The Run step without a browser: a run that goes on, and what holds its function back."""

from __future__ import annotations

import json
import time

import pytest

from waiting import LIMIT_S, settled, until
from workbench.nouns import Report
from workbench.session import Session, isolation
from workbench.ui.components import Toast
from workbench.ui.panels.run import RunPanel

TRAIN = """\
import time
from typing import Any, Tuple

from ConfigSpace import Configuration
from sklearn.dummy import DummyClassifier


def train(cfg: Configuration, dataset: Any, seed: int, budget: int = None, model_dir: str = None) -> Tuple[float, Any]:
    time.sleep(0.1)
    return float(cfg["x"]) + 1.0, DummyClassifier().fit(dataset["X"], dataset["y"])
"""


def shown(widget):
    return widget.layout.display != "none"


def answer(panel, event):
    """What a click on a button of the dialog does."""
    until(lambda: panel.dialog.shown)
    panel.dialog._handle_custom_msg({"event": event, "text": ""}, [])


def numbers(run):
    run.refresh()
    return [t.number for t in run.trials]


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "runs")
    made.load("builtin:iris")
    made.space.replace(type(made.space.space)())
    made.space["x"] = (0.0, 1.0)
    made.facade = "random"
    made.set_scenario(n_trials=4)
    made.edit(TRAIN)
    made.report = Report(made.candidate.digest, (), calls=1)
    yield made
    if made.current_run is not None and made.current_run.alive:
        made.stop()
        made.wait(LIMIT_S)


def test_a_stopped_run_is_resumed_by_its_button_and_no_trial_is_repeated(session):
    session.set_scenario(n_trials=24)
    session.report = Report(session.candidate.digest, (), calls=1)
    panel = RunPanel(session, Toast())
    assert not shown(panel.going_on.resume_button)
    run = session.run()
    until(lambda: len(numbers(run)) >= 2)
    session.stop()
    session.wait(LIMIT_S)
    assert shown(panel.going_on.resume_button)
    before = len(numbers(run))
    assert f"{before} of 24 trials are made" in panel.going_on.said.value
    panel.going_on.resume_button.click()
    settled(lambda: session.run_state != "stopped")
    session.wait(LIMIT_S)
    assert session.run_state == "finished"
    assert numbers(session.current_run) == list(range(1, 25))
    assert session.current_run.folder == run.folder
    assert not shown(panel.going_on.resume_button)


def test_the_time_of_a_run_that_goes_on_includes_what_it_took_before_but_not_the_rest_between(session):
    session.set_scenario(n_trials=2000)
    session.report = Report(session.candidate.digest, (), calls=1)
    run = session.run()
    until(lambda: len(numbers(run)) >= 3)
    session.stop()
    session.wait(LIMIT_S)
    taken = run.elapsed_s
    assert taken >= 0.3
    time.sleep(2 * taken)
    asked = time.monotonic()
    session.resume_run()
    while run.elapsed_s == taken or len(numbers(run)) < 5:
        now = run.elapsed_s
        assert taken <= now + 0.2
        assert now <= taken + time.monotonic() - asked + 0.2


def test_a_finished_run_takes_more_trials_and_a_second_click_meanwhile_asks_for_none(session):
    panel = RunPanel(session, Toast())
    session.run(wait=True)
    panel.going_on.trials.control.value = 3
    panel.going_on.more_button.click()
    panel.going_on.more_button.click()
    settled(lambda: session.current_run.progress == (7, 7) and session.run_state == "finished")
    assert numbers(session.current_run) == list(range(1, 8))
    panel.going_on.trials.control.value = -1
    panel.going_on.more_button.click()
    settled(lambda: panel.going_on.problem.value)
    assert "-1 more trials cannot be asked for" in panel.going_on.problem.value


def test_a_run_whose_time_is_used_up_says_so_and_goes_on_with_a_new_limit(session):
    session.set_scenario(n_trials=200, wall_limit_s=1.0)
    session.report = Report(session.candidate.digest, (), calls=1)
    panel = RunPanel(session, Toast())
    run = session.run(wait=True)
    assert "the limit of 1 s" in run.error
    done, total = run.progress
    assert done < total
    view = panel.going_on
    until(lambda: "ended after" in view.said.value)
    assert shown(view.limit)
    view.trials.control.value = 0
    view.more_button.click()
    settled(lambda: view.problem.value)
    assert "its limit for the whole run (wall_limit_s) is 1 s" in view.problem.value
    assert run.progress == (done, total), "a refusal asks for nothing"
    view.limit.control.value = "soon"
    view.more_button.click()
    assert "&#x27;soon&#x27; is no limit" in view.limit.error.value
    view.limit.control.value = "none"
    view.more_button.click()
    until(lambda: session.current_run.progress[0] > done)
    assert session.current_run.about["scenario"]["wall_limit_s"] is None
    session.stop()


def test_other_versions_are_asked_about_before_a_run_goes_on_with_them(session):
    session.set_scenario(n_trials=24)
    session.report = Report(session.candidate.digest, (), calls=1)
    run = session.run()
    until(lambda: numbers(run))
    session.stop()
    session.wait(LIMIT_S)
    job = json.loads((run.folder / "job.json").read_text())
    job["identity"]["versions"]["scikit-learn"] = "0.1"
    (run.folder / "job.json").write_text(json.dumps(job))
    session.attach(run.folder)
    panel = RunPanel(session, Toast())
    panel.going_on.resume_button.click()
    until(lambda: panel.dialog.shown)
    assert "scikit-learn was 0.1" in panel.dialog.text
    answer(panel, "confirm")
    settled(lambda: session.run_state != "stopped")
    session.wait(LIMIT_S)
    assert session.run_state == "finished"
    assert numbers(session.current_run) == list(range(1, 25))


def test_other_versions_are_asked_about_before_a_finished_run_takes_more_trials(session):
    run = session.run(wait=True)
    job = json.loads((run.folder / "job.json").read_text())
    job["identity"]["versions"]["scikit-learn"] = "0.1"
    (run.folder / "job.json").write_text(json.dumps(job))
    session.attach(run.folder)
    panel = RunPanel(session, Toast())
    panel.going_on.trials.control.value = 2
    panel.going_on.more_button.click()
    until(lambda: panel.dialog.shown)
    answer(panel, "confirm")
    until(lambda: len(numbers(session.current_run)) == 6)
    session.wait(LIMIT_S)
    assert session.run_state == "finished"


def test_the_guards_of_this_machine_and_shared_processes_stand_in_words(session):
    panel = RunPanel(session, Toast())
    run = session.run(wait=True)
    assert panel.painter.wait(LIMIT_S)
    result = json.loads((run.folder / "result.json").read_text())
    assert session.current_run.in_a_reused_process == result["in_a_reused_process"] > 0
    assert f"{result['in_a_reused_process']} trial" in panel.guard.value
    assert "of 4 ran in the process of the one before" in panel.guard.value
    for name in session.isolation.guards:
        assert name in panel.guard.value


def test_where_a_guard_is_missing_a_person_is_asked_once_and_the_choice_is_kept(session, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    states = {"limits": "in force", "Landlock": "not in this kernel"}
    monkeypatch.setattr("workbench.session.continuing.isolation", lambda: isolation.Isolation(states))
    panel = RunPanel(session, Toast())
    panel.run_button.click()
    until(lambda: panel.dialog.shown)
    assert "Landlock is missing on this machine" in panel.dialog.text
    assert "it can read your files" in panel.dialog.text
    assert (panel.dialog.confirm_label, panel.dialog.cancel_label) == ("Run all the same", "Do not run")
    answer(panel, "cancel")
    settled(lambda: not panel.run_button.disabled)
    assert session.current_run is None
    panel.run_button.click()
    answer(panel, "confirm")
    settled(lambda: session.current_run is not None)
    session.wait(LIMIT_S)
    assert session.run_state == "finished"
    assert panel.painter.wait(LIMIT_S)
    assert "missing" in panel.guard.value
    assert Session(tmp_path / "other").isolation_agreed, "a later session does not ask"
    states["seccomp"] = "not on this system"
    assert not session.isolation_agreed, "what is missing besides is asked about again"


def test_with_all_guards_nobody_is_asked(session, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    found = isolation.Isolation({"Landlock": "in force, version 7: files", "memory": "watched by resident size"})
    assert (found.missing, isolation.agreed(found)) == ((), True)
    assert found.text.startswith("All guards hold here")
