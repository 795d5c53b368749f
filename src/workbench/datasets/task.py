"""What can be predicted of a target: one of a few classes, or a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.nouns import Task

if TYPE_CHECKING:
    import pandas as pd

FEW = 20
"""Whole numbers with at most this many different values are read as classes."""


def guess_task(y: pd.Series) -> Task:
    """Classification for text, booleans, categories and few whole numbers; regression for other numbers."""
    from pandas.api import types

    y = y.dropna()
    if types.is_bool_dtype(y.dtype) or not types.is_numeric_dtype(y.dtype):
        return "classification"
    unique = y.nunique()
    if types.is_float_dtype(y.dtype) and not bool((y % 1 == 0).all()):
        return "regression"
    if unique <= 2:
        return "classification"
    return "classification" if unique <= FEW and unique * 3 <= len(y) else "regression"
