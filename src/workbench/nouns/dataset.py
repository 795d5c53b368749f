"""A table with its target, and what is known of its columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Task = Literal["classification", "regression"]
ColumnKind = Literal["number", "category", "boolean", "text", "date"]
ColumnType = Literal["number", "category", "text", "date"]
"""What a person may have a column read as."""


@dataclass(frozen=True)
class Split:
    """Which rows are put aside, as a test part or as a sealed holdout.

    Attributes
    ----------
    by : {"share", "file", "column", "time", "given"}
        At random (stratified by class); the rows of another file; the rows where `column` is `value`; the latest rows;
        the part that came with the table.
    share : float
        Of the rows, in (0, 1): for `share`, and for `time` where no `value` is given.
    column : str
        For `column`, whose values then tell the part and nothing else; and for `time`, a column of dates or numbers.
    value : str
        For `column`, what its test rows hold; for `time`, the first moment of the part. May be left empty.
    file : str
        For `file`: a table with the same columns.
    """

    by: Literal["share", "file", "column", "time", "given"]
    share: float = 0.0
    column: str = ""
    value: str = ""
    file: str = ""

    def __str__(self) -> str:
        if self.by == "share":
            return f"{100 * self.share:.3g} % of the rows"
        if self.by == "given":
            return "the part that came with the table"
        if self.by == "file":
            return f"the rows of {self.file!r}"
        if self.by == "column":
            return f"the rows where {self.column!r} is {self.value!r}" if self.value else f"by {self.column!r}"
        if self.value:
            return f"from {self.value} on by {self.column!r}"
        return f"the latest {100 * self.share:.3g} % by {self.column!r}"


@dataclass(frozen=True)
class Sealed:
    """What a dataset knows of its sealed holdout: how many rows, and the SHA-256 of their content; never the rows."""

    rows: int
    digest: str


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
        The share of the rows that was put aside as the test part at random.
    split : Split, optional
        How the test part was put aside, where there is one.
    types : tuple of (column, type)
        What a person has columns read as, in place of what was inferred.
    holdout : Sealed, optional
        The count and the digest of the rows that no generated code ever sees.
    shape : tuple of int
        Of one row before it was flattened to columns, such as (32, 32, 3) of an image; empty for a table.
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
    split: Split | None = None
    types: tuple[tuple[str, ColumnType], ...] = ()
    holdout: Sealed | None = None
    shape: tuple[int, ...] = ()

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

    def _repr_html_(self) -> str:
        from workbench.nouns import shown

        return shown.dataset(self)
