"""A run that was broken off goes on: nothing lost but what was in flight, nothing repeated."""

from __future__ import annotations

import itertools
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jobs
import pytest

from waiting import LIMIT_S
from workbench import runs
from workbench.nouns import RunError, Trial
from workbench.runs import Run
from workbench.runs import folder as files
from workbench.runs.lock import locked
from workbench.runs.recall import remember

SLOW = "time.sleep(0.05)"
HELD = (
    "limit = os.path.join(model_dir, 'until'); "
    "exec('while len(os.listdir(model_dir)) > int(open(limit).read()): time.sleep(0.02)'); "
    "open(os.path.join(model_dir, f'at-{n}-{x}-{budget}'), 'w').close()"
)
"""The trial after those that are allowed waits, so that the driver is killed in it however busy the machine is."""


@pytest.fixture(autouse=True)
def end_all() -> Iterator[None]:
    yield
    jobs.end_all()


def kill_driver(run: Run) -> None:
    os.kill(json.loads((run.folder / "driver.json").read_text())["pid"], signal.SIGKILL)
    assert run.wait(LIMIT_S)


def allow(run: Run, trials: int) -> None:
    (run.folder / "models").mkdir(exist_ok=True)
    files.write(run.folder / "models" / "until", str(trials))


def started_held(root: Path, trials: int, **numbers: Any) -> Run:
    """A run that waits in the trial after so many."""
    run = jobs.made(root, HELD, **numbers)
    allow(run, trials)
    jobs.STARTED.append(run)
    run.start()
    jobs.has_trials(run, trials)
    return run


def goes_on(run: Run) -> Run:
    allow(run, 10_000)
    jobs.STARTED.append(run)
    run.start()
    return jobs.ended(run)


def asked(trial: Trial) -> tuple[str, float | None, str | None]:
    return json.dumps(dict(trial.config), sort_keys=True), trial.budget, trial.instance


@pytest.mark.parametrize("facade", ["hpo", "blackbox", "multifidelity", "hyperband", "random", "ac"])
def test_a_driver_that_was_killed_goes_on_after_its_trials_and_repeats_none(tmp_path: Path, facade: str) -> None:
    run = started_held(tmp_path, 6, facade=facade, n_trials=16, seed=3)
    kill_driver(run)
    run.refresh()
    before = run.trials
    again = runs.open(run.folder)
    assert again.elapsed_s == pytest.approx(max(t.start_s + t.seconds for t in before))
    taken = remember(run.folder).elapsed_s
    time.sleep(0.5)
    gone_on = time.time()
    again = goes_on(again)
    assert (again.state, again.error, again.progress) == ("finished", "", (16, 16)), again.log_tail()
    assert taken < again.elapsed_s < taken + time.time() - gone_on, "the gap between two drivers is no time of the run"
    assert again.trials[: len(before)] == before
    assert [t.number for t in again.trials] == list(range(1, 17))
    assert len({asked(t) for t in again.trials}) == 16, "a trial was repeated"
    starts = [t.start_s for t in again.trials]
    assert starts == sorted(starts), "the axis of time goes on"
    points = again.trajectory
    assert all(b.elapsed_s > a.elapsed_s for a, b in itertools.pairwise(points))
    history = json.loads(next((run.folder / "smac").rglob("runhistory.json")).read_text())
    assert len(history["data"]) == 16
    assert len({entry["seed"] for entry in history["data"]}) == 1
    jobs.none_left(run, [])


@pytest.mark.parametrize("facade", ["random", "hyperband"])
def test_a_search_without_a_model_goes_on_as_if_it_had_never_been_broken_off(tmp_path: Path, facade: str) -> None:
    whole = jobs.ended(jobs.started(tmp_path, facade=facade, n_trials=20))
    run = started_held(tmp_path, 4, facade=facade, n_trials=20)
    for allowed in (11, 10_000):
        kill_driver(run)
        run = runs.open(run.folder)
        allow(run, allowed)
        jobs.STARTED.append(run)
        run.start()
        jobs.has_trials(run, min(allowed, 20))
    jobs.ended(run)
    assert [asked(t) for t in run.trials] == [asked(t) for t in whole.trials]


def test_open_rounds_of_successive_halving_are_finished_not_begun_anew(tmp_path: Path) -> None:
    # the first bracket: eight at 1 (a ninth was drawn twice), three at 3, one at 9
    run = started_held(tmp_path, 9, facade="multifidelity", n_trials=12)
    kill_driver(run)
    again = goes_on(runs.open(run.folder))
    assert [t.budget for t in again.trials] == [1.0] * 8 + [3.0] * 3 + [9.0]


def test_a_stopped_run_goes_on_and_so_does_one_whose_last_line_is_torn(tmp_path: Path) -> None:
    run = started_held(tmp_path, 3, n_trials=12)
    run.stop()
    assert run.wait(LIMIT_S)
    run.refresh()
    before = len(run.trials)
    with (run.folder / "events.jsonl").open("a") as file:
        file.write('{"event": "trial", "number": 99, "conf')
    again = goes_on(runs.open(run.folder))
    assert (again.state, len(again.trials)) == ("finished", 12)
    assert [t.number for t in again.trials] == list(range(1, 13))
    assert [one.trial for one in remember(run.folder).known] == list(again.trials)
    assert before < 12


def test_a_failed_run_gets_another_chance_when_it_is_resumed(tmp_path: Path) -> None:
    run = jobs.ended(jobs.started(tmp_path, "raise KeyError('missing')", n_trials=12))
    assert (run.state, len(run.trials)) == ("failed", 5)
    run = goes_on(run)
    assert (run.state, len(run.trials)) == ("failed", 10)
    assert run.error.startswith("all 10 trials failed")


