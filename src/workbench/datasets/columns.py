"""The few column types that a dataset holds, and how others become one of them.

Numbers (NumPy integers and floats), booleans, text (`str`), categories and dates stay. Nullable and Arrow-backed
columns become their NumPy counterparts, so that estimators can take them; what cannot be written to a file exactly
becomes text, with a notice.
"""

from __future__ import annotations

import pandas as pd
from pandas.api import types

from workbench.nouns import DatasetError, Notice


def normalised(column: pd.Series) -> tuple[pd.Series, Notice | None]:
    """The column in one of the types that a dataset holds, and a remark if its values changed.

    Raises
    ------
    DatasetError
        If the cells are not single values (lists, dicts, arrays) or are complex numbers.
    """
    dtype = column.dtype
    name = str(column.name)
    if isinstance(dtype, pd.CategoricalDtype):
        return _category(column), None
    if isinstance(dtype, pd.SparseDtype):
        return normalised(pd.Series(column.array.to_dense(), name=column.name))
    if types.is_complex_dtype(dtype):
        raise DatasetError(f"{name!r} holds complex numbers; split it into its real and imaginary parts")
    if types.is_bool_dtype(dtype):
        return _booleans(column), None
    if types.is_integer_dtype(dtype):
        if not isinstance(dtype, types.pandas_dtype("int64").__class__):
            column = column.astype("float64" if column.hasnans else "int64")
        return column, None
    if types.is_float_dtype(dtype):
        small = str(dtype) in {"float32", "float16", "Float32", "float[pyarrow]", "halffloat[pyarrow]"}
        return column.astype("float32" if small else "float64"), None
    if types.is_datetime64_any_dtype(dtype):
        return column, None
    if types.is_timedelta64_dtype(dtype):
        return column.dt.total_seconds(), Notice("info", f"{name!r} was a duration; it is in seconds now", name)
    if isinstance(dtype, pd.StringDtype):
        return column.astype("str"), None
    return _objects(column, name)


def _booleans(column: pd.Series) -> pd.Series:
    if not column.hasnans:
        return column.astype(bool)
    values = column.astype(object)
    return values.where(values.notna(), float("nan"))


def _category(column: pd.Series) -> pd.Series:
    categories = column.cat.categories
    if isinstance(categories.dtype, pd.StringDtype) or types.is_numeric_dtype(categories.dtype):
        plain = types.is_numeric_dtype(categories.dtype) and not types.is_bool_dtype(categories.dtype)
        if plain or isinstance(categories.dtype, pd.StringDtype):
            return column
    return column.cat.rename_categories([str(c) for c in categories])


def _objects(column: pd.Series, name: str) -> tuple[pd.Series, Notice | None]:
    """A column of Python objects: what its values are decides."""
    kind = types.infer_dtype(column, skipna=True)
    if kind == "empty":
        return column.astype("float64"), None
    if kind == "string":
        return column.astype("str"), None
    if kind == "boolean":
        return _booleans(column), None
    if kind in {"integer", "floating", "mixed-integer-float", "decimal"}:
        try:
            numbers = pd.to_numeric(column)
        except (OverflowError, ValueError, TypeError):
            numbers = column.astype("float64")
        if numbers.dtype == object or types.is_unsigned_integer_dtype(numbers.dtype):
            numbers = numbers.astype("float64")
        return numbers, None
    if kind in {"date", "datetime", "datetime64"}:
        try:
            return pd.to_datetime(column), None
        except (ValueError, TypeError):  # mixed time zones, or years that pandas cannot hold
            return column.astype("str"), Notice(
                "warning", f"{name!r} holds dates that differ in kind; read as text", name
            )
    for position, value in enumerate(column):
        if types.is_list_like(value):
            raise DatasetError(
                f"{name!r} holds a {type(value).__name__} in row {position}; "
                "a cell is a number, a text, a boolean or a date"
            )
    found = sorted({type(v).__name__ for v in column[column.notna()]})
    text = column.map(str, na_action="ignore").astype("str")
    return text, Notice("warning", f"{name!r} mixes {_and(found)}; its values are read as text", name)


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
