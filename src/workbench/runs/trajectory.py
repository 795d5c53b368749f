"""The incumbents of a run, in the order in which they were found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.nouns import Trial


@dataclass(frozen=True)
class Point:
    """A new incumbent: the trial's number, when it was known, the budget spent by then, its cost and budget."""

    number: int
    elapsed_s: float
    budget_spent: float
    cost: float
    budget: float | None


def trajectory(trials: Iterable[Trial]) -> tuple[Point, ...]:
    """Every improvement.

    Costs are compared within one budget only: the incumbent is the best at the highest budget seen so far, so the
    first trial at a higher budget takes over even at a higher cost. Without budgets this is the best so far, and
    each trial counts as one budget spent.
    """
    points: list[Point] = []
    spent = 0.0
    for trial in trials:
        spent += 1.0 if trial.budget is None else trial.budget
        if trial.status != "success" or trial.cost is None:
            continue
        if points and not _better(trial, points[-1]):
            continue
        points.append(Point(trial.number, trial.start_s + trial.seconds, spent, trial.cost, trial.budget))
    return tuple(points)


def incumbent(trials: Iterable[Trial]) -> Trial | None:
    """The trial of the last improvement."""
    listed = tuple(trials)
    points = trajectory(listed)
    return next((t for t in listed if points and t.number == points[-1].number), None)


def _better(trial: Trial, best: Point) -> bool:
    ours, theirs = trial.budget or 0.0, best.budget or 0.0
    assert trial.cost is not None
    return ours > theirs or (ours == theirs and trial.cost < best.cost)
