"""The calls that probes share, made once each in the isolated worker."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from workbench import datasets
from workbench.check.sample import made_up, sample
from workbench.nouns import Call, Case, Limits, Reply
from workbench.worker import Worker

LANES = 4
"""At most so many workers make the calls of one report side by side, one for each processor."""


@dataclass(frozen=True)
class Budget:
    """How long the calls of one report may take: each, and all together, in seconds; and memory for each in MiB."""

    call_s: float = 30.0
    total_s: float = 120.0
    memory_mb: int = 4096


class Plan:
    """Calls by what they are: equal ones are one."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}

    def add(self, calls: Iterable[Call]) -> None:
        """Plan these calls too; what several want to observe is observed in one."""
        for call in calls:
            key = self.key(call)
            known = self._calls.get(key)
            if known is not None:
                call = replace(call, observe=tuple(sorted({*known.observe, *call.observe})))
            self._calls[key] = call

    @staticmethod
    def key(call: Call) -> str:
        """What makes two calls the same: everything but what is observed."""
        return json.dumps({**call.to_dict(), "observe": None}, sort_keys=True, default=repr)

    def items(self) -> Iterable[tuple[str, Call]]:
        """Keys and calls, in the order in which they were first asked for."""
        return self._calls.items()

    def __len__(self) -> int:
        return len(self._calls)


class Asker:
    """Workers with the case's function and small data, that make calls side by side until their time is over.

    Parameters
    ----------
    case : Case
        The function, and the job whose data is sampled.
    budget : Budget, optional
        How long calls may take.
    progress : function, optional
        Told how many calls are done, of how many so far planned; it may come from any thread, never from two at once.

    Raises
    ------
    RunError
        If a worker cannot be started.
    """

    def __init__(
        self, case: Case, budget: Budget | None = None, progress: Callable[[int, int], None] | None = None
    ) -> None:
        self.budget = budget or Budget()
        self.progress = progress
        self.replies: dict[str, Reply] = {}
        self._deadline = time.monotonic() + self.budget.total_s
        self._ended = False
        self._lock = threading.Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="workbench-check-"))
        self._out = self._folder / "out"
        self._workers: list[Worker] = []
        try:
            datasets.save(sample(case.job.dataset), self._folder / "main")
            datasets.save(made_up(case.job.dataset.task), self._folder / "made")
            data = {name: self._folder / name for name in ("main", "made")}
            limits = Limits(wall_s=self.budget.call_s, memory_mb=self.budget.memory_mb)
            job = case.job
            for _ in range(min(LANES, _processors())):
                self._workers.append(Worker(case.code, job.contract, job.space, data, self._out, limits, wait=False))
            for worker in self._workers:
                worker.wait_ready()
        except BaseException:
            self.close()
            raise

    def ask(self, plan: Plan) -> None:
        """Make the calls of a plan that were not made yet; `replies` has an answer for each that there was time for."""
        waiting = [(key, call) for key, call in plan.items() if key not in self.replies]
        total = len(self.replies) + len(waiting)
        units = deque(unit for unit in _units(waiting) if unit)
        others = self._workers[1 : len(units)]
        with ThreadPoolExecutor(max(1, len(others)), thread_name_prefix="workbench-probe") as pool:
            asked = [pool.submit(self._work, worker, units, total) for worker in others]
            try:
                self._work(self._workers[0], units, total)
                for future in asked:
                    future.result()
            except BaseException:  # an interrupt: no call is left behind
                self._ended = True
                for worker in self._workers:
                    worker.interrupt()
                raise

    def _work(self, worker: Worker, units: deque[list[tuple[str, Call]]], total: int) -> None:
        """Make calls with one worker until none is left."""
        while True:
            try:
                unit = units.popleft()
            except IndexError:
                return
            for key, call in unit:
                if time.monotonic() > self._deadline or self._ended:
                    return
                reply = worker.call(self._placed(call))
                with self._lock:
                    # a first call that never ends: the others would only take their time too
                    self._ended = self._ended or (not self.replies and reply.status == "timeout")
                    self.replies[key] = reply
                    if self.progress is not None:
                        self.progress(len(self.replies), total)

    def _placed(self, call: Call) -> Call:
        """The call with its folders under the one that may be written to."""
        if call.model_dir is not None:
            call = replace(call, model_dir=str(self._out / call.model_dir))
        if call.load is not None:
            call = replace(call, load=str(self._out / call.load))
        return call

    def close(self) -> None:
        """End the workers, and remove what was written."""
        for worker in self._workers:
            worker.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Asker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _units(calls: Iterable[tuple[str, Call]]) -> Iterable[list[tuple[str, Call]]]:
    """Calls that share a folder stay together and in order: what one saves another loads. Any other is alone.

    The first one stays the first; then come those that take long to prepare, so that nobody waits for one at the end.
    """
    units: dict[str, list[tuple[str, Call]]] = {}
    for key, call in calls:
        folder = call.load if call.load is not None else call.model_dir
        units.setdefault(key if folder is None else f"folder {Path(folder).parts[:1]}", []).append((key, call))
    first, *others = units.values() or [[]]
    return [first, *sorted(others, key=lambda unit: unit[0][1].variant.get("kind") != "tensor")]


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
