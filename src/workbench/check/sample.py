"""Small data for probes: a sample of the person's own, and a made-up table of another shape."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from workbench import datasets
from workbench.nouns import Dataset, Task

ROWS = 240
TEST_ROWS = 80
MADE_ROWS = 320


def sample(dataset: Dataset, rows: int = ROWS, seed: int = 0) -> Dataset:
    """At most `rows` rows, every class kept where possible; of the test part at most `TEST_ROWS`."""
    chosen = chosen_rows(dataset, rows, seed)
    X, y = dataset.X.iloc[chosen].reset_index(drop=True), dataset.y.iloc[chosen].reset_index(drop=True)
    X_test, y_test = dataset.X_test, dataset.y_test
    if X_test is not None and y_test is not None:
        kept = _chosen(y_test, TEST_ROWS, dataset.task, seed)
        X_test, y_test = X_test.iloc[kept].reset_index(drop=True), y_test.iloc[kept].reset_index(drop=True)
    test = (X_test, y_test) if X_test is not None and y_test is not None else None
    digest = datasets.digest(dataset.task, dataset.target, X, y, test)
    return replace(dataset, X=X, y=y, X_test=X_test, y_test=y_test, digest=digest)


def chosen_rows(dataset: Dataset, rows: int = ROWS, seed: int = 0) -> np.ndarray:
    """The numbers of the rows that `sample` keeps."""
    return _chosen(dataset.y, rows, dataset.task, seed)


def _chosen(y: pd.Series, rows: int, task: Task, seed: int) -> np.ndarray:
    """Row numbers in order: up to four of each class first, the rest at random."""
    if len(y) <= rows:
        return np.arange(len(y))
    order = np.random.default_rng(seed).permutation(len(y))
    if task == "regression":
        return np.sort(order[:rows])
    codes = pd.factorize(y.to_numpy()[order])[0]
    rank = pd.Series(codes).groupby(codes).cumcount().to_numpy()
    first, rest = order[rank < 4], order[rank >= 4]
    return np.sort(np.concatenate([first, rest])[:rows])


def made_up(task: Task, seed: int = 0) -> Dataset:
    """A table of another shape whose target can be learnt: 320 rows, 6 numeric features, no gaps.

    Classification has two classes of 160 rows; regression a target that is never negative, with variance 1. What the
    statistics of leaks and directions build on is written in `workbench.rules._chance`.
    """
    random = np.random.default_rng(seed)
    values = random.normal(size=(MADE_ROWS, 6))
    frame = pd.DataFrame(values, columns=[f"feature {i}" for i in range(6)])
    signal = values[:, 0] + 0.5 * values[:, 1]
    ranks = np.argsort(np.argsort(signal))
    if task == "classification":
        frame["target"] = (ranks >= MADE_ROWS // 2).astype(int)
    else:
        frame["target"] = (ranks + 0.5) / MADE_ROWS * np.sqrt(12.0)
    return datasets.make(frame, "target", task=task, name="made up", source="made up")
