"""Asking ahead: the next configuration is chosen while a trial runs, and nothing of that is lost or tried twice."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jobs
import pytest

from waiting import LIMIT_S
from workbench import runs
from workbench.nouns import Candidate, Hyperparameter, Reply, Space
from workbench.runs.driver import took

WAITS = (
    "os.makedirs(model_dir, exist_ok=True); open(os.path.join(model_dir, f'at-{n}-{x}'), 'w').close(); "
    "exec('while not os.path.exists(os.path.join(model_dir, \"go\")): time.sleep(0.02)')"
)
COUNTED = (
    "begun = [f'{n}-{x}', *(f for f in os.listdir(model_dir) if f != 'allowed')]; "
    "open(os.path.join(model_dir, begun[0]), 'w').close(); "
    "exec('while len(set(begun)) > int(open(os.path.join(model_dir, \"allowed\")).read()): time.sleep(0.02)')"
)
"""Waits where more have begun than are allowed."""
NOTES = """
import sys
from workbench.runs import driver
from workbench.runs.optimiser import Optimiser

ask, tell = Optimiser.ask, Optimiser.tell


def note(letter):
    with open(sys.argv[1] + "/calls", "a") as file:
        file.write(letter)


def asked(self):
    info = ask(self)
    note("a" if info else "-")
    return info


def told(self, info, trial):
    note("t")
    tell(self, info, trial)


Optimiser.ask, Optimiser.tell = asked, told
raise SystemExit(driver.main(sys.argv[1:]))
"""


@pytest.fixture(autouse=True)
def end_all() -> Iterator[None]:
    yield
    jobs.end_all()


def calls(run: runs.Run) -> str:
    """What SMAC was asked (a; - for no answer) and told (t), in its order, in a run to its end."""
    command = [sys.executable, "-c", NOTES, str(run.folder)]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, timeout=LIMIT_S, check=False).returncode == 0
    run.refresh()
    assert run.state == "finished", run.log_tail()
    return (run.folder / "calls").read_text()


def asked(run: runs.Run) -> list[tuple[object, ...]]:
    return [(*trial.config.items(), trial.budget, trial.instance) for trial in run.trials]


@pytest.mark.parametrize(
    ("ahead", "n_trials", "order"),
    [(False, 5, "atatatatat"), (True, 5, "aatatatatt"), (True, 2, "aatt"), (True, 1, "at")],
)
def test_the_next_one_is_asked_for_before_the_last_is_told(
    tmp_path: Path, ahead: bool, n_trials: int, order: str
) -> None:
    run = jobs.made(tmp_path, facade="hpo", n_trials=n_trials, ask_ahead=ahead)
    assert calls(run) == order
    assert run.progress == (n_trials, n_trials)


def test_two_workers_have_one_more_ready(tmp_path: Path) -> None:
    run = jobs.made(tmp_path, "time.sleep(0.2)", facade="hpo", n_trials=6, workers=2, ask_ahead=True)
    order = calls(run)
    assert order.startswith("aaa")
    assert (order.count("a"), order.count("t")) == (6, 6)


def test_random_search_makes_the_same_run(tmp_path: Path) -> None:
    one, other = (jobs.ended(jobs.started(tmp_path, n_trials=12, ask_ahead=ahead)) for ahead in (False, True))
    assert len(set(asked(one))) == 12
    assert asked(one) == asked(other)


def test_a_model_is_asked_without_the_trial_that_runs_and_the_same_way_each_time(tmp_path: Path) -> None:
    one, other, plain = (
        jobs.ended(jobs.started(tmp_path, facade="hpo", n_trials=16, ask_ahead=ahead)) for ahead in (True, True, False)
    )
    assert asked(one) == asked(other)
    assert asked(one)[:4] == asked(plain)[:4], "one and the same initial design"
    assert asked(one) != asked(plain)


@pytest.mark.parametrize("facade", ["multifidelity", "hyperband", "ac"])
def test_brackets_and_races_are_gone_through_to_the_end(tmp_path: Path, facade: str) -> None:
    run = jobs.ended(jobs.started(tmp_path, facade=facade, n_trials=25, ask_ahead=True))
    assert (run.state, run.progress) == ("finished", (25, 25)), run.log_tail()
    assert len(set(asked(run))) == 25
    assert len({t.instance for t in run.trials} if facade == "ac" else {t.budget for t in run.trials}) >= 3


def test_a_small_space_is_gone_through_and_not_asked_again_and_again(tmp_path: Path) -> None:
    small = Space((Hyperparameter("x", "constant", default=0.5), Hyperparameter("n", "integer", 1, 3, default=1)))
    job = dataclasses.replace(jobs.job(n_trials=20, ask_ahead=True), space=small)
    run = runs.create(job, Candidate(jobs.CODE.replace("BODY", "time.sleep(1)"), "file"), root=tmp_path)
    order = calls(run)
    assert run.progress[0] == order.count("t") == 3
    assert "the space is small" in run.error
    assert order.count("-") == 2, "once while the last trial ran, and once after it"


def test_what_was_chosen_ahead_waits_while_paused_and_is_tried_then(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, WAITS, n_trials=4, trial_limit_s=300.0, ask_ahead=True)
    models = run.folder / "models"
    jobs.until(lambda: len(list(models.glob("at-*"))) == 1)
    run.pause()
    jobs.reaches(run, "paused")
    (models / "go").touch()
    jobs.has_trials(run, 1)
    run.wait(0.5)
    assert len(list(models.glob("at-*"))) == 1, "a paused run begins no trial"
    run.resume()
    jobs.ended(run)
    assert (run.state, run.progress) == ("finished", (4, 4)), run.log_tail()
    assert len(set(asked(run))) == 4


@pytest.mark.parametrize("facade", ["hpo", "hyperband"])
def test_a_stop_and_a_killed_driver_lose_no_more_than_what_ran(tmp_path: Path, facade: str) -> None:
    run = jobs.made(tmp_path, COUNTED, facade, n_trials=14, trial_limit_s=300.0, ask_ahead=True)
    jobs.STARTED.append(run)
    allowed = run.folder / "models" / "allowed"
    allowed.parent.mkdir(exist_ok=True)
    allowed.write_text("2")
    run.start()
    jobs.has_trials(run, 2)
    run.stop()
    jobs.ended(run)
    assert run.state == "stopped"
    allowed.write_text("7")
    run.start()
    jobs.has_trials(run, 6)
    os.kill(jobs.driver_of(run), signal.SIGKILL)
    assert run.wait(LIMIT_S)
    allowed.write_text("100")
    run.start()
    jobs.ended(run)
    assert (run.state, run.progress) == ("finished", (14, 14)), run.log_tail()
    assert len(set(asked(run))) == 14


def test_more_trials_go_on_ahead(tmp_path: Path) -> None:
    run = jobs.ended(jobs.started(tmp_path, facade="hpo", n_trials=3, ask_ahead=True))
    run.extend(4)
    jobs.ended(run)
    assert (run.state, run.progress) == ("finished", (7, 7)), run.log_tail()
    assert len(set(asked(run))) == 7


def test_a_trial_took_what_train_took_not_what_it_waited_for_smac() -> None:
    assert took(Reply("success", seconds=0.2), 3.0) == 0.2
    assert took(Reply("timeout", seconds=0.2), 3.0) == 3.0
    assert took(Reply("success", seconds=0.0), 3.0) == 3.0
    assert took(Reply("success", seconds=9.0), 3.0) == 3.0, "generated code says how long it took: no longer than that"
