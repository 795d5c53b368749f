"""What columns are called, and which name was meant."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from workbench.datasets.columns import is_unicode
from workbench.datasets.words import listed
from workbench.nouns import DatasetError


def column_name(column: Any) -> str:
    """What a dataset calls a column of a table: parts of a name become one."""
    return "_".join(str(part) for part in column if str(part)) if isinstance(column, tuple) else str(column)


def column_names(columns: Sequence[Any]) -> list[str]:
    """What a dataset calls the columns of a table.

    Raises
    ------
    DatasetError
        If two have the same name, or one is not valid Unicode.
    """
    names = [column_name(c) for c in columns]
    if odd := [n for n in names if not is_unicode(n)]:
        raise DatasetError(f"the column name {odd[0]!r} is not valid Unicode; give it another name")
    if twice := [n for n, count in Counter(names).items() if count > 1]:
        raise DatasetError(f"several columns are named {twice[0]!r}; give each its own name")
    return names


def require_column(name: str, names: Sequence[str], why: str = "") -> None:
    """Refuse a name that no column has, with the nearest that one has; `why` goes on after the name.

    Raises
    ------
    DatasetError
        If no column has this name.
    """
    if name not in names:
        raise DatasetError(f"no column is named {name!r}{why}; {nearest(name, names)}")


def nearest(name: str, names: Sequence[str]) -> str:
    """`did you mean …?`, or which names there are."""
    lower = {n.lower(): n for n in reversed(names)}
    near = [lower[n] for n in difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)]
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are: {listed(names)}"
