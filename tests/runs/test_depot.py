"""Drivers are forks of one process that has imported SMAC; they need neither it nor who started them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jobs
import psutil
import pytest

from workbench import runs
from workbench.runs import depot

WAITS = "while not os.path.exists(os.path.join(model_dir, 'go')): time.sleep(0.01)"
"""Every trial, until somebody says so."""


@pytest.fixture(autouse=True)
def end_all() -> Iterator[None]:
    yield
    jobs.end_all()


def go_on(run: runs.Run) -> runs.Run:
    (run.folder / "models").mkdir(exist_ok=True)
    (run.folder / "models" / "go").touch()
    return jobs.ended(run)


def test_runs_that_one_process_starts_are_driven_by_forks_of_one_process(tmp_path: Path) -> None:
    both = [jobs.started(tmp_path, WAITS, n_trials=3) for _ in range(2)]
    drivers = [psutil.Process(jobs.driver_of(run)) for run in both]
    assert len(set(drivers)) == 2
    assert drivers[0].parent() == drivers[1].parent() != psutil.Process()
    assert all(p.pid not in (driver.pid for driver in drivers) for p in psutil.Process().children())
    assert [go_on(run).state for run in both] == ["finished", "finished"]


def test_a_run_goes_on_without_the_process_that_it_was_forked_from_and_the_next_one_has_a_new_one(
    tmp_path: Path,
) -> None:
    run = jobs.started(tmp_path, WAITS, n_trials=3)
    parent = psutil.Process(jobs.driver_of(run)).parent()
    assert parent is not None
    parent.kill()
    parent.wait(60)
    other = jobs.started(tmp_path, WAITS, n_trials=3)
    assert psutil.Process(jobs.driver_of(other)).parent() != parent
    for each in (run, other):
        assert (go_on(each).state, len(each.trials)) == ("finished", 3), each.log_tail()


SCRIPT = """
import sys, time
from workbench import runs

run = runs.open(sys.argv[1])
run.start()
while not run.trials:
    run.refresh()
print("begun", flush=True)
time.sleep(600)
"""


def test_a_run_goes_on_when_who_started_it_is_killed(tmp_path: Path) -> None:
    run = jobs.made(tmp_path, "time.sleep(0.05 if n > 8 else 0.3)", n_trials=8)
    owner = subprocess.Popen([sys.executable, "-c", SCRIPT, str(run.folder)], stdout=subprocess.PIPE)
    jobs.STARTED.append(run)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"begun\n"
    below = psutil.Process(owner.pid).children(recursive=True)
    driver = psutil.Process(jobs.driver_of(run))
    owner.kill()
    owner.wait(60)
    assert len(jobs.ended(run).trials) == 8, run.log_tail()
    assert run.state == "finished"
    assert {t.status for t in run.trials} == {"success"}, "its workers are not those of who started it"
    jobs.none_left(run, [driver, *below])


def test_a_driver_has_the_folder_and_the_variables_of_the_moment_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    depot.prepare()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run = jobs.started(tmp_path, WAITS, n_trials=2)
    jobs.until(lambda: list(tmp_path.glob("workbench-*")))  # where its worker lives
    assert psutil.Process(jobs.driver_of(run)).cwd() == str(tmp_path)
    assert go_on(run).state == "finished"


def test_a_run_is_started_where_the_working_folder_was_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = jobs.made(tmp_path, WAITS, n_trials=2)
    jobs.STARTED.append(run)
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    run.start()
    assert psutil.Process(jobs.driver_of(run)).cwd() == "/"
    assert go_on(run).state == "finished"