# ---------------------------------------------------------------- what has changed


def stopped(root: Path) -> Run:
    run = jobs.started(root, SLOW, n_trials=500)
    jobs.has_trials(run, 2)
    run.stop()
    assert run.wait(LIMIT_S)
    return runs.open(run.folder)


def test_a_changed_constant_is_refused_in_words_and_a_changed_comment_is_not(tmp_path: Path) -> None:
    run = stopped(tmp_path)
    code = (run.folder / "train.py").read_text()
    files.write(run.folder / "train.py", code.replace("0.3", "0.4"))
    with pytest.raises(RunError) as caught:
        run.start()
    assert str(caught.value) == (
        f"the run {run.folder.name} cannot go on as it was: the function has changed; "
        "start a new run; with reuse of this one it keeps the trials that still hold"
    )
    assert not run.alive
    files.write(run.folder / "train.py", "# a word\n" + code)
    jobs.STARTED.append(run)
    run.start()
    jobs.reaches(run, "running")


def test_another_version_of_a_library_is_accepted_on_demand_alone(tmp_path: Path) -> None:
    run = stopped(tmp_path)
    about = json.loads((run.folder / "job.json").read_text())
    now = about["identity"]["versions"]["scikit-learn"]
    about["identity"]["versions"] |= {"scikit-learn": "0.24.1", "smac": "2.0.0"}
    files.write_json(run.folder / "job.json", about)
    run = runs.open(run.folder)
    with pytest.raises(RunError) as caught:
        run.start()
    assert f"scikit-learn was 0.24.1 and is {now}; go on all the same with accept_changes" in str(caught.value)
    assert "smac" not in str(caught.value)
    jobs.STARTED.append(run)
    run.start(accept_changes=True)
    jobs.reaches(run, "running")


# ---------------------------------------------------------------- more trials


def test_a_finished_run_and_a_running_one_take_more_trials(tmp_path: Path) -> None:
    run = jobs.ended(jobs.started(tmp_path, SLOW, facade="hpo", n_trials=4))
    assert run.state == "finished"
    run.extend(3)
    other = runs.open(run.folder)
    assert other.alive
    assert other.progress[1] == 7
    other.extend(2)
    jobs.ended(other)
    run.refresh()
    for seen in (run, other, runs.open(run.folder)):
        assert (seen.state, seen.progress) == ("finished", (9, 9))
    assert len({asked(t) for t in run.trials}) == 9
    with pytest.raises(RunError, match="'many' more trials cannot be asked for; give a whole number, such as 20"):
        run.extend("many")


ASKED_MEANWHILE = """
import json, sys
from workbench.runs import driver, folder
from workbench.runs.run import Run

read = Run.job


def read_slowly(self):
    found = read(self)
    about = json.loads((self.folder / "job.json").read_text())
    about["scenario"]["n_trials"] += 3
    folder.write_json(self.folder / "job.json", about)
    return found


Run.job = read_slowly
raise SystemExit(driver.main(sys.argv[1:]))
"""


def test_more_trials_that_are_asked_for_while_a_driver_reads_the_job_are_run(tmp_path: Path) -> None:
    run = jobs.made(tmp_path, n_trials=4)
    command = [sys.executable, "-c", ASKED_MEANWHILE, str(run.folder)]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, timeout=LIMIT_S, check=False).returncode == 0
    run.refresh()
    assert (run.state, run.progress) == ("finished", (7, 7)), run.log_tail()


def test_a_limit_that_another_process_has_lifted_stays_lifted(tmp_path: Path) -> None:
    run = jobs.ended(jobs.started(tmp_path, n_trials=2, wall_limit_s=600.0))
    other = runs.open(run.folder)
    run.extend(1, wall_limit_s=math.inf)
    jobs.ended(run)
    other.extend(1)
    jobs.ended(other)
    for seen in (run, other, runs.open(run.folder)):
        seen.refresh()
        assert (seen.progress, seen.about["scenario"]["wall_limit_s"]) == ((4, 4), None)


def test_more_trials_that_could_not_be_written_down_are_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = jobs.made(tmp_path, n_trials=2)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_json", full)
    with pytest.raises(RunError, match="No space left on device"):
        run.extend(3)
    assert run.progress == (0, 2)


def test_a_new_limit_that_comes_when_a_driver_looks_no_more_is_for_the_next_one(tmp_path: Path) -> None:
    run = jobs.made(tmp_path, n_trials=2, wall_limit_s=600.0)
    jobs.STARTED.append(run)
    with locked(run.folder / "driver.lock"):
        events = files.Events(run.folder / "events.jsonl")
        events.append("state", state="running", at_s=0.0, n_trials=2, wall_limit_s=600.0)
        events.close()
        asking = threading.Thread(target=run.extend, args=(0,), kwargs={"wall_limit_s": math.inf})
        asking.start()
        jobs.until(lambda: runs.open(run.folder).about["scenario"]["wall_limit_s"] is None)
    asking.join(LIMIT_S)
    jobs.ended(run)
    assert (run.state, run.progress) == ("finished", (2, 2)), run.log_tail()


def test_a_run_that_begins_to_go_on_has_taken_no_less_than_before(tmp_path: Path) -> None:
    run = jobs.made(tmp_path)
    events = files.Events(run.folder / "events.jsonl")
    events.append("state", state="stopped", at_s=5.0)
    events.append("state", state="starting", at_s=5.0)
    events.close()
    with locked(run.folder / "driver.lock"):  # of a driver that has not written of itself
        assert runs.open(run.folder).elapsed_s == 5.0
