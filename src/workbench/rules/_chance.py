"""What a loss is worth by chance: the statistics behind verdicts on leaks and directions.

The made-up table has 320 rows: two classes of equal size, or a target with mean 1.7 and variance 1 that is never
negative. With labels shuffled at random nothing can be learnt, so whatever is measured on rows that were held out must
be at chance:

- an error rate, one minus a (balanced) accuracy, F1 or AUC: 0.5; the negated score: -0.5; a log loss: 0.69 or more;
  a Brier score: 0.25 or more;
- a mean squared or absolute error, its root, one minus R²: about 0.8 or more; a negated R²: about 0 or more.

A function that measures what it trained on gets near 0 (or -1). The limits below lie between. With at least 60 rows
held out, the mean of four shuffles of an error rate has a standard deviation of 0.5 / sqrt(4 · 60) = 0.032, and the
limit of 0.2 below chance is more than six of them away. Picking the best of a hundred epochs on the held-out part moves
one measurement by about 2.6 deviations of 0.065, which is 0.17: still inside. A false alarm has a chance below 0.1 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean, stdev

from workbench.nouns import Task

LIMIT_ACCURACY = 0.72
LIMIT_R2 = 0.35


@dataclass(frozen=True)
class Limit:
    """A mean cost below `leak` cannot be honest; between that and `doubt`, it depends on which loss it is."""

    leak: float
    doubt: float
    chance: str


def limit(task: Task, real: float) -> Limit:
    """For a cost whose value on learnable labels is `real`."""
    if task == "classification":
        if real < 0:
            return Limit(-0.72, -0.72, "-0.5 for a negated accuracy, F1 or AUC")
        return Limit(0.15, 0.3, "0.5 for an error rate, 0.69 for a log loss, 0.25 for a Brier score")
    if real < 0:
        return Limit(-LIMIT_R2, -LIMIT_R2, "0 for a negated R²")
    return Limit(0.5, 0.5, "1 for a mean squared error or one minus R², 0.8 for an absolute error")


def spread(values: Iterable[float]) -> tuple[float, float]:
    """Mean and standard deviation."""
    listed = list(values)
    return mean(listed), stdev(listed) if len(listed) > 1 else 0.0
