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

    `number` counts from 1 in the order of finishing; `cost` is None unless the status is `success`; `start_s`
    and `seconds` are measured from the start of the run; `error` is one sentence, `traceback` is trimmed to
    the generated code.
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

    def _repr_html_(self) -> str:
        from workbench.nouns import shown

        return shown.trial(self)
