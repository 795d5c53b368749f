"""From a raw table and a target to a `Dataset`."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.datasets.columns import is_unicode, normalised
from workbench.datasets.digest import digest
from workbench.datasets.profile import profile
from workbench.datasets.source import Table
from workbench.datasets.split import test_rows
from workbench.datasets.tables import find_table
from workbench.datasets.task import guess_task
from workbench.datasets.words import counted, listed, named, short
from workbench.nouns import Dataset, DatasetError, Notice, Profile, Task

if TYPE_CHECKING:
    import pandas as pd

OBVIOUS = ("target", "label", "class", "y")
MIN_ROWS = 5
"""Fewer rows cannot be split into a part to train on and a part to measure on."""


def load(
    source: str | Path | pd.DataFrame | Table,
    *,
    target: str | None = None,
    task: Task | None = None,
    name: str | None = None,
    encoding: str | None = None,
    drop: Sequence[str] = (),
    test_share: float = 0.0,
    seed: int = 0,
) -> Dataset:
    """Load a table and make it a dataset.

    Parameters
    ----------
    source : path, str, DataFrame or Table
        A file, `builtin:NAME` (see `builtins`), a DataFrame, or what `find_table` gave.
    target : str, optional
        The column to predict. It may be left out for the built-in sets, and where exactly one column is named
        `target`, `label`, `class` or `y`.
    task : {"classification", "regression"}, optional
        By default `guess_task` of the target.
    encoding : str, optional
        Of a text file.
    drop : sequence of str
        Columns to leave out, such as one that repeats the target.
    test_share, seed
        See `make`.

    Raises
    ------
    DatasetError
        One sentence: what is wrong, and what would work.
    """
    table = source if isinstance(source, Table) else find_table(source, encoding)
    if target is None:
        target = table.target or _obvious_target(table.frame, table.source)
    return make(
        table.frame,
        target,
        task=task or (table.task if target == table.target else None),
        name=name or table.name,
        source=table.source,
        drop=drop,
        test_share=test_share,
        seed=seed,
    )


def make(
    table: pd.DataFrame,
    target: str,
    *,
    task: Task | None = None,
    name: str = "table",
    source: str = "dataframe",
    drop: Sequence[str] = (),
    test_share: float = 0.0,
    seed: int = 0,
) -> Dataset:
    """A dataset from a raw table.

    Columns without any value are dropped, and rows without a target, each with a notice. `test_share` (0 for none)
    of the rows, stratified by class and chosen by `seed`, becomes the test part. The columns named in `drop` are left
    out; at least one feature must stay.

    Raises
    ------
    DatasetError
        If the table, the target, the task or a column to leave out cannot be used.
    """
    target = str(target)
    dropped = tuple(dict.fromkeys(str(c) for c in ((drop,) if isinstance(drop, str) else drop)))
    frame, notices = _features_and_target(table, target, dropped)
    X, y = frame.drop(columns=[target]), frame[target]
    if task not in (None, "classification", "regression"):
        raise DatasetError(f"no task is named {task!r}; there are: classification, regression")
    if len(y) < MIN_ROWS:
        raise DatasetError(
            f"{name!r} has {counted(len(y), 'row')} with a target; at least {MIN_ROWS} are needed, "
            "to train on some and measure on others"
        )
    y, task = _checked_target(y, task)
    test = None
    if test_share:
        mask = test_rows(y, task, test_share, seed)
        test = (X[mask].reset_index(drop=True), y[mask].reset_index(drop=True))
        X, y = X[~mask].reset_index(drop=True), y[~mask].reset_index(drop=True)
    made = profile(X, y, task=task)
    return Dataset(
        name=name,
        X=X,
        y=y,
        task=task,
        target=target,
        source=source,
        digest=digest(task, target, X, y, test),
        profile=Profile(made.columns, (*notices, *made.notices), made.sampled),
        X_test=test[0] if test else None,
        y_test=test[1] if test else None,
        classes=_classes(y, test) if task == "classification" else (),
        dropped=dropped,
        test_share=float(test_share),
    )


def _features_and_target(table: pd.DataFrame, target: str, drop: Sequence[str]) -> tuple[pd.DataFrame, list[Notice]]:
    """The columns to keep, in the types that a dataset holds, for the rows that have a target."""
    import pandas as pd

    if len(table) == 0 or table.shape[1] == 0:
        raise DatasetError(f"the table is empty ({counted(len(table), 'row')}, {counted(table.shape[1], 'column')})")
    names = [column_name(c) for c in table.columns]
    if odd := [n for n in names if not is_unicode(n)]:
        raise DatasetError(f"the column name {odd[0]!r} is not valid Unicode; give it another name")
    if twice := [n for n, count in Counter(names).items() if count > 1]:
        raise DatasetError(f"several columns are named {twice[0]!r}; give each its own name")
    if target not in names:
        raise DatasetError(f"no column is named {target!r}; {_nearest(target, names)}")
    for name in drop:
        if name not in names:
            raise DatasetError(f"no column is named {name!r}, so it cannot be left out; {_nearest(name, names)}")
        if name == target:
            raise DatasetError(f"{name!r} is the target, so it cannot be left out; choose another target first")
    if len(names) == 1:
        raise DatasetError(
            f"the table has one column, {names[0]!r}; a target needs at least one column to predict it from"
        )
    frame = table.copy(deep=False)
    frame.attrs = {}
    frame.columns = pd.Index(names)
    frame = frame.reset_index(drop=True).drop(columns=list(drop))
    missing = frame[target].isna()
    if missing.all():
        raise DatasetError(
            f"the target {target!r} has no value in any of {counted(len(frame), 'row')}; choose another column"
        )
    notices: list[Notice] = []
    if missing.any():
        frame = frame[~missing].reset_index(drop=True)
        count = int(missing.sum())
        notices.append(Notice("warning", f"{counted(count, 'row')} without a target {_was(count)} dropped", target))
    empty = [str(c) for c in frame.columns if c != target and frame[c].isna().all()]
    if empty:
        frame = frame.drop(columns=empty)
        text = (
            f"{named(empty)} {'has' if len(empty) == 1 else 'have'} no value in any row and {_was(len(empty))} dropped"
        )
        notices.append(Notice("warning", text, empty[0] if len(empty) == 1 else None))
    if frame.shape[1] == 1:
        why = f": {named(empty)} {'has' if len(empty) == 1 else 'have'} no value in any row" if empty else ""
        if drop:
            left = f"{named(drop)} {_was(len(drop))} left out"
            why = f"{why} and {left}" if why else f": {left}"
        raise DatasetError(f"only the target {target!r} is left{why}; a dataset needs at least one column with values")
    columns = {}
    for column in frame.columns:
        columns[column], notice = normalised(frame[column])
        if notice is not None:
            notices.append(notice)
    return pd.DataFrame(columns), notices


def _checked_target(y: pd.Series, task: Task | None) -> tuple[pd.Series, Task]:
    """The target as its task needs it."""
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
    if types.is_float_dtype(y.dtype) and bool((y % 1 == 0).all()) and bool((abs(y) < 2**53).all()):
        y = y.astype("int64")
    return y, chosen


def _classes(y: pd.Series, test: tuple[pd.DataFrame, pd.Series] | None) -> tuple[str, ...]:
    values = set(y.unique()) | (set(test[1].unique()) if test else set())
    try:
        ordered: list[Any] = sorted(values)
    except TypeError:
        ordered = sorted(values, key=str)
    return tuple(str(v) for v in ordered)


def _obvious_target(frame: pd.DataFrame, source: str) -> str:
    names = [column_name(c) for c in frame.columns]
    obvious = [n for n in names if n.lower() in OBVIOUS]
    if len(obvious) == 1:
        return obvious[0]
    raise DatasetError(f"which column of {source!r} is the target? give target=, one of: {listed(names, 30)}")


def column_name(column: Any) -> str:
    """What a dataset calls a column of a table: parts of a name become one."""
    return "_".join(str(part) for part in column if str(part)) if isinstance(column, tuple) else str(column)


def _nearest(name: str, names: list[str]) -> str:
    lower = {n.lower(): n for n in reversed(names)}
    near = [lower[n] for n in difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)]
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are: {listed(names)}"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
