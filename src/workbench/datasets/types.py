"""What a person has a column read as: a number, a category, text or a date, in place of what was inferred."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast, get_args

from workbench.datasets.names import require_column
from workbench.datasets.words import counted, short
from workbench.nouns import ColumnType, DatasetError, Notice

if TYPE_CHECKING:
    import pandas as pd

TYPES: tuple[ColumnType, ...] = get_args(ColumnType)
LEAVE_OUT = "leave out"
"""Beside the types: the column is not used."""


def sorted_out(
    types: Mapping[str, str] | None, drop: Sequence[str], names: Sequence[str], target: str
) -> tuple[dict[str, ColumnType], tuple[str, ...]]:
    """The types that were chosen, and the columns to leave out; a column is left out by `drop` or by its type.

    Raises
    ------
    DatasetError
        If there is no such column or type, or the target would be left out.
    """
    chosen = {str(name): str(kind) for name, kind in (types or {}).items()}
    for name, kind in chosen.items():
        require_column(name, names, ", so its type cannot be chosen")
        if kind not in (*TYPES, LEAVE_OUT):
            raise DatasetError(f"{name!r} cannot be read as {kind!r}; there are: {', '.join((*TYPES, LEAVE_OUT))}")
    given = (drop,) if isinstance(drop, str) else drop
    left_out = [*(str(c) for c in given), *(n for n, kind in chosen.items() if kind == LEAVE_OUT)]
    for name in left_out:
        require_column(name, names, ", so it cannot be left out")
        if name == target:
            raise DatasetError(f"{name!r} is the target, so it cannot be left out; choose another target first")
    kept = {n: cast("ColumnType", kind) for n, kind in chosen.items() if n not in left_out}
    if kept.get(target) in ("date", "text"):
        raise DatasetError(f"the target {target!r} cannot be read as {kept[target]!r}; it is a number or a category")
    return kept, tuple(dict.fromkeys(left_out))


def read_as(column: pd.Series, kind: ColumnType) -> tuple[pd.Series, Notice | None]:
    """A column (of the types that a dataset holds) in another type; values that it cannot hold become missing.

    Raises
    ------
    DatasetError
        If no value can be read so.
    """
    import pandas as pd
    from pandas.api import types

    name = str(column.name)
    dated = types.is_datetime64_any_dtype(column.dtype)
    there = column.notna()
    if kind in ("category", "text"):
        texts = pd.Series([_written(v) if t else None for v, t in zip(column, there, strict=True)], dtype="str")
        texts.index = column.index
        texts.name = column.name
        if kind == "text":
            return texts, None
        return (column if str(column.dtype) == "category" else texts).astype("category"), None
    if str(column.dtype) == "category":
        column = column.astype(column.cat.categories.dtype)
    made: pd.Series
    if kind == "date":
        if dated:
            return column, None
        if types.is_numeric_dtype(column.dtype):
            raise DatasetError(
                f"{name!r} holds numbers such as {short(str(column[there].iloc[0]))}, which are no dates; "
                "a date is written like 2024-03-31"
            )
        made = pd.to_datetime(column, errors="coerce", format="mixed")
    elif dated:
        plain = column.dt.tz_localize(None) if getattr(column.dtype, "tz", None) is not None else column
        days = (plain - pd.Timestamp("1970-01-01")).dt.total_seconds() / 86400
        return days, Notice("info", f"{name!r} is read as days since 1970-01-01", name)
    else:
        numbers = pd.to_numeric(column, errors="coerce").astype("float64")
        whole = bool((numbers % 1 == 0).all() and (numbers.abs() < 2**53).all())
        made = numbers.astype("int64") if whole else numbers
    lost = there & made.isna()
    if lost.sum() == there.sum():
        raise DatasetError(
            f"{name!r} cannot be read as {'a number' if kind == 'number' else 'a date'}: "
            f"it holds values such as {short(str(column[lost].iloc[0]))!r}"
        )
    if not lost.any():
        return made, None
    text = (
        f"{counted(int(lost.sum()), 'value')} of {name!r} cannot be read as a {kind} and "
        f"{'is' if lost.sum() == 1 else 'are'} missing now, such as {short(str(column[lost].iloc[0]))!r}"
    )
    return made, Notice("warning", text, name)


def _written(value: object) -> str:
    """A value as a label: whole numbers without a point, days without a time."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    text = str(value)
    return text.removesuffix(" 00:00:00")
