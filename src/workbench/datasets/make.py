"""From a raw table and a target to a `Dataset`."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.datasets import holdout as sealing
from workbench.datasets.columns import normalised
from workbench.datasets.digest import digest
from workbench.datasets.drift import drift
from workbench.datasets.names import column_name, require_column
from workbench.datasets.parts import HELD, TEST, TRAIN, as_split, joined, put_aside
from workbench.datasets.profile import profile
from workbench.datasets.source import Extra, Table
from workbench.datasets.tables import find_table
from workbench.datasets.target import checked_target, classes, obvious_target
from workbench.datasets.types import read_as, sorted_out
from workbench.datasets.words import counted, named
from workbench.nouns import ColumnType, Dataset, DatasetError, Notice, Profile, Split, Task

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MIN_ROWS = 5
"""Fewer rows cannot be split into a part to train on and a part to measure on."""
Part = float | str | os.PathLike[str] | Split | None
"""How rows are put aside: a share, a file, a `Split`, or not."""


def load(
    source: Any,
    *,
    target: str | None = None,
    task: Task | None = None,
    name: str | None = None,
    encoding: str | None = None,
    drop: Sequence[str] = (),
    types: Mapping[str, str] | None = None,
    test: Part = None,
    test_share: float = 0.0,
    holdout: Part = None,
    vault: str | Path = sealing.VAULT,
    seed: int = 0,
) -> Dataset:
    """Load a table and make it a dataset.

    Parameters
    ----------
    source : path, str, DataFrame, array, dict or Table
        A file, `builtin:NAME` (see `builtins`), a DataFrame, arrays (see `workbench.datasets.sources.arrays`), or what
        `find_table` gave.
    target : str, optional
        The column to predict. It may be left out for the built-in sets, and where exactly one column is named
        `target`, `label`, `class` or `y`.
    task : {"classification", "regression"}, optional
        By default `guess_task` of the target.
    encoding : str, optional
        Of a text file.
    drop : sequence of str
        Columns to leave out, such as one that repeats the target.
    types, test, test_share, holdout, vault, seed
        See `make`.

    Raises
    ------
    DatasetError
        One sentence: what is wrong, and what would work.
    """
    table = source if isinstance(source, Table) else find_table(source, encoding)
    if target is None:
        target = table.target or obvious_target(table.frame, table.source)
    return make(
        table.frame,
        target,
        task=task or (table.task if target == table.target else None),
        name=name or table.name,
        source=table.source,
        drop=drop,
        types=types,
        test=test,
        test_share=test_share,
        holdout=holdout,
        vault=vault,
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
    types: Mapping[str, str] | None = None,
    test: Part = None,
    test_share: float = 0.0,
    holdout: Part = None,
    vault: str | Path = sealing.VAULT,
    seed: int = 0,
) -> Dataset:
    """A dataset from a raw table.

    Columns without any value are dropped, and rows without a target, each with a notice. Infinite values become
    missing, with a notice: most models refuse them.

    Parameters
    ----------
    drop : sequence of str
        Columns to leave out; at least one feature must stay.
    types : mapping of str, optional
        By column `number`, `category`, `text`, `date` or `leave out`, in place of what is inferred.
    test : float, path or Split, optional
        The test part: a share of the rows (stratified by class, chosen by `seed`), another file, or a `Split` by column
        or by time. Left out, it is the part that came with the table, if one did. `test_share` is a share alone.
    holdout : float, path or Split, optional
        Rows that are sealed in `vault` before a test part is put aside; see `workbench.datasets.holdout`.

    Raises
    ------
    DatasetError
        If the table, the target, the task, a column or a part cannot be used.
    """
    import numpy as np

    if task not in (None, "classification", "regression"):
        raise DatasetError(f"no task is named {task!r}; there are: classification, regression")
    target = str(target)
    if len(table) == 0 or table.shape[1] == 0:
        raise DatasetError(f"the table is empty ({counted(len(table), 'row')}, {counted(table.shape[1], 'column')})")
    extra = table.attrs.get(Extra.KEY)
    extra = extra if isinstance(extra, Extra) else Extra()
    test_split = as_split(test) or as_split(test_share) or (Split("given") if extra.test_rows else None)
    held_split = as_split(holdout)
    frame, parts, notices = joined(table, test_split, held_split)
    names = [str(c) for c in frame.columns]
    require_column(target, names)
    chosen, dropped = sorted_out(types, drop, names, target)
    for s in (test_split, held_split):
        if s is not None and s.by in ("column", "time"):
            require_column(s.column, names, ", so no part can be put aside by it")
    telling = {s.column for s in (test_split, held_split) if s is not None and s.by == "column"} - {target}
    there = frame[target].notna().to_numpy()
    data, found = _features_and_target(frame, target, dropped, telling, chosen)
    notices = [*extra.notices, *notices, *found]
    frame, parts = frame[there].reset_index(drop=True), parts[there]
    X, y = data.drop(columns=[target]), data[target]
    if len(y) < MIN_ROWS:
        raise DatasetError(
            f"{name!r} has {counted(len(y), 'row')} with a target; at least {MIN_ROWS} are needed, "
            "to train on some and measure on others"
        )
    y, task = checked_target(y, task)
    total = len(parts)
    parts, splits = put_aside(frame, y, task, parts, ((HELD, held_split), (TEST, test_split)), seed)
    rows = {part: np.flatnonzero(parts == part) for part in (TRAIN, TEST, HELD)}
    at = {part: (_rows(X, rows[part], total), _rows(y, rows[part], total)) for part in rows}
    X, y = at[TRAIN]
    _check_training(y, task, name)
    aside = at[TEST] if TEST in splits else None
    made = profile(X, y, task=task, kinds=chosen)
    split = splits.get(TEST)
    compared = [c for c in made.columns if split is None or c.name != split.column]  # time always moves on
    drifted = drift(X, y, *aside, compared) if aside else ()
    dataset = Dataset(
        name=name,
        X=X,
        y=y,
        task=task,
        target=target,
        source=source,
        digest=digest(task, target, X, y, aside),
        profile=Profile(made.columns, (*notices, *made.notices, *drifted), made.sampled),
        X_test=aside[0] if aside else None,
        y_test=aside[1] if aside else None,
        classes=classes(y, *(part[1] for part in at.values())) if task == "classification" else (),
        dropped=dropped,
        test_share=split.share if split is not None and split.by == "share" else 0.0,
        split=split,
        types=tuple(chosen.items()),
        shape=extra.shape if X.shape[1] == math.prod(extra.shape) else (),
    )
    if HELD not in splits:
        return dataset
    key = sealing.rows_key(names, total, rows[HELD])
    return replace(dataset, holdout=sealing.seal(dataset, *at[HELD], key=key, vault=vault))


def _rows(values: Any, rows: np.ndarray[Any, Any], total: int) -> Any:
    return values if len(rows) == total else values.iloc[rows].reset_index(drop=True)


def _check_training(y: pd.Series, task: Task, name: str) -> None:
    """Enough is left to train on, once parts were put aside."""
    if len(y) < 2:
        raise DatasetError(f"{counted(len(y), 'row')} of {name!r} would be left to train on; put fewer rows aside")
    if y.nunique() < 2:
        what = "class" if task == "classification" else "value"
        raise DatasetError(
            f"all rows left to train on have one {what}, {y.iloc[0]!r}; put other rows aside, such as a share at random"
        )


def _features_and_target(
    frame: pd.DataFrame, target: str, drop: Sequence[str], telling: set[str], chosen: Mapping[str, ColumnType]
) -> tuple[pd.DataFrame, list[Notice]]:
    """The columns to keep, in the types that a dataset holds, for the rows that have a target."""
    import pandas as pd

    if frame.shape[1] == 1:
        raise DatasetError(
            f"the table has one column, {target!r}; a target needs at least one column to predict it from"
        )
    frame = frame.drop(columns=[*drop, *(telling - set(drop))])
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
        columns[column], found = _typed(frame[column], chosen.get(str(column)), is_target=column == target)
        notices += found
    return pd.DataFrame(columns), notices


def _typed(column: pd.Series, kind: ColumnType | None, *, is_target: bool) -> tuple[pd.Series, list[Notice]]:
    """A column in one of the types that a dataset holds: the one that was chosen, or the one inferred."""
    values, notice = normalised(column)
    if kind is not None:
        values, lost = read_as(values, kind)
        if is_target and lost is not None and lost.level == "warning":
            raise DatasetError(f"{lost.text}; a target needs a value in every row: mend those cells")
        if is_target and kind == "category":
            values = read_as(values, "text")[0]  # labels: never numbers by chance
        # the type was chosen: how it was read before is of no interest any more
        notice = lost
    found = [] if notice is None else [notice]
    if not is_target and values.dtype.kind == "f":
        endless = values.abs() == float("inf")
        if endless.any():
            count = int(endless.sum())
            text = f"{counted(count, 'infinite value')} of {str(column.name)!r} {_was(count)} made missing"
            found.append(Notice("warning", f"{text}: most models refuse them", str(column.name)))
            values = values.mask(endless)
    return values, found


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


__all__ = ["MIN_ROWS", "Part", "column_name", "load", "make"]
