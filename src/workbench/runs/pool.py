"""Where trials are run: places, each of which runs one at a time, and the pool that looks after them.

The driver knows no more than this: `LocalPool` is workers of this machine, `dask_pool` those of a cluster.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from workbench.nouns import Call, Job, Limits, Reply, Scenario
from workbench.runs.gpus import Gauge, environments
from workbench.worker import Worker

MOST_AT_ONCE = 32
"""So many workers are ended side by side."""


class Place(Protocol):
    """One trial at a time: begun, asked for its reply, stopped. A `Worker` is one."""

    @property
    def connection(self) -> int:
        """The file descriptor that becomes readable when there may be a reply."""

    def start(self, call: Call) -> None:
        """Begin a trial; nothing may be in flight here."""

    def poll(self, timeout_s: float = 0.0) -> Reply | None:
        """The reply of the trial that was begun, None while there is none."""

    def interrupt(self) -> None:
        """Stop the trial; its reply has the status `stopped`."""


class Pool:
    """The places of a run; a context manager that ends all of them.

    Attributes
    ----------
    places : sequence of Place
        Their number does not change while the run goes on.
    """

    places: Sequence[Place] = ()

    def wait_ready(self) -> None:
        """Wait until a trial can be begun.

        Raises
        ------
        RunError
            If none ever can.
        """

    def ready(self, number: int) -> bool:
        """Whether the place with that number, which is idle, can take a trial now."""
        return 0 <= number < len(self.places)

    def tend(self) -> str:
        """Look after the places; why no trial can be run for the time being, empty where one can."""
        return ""

    def news(self) -> list[dict[str, Any]]:
        """What happened to the places since the last call, as events of the run."""
        return []

    def close(self) -> None:
        """End every place with everything below it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class LocalPool(Pool):
    """Guarded workers on this machine, as many as the scenario says; they start side by side.

    Parameters
    ----------
    folder : path
        The run's.
    code : str
        The source with `train`.
    job : Job
    """

    def __init__(self, folder: Path, code: str, job: Job) -> None:
        scenario = job.scenario
        self._workers: list[Worker] = []
        self.places = self._workers
        self._gauge = Gauge(scenario.devices)
        try:
            for environment in environments(scenario.devices, scenario.workers):
                worker = Worker(
                    code,
                    job.contract,
                    job.space,
                    {"main": folder / "data"},
                    folder / "models",
                    limits(job),
                    threads=threads(scenario),
                    reuse=True,
                    wait=False,
                    environment=environment,
                )
                self._workers.append(worker)
        except BaseException:
            self.close()
            raise

    def wait_ready(self) -> None:
        """Wait until every worker has started.

        Raises
        ------
        RunError
            If one does not.
        """
        for worker in self._workers:
            worker.wait_ready()

    def news(self) -> list[dict[str, Any]]:
        """How busy the GPUs are, every few seconds."""
        return self._gauge.news()

    def close(self) -> None:
        """End the workers with everything below them, all at once: each takes a while to go."""
        self._gauge.close()
        if self._workers:
            with ThreadPoolExecutor(min(MOST_AT_ONCE, len(self._workers))) as several:
                for ended in [several.submit(worker.close) for worker in self._workers]:
                    ended.result()


def pool(folder: Path, code: str, job: Job) -> Pool:
    """The places that the scenario asks for: of its cluster, or on this machine.

    Raises
    ------
    RunError
        If there are none to be had.
    """
    if job.scenario.cluster is None:
        return LocalPool(folder, code, job)
    from workbench.runs.dask_pool import DaskPool

    return DaskPool(folder, code, job)


def threads(scenario: Scenario) -> int:
    """How many threads the numeric libraries of each worker on this machine have."""
    return max(1, (os.cpu_count() or 1) // scenario.workers)


def limits(job: Job) -> Limits:
    """What one trial of a job may use."""
    return Limits(wall_s=job.scenario.trial_limit_s, memory_mb=job.scenario.memory_limit_mb)
