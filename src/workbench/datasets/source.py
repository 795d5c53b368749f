"""What a source of tables is: how it is recognised and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.nouns import Notice, Task

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Table:
    """A raw table, before a target is chosen; `target` and `task` are set where the source knows them."""

    frame: pd.DataFrame
    name: str
    source: str
    target: str | None = None
    task: Task | None = None


@dataclass(frozen=True)
class Extra:
    """What a source knows of its table beside the cells; it travels in the frame's `attrs`, under `Extra.KEY`.

    `test_rows` is the number of rows at the end that came as a test part; `shape` is the shape of one row that was
    more than a row of numbers, such as (8, 8, 3) of an image; `notices` are remarks of the source.
    """

    KEY: ClassVar[str] = "workbench"

    test_rows: int = 0
    shape: tuple[int, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Source:
    """A kind of table that can be loaded.

    `accepts(source)` says whether this is the source to use, from its form alone (a suffix, a prefix, a type);
    `read(source, encoding)` reads it or raises `DatasetError`. `hint` says what a person types.
    """

    id: str
    title: str
    hint: str
    accepts: Callable[[Any], bool]
    read: Callable[[Any, str | None], Table]
    suffixes: tuple[str, ...] = ()
    order: int = 100
