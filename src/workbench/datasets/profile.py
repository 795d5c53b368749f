"""What is known of every column, and what a person should be told before a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.datasets.notices import notices
from workbench.datasets.words import short
from workbench.nouns import Column, ColumnKind, Notice, Profile, Task

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = 100_000
"""Tables with more rows are profiled on this many, drawn at random."""
BINS = 10
TOP = 100
"""A longer value is cut to so many characters."""


def profile(
    X: pd.DataFrame, y: pd.Series, *, task: Task | None = None, kinds: Mapping[str, str] | None = None
) -> Profile:
    """Describe every column, the target last, and remark on what is unusual.

    Parameters
    ----------
    X : DataFrame, shape (n, d)
    y : Series, shape (n,)
    task : {"classification", "regression"}, optional
        By default `guess_task(y)`.
    kinds : mapping of str, optional
        What a person has columns read as.
    """
    from workbench.datasets.task import guess_task

    task = task or guess_task(y)
    rows = len(X)
    if rows > SAMPLE:
        keep = X.sample(SAMPLE, random_state=0).index.sort_values()
        X, y = X.loc[keep].reset_index(drop=True), y.loc[keep].reset_index(drop=True)
    text = {name for name, kind in (kinds or {}).items() if kind == "text"}
    columns = tuple(describe_column(X[name], text=str(name) in text) for name in X.columns)
    target = describe_column(y)
    found = notices(X, y, columns, target, task)
    if rows > SAMPLE:
        note = Notice("info", f"profiled on {SAMPLE:,} of {rows:,} rows, drawn at random")
        return Profile((*columns, target), (note, *found), SAMPLE)
    return Profile((*columns, target), found)


def describe_column(column: pd.Series, *, text: bool = False) -> Column:
    """Kind, missing and different values, extremes and a histogram of one column; `text`: it is text by choice."""
    from pandas.api import types

    name, dtype = str(column.name), str(column.dtype)
    missing, unique = int(column.isna().sum()), int(column.nunique())
    kind = "text" if text else kind_of(column, unique)
    if kind == "number":
        return Column(name, kind, dtype, missing, unique, *_extremes(column))
    if kind == "date":
        days = sorted({str(end)[:10] for end in (column.min(), column.max())}) if missing < len(column) else []
        top = " to ".join(days) or None
        return Column(name, kind, dtype, missing, unique, top=top)
    counts = column.value_counts()
    top = short(str(counts.index[0]), TOP) if len(counts) and int(counts.iloc[0]) else None
    if types.is_object_dtype(column.dtype) or kind == "boolean":
        dtype = "bool" if missing == 0 else "bool with missing values"
    return Column(name, kind, dtype, missing, unique, top=top, histogram=tuple(int(c) for c in counts.iloc[:BINS]))


def kind_of(column: pd.Series, unique: int) -> ColumnKind:
    """A text column whose values hardly repeat is `text`; the others with few values are categories."""
    from pandas.api import types

    dtype: Any = column.dtype
    if types.is_bool_dtype(dtype) or types.is_object_dtype(dtype):
        return "boolean"  # a dataset holds objects only where a boolean column has missing values
    if types.is_datetime64_any_dtype(dtype):
        return "date"
    if str(dtype) == "category":
        return "category"
    if types.is_numeric_dtype(dtype):
        return "number"
    return "text" if unique > 20 and unique * 2 > column.notna().sum() else "category"


def _extremes(column: pd.Series) -> tuple[float | None, float | None, float | None, None, tuple[int, ...]]:
    import numpy as np

    values = column.to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return None, None, None, None, ()
    low, high = float(values.min()), float(values.max())
    # bins by hand: numpy.histogram overflows where high - low does
    if low == high:
        counts = [len(values)]
    else:
        halved = not np.isfinite(float(high) - float(low))
        position = (values / 2 - low / 2) / (high / 2 - low / 2) if halved else (values - low) / (high - low)
        counts = np.bincount(np.minimum((position * BINS).astype(int), BINS - 1), minlength=BINS).tolist()
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(values.mean())
    return low, mean if np.isfinite(mean) else None, high, None, tuple(counts)
