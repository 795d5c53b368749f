"""The sets that scikit-learn brings along: no file and no network needed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from workbench.datasets.source import Source, Table
from workbench.nouns import DatasetError, Task

PREFIX = "builtin:"


@dataclass(frozen=True)
class Builtin:
    """One set: its name in scikit-learn, what a person reads, and what is predicted."""

    id: str
    title: str
    target: str
    task: Task


BUILTINS = (
    Builtin("breast_cancer", "Breast cancer (569×30, 2 classes)", "diagnosis", "classification"),
    Builtin("iris", "Iris (150×4, 3 classes)", "species", "classification"),
    Builtin("wine", "Wine (178×13, 3 classes)", "cultivar", "classification"),
    Builtin("digits", "Digits (1797×64, 10 classes)", "digit", "classification"),
    Builtin("diabetes", "Diabetes (442×10, regression)", "progression", "regression"),
)


def builtins() -> tuple[tuple[str, str], ...]:
    """`(id, title)` of every built-in set; `builtin:ID` loads it."""
    return tuple((b.id, b.title) for b in BUILTINS)


def _accepts(source: Any) -> bool:
    return isinstance(source, str) and source.startswith(PREFIX)


def _read(source: Any, encoding: str | None) -> Table:
    name = source.removeprefix(PREFIX).strip()
    known = {b.id: b for b in BUILTINS}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise DatasetError(f"no built-in set is named {name!r}; {hint}there are: {', '.join(known)}")
    from sklearn import datasets as sets

    chosen = known[name]
    bunch = getattr(sets, f"load_{name}")(as_frame=True)
    frame = bunch.data.copy()
    frame.columns = [str(c) for c in frame.columns]
    target = bunch.target
    if chosen.task == "classification" and name != "digits":
        target = target.map(dict(enumerate(str(c) for c in bunch.target_names)))
    frame[chosen.target] = target
    return Table(frame, name, source, target=chosen.target, task=chosen.task)


SOURCE = Source("builtin", "Built-in set", "builtin:breast_cancer", _accepts, _read, order=5)
