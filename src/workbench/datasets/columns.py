"""The few column types that a dataset holds, and how others become one of them.

Numbers (NumPy integers and floats), booleans, text (`str`), categories and dates stay. Nullable and Arrow-backed
columns become their NumPy counterparts, so that estimators can take them; what cannot be written to a file exactly
becomes text, with a notice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.api import types

from workbench.nouns import DatasetError, Notice

if TYPE_CHECKING:
    import numpy as np


def normalised(column: pd.Series) -> tuple[pd.Series, Notice | None]:
    """The column in one of the types that a dataset holds, and a remark if its values changed.

    Raises
    ------
    DatasetError
        If the cells are not single values (lists, dicts, arrays), are complex numbers, or are text that is not
        valid Unicode.
    """
    dtype: Any = column.dtype
    name = str(column.name)
    if isinstance(dtype, pd.ArrowDtype):
        import pyarrow

        plain = pyarrow.array(column.array).to_pandas()
        return normalised(pd.Series(plain.array, index=column.index, name=column.name))
    if isinstance(dtype, pd.SparseDtype):
        dense: Any = column.array
        return normalised(pd.Series(dense.to_dense(), index=column.index, name=column.name))
    if isinstance(dtype, pd.CategoricalDtype):
        return _category(column, name)
    if types.is_complex_dtype(dtype):
        raise DatasetError(f"{name!r} holds complex numbers; split it into its real and imaginary parts")
    if types.is_bool_dtype(dtype):
        return _booleans(column), None
    if types.is_integer_dtype(dtype):
        return column.astype("float64" if column.hasnans else _native(dtype)), None
    if types.is_float_dtype(dtype):
        return column.astype("float32" if _native(dtype).itemsize <= 4 else "float64"), None
    if types.is_datetime64_any_dtype(dtype):
        return _dates(column, name)
    if types.is_timedelta64_dtype(dtype):
        return column.dt.total_seconds(), Notice("info", f"{name!r} was a duration; it is in seconds now", name)
    if isinstance(dtype, pd.StringDtype):
        return _text(column, name), None
    return _objects(column, name)


def _native(dtype: Any) -> np.dtype[Any]:
    """NumPy's type behind a nullable one, in this machine's byte order."""
    plain: np.dtype[Any] = getattr(dtype, "numpy_dtype", dtype)
    return plain.newbyteorder("=")


def _booleans(column: pd.Series) -> pd.Series:
    if not column.hasnans:
        return column.astype(bool)
    values = column.astype(object)
    return values.where(values.notna(), float("nan"))


def _dates(column: pd.Series, name: str) -> tuple[pd.Series, Notice | None]:
    """A time zone stays if its name alone says which one it is, as in a file."""
    zone = getattr(column.dtype, "tz", None)
    if zone is None:
        return column, None
    try:
        named = types.pandas_dtype(str(column.dtype)) == column.dtype
    except TypeError:
        named = False
    if named:
        return column, None
    return column.dt.tz_convert("UTC"), Notice("info", f"{name!r} was in the time zone {zone}; it is in UTC now", name)


def _text(column: pd.Series, name: str) -> pd.Series:
    try:
        return column.astype("str")
    except UnicodeEncodeError as error:
        row = next(i for i, value in enumerate(column) if isinstance(value, str) and not is_unicode(value))
        raise DatasetError(
            f"{name!r} holds a text in row {row} that is not valid Unicode ({error.reason}); remove that character"
        ) from error


def _written(column: pd.Series, name: str) -> pd.Series:
    """Every value as Python writes it; missing ones stay missing."""
    texts = [str(v) if there else None for v, there in zip(column, column.notna(), strict=True)]
    return _text(pd.Series(texts, index=column.index, name=column.name, dtype=object), name)


def is_unicode(text: str) -> bool:
    """Whether a text can be written to a file: half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _category(column: pd.Series, name: str) -> tuple[pd.Series, Notice | None]:
    """Categories are numbers or texts; anything else is written out."""
    categories: Any = column.cat.categories
    dtype = categories.dtype
    if types.is_complex_dtype(dtype):
        raise DatasetError(f"{name!r} holds complex numbers; split it into its real and imaginary parts")
    if types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype):
        return column.cat.rename_categories(categories.astype(_native(dtype))), None
    texts = [str(c) for c in categories]
    if len(set(texts)) < len(texts):  # such as 1 and "1"
        return _objects(column.astype(object), name)
    return column.cat.rename_categories(pd.Index(_text(pd.Series(texts, dtype=object), name), dtype="str")), None


def _objects(column: pd.Series, name: str) -> tuple[pd.Series, Notice | None]:
    """A column of Python objects: what its values are decides."""
    kind = types.infer_dtype(column, skipna=True)
    if kind == "complex":
        return normalised(column.astype("complex"))
    if kind == "empty":
        return column.astype("float64"), None
    if kind == "string":
        return _text(column, name), None
    if kind == "boolean":
        return _booleans(column), None
    if kind in {"integer", "floating", "mixed-integer-float", "decimal"}:
        return _numbers(column, name)
    if kind in {"timedelta", "timedelta64"}:
        return normalised(pd.Series(pd.to_timedelta(column), index=column.index, name=column.name))
    if kind in {"date", "datetime", "datetime64"}:
        try:
            return _dates(pd.to_datetime(column), name)
        except (ValueError, TypeError):  # mixed time zones, or years that pandas cannot hold
            text = f"{name!r} holds dates that differ in kind; they are read as text"
            return _written(column, name), Notice("warning", text, name)
    for row, value in enumerate(column):
        # what Python writes with its address in memory is another text in each process
        if types.is_list_like(value) or re.search(r" at 0x[0-9A-Fa-f]+>$", str(value)):
            raise DatasetError(
                f"{name!r} holds {_a(type(value).__name__)} in row {row}; "
                "a cell is a number, a text, a boolean or a date"
            )
    found = sorted({type(v).__name__ for v in column[column.notna()]})
    what = f"mixes {_and(found)}; its values" if len(found) > 1 else f"holds values of type {found[0]}; they"
    texts = _written(column, name)
    return texts, Notice("warning", f"{name!r} {what} are read as text", name)


def _numbers(column: pd.Series, name: str) -> tuple[pd.Series, Notice | None]:
    try:
        numbers = pd.to_numeric(column)
        if numbers.dtype == object or types.is_unsigned_integer_dtype(numbers.dtype):
            numbers = column.astype("float64")
    except (OverflowError, ValueError, TypeError):
        try:
            numbers = column.astype("float64")
        except (OverflowError, ValueError, TypeError):
            text = f"{name!r} holds numbers too large for a float; they are read as text"
            return _written(column, name), Notice("warning", text, name)
    return numbers.astype("float64") if types.is_float_dtype(numbers.dtype) else numbers, None


def _a(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeiou' or noun == 'ndarray' else 'a'} {noun}"


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
