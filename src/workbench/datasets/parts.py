"""Parts of a table: rows to train on, a test part, a sealed holdout; by share, by file, by column or by time."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.datasets.names import column_names
from workbench.datasets.source import Extra
from workbench.datasets.split import rows_aside
from workbench.datasets.tables import find_table
from workbench.datasets.words import counted, listed, named, short
from workbench.nouns import DatasetError, Notice, Split, Task

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

TRAIN, TEST, HELD = 0, 1, 2
WORDS = {TEST: "test part", HELD: "holdout"}
SAYS_TEST = ("test", "testing", "holdout", "true", "yes", "1")
"""What the rows of a test part hold in the column that tells it, where nothing else was said."""
TIME_SHARE = 0.2


def as_split(how: float | str | os.PathLike[str] | Split | None) -> Split | None:
    """A share, a file or a `Split`, as a `Split`; None for no part.

    Raises
    ------
    DatasetError
        If it is none of these, or a `Split` without what it needs.
    """
    if how is None or (isinstance(how, int | float) and not how):
        return None
    if isinstance(how, str | os.PathLike):
        return Split("file", file=str(Path(os.fspath(how))))
    if isinstance(how, int | float):
        return Split("share", share=float(how))
    if not isinstance(how, Split):
        raise DatasetError(f"a part cannot be put aside by {how!r}; give a share, a file, or a Split")
    if how.by == "file" and not how.file:
        raise DatasetError("a part by file needs the path of that file")
    if how.by in ("column", "time") and not how.column:
        raise DatasetError(f"a part by {how.by} needs the name of a column")
    if how.by == "time" and not how.value and not how.share:
        return replace(how, share=TIME_SHARE)
    return how


def joined(
    table: pd.DataFrame, test: Split | None, holdout: Split | None
) -> tuple[pd.DataFrame, np.ndarray[Any, Any], list[Notice]]:
    """The rows of all files in one frame with a dataset's names, the part of each row, and remarks.

    Raises
    ------
    DatasetError
        If a file cannot be read, or has not the columns of the table.
    """
    import numpy as np
    import pandas as pd

    frame = table.copy(deep=False)
    frame.attrs = {}
    frame.columns = pd.Index(column_names(list(table.columns)), dtype=object)
    frames, parts, notices = [frame], [np.full(len(frame), TRAIN)], []
    extra = table.attrs.get(Extra.KEY)
    given = extra.test_rows if isinstance(extra, Extra) else 0
    if given:
        if test is not None and test.by == "given":
            parts[0][len(frame) - given :] = TEST
    elif test is not None and test.by == "given":
        raise DatasetError("no test part came with this table; put one aside by share, file, column or time")
    for part, split in ((TEST, test), (HELD, holdout)):
        if split is None or split.by != "file":
            continue
        other = find_table(split.file).frame.copy(deep=False)
        other.attrs = {}
        other.columns = pd.Index(column_names(list(other.columns)), dtype=object)
        missing = [c for c in frame.columns if c not in other.columns]
        if missing:
            raise DatasetError(
                f"{Path(split.file).name!r} has no {'column' if len(missing) == 1 else 'columns'} {named(missing)}; "
                f"a {WORDS[part]} needs the columns of the table"
            )
        more = [str(c) for c in other.columns if c not in frame.columns]
        if more:
            text = f"{named(more)} of {Path(split.file).name!r} {'is' if len(more) == 1 else 'are'} not in the table"
            notices.append(Notice("info", f"{text}, and not used"))
        frames.append(other[list(frame.columns)])
        parts.append(np.full(len(other), part))
    if len(frames) > 1:
        frame = pd.concat(frames, ignore_index=True)
    return frame.reset_index(drop=True), np.concatenate(parts), notices


def put_aside(
    frame: pd.DataFrame,
    y: pd.Series,
    task: Task,
    parts: np.ndarray[Any, Any],
    splits: tuple[tuple[int, Split | None], ...],
    seed: int,
) -> tuple[np.ndarray[Any, Any], dict[int, Split]]:
    """The part of each row, and the splits with what was found out (the value of a column).

    Parameters
    ----------
    frame : DataFrame, shape (n, d)
        The raw rows, each with a target.
    y : Series, shape (n,)
    parts : array, shape (n,)
        The parts that are known from files.
    splits : pairs of part and split
        In the order in which they are put aside; each takes from the rows that the ones before left.

    Raises
    ------
    DatasetError
        If a column or value is not there, or a part would be empty.
    """
    import numpy as np

    parts = parts.copy()
    found: dict[int, Split] = {}
    for part, split in splits:
        if split is None:
            continue
        free = np.flatnonzero(parts == TRAIN)
        if split.by == "share":
            mask = rows_aside(y.iloc[free], task, split.share, seed, part="test" if part == TEST else "holdout")
        elif split.by == "column":
            split, mask = _by_column(frame, split, free, str(y.name))
        elif split.by == "time":
            mask = _by_time(frame, split, free, str(y.name))
        else:
            found[part] = split
            continue
        if not mask.any() or mask.all():
            raise DatasetError(
                f"{split} {'leaves the ' + WORDS[part] + ' empty' if not mask.any() else 'leaves no row to train on'}; "
                "rows are needed in both parts"
            )
        parts[free[mask]] = part
        found[part] = split
    return parts, found


def _by_column(
    frame: pd.DataFrame, split: Split, rows: np.ndarray[Any, Any], target: str
) -> tuple[Split, np.ndarray[Any, Any]]:
    if split.column == target:
        raise DatasetError(f"{target!r} is the target, so it cannot tell the parts; choose another column")
    column = frame[split.column].iloc[rows]
    texts = column.map(_said).astype(object)
    values = [str(v) for v in dict.fromkeys(texts)]
    value = _said(split.value) if split.value else ""
    if not value:
        likely = [v for v in values if v.lower() in SAYS_TEST]
        if len(likely) != 1 or len(values) < 2:
            raise DatasetError(
                f"which value of {split.column!r} tells the rows to put aside? It holds: {listed(values, 10)}"
            )
        value = likely[0]
    if value not in values:
        raise DatasetError(f"{split.column!r} is never {short(value)!r}; it holds: {listed(values, 10)}")
    return replace(split, value=value), (texts == value).to_numpy()


def _said(value: object) -> str:
    """A value as a person would type it: 1 and 1.0 are the same."""
    text = str(value)
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() else text


def _by_time(frame: pd.DataFrame, split: Split, rows: np.ndarray[Any, Any], target: str) -> np.ndarray[Any, Any]:
    import numpy as np
    import pandas as pd
    from pandas.api import types

    if split.column == target:
        raise DatasetError(f"{target!r} is the target, so it cannot tell the time; choose another column")
    column = frame[split.column].iloc[rows]
    numbers = types.is_numeric_dtype(column.dtype)
    when = column if numbers else pd.to_datetime(column, errors="coerce", format="mixed", utc=True)
    if when.isna().any():
        bad = column[when.isna()].iloc[0]
        raise DatasetError(
            f"{counted(int(when.isna().sum()), 'row')} of {split.column!r} tell no time, such as "
            f"{short(str(bad))!r}; choose a column of dates or numbers without gaps"
        )
    if split.value:
        try:
            start: Any = float(split.value) if numbers else pd.Timestamp(split.value)
        except ValueError as error:
            what = "a number" if numbers else "a date such as 2024-03-31"
            raise DatasetError(f"{split.value!r} is no moment of {split.column!r}; give {what}") from error
        if not numbers:
            start = start.tz_localize("UTC") if start.tzinfo is None else start.tz_convert("UTC")
        return np.asarray(when >= start)
    if not 0 < split.share < 1:
        raise DatasetError(f"the share is {split.share}; it must be above 0 and below 1, such as 0.25")
    values = np.sort(when.to_numpy())
    first = values[len(values) - max(1, round(len(values) * split.share))]
    return np.asarray(when.to_numpy() >= first)  # rows of one moment stay together
