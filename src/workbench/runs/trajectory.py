"""The incumbents of a run, in the order in which they were found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.nouns import Trial
from workbench.runs.racing import pooled


@dataclass(frozen=True)
class Point:
    """A new incumbent: the trial's number, when it was known, the budget spent by then, its cost and budget.

    Of a run over instances the cost is a mean, and the budget says of how many.
    """

    number: int
    elapsed_s: float
    budget_spent: float
    cost: float
    budget: float | None
    instance: str | None = None


def trajectory(trials: Iterable[Trial]) -> tuple[Point, ...]:
    """Every improvement.

    Costs are compared within one budget only: the incumbent is the best at the highest budget seen so far, so the
    first trial at a higher budget takes over even at a higher cost. Without budgets this is the best so far, and
    each trial counts as one budget spent. Over instances it is the configuration with the lowest mean among those tried
    on the most of them.
    """
    return _improvements(pooled(trials))


def _improvements(trials: Iterable[Trial]) -> tuple[Point, ...]:
    points: list[Point] = []
    spent = 0.0
    for trial in trials:
        spent += 1.0 if trial.budget is None or trial.instance is not None else trial.budget
        if trial.status != "success" or trial.cost is None:
            continue
        if points and not _better(trial, points[-1]):
            continue
        at = trial.start_s + trial.seconds
        points.append(Point(trial.number, at, spent, trial.cost, trial.budget, trial.instance))
    return tuple(points)


def incumbent(trials: Iterable[Trial]) -> Trial | None:
    """The trial of the last improvement; over instances with the mean of its configuration."""
    listed = tuple(pooled(trials))
    points = _improvements(listed)
    return next((t for t in listed if points and t.number == points[-1].number), None)


def _better(trial: Trial, best: Point) -> bool:
    ours, theirs = trial.budget or 0.0, best.budget or 0.0
    assert trial.cost is not None
    return ours > theirs or (ours == theirs and trial.cost < best.cost)
