"""Runs on a real Dask scheduler and workers, which are killed, cut off and stopped while trials are at work."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jobs
import psutil
import pytest
from dask_processes import Dask, end, gone, working

from waiting import LIMIT_S
from workbench.nouns import Cluster
from workbench.runs import Run

WAITS = (
    "os.makedirs(model_dir, exist_ok=True); open(os.path.join(model_dir, f'at-{n}-{x}-{os.getpid()}'), 'w').close(); "
    "exec('while not os.path.exists(os.path.join(model_dir, \"go\")): time.sleep(0.02)')"
)
"""A trial that leaves its process's id, and goes on when there is a file `go` beside it."""
SAVES = "os.makedirs(model_dir, exist_ok=True); open(os.path.join(model_dir, f'{n}-{x}.txt'), 'w').write(str(loss))"


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A scheduler and two workers; a test that ends one starts another."""
    one = Dask(tmp_path_factory.mktemp("dask"))
    for _ in range(2):
        one.start_worker()
    yield one
    one.close()


@pytest.fixture(autouse=True)
def end_all() -> Iterator[None]:
    yield
    jobs.end_all()


def started(root: Path, dask: Dask, body: str, *, shared: bool = True, silent_s: float = 30.0, **numbers: Any) -> Run:
    cluster = Cluster(dask.address, shared=shared, silent_s=silent_s)
    return jobs.started(root, body, cluster=cluster, **{"workers": 2, "trial_limit_s": 300.0, **numbers})


def at_work(run: Run, number: int) -> None:
    """Wait until so many trials have been begun."""
    jobs.until(lambda: len(list((run.folder / "models").glob("at-*"))) >= number)


def said(run: Run) -> list[str]:
    lines = (run.folder / "events.jsonl").read_text().splitlines()
    return [e["text"] for e in map(json.loads, lines) if e["event"] == "cluster"]


def running_worker(run: Run, dask: Dask) -> psutil.Popen:
    """A Dask worker that has a trial at work."""
    pids = {int(p.name.rpartition("-")[2]) for p in (run.folder / "models").glob("at-*")}
    return next(w for w in dask.workers if w.is_running() and pids & {p.pid for p in working(w)})


def go(run: Run) -> None:
    (run.folder / "models" / "go").touch()


def test_trials_run_on_workers_that_do_not_see_the_folder_and_the_data_travels_once(tmp_path: Path, dask: Dask) -> None:
    run = jobs.ended(started(tmp_path, dask, SAVES, shared=False, n_trials=6))
    assert (run.state, run.error, len(run.trials)) == ("finished", "", 6), run.log_tail()
    assert {t.worker for t in run.trials} == {0, 1}
    for trial in run.trials:
        x, n = trial.config["x"], trial.config["n"]
        assert trial.cost == pytest.approx((x - 0.3) ** 2 + abs(n - 4) / 10), trial.error
        assert float((run.folder / "models" / f"{n}-{x}.txt").read_text()) == pytest.approx(trial.cost)
    texts = said(run)
    assert texts.count("the data was sent to 127.0.0.1") == 1
    assert sum(t.endswith("is ready") for t in texts) == 2
    gone([p for w in dask.workers for p in working(w)])


def test_a_trial_whose_worker_was_killed_is_tried_elsewhere(tmp_path: Path, dask: Dask) -> None:
    run = started(tmp_path, dask, WAITS, n_trials=4)
    at_work(run, 2)
    killed = running_worker(run, dask)
    below = working(killed)
    end(killed)
    gone(below)
    jobs.until(lambda: any("is tried elsewhere" in t for t in said(run)))
    dask.start_worker()
    go(run)
    jobs.ended(run)
    assert (run.state, {t.status for t in run.trials}, len(run.trials)) == ("finished", {"success"}, 4)
    assert sum("is gone" in t for t in said(run)) == 1


def test_a_trial_whose_worker_is_cut_off_is_tried_elsewhere(tmp_path: Path, dask: Dask) -> None:
    run = started(tmp_path, dask, WAITS, n_trials=3, silent_s=3.0)
    at_work(run, 2)
    cut = running_worker(run, dask)
    cut.send_signal(signal.SIGSTOP)
    try:
        jobs.until(lambda: any("is tried elsewhere" in t for t in said(run)))
        assert any(t.endswith("has given no sign of life for 3 s") for t in said(run))
        go(run)
        jobs.ended(run)
    finally:
        cut.send_signal(signal.SIGCONT)
    assert (run.state, {t.status for t in run.trials}, len(run.trials)) == ("finished", {"success"}, 3), run.log_tail()


def test_a_trial_that_loses_two_workers_has_crashed(tmp_path: Path, dask: Dask) -> None:
    run = started(tmp_path, dask, WAITS, n_trials=2, workers=1)
    for number in (1, 2):
        at_work(run, number)
        end(running_worker(run, dask))
    for _ in range(2):
        dask.start_worker()
    go(run)
    jobs.ended(run)
    trial, other = run.trials
    assert (trial.status, other.status, run.state) == ("crashed", "success", "finished")
    assert re.fullmatch(r"the workers tcp://\S+ and tcp://\S+ were lost while they ran the trial", trial.error)


def run_waits(run: Run, words: str) -> None:
    """Wait until the run is paused, and says why."""

    def says() -> bool:
        run.refresh()
        return run.state == "paused" and words in run.waiting

    jobs.until(says)


def test_a_scheduler_that_goes_away_pauses_the_run_until_it_is_back(tmp_path: Path, dask: Dask) -> None:
    run = started(tmp_path, dask, WAITS, n_trials=4)
    at_work(run, 1)
    dask.kill_scheduler()
    run_waits(run, f"the Dask scheduler {dask.address} does not answer; the run goes on when it does")
    go(run)
    dask.start_scheduler()
    for _ in range(2):
        dask.start_worker()
    jobs.ended(run)
    assert (run.state, {t.status for t in run.trials}, len(run.trials)) == ("finished", {"success"}, 4), run.log_tail()
    states = [
        e["state"] for e in map(json.loads, (run.folder / "events.jsonl").read_text().splitlines()) if "state" in e
    ]
    assert states[-3:] == ["paused", "running", "finished"]


def test_pause_resume_and_stop_reach_trials_on_a_cluster_and_nothing_is_left_there(tmp_path: Path, dask: Dask) -> None:
    run = started(tmp_path, dask, "time.sleep(0.05)", n_trials=5000)
    jobs.has_trials(run, 2)
    run.pause()
    jobs.reaches(run, "paused")
    assert run.waiting == ""
    run.resume()
    jobs.has_trials(run, len(run.trials) + 2)
    run.stop()
    assert run.wait(LIMIT_S)
    run.refresh()
    assert (run.state, run.error) == ("stopped", "")
    gone([p for w in dask.workers if w.is_running() for p in working(w)])


def test_a_driver_that_is_killed_leaves_no_trial_at_work_on_the_cluster(tmp_path: Path, dask: Dask) -> None:
    run = started(tmp_path, dask, WAITS, n_trials=4)
    at_work(run, 2)
    trials = {int(p.name.rpartition("-")[2]) for p in (run.folder / "models").glob("at-*")}
    assert len(trials) == 2
    processes = [psutil.Process(pid) for pid in trials]
    os.kill(json.loads((run.folder / "driver.json").read_text())["pid"], signal.SIGKILL)
    gone(processes)
