"""About how long one full training takes, from the size of the table alone: to choose by, not to promise."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from workbench.generate import _plan
from workbench.nouns import Dataset, GenerateError, Job, Space
from workbench.recipes import Recipe

HELD_IN = 0.75
"""The share of the rows that a function trains on, where it splits them itself."""
START_S = 0.1
"""What a call costs before it trains."""
WIDEST_CATEGORY = 30
"""As many columns does the composer make of a category at most."""

_Cost = Callable[[float, float, int], float]

# seconds of a full training of scikit-learn's estimator on one core of a usual laptop, by rows, columns and classes;
# fitted to trainings on 1,000 × 10 and 8,000 × 20, and good to a factor of about three
_COSTS: dict[str, _Cost] = {
    "linear": lambda n, d, k: 1e-6 * n * d * k,
    "decision_tree": lambda n, d, k: 2e-7 * n * math.log2(n) * d,
    "random_forest": lambda n, d, k: 2.5e-6 * n * math.log2(n) * d,
    "extra_trees": lambda n, d, k: 1.5e-6 * n * math.log2(n) * d,
    "gradient_boosting": lambda n, d, k: 7e-5 * n * d * k,
    "hist_gradient_boosting": lambda n, d, k: (0.2 + 5e-6 * n * d) * k,
    "svm": lambda n, d, k: 1.5e-9 * n * n * d,
    "knn": lambda n, d, k: 3e-10 * n * n * d,
    "mlp": lambda n, d, k: 1e-3 * n * (1 + d / 100),
    # not fitted: taken as like those above
    "ridge": lambda n, d, k: 5e-7 * n * d * k,
    "lightgbm": lambda n, d, k: (0.2 + 5e-6 * n * d) * k,
    "xgboost": lambda n, d, k: (0.2 + 8e-6 * n * d) * k,
    "catboost": lambda n, d, k: (0.5 + 2e-5 * n * d) * k,
    "torch_mlp": lambda n, d, k: 3 + 1e-3 * n * (1 + d / 100),  # 3 s to load PyTorch
    "torch_resnet": lambda n, d, k: 3 + 3e-3 * n * (1 + d / 100),
    "torch_cnn": lambda n, d, k: 3 + 1e-4 * n * d,
}
_OTHER: _Cost = _COSTS["random_forest"]


@dataclass(frozen=True)
class Size:
    """What the cost depends on: rows to train on, columns after encoding, models that a boosting makes a round."""

    rows: int
    columns: int
    models: int


def size_of(dataset: Dataset) -> Size:
    """The size of a table as a model sees it."""
    *features, _ = dataset.profile.columns
    columns = sum(min(max(c.unique, 1), WIDEST_CATEGORY) if c.kind in ("category", "text") else 1 for c in features)
    classes = len(dataset.classes) if dataset.task == "classification" else 0
    rows = dataset.rows if dataset.X_test is not None else int(dataset.rows * HELD_IN)
    return Size(max(rows, 2), max(columns, 1), classes if classes > 2 else 1)


def families(job: Job) -> tuple[Recipe, ...]:
    """The families that a job's space is of; empty where the composer does not understand it."""
    try:
        return tuple(f.recipe for f in _plan.plan(job).families) if len(job.space) else ()
    except GenerateError:
        return ()


def seconds(recipes: tuple[Recipe, ...], size: Size) -> float:
    """One full training of the mean family, in seconds; of an unknown one where there are none."""
    costs = [_COSTS.get(r.id, _OTHER) for r in recipes] or [_OTHER]
    return START_S + sum(cost(size.rows, size.columns, size.models) for cost in costs) / len(costs)


def searched(space: Space) -> int:
    """The number of hyperparameters that are no constants."""
    return sum(h.kind != "constant" for h in space.hyperparameters)


def duration(of_s: float) -> str:
    """A time for a sentence, with one digit or two: it is no more exact than that."""
    if of_s < 1:
        return "less than a second"
    for limit, unit, name in ((90, 1, "second"), (5400, 60, "minute"), (math.inf, 3600, "hour")):
        if of_s < limit:
            number = float(f"{of_s / unit:.2g}")
            return f"{number:g} {name}{'' if number == 1 else 's'}"
    raise AssertionError("no time is longer than infinity")


def about(of_s: float) -> str:
    """A reckoned time for a sentence."""
    return duration(of_s) if of_s < 1 else f"about {duration(of_s)}"


def count_of(number: float) -> str:
    """A reckoned count for a sentence, with two digits."""
    return f"{float(f'{number:.2g}'):,.0f}"
