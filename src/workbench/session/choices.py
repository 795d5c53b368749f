"""What a person chose of a table: target, task, columns, parts; how a dataset is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import datasets
from workbench.nouns import ColumnType, Dataset, DatasetError, Split, Task

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Choices:
    """The choices behind a dataset; `task` is None where it is guessed from the target."""

    target: str
    task: Task | None = None
    drop: tuple[str, ...] = ()
    types: tuple[tuple[str, ColumnType], ...] = ()
    test: Split | None = None
    holdout: Split | None = None

    def make(self, table: pd.DataFrame, *, name: str, source: str, vault: Path) -> Dataset:
        """The dataset of a table.

        Raises
        ------
        DatasetError
            If the table cannot be used like this.
        """
        return datasets.make(
            table,
            self.target,
            task=self.task,
            name=name,
            source=source,
            drop=self.drop,
            types=dict(self.types),
            test=self.test,
            holdout=self.holdout,
            vault=vault,
        )


def changed(before: Choices | None, changes: dict[str, Any]) -> Choices:
    """The choices with some of them changed; another target has its task guessed anew and is no column left out.

    Raises
    ------
    DatasetError
        If there is no such choice, or no target yet.
    """
    known = ("target", "task", "drop", "types", "test", "holdout")
    if unknown := [name for name in changes if name not in known]:
        raise DatasetError(f"there is no choice {unknown[0]!r} of a table; there are: {', '.join(known)}")
    if before is None and not changes.get("target"):
        raise DatasetError("no target is chosen yet; choose the column that train shall predict")
    choices = before if before is not None else Choices(str(changes["target"]))
    given = dict(changes)
    target = str(given.pop("target", choices.target))
    if target != choices.target:
        drop = tuple(c for c in choices.drop if c != target)
        choices = replace(choices, target=target, task=None, drop=drop)
        choices = replace(choices, types=tuple(pair for pair in choices.types if pair[0] != target))
    for part in ("test", "holdout"):
        if part in given:
            given[part] = datasets.as_split(given[part])
    if "types" in given:
        # the type "leave out" is a column to drop, and any other brings a dropped one back
        types = {str(name): str(kind) for name, kind in dict(given["types"] or {}).items()}
        out = [name for name, kind in types.items() if kind == datasets.LEAVE_OUT]
        drop = _names(given.get("drop", choices.drop))
        given["drop"] = (*(c for c in drop if c not in types), *out)
        given["types"] = tuple((name, kind) for name, kind in types.items() if kind != datasets.LEAVE_OUT)
    if "drop" in given:
        given["drop"] = tuple(dict.fromkeys(_names(given["drop"])))
    return replace(choices, **given)


def still(choices: Choices | None, names: Sequence[str]) -> Choices | None:
    """What of the choices can be said of a table that has these columns now; nothing where the target is none."""
    if choices is None or choices.target not in names:
        return None
    return replace(
        choices,
        drop=tuple(name for name in choices.drop if name in names),
        types=tuple(pair for pair in choices.types if pair[0] in names),
    )


def _names(names: Any) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(str(name) for name in names or ())
