"""Values at hand: NumPy arrays, PyTorch tensors (PyTorch is never imported for it), Series, a dict with `X` and `y`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from workbench.datasets.source import Extra, Source, Table
from workbench.datasets.words import a_type, counted, named
from workbench.nouns import DatasetError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MAX_COLUMNS = 20_000
"""Images with more values than this would make tables that nothing here can handle."""
SOURCE_NAME = "dataframe"
HOW = "give a dict such as {'X': X, 'y': y}, X of shape (n, d) and y of shape (n,)"


def role(value: Any) -> Literal["table", "target", "dataset"] | None:
    """What a variable could be: a table or features, the values of a target, or both in one; None for neither."""
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return "table" if len(value) else None
    if isinstance(value, pd.Series):
        return "target" if len(value) else None
    if isinstance(value, Mapping):
        return "dataset" if "X" in value and "y" in value else None
    if _is_array(value) and 0 not in tuple(value.shape):
        return "target" if len(value.shape) == 1 else "table" if 2 <= len(value.shape) <= 4 else None
    return None


def _is_array(value: Any) -> bool:
    import numpy as np

    return (isinstance(value, np.ndarray) and value.dtype.names is None) or _is_tensor(value)


def _is_tensor(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach")


def as_array(value: Any) -> np.ndarray[Any, Any]:
    """A tensor as an array on the CPU; an array as it is."""
    import numpy as np

    if not _is_tensor(value):
        return np.asarray(value)
    value = value.detach().cpu()
    try:
        return np.asarray(value.numpy())
    except (TypeError, RuntimeError):  # types that NumPy has not, such as bfloat16
        return np.asarray(value.float().numpy())


def as_frame(value: Any, what: str = "X") -> tuple[pd.DataFrame, tuple[int, ...]]:
    """Features as a table, and the shape of one row where it was more than a row of numbers.

    Raises
    ------
    DatasetError
        If they have no rows, or are no table.
    """
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return value.reset_index(drop=True), ()
    if isinstance(value, pd.Series):
        return value.reset_index(drop=True).to_frame(str(value.name) if value.name is not None else "x0"), ()
    if not _is_array(value):
        raise DatasetError(f"{what} is {a_type(value)}; it must be a DataFrame, an array or a tensor")
    array = as_array(value)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim == 0 or len(array) == 0 or array.size == 0:
        raise DatasetError(f"{what} is empty (shape {array.shape}); it needs rows and columns")
    shape = array.shape[1:] if array.ndim > 2 else ()
    flat = array.reshape(len(array), -1)
    if flat.shape[1] > MAX_COLUMNS:
        raise DatasetError(
            f"each row of {what} holds {flat.shape[1]:,} values (shape {array.shape}), more than {MAX_COLUMNS:,}; "
            "scale images down first"
        )
    return pd.DataFrame(flat, columns=[f"x{i}" for i in range(flat.shape[1])]), shape


def _as_target(value: Any, what: str) -> pd.Series:
    import pandas as pd

    if isinstance(value, pd.DataFrame) and value.shape[1] == 1:
        value = value.iloc[:, 0]
    if isinstance(value, pd.Series):
        return value.reset_index(drop=True)
    if not _is_array(value):
        if not isinstance(value, list | tuple):
            raise DatasetError(f"{what} is {a_type(value)}; it must be a Series, an array, a tensor or a list")
        return pd.Series(list(value))
    array = as_array(value)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DatasetError(f"{what} has the shape {array.shape}; it must hold one value a row, shape (n,)")
    return pd.Series(array)


def _read(source: Any, encoding: str | None) -> Table:
    import pandas as pd

    if isinstance(source, pd.Series):
        raise DatasetError(f"a Series of {counted(len(source), 'value')} is no table; {HOW}")
    if not isinstance(source, Mapping):
        if len(source.shape) < 2:
            raise DatasetError(f"an array of shape {tuple(source.shape)} is no table; {HOW}")
        frame, shape = as_frame(source, "the array")
        frame.attrs = {Extra.KEY: Extra(shape=shape)} if shape else {}
        return Table(frame, "array", SOURCE_NAME)
    if missing := [k for k in ("X", "y") if k not in source]:
        raise DatasetError(
            f"the dict has no {missing[0]!r} (it holds {named([str(k) for k in source]) or 'nothing'}); {HOW}"
        )
    frame, shape = _with_target(source["X"], source["y"], "")
    target = str(frame.columns[-1])
    extra = Extra(shape=shape)
    if (source.get("X_test") is None) != (source.get("y_test") is None):
        raise DatasetError("the dict has only one of 'X_test' and 'y_test'; give both, or neither")
    if source.get("X_test") is not None:
        test, test_shape = _with_target(source["X_test"], source["y_test"], "_test")
        test = test.set_axis([*test.columns[:-1], target], axis=1)
        if test_shape != shape or set(test.columns) != set(frame.columns):
            raise DatasetError(
                f"X has {frame.shape[1] - 1} columns and X_test {test.shape[1] - 1}, or they are named otherwise; "
                "both need the same"
            )
        extra = Extra(test_rows=len(test), shape=shape)
        frame = pd.concat([frame, test[list(frame.columns)]], ignore_index=True)
    frame.attrs = {Extra.KEY: extra}
    return Table(frame, "table", SOURCE_NAME, target=target)


def _with_target(X: Any, y: Any, end: str) -> tuple[pd.DataFrame, tuple[int, ...]]:
    """The features with the target as last column."""
    import pandas as pd

    frame, shape = as_frame(X, f"X{end}")
    goal = _as_target(y, f"y{end}")
    if len(frame) != len(goal):
        raise DatasetError(
            f"X{end} has {counted(len(frame), 'row')} and y{end} {counted(len(goal), 'value')}; "
            "they must have one value a row"
        )
    frame = frame.set_axis([str(c) for c in frame.columns], axis=1)
    names = (goal.name if isinstance(goal.name, str) else "y", "y", "target", "y (target)")
    name = next((n for n in names if n not in frame.columns), "y (target)")
    return pd.concat([frame, goal.rename(name)], axis=1), shape


def _accepts(source: Any) -> bool:
    import pandas as pd

    return isinstance(source, Mapping | pd.Series) or _is_array(source)


SOURCE = Source("arrays", "Arrays, tensors, a dict", "{'X': X, 'y': y}", _accepts, _read, order=91)
