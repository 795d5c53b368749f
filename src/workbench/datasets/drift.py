"""Whether the test part looks like the rows to train on: a score on other data says little of this data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.datasets.words import named, short
from workbench.nouns import Column, Notice

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

ROWS = 20_000
"""So many rows of each part are compared, drawn at random."""
LEAST = 30
"""Smaller parts differ by chance too easily to say anything."""
MOVED = 0.25
"""The largest difference between the two cumulative shares (Kolmogorov-Smirnov), or between the shares of values (total
variation), from which a column is told of; chance alone must also be far below it."""
SHOWN = 5


def drift(
    X: pd.DataFrame, y: pd.Series, X_test: pd.DataFrame, y_test: pd.Series, columns: Sequence[Column]
) -> tuple[Notice, ...]:
    """Remarks on the columns that are distributed otherwise in the test part, and on classes of only one part.

    Parameters
    ----------
    X, y, X_test, y_test : DataFrames and Series
        The two parts.
    columns : sequence of Column
        What the profile says of the columns to compare, and of `y` last.
    """
    found = []
    if columns[-1].kind != "number":
        unseen = sorted({str(v) for v in y_test.unique()} - {str(v) for v in y.unique()})
        if unseen:
            what = f"{len(unseen)} classes" if len(unseen) > 1 else "a class"
            text = f"{what} of the test part never seen in training: {named(unseen)}; no model can predict that"
            found.append(Notice("warning", text, str(y.name)))
    if min(len(X), len(X_test)) < LEAST:
        return tuple(found)
    train = X.sample(ROWS, random_state=0) if len(X) > ROWS else X
    test = X_test.sample(ROWS, random_state=0) if len(X_test) > ROWS else X_test
    chance = 2.5 * ((len(train) + len(test)) / (len(train) * len(test))) ** 0.5
    moved = []
    for column in columns[:-1]:
        if column.kind == "text":
            continue
        size = _distance(train[column.name], test[column.name], column)
        if size > max(MOVED, chance):
            moved.append((size, column.name))
    moved.sort(key=lambda pair: -pair[0])
    for size, name in moved[:SHOWN]:
        text = f"{name!r} drifts: {100 * size:.0f} % of it lies elsewhere in the test part than in training"
        found.append(Notice("warning", f"{text}; a score there says little of data like the rows trained on", name))
    if len(moved) > SHOWN:
        rest = ", ".join(repr(short(name)) for _, name in moved[SHOWN : SHOWN + 10])
        found.append(Notice("warning", f"{len(moved) - SHOWN} more columns drift between the parts: {rest}"))
    return tuple(found)


def _distance(train: pd.Series, test: pd.Series, column: Column) -> float:
    """0 for the same distribution, 1 for parts that have nothing in common; missing values are a value."""
    import numpy as np

    if column.kind in ("number", "date"):
        a, b = _numbers(train), _numbers(test)
        gaps = abs(float(np.isnan(a).mean()) - float(np.isnan(b).mean()))
        a, b = np.sort(a[~np.isnan(a)]), np.sort(b[~np.isnan(b)])
        if not len(a) or not len(b):
            return gaps
        at = np.concatenate([a, b])
        below = [np.searchsorted(part, at, side="right") / len(part) for part in (a, b)]
        return max(gaps, float(np.abs(below[0] - below[1]).max()))
    if column.unique > 100:
        return 0.0  # so many values differ by chance
    shares = [part.astype(object).value_counts(normalize=True, dropna=False) for part in (train, test)]
    both = shares[0].index.union(shares[1].index, sort=False)
    first, second = (s.reindex(both, fill_value=0.0).to_numpy() for s in shares)
    return float(np.abs(first - second).sum() / 2)


def _numbers(values: pd.Series) -> np.ndarray[Any, Any]:
    import numpy as np

    if values.dtype.kind == "M":
        plain = values.dt.tz_convert(None) if getattr(values.dtype, "tz", None) is not None else values
        return np.where(values.isna(), np.nan, plain.to_numpy(dtype="datetime64[ns]").astype("int64"))
    return values.to_numpy(dtype=float)
