"""What a configuration is worth that is tried on several instances: the mean, and of how many."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Trial


def pooled(trials: Iterable[Trial]) -> Iterator[Trial]:
    """Each trial as it leaves its configuration: with the mean of the costs and metrics so far, and of how many.

    The number of instances stands as the budget: means are compared over equally many, as costs are within one budget.
    A trial that failed, and one of a run without instances, is passed on as it is.
    """
    known: dict[str, dict[str, Trial]] = {}
    for trial in trials:
        if trial.instance is None or trial.status != "success" or trial.cost is None:
            yield trial
            continue
        its = known.setdefault(repr(sorted(trial.config.items())), {})
        its[trial.instance] = trial
        number = len(its)
        yield dataclasses.replace(
            trial,
            cost=_mean([t.cost for t in its.values() if t.cost is not None]),
            metrics=_metrics([t.metrics for t in its.values()]),
            budget=float(number),
            instance=f"mean of {number} instances" if number > 1 else trial.instance,
        )


def _metrics(each: list[Mapping[str, float]]) -> dict[str, float]:
    """The means of the metrics that all of them have."""
    return {name: _mean([m[name] for m in each]) for name in each[-1] if all(name in m for m in each)}


def _mean(values: list[float]) -> float:
    """Without a sum that would overflow."""
    return sum(value / len(values) for value in values)
