"""Runs on workers that are machines of their own: other addresses, no common folder, and a wire that can be cut."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import jobs
import psutil
import pytest
from dask_processes import Dask, Machine, gone, working

from waiting import LIMIT_S, alive
from workbench.nouns import Cluster
from workbench.runs import Run

WAITS = (
    "open(os.path.join(model_dir, f'at-{n}-{x}-{os.getpid()}'), 'w').close(); "
    "exec('while not os.path.exists(os.path.join(os.path.dirname(model_dir), \"go\")): time.sleep(0.02)')"
)
"""A trial that says where it is, and goes on when its machine has a file `go`."""


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    (tmp_path / "runs").mkdir()
    made: list[Machine] = []
    try:
        made += (Machine(tmp_path / f"machine-{number}", number, hidden=tmp_path / "runs") for number in range(2))
    except (OSError, psutil.Error, subprocess.CalledProcessError) as error:
        for machine in made:
            machine.close()
        pytest.skip(f"no networks of their own can be made here ({error})")
    yield made[0], made[1]
    jobs.end_all()
    for machine in made:
        machine.close()


def begun_on(machine: Machine) -> list[int]:
    """The processes of the trials that have been begun there."""
    return [int(at.name.rpartition("-")[2]) for at in machine.folder.glob("workbench-models-*/at-*")]


def said(run: Run) -> list[str]:
    return [e["text"] for e in map(json.loads, (run.folder / "events.jsonl").read_text().splitlines()) if "text" in e]


def test_a_machine_whose_wire_is_cut_loses_its_trial_to_another_and_is_used_again_when_it_is_back(
    tmp_path: Path, machines: tuple[Machine, Machine]
) -> None:
    near, far = machines
    dask = Dask(tmp_path, near.here)
    try:
        workers = [dask.start_worker(machine) for machine in machines]
        cluster = Cluster(dask.address, silent_s=3.0)
        run = jobs.started(tmp_path / "runs", WAITS, cluster=cluster, workers=2, n_trials=5000, trial_limit_s=300.0)
        jobs.until(lambda: len(begun_on(near)) == len(begun_on(far)) == 1)
        assert sorted(t for t in said(run) if "sent" in t) == [f"the data was sent to {m.address}" for m in machines]

        (trial,) = begun_on(far)
        lost = psutil.Process(trial)
        far.cut_off()
        jobs.until(lambda: any("is tried elsewhere" in t for t in said(run)))
        assert any(f"//{far.address}:" in t and t.endswith("has given no sign of life for 3 s") for t in said(run))
        (near.folder / "go").touch()
        jobs.has_trials(run, 3)
        assert alive([lost]) == [lost], "who is cut off cannot be told that nobody waits any more"

        far.connect()
        gone([lost])
        jobs.until(lambda: {*begun_on(far)} - {trial})
        run.stop()
        assert run.wait(LIMIT_S)
        run.refresh()
        assert (run.state, run.error) == ("stopped", "")
        assert {t.status for t in run.trials} == {"success"}, "a trial that was lost with its machine is no failure"
        gone([p for worker in workers for p in working(worker)])
    finally:
        dask.close()
