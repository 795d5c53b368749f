"""What several threads do to one view at once: nothing that is said, chosen or answered is lost."""

from __future__ import annotations

import threading

import pytest

from waiting import LIMIT_S, settled, until
from workbench.nouns import Report
from workbench.runs import Run
from workbench.session import Session, isolation
from workbench.ui.components import Toast
from workbench.ui.panels.data_parts import PartChoice
from workbench.ui.panels.run import RunPanel

TRAIN = """\
from typing import Any, Tuple

from ConfigSpace import Configuration
from sklearn.dummy import DummyClassifier


def train(cfg: Configuration, dataset: Any, seed: int, budget: int = None, model_dir: str = None) -> Tuple[float, Any]:
    return float(cfg["x"]) + 1.0, DummyClassifier().fit(dataset["X"], dataset["y"])
"""


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "runs")
    made.load("builtin:iris")
    made.space.replace(type(made.space.space)())
    made.space["x"] = (0.0, 1.0)
    made.facade = "random"
    made.set_scenario(n_trials=3)
    made.edit(TRAIN)
    made.report = Report(made.candidate.digest, (), calls=1)
    return made


def aside(action):
    """Do it in another thread, while this one is in the middle of something."""
    thread = threading.Thread(target=action)
    thread.start()
    return thread


def test_what_two_threads_say_at_once_is_both_shown():
    toast, threads = Toast(), []

    class Slow(list):
        def __iter__(self):  # in the middle of `say`, which reads what was said before
            if not threads:
                threads.append(None)
                threads[0] = aside(lambda: toast.say("of the second"))
                threads[0].join(0.5)  # it has to wait for the first
            return super().__iter__()

    toast._trait_values["messages"] = Slow()
    toast.say("of the first")
    threads[0].join()
    assert [m["text"] for m in toast.messages] == ["of the first", "of the second"]


def test_a_choice_that_comes_while_the_session_is_shown_is_a_choice():
    chosen = []
    part = PartChoice("Test part", "", chosen.append)
    threads = []

    def choose(change):
        if not threads:  # in the middle of `show`
            threads.append(aside(lambda: part.file.control.set_state({"value": "test.csv"})))
            threads[0].join(0.5)

    part.show(None, ["a", "b"])
    part.how.control.set_state({"index": [v for _, v in part.how.control.options].index("file")})
    part.column.control.observe(choose, "_options_labels")
    part.show(None, ["a", "b", "c"])
    threads[0].join()
    assert [split.file for split in chosen] == ["test.csv"]


def test_an_answer_that_comes_at_once_starts_the_run(session, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    found = isolation.Isolation({"limits": "in force", "Landlock": "not in this kernel"})
    monkeypatch.setattr("workbench.session.continuing.isolation", lambda: found)
    panel = RunPanel(session, Toast())

    def answer(change):
        if change["new"]:
            panel.dialog._handle_custom_msg({"event": "confirm", "text": ""}, [])

    panel.dialog.observe(answer, "shown")
    panel.run_button.click()
    settled(lambda: session.current_run is not None)
    session.wait()
    assert session.run_state == "finished"
    panel.going_on.trials.control.value = 2
    found = isolation.Isolation({"limits": "in force", "Landlock": "not in this kernel", "seccomp": "not here"})
    assert not session.isolation_agreed
    panel.going_on.more_button.click()
    settled(lambda: session.current_run.progress == (5, 5))
    session.wait()


def test_news_that_code_has_read_already_are_news_to_the_views(session, monkeypatch):
    waits = "    import os, time\n\n    time.sleep(0.5)\n    os.makedirs(model_dir, exist_ok=True)\n"
    waits += "    number = len(os.listdir(model_dir))\n    open(os.path.join(model_dir, str(number)), 'w').close()\n"
    waits += "    while number == 1 and not os.path.exists(os.path.join(model_dir, 'go')):\n        time.sleep(0.02)\n"
    session.edit(TRAIN.replace("    return", waits + "    return"))
    session.report = Report(session.candidate.digest, (), calls=1)
    real = Run.refresh
    monkeypatch.setattr(Run, "refresh", lambda run: (real(run), real(run))[1])  # somebody was there before
    seen = []
    session.observe(lambda change: seen.append(len(session.trials)), "run_version")
    run = session.run()
    until(lambda: 1 in seen)
    (run.folder / "models" / "go").touch()
    session.wait()
    assert (session.run_state, seen[-1]) == ("finished", 3)


def test_the_state_of_a_run_that_is_not_followed_any_more_is_not_shown(session):
    first = session.run(wait=True)
    second = session.run(wait=True)
    held, go = threading.Event(), threading.Event()
    real = first.refresh

    def slow():
        if threading.current_thread().name == "workbench-watch":
            held.set()
            go.wait()
        return real()

    first.refresh = slow
    session.attach(first)
    watcher = session._watcher
    assert held.wait(LIMIT_S)
    first._state = "running"  # what its watcher is about to say
    session.attach(second)
    session.wait()
    go.set()
    watcher.join(LIMIT_S)
    assert not watcher.is_alive()
    assert (session.current_run, session.run_state) == (second, "finished")
