"""The identity of a table's content."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def digest(task: str, target: str, X: pd.DataFrame, y: pd.Series, test: tuple[pd.DataFrame, pd.Series] | None) -> str:
    """SHA-256 over names, types and values, in hexadecimal; where the table came from does not matter."""
    total = hashlib.sha256(json.dumps([task, target, X.shape, test[0].shape if test else None]).encode())
    for part_X, part_y in ((X, y), *([test] if test else [])):
        for name in part_X.columns:
            _column(total, str(name), part_X[name])
        _column(total, target, part_y)
    return total.hexdigest()


def _column(total: hashlib._Hash, name: str, column: pd.Series) -> None:
    import numpy as np
    import pandas as pd

    total.update(json.dumps([name, str(column.dtype)]).encode())
    if column.dtype.kind in "iufb" and isinstance(column.dtype, np.dtype):
        values = column.to_numpy()
        if values.dtype.kind == "f":
            values = np.where(np.isnan(values), np.nan, values) + 0.0  # one NaN, one zero
        total.update(np.ascontiguousarray(values).tobytes())
        return
    if isinstance(column.dtype, pd.CategoricalDtype):
        categories = column.cat.categories
        total.update(json.dumps([column.dtype.ordered, str(categories.dtype), [str(c) for c in categories]]).encode())
        total.update(column.cat.codes.to_numpy().astype("<i8").tobytes())
        return
    codes, uniques = pd.factorize(column)
    total.update(codes.astype("<i8").tobytes())
    total.update(json.dumps([str(v) for v in uniques]).encode())
