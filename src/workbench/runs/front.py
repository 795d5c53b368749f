"""The Pareto front: the trials than which no other is better in one objective and as good in all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from workbench.nouns import Trial
from workbench.nouns.objective import metric_of, objective_costs


def front(trials: Iterable[Trial], objectives: Sequence[str]) -> tuple[Trial, ...]:
    """The trials that succeeded at the highest budget seen and that none of these dominates, least loss first.

    Of several with the same values the first stands for all. The incumbent (least loss) is always among them.
    """
    done = [t for t in trials if t.status == "success" and t.cost is not None]
    top = max((t.budget or 0.0 for t in done), default=0.0)
    costs: dict[tuple[float, ...], Trial] = {}
    for trial in done:
        if (trial.budget or 0.0) == top and trial.cost is not None:
            costs.setdefault(objective_costs(objectives, trial.cost, trial.metrics), trial)
    kept = [own for own in costs if not any(_dominates(other, own) for other in costs)]
    return tuple(costs[own] for own in sorted(kept))


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def values(trial: Trial, objectives: Sequence[str]) -> dict[str, Any]:
    """The objectives of a trial as `train` returned them."""
    return {m: trial.cost if m == "loss" else trial.metrics.get(m) for m in map(metric_of, objectives)}
