"""A table with its target, and what is known of its columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Task = Literal["classification", "regression"]
ColumnKind = Literal["number", "category", "boolean", "text", "date"]


@dataclass(frozen=True)
class Column:
    """What the profile says of one column.

    `low`, `mean` and `high` are None where the kind is not a number; `top` is the most frequent value of
    the other kinds; `histogram` counts rows in up to ten equal bins (numbers) or for the most frequent
    values (others).
    """

    name: str
    kind: ColumnKind
    dtype: str
    missing: int
    unique: int
    low: float | None = None
    mean: float | None = None
    high: float | None = None
    top: str | None = None
    histogram: tuple[int, ...] = ()


@dataclass(frozen=True)
class Notice:
    """One remark on a table; `column` is None where it is on the whole."""

    level: Literal["warning", "info"]
    text: str
    column: str | None = None


@dataclass(frozen=True)
class Profile:
    """Every column in order (the target last), and the remarks.

    `sampled` is the number of rows that the profile was made from, None where it was all of them.
    """

    columns: tuple[Column, ...]
    notices: tuple[Notice, ...] = ()
    sampled: int | None = None


@dataclass(frozen=True, eq=False)
class Dataset:
    """A table ready for `train`.

    Attributes
    ----------
    X : DataFrame, shape (n, d)
        Column names are str.
    y : Series, shape (n,)
        The target, without missing values.
    X_test, y_test : DataFrame and Series, optional
        The test part that the `metrics` contract is given.
    source : str
        What loads it again: a path, or `builtin:NAME`.
    digest : str
        SHA-256 of the content, in hexadecimal: same content, same digest.
    dropped : tuple of str
        The columns that a person left out.
    test_share : float
        The share of the rows that was put aside as the test part.
    """

    name: str
    X: pd.DataFrame
    y: pd.Series
    task: Task
    target: str
    source: str
    digest: str
    profile: Profile
    X_test: pd.DataFrame | None = None
    y_test: pd.Series | None = None
    classes: tuple[str, ...] = field(default=())
    dropped: tuple[str, ...] = ()
    test_share: float = 0.0

    @property
    def rows(self) -> int:
        """Number of training rows."""
        return len(self.X)

    @property
    def features(self) -> int:
        """Number of feature columns."""
        return self.X.shape[1]

    def __repr__(self) -> str:
        return f"Dataset({self.name!r}, {self.rows}×{self.features}, {self.task} of {self.target!r})"
