"""A cheap job for real runs: a small table, one curve to go down, and a function that can misbehave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from waiting import LIMIT_S, alive, until
from workbench import datasets
from workbench.nouns import Candidate, Hyperparameter, Job, Scenario, Space
from workbench.runs import Run, create, depot
from workbench.worker import nursery

CODE = """
import math, os, time


def train(cfg, dataset, seed, budget=None, model_dir=None):
    x, n = float(cfg["x"]), int(cfg["n"])
    loss = (x - 0.3) ** 2 + abs(n - 4) / 10 + (0.0 if budget is None else 1.0 / budget)
    BODY
    return {"loss": loss, "accuracy": 1 - loss, "seed": seed}
"""
SPACE = Space((Hyperparameter("x", "float", 0.0, 1.0, default=0.9), Hyperparameter("n", "integer", 1, 9, default=9)))
STARTED: list[Run] = []
"""What a test that failed may have left behind."""
NEEDS_BUDGET = ("multifidelity", "hyperband")


def job(facade: str = "random", space: Space = SPACE, **numbers: Any) -> Job:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 2)), columns=["a", "b"])
    frame["label"] = np.arange(30) % 2
    if facade in NEEDS_BUDGET:
        numbers = {"min_budget": 1.0, "max_budget": 9.0, **numbers}
    scenario = Scenario(**{"n_trials": 8, "trial_limit_s": 20.0, **numbers})
    return Job(datasets.make(frame, "label", name="Tiny Table"), space, facade, "metrics", scenario, plan="be quick")


def made(root: Path, body: str = "pass", facade: str = "random", **numbers: Any) -> Run:
    """A run folder for `train` with this line in it, not started."""
    return create(job(facade, **numbers), Candidate(CODE.replace("BODY", body), "file"), root=root)


def started(root: Path, body: str = "pass", facade: str = "random", **numbers: Any) -> Run:
    run = made(root, body, facade, **numbers)
    STARTED.append(run)
    run.start()
    return run


def ended(run: Run) -> Run:
    """The run, when its driver has ended and all is read."""
    assert run.wait(LIMIT_S), run.log_tail()
    run.refresh()
    return run


def end_all() -> None:
    """Stop every run that goes on."""
    while STARTED:
        run = STARTED.pop()
        run.stop()
        run.wait(30)


@contextmanager
def own_depot() -> Iterator[None]:
    """What is started here is forked from processes that were started here, with the environment as it is now."""
    depot.close()
    nursery.close_all()
    try:
        yield
    finally:
        depot.close()
        nursery.close_all()


def driver_of(run: Run) -> int:
    """The process id of the driver that is at it, or was."""
    until((run.folder / "driver.json").exists)
    return int(json.loads((run.folder / "driver.json").read_text())["pid"])


def nurseries_of(run: Run) -> list[int]:
    """The process ids of what its workers are forked from, once it runs."""
    events = (run.folder / "events.jsonl").read_text().splitlines()
    return [pid for line in events if '"nurseries"' in line for pid in json.loads(line)["nurseries"]]


def processes_of(run: Run) -> list[psutil.Process]:
    """The driver, what its workers are forked from, and everything below them, as long as it is alive."""
    if not run.folder.exists():
        return []
    found = []
    for pid in {driver_of(run), *nurseries_of(run)}:
        try:
            process = psutil.Process(pid)
            found += [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
    return alive(found)


def reaches(run: Run, state: str) -> None:
    """Wait until the run says so."""

    def said() -> bool:
        run.refresh()
        return run.state == state

    until(said)


def has_trials(run: Run, number: int = 1) -> None:
    """Wait until so many trials have ended."""

    def ended_so_many() -> bool:
        run.refresh()
        return len(run.trials) >= number

    until(ended_so_many)


def none_left(run: Run, processes: list[psutil.Process]) -> None:
    """Wait until the driver and all that were below it are gone."""
    until(lambda: not processes_of(run) and not alive(processes))
