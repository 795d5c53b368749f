"""The calls that probes share, made once each in the isolated worker."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from workbench import datasets
from workbench.check.sample import made_up, sample
from workbench.nouns import Call, Case, Limits, Reply
from workbench.worker import Worker


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
    """A worker with the case's function and small data, that makes calls until its time is over.

    Parameters
    ----------
    case : Case
        The function, and the job whose data is sampled.
    budget : Budget, optional
        How long calls may take.
    progress : function, optional
        Told how many calls are done, of how many so far planned.

    Raises
    ------
    RunError
        If the worker cannot be started.
    """

    def __init__(
        self, case: Case, budget: Budget | None = None, progress: Callable[[int, int], None] | None = None
    ) -> None:
        self.budget = budget or Budget()
        self.progress = progress
        self.replies: dict[str, Reply] = {}
        self._deadline = time.monotonic() + self.budget.total_s
        self._hopeless = False
        self._folder = Path(tempfile.mkdtemp(prefix="workbench-check-"))
        self._out = self._folder / "out"
        try:
            datasets.save(sample(case.job.dataset), self._folder / "main")
            datasets.save(made_up(case.job.dataset.task), self._folder / "made")
            data = {name: self._folder / name for name in ("main", "made")}
            self._limits = Limits(wall_s=self.budget.call_s, memory_mb=self.budget.memory_mb)
            self._worker = Worker(case.code, case.job.contract, case.job.space, data, self._out, self._limits)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def ask(self, plan: Plan) -> None:
        """Make the calls of a plan that were not made yet; `replies` has an answer for each that there was time for."""
        waiting = [(key, call) for key, call in plan.items() if key not in self.replies]
        total = len(self.replies) + len(waiting)
        for key, call in waiting:
            if time.monotonic() > self._deadline or self._hopeless:
                return
            if call.model_dir is not None:
                call = replace(call, model_dir=str(self._out / call.model_dir))
            if call.load is not None:
                call = replace(call, load=str(self._out / call.load))
            reply = self.replies[key] = self._worker.call(call)
            # a first call that never ends: the others would only take their time too
            self._hopeless = len(self.replies) == 1 and reply.status == "timeout"
            if self.progress is not None:
                self.progress(len(self.replies), total)

    def close(self) -> None:
        """End the worker, and remove what was written."""
        self._worker.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Asker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
