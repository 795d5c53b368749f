"""One evaluation of a configuration, as the run folder tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workbench.nouns.space import Value

TrialStatus = Literal["success", "crashed", "timeout", "memory", "stopped"]
RunState = Literal["starting", "running", "paused", "stopping", "finished", "stopped", "failed"]


@dataclass(frozen=True)
class Trial:
    """A finished trial.

    `number` counts from 1 in the order of finishing; `cost` is None unless the status is `success`; `start_s` is
    measured from the start of the run; `seconds` are what `train` took, or how long it was until it was given up;
    `error` is one sentence, `traceback` is trimmed to the generated code. `instance` names what it was tried on where
    configurations are raced over instances. An incumbent there has the mean of its trials as its cost, and their
    number as its budget.
    """

    number: int
    config: Mapping[str, Value]
    budget: float | None
    seed: int
    status: TrialStatus
    cost: float | None
    metrics: Mapping[str, float] = field(default_factory=dict)
    start_s: float = 0.0
    seconds: float = 0.0
    error: str = ""
    traceback: str = ""
    worker: int = 0
    instance: str | None = None

    @property
    def effort(self) -> str:
        """What it was tried with, in words: `budget 27`, `seed 3`, `mean of 5 instances`; empty without either."""
        return effort(self.budget, self.instance)

    def _repr_html_(self) -> str:
        from workbench.nouns import shown

        return shown.trial(self)


def effort(budget: float | None, instance: str | None) -> str:
    """What a trial was tried with, in words; empty where there was neither a budget nor an instance."""
    if instance is not None:
        return instance
    return f"budget {budget:.4g}" if budget is not None else ""
