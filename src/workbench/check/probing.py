"""The calls that probes share, made once each in the isolated worker."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

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


def ask(
    case: Case, plan: Plan, progress: Callable[[int, int], None] | None = None, budget: Budget | None = None
) -> dict[str, Reply]:
    """Make the calls.

    Returns
    -------
    dict
        A reply for each key of the plan; those for which there was no time are not in it.

    Raises
    ------
    RunError
        If the worker cannot be started.
    """
    limits_ = budget or Budget()
    if not len(plan):
        return {}
    folder = Path(tempfile.mkdtemp(prefix="workbench-check-"))
    try:
        datasets.save(sample(case.job.dataset), folder / "main")
        data = {"main": folder / "main"}
        if any(call.data == "made" for _, call in plan.items()):
            datasets.save(made_up(case.job.dataset.task), folder / "made")
            data["made"] = folder / "made"
        limits = Limits(wall_s=limits_.call_s, memory_mb=limits_.memory_mb)
        replies: dict[str, Reply] = {}
        deadline = time.monotonic() + limits_.total_s
        with Worker(case.code, case.job.contract, case.job.space, data, folder / "out", limits) as worker:
            for number, (key, call) in enumerate(plan.items()):
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                if call.model_dir is not None:
                    call = replace(call, model_dir=str(folder / "out" / call.model_dir))
                replies[key] = worker.call(call, replace(limits, wall_s=min(limits_.call_s, max(1.0, left))))
                if progress is not None:
                    progress(number + 1, len(plan))
                if number == 0 and _hopeless(replies[key]):
                    break
        return replies
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hopeless(reply: Reply) -> bool:
    """A first call that never ends: the others would only take their time too."""
    return reply.status == "timeout"
