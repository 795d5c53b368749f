"""A disk that is full or read-only, a folder that vanishes or has two drivers, a clock that jumps: nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jobs
import pytest

from workbench import runs
from workbench.nouns import RunError
from workbench.runs import folder as files

SLOW = "time.sleep(0.05)"


@pytest.fixture(autouse=True)
def end_all() -> Iterator[None]:
    yield
    jobs.end_all()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    jobs.end_all()
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_ends_the_run_in_a_sentence_and_with_room_it_goes_on(disk: Path) -> None:
    run = jobs.started(disk, SLOW, n_trials=3000)
    jobs.has_trials(run, 2)
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"\0" * 1024)
        except OSError:
            pass
    jobs.ended(run)
    assert run.state == "failed"
    assert run.error == (
        f"there is no room left to write in {run.folder.resolve()} (No space left on device); "
        "all trials until here are kept: make room and resume the run"
    )
    done = run.trials
    assert [t.number for t in done] == list(range(1, len(done) + 1))
    (disk / "filler").unlink()
    again = runs.open(run.folder)
    assert again.trials == done
    jobs.STARTED.append(again)
    again.start()
    jobs.has_trials(again, len(done) + 2)


def test_a_run_on_a_read_only_disk_is_read_and_not_started(disk: Path) -> None:
    run = jobs.made(disk)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    seen = runs.open(run.folder)
    assert (seen.state, seen.alive, seen.trials) == ("starting", False, ())
    with pytest.raises(RunError) as caught:
        seen.start()
    assert str(caught.value) == (
        f"cannot write in the run folder {run.folder}: Read-only file system; "
        "make it writable and give it room, or copy it elsewhere: what is in it is kept"
    )
    with pytest.raises(RunError, match=r"cannot write the run folder .*: Read-only file system; choose a folder"):
        jobs.made(disk)


def test_a_driver_whose_folder_is_deleted_ends_and_makes_no_new_one(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, SLOW, n_trials=5000)
    jobs.has_trials(run, 2)
    processes = jobs.processes_of(run)
    assert len(processes) >= 2
    away = run.folder.rename(tmp_path / ".away")
    shutil.rmtree(away)
    jobs.none_left(run, processes)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_second_driver_of_one_folder_leaves_it_to_the_first(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, SLOW, n_trials=5000)
    jobs.has_trials(run, 1)
    command = [sys.executable, "-m", "workbench.runs.driver", str(run.folder)]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 1
    assert "another driver is at this run; this one ends" in run.log_tail(2000)
    done = len(run.trials)
    jobs.has_trials(run, done + 2)
    assert [t.number for t in run.trials] == list(range(1, len(run.trials) + 1))


CLOCK = """
import time
real, calls = time.time, 0


def jumping():
    global calls
    calls += 1
    return real() + (7200 if calls % 2 else -7200)


time.time = jumping
"""


def test_a_clock_that_jumps_changes_no_duration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(CLOCK)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    with jobs.own_depot():
        run = jobs.ended(jobs.started(tmp_path, n_trials=6, wall_limit_s=3600.0))
    assert (run.state, run.error) == ("finished", ""), run.log_tail()
    assert all(0 < t.seconds < 600 and 0 <= t.start_s < 600 for t in run.trials)
    assert all(p.elapsed_s < 600 for p in run.trajectory)


@pytest.mark.parametrize(
    ("found", "way"),
    [
        (0, "it was made by an older workbench, which can still open it"),
        (files.FORMAT + 1, "it was made by a newer workbench; install that one"),
    ],
)
def test_a_folder_of_another_format_is_named_and_left_alone(tmp_path: Path, found: int, way: str) -> None:
    run = jobs.made(tmp_path)
    about = {**run.about, "format": found}
    files.write_json(run.folder / "job.json", about)
    before = sorted((p, p.stat().st_mtime_ns) for p in run.folder.rglob("*"))
    with pytest.raises(RunError) as caught:
        runs.open(run.folder)
    assert str(caught.value) == f"the run in {run.folder} has format {found}; this version reads format 1: {way}"
    assert sorted((p, p.stat().st_mtime_ns) for p in run.folder.rglob("*")) == before


def test_a_run_is_stopped_where_the_order_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = jobs.started(tmp_path, SLOW, n_trials=5000)
    jobs.has_trials(run, 1)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(files, "write", full)
        with pytest.raises(RunError, match="cannot write in the run folder"):
            run.pause()
        run.stop()
    jobs.ended(run)
    assert (run.state, run.error) == ("stopped", "")
