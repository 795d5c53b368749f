"""Small data for probes: a sample of the person's own, and a made-up table of another shape."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from workbench import datasets
from workbench.nouns import Dataset, Task

ROWS = 240
TEST_ROWS = 80


def sample(dataset: Dataset, rows: int = ROWS, seed: int = 0) -> Dataset:
    """At most `rows` rows, every class kept where possible; of the test part at most `TEST_ROWS`."""
    chosen = _chosen(dataset.y, rows, dataset.task, seed)
    X, y = dataset.X.iloc[chosen].reset_index(drop=True), dataset.y.iloc[chosen].reset_index(drop=True)
    test: dict[str, object] = {}
    if dataset.X_test is not None and dataset.y_test is not None and len(dataset.y_test) > TEST_ROWS:
        kept = _chosen(dataset.y_test, TEST_ROWS, dataset.task, seed)
        test = {
            "X_test": dataset.X_test.iloc[kept].reset_index(drop=True),
            "y_test": dataset.y_test.iloc[kept].reset_index(drop=True),
        }
    return replace(dataset, X=X, y=y, **test)  # type: ignore[arg-type]  # the two frames


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
    """A table of 90 rows, 7 numeric features without gaps, and 4 classes (or a smooth target): another shape."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(90, 7))
    frame = pd.DataFrame(values, columns=[f"feature {i}" for i in range(7)])
    signal = values[:, 0] + 0.5 * values[:, 1]
    if task == "classification":
        frame["target"] = np.digitize(signal, np.quantile(signal, [0.25, 0.5, 0.75]))
    else:
        frame["target"] = 3.0 * signal + 0.1 * random.normal(size=90)
    return datasets.make(frame, "target", task=task, name="made up", source="made up")
