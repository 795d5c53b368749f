"""Orders to a run with two workers: each trial in flight is let go on, or stopped, and nothing is left of either."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jobs
import pytest

from waiting import LIMIT_S, alive
from workbench.nouns import Cluster
from workbench.session import Session
from workbench.ui.components import Toast
from workbench.ui.panels.run import RunPanel

WAITS = (
    "os.makedirs(model_dir, exist_ok=True); open(os.path.join(model_dir, f'at-{n}-{x}'), 'w').close(); "
    "exec('while not os.path.exists(os.path.join(model_dir, \"go\")): time.sleep(0.02)')"
)


@pytest.fixture(autouse=True)
def end_all() -> Iterator[None]:
    yield
    jobs.end_all()


def test_a_pause_lets_both_trials_finish_and_a_stop_ends_both_workers(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, WAITS, workers=2, n_trials=5000, trial_limit_s=300.0)
    models = run.folder / "models"
    jobs.until(lambda: len(list(models.glob("at-*"))) == 2)
    run.pause()
    jobs.reaches(run, "paused")
    assert (run.trials, run.waiting) == ((), "")
    (models / "go").touch()
    jobs.has_trials(run, 2)
    assert {t.status for t in run.trials} == {"success"}
    assert {t.worker for t in run.trials} == {0, 1}
    run.wait(0.5)
    assert len(list(models.glob("at-*"))) == 2, "a paused run begins no trial"

    (models / "go").unlink()
    run.resume()
    jobs.until(lambda: len(list(models.glob("at-*"))) == 4)
    processes = jobs.processes_of(run)
    assert len(alive(processes)) >= 5
    run.stop()
    assert run.wait(LIMIT_S)
    run.refresh()
    assert (run.state, len(run.trials)) == ("stopped", 2)
    jobs.none_left(run, processes)


def test_a_run_that_waits_for_a_scheduler_says_so_in_its_step_and_can_be_stopped(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, workers=2, n_trials=5, cluster=Cluster("tcp://127.0.0.1:9"))
    words = "the Dask scheduler tcp://127.0.0.1:9 does not answer; the run goes on when it does"

    def waits() -> bool:
        run.refresh()
        return (run.state, run.waiting) == ("paused", words)

    jobs.until(waits)
    session = Session(tmp_path)
    session.attach(run)
    panel = RunPanel(session, Toast())
    jobs.until(lambda: words[1:] in panel.error.value)
    run.stop()
    assert run.wait(LIMIT_S)
    run.refresh()
    assert (run.state, run.error, run.waiting) == ("stopped", "", "")
