"""The target: which column it is, and its values as the task needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.datasets.names import column_name
from workbench.datasets.task import guess_task
from workbench.datasets.words import listed, short
from workbench.nouns import DatasetError, Task

if TYPE_CHECKING:
    import pandas as pd

OBVIOUS = ("target", "label", "class", "y")


def obvious_target(frame: pd.DataFrame, source: str) -> str:
    """The one column that is named like a target.

    Raises
    ------
    DatasetError
        If there is none, or several.
    """
    names = [column_name(c) for c in frame.columns]
    obvious = [n for n in names if n.lower() in OBVIOUS]
    if len(obvious) == 1:
        return obvious[0]
    raise DatasetError(f"which column of {source!r} is the target? give target=, one of: {listed(names, 30)}")


def checked_target(y: pd.Series, task: Task | None) -> tuple[pd.Series, Task]:
    """The target as its task needs it, and the task: the one given, or `guess_task`.

    Raises
    ------
    DatasetError
        If its values cannot be predicted: dates, infinite values, one value alone, names where numbers are needed,
        fractions or too many values where classes are.
    """
    from pandas.api import types

    name = str(y.name)
    if types.is_datetime64_any_dtype(y.dtype):
        raise DatasetError(f"the target {name!r} holds dates; choose a column of classes or numbers")
    if str(y.dtype) == "category":
        y = y.astype(y.cat.categories.dtype)
    if types.is_integer_dtype(y.dtype) and y.max() < 2**63:
        y = y.astype("int64")  # differences of small or unsigned numbers would wrap around
    chosen = task or guess_task(y)
    numeric = types.is_numeric_dtype(y.dtype) and not types.is_bool_dtype(y.dtype)
    unique = y.nunique()
    if numeric and not bool(abs(y).max() < float("inf")):
        raise DatasetError(f"the target {name!r} holds infinite values; replace or remove those rows")
    if unique < 2:
        value = y.iloc[0]
        what = "one class" if chosen == "classification" else "one value"
        raise DatasetError(
            f"the target {name!r} has {what}, {short(str(value))!r}; there is nothing to learn: choose another column"
        )
    if chosen == "regression":
        if not numeric:
            example = short(str(y.iloc[0]))
            raise DatasetError(
                f"regression needs numbers, and the target {name!r} holds values such as {example!r}; "
                "use task='classification' or another column"
            )
        return y, chosen
    if unique > 20 and unique * 2 > len(y):
        remedy = "use task='regression' or another column" if numeric else "choose another column"
        raise DatasetError(
            f"the target {name!r} has {unique:,} different values in {len(y):,} rows, too many to be classes; {remedy}"
        )
    if not types.is_float_dtype(y.dtype):
        return y, chosen
    fractions = y[y % 1 != 0]
    if len(fractions):
        raise DatasetError(
            f"the target {name!r} holds {fractions.iloc[0]:g}, and classes are whole numbers or names; use "
            f"task='regression', or have it read as names with types={{{name!r}: 'category'}}"
        )
    return (y.astype("int64") if bool((abs(y) < 2**53).all()) else y), chosen


def classes(*targets: pd.Series) -> tuple[str, ...]:
    """The labels of all parts, in order, as text."""
    values = {value for y in targets for value in y.unique()}
    try:
        ordered: list[Any] = sorted(values)
    except TypeError:
        ordered = sorted(values, key=str)
    return tuple(str(v) for v in ordered)
