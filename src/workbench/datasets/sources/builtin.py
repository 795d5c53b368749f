"""The sets that scikit-learn brings along: no file and no network needed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

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
    chosen = known[name]
    frame, target = _from_file(name) or _from_sklearn(name)
    frame.columns = [str(c) for c in frame.columns]
    frame[chosen.target] = target
    return Table(frame, name, source, target=chosen.target, task=chosen.task)


def _from_sklearn(name: str) -> tuple[pd.DataFrame, pd.Series]:
    from sklearn import datasets as sets

    bunch = getattr(sets, f"load_{name}")(as_frame=True)
    target = bunch.target
    if {b.id: b for b in BUILTINS}[name].task == "classification" and name != "digits":
        target = target.map(dict(enumerate(str(c) for c in bunch.target_names)))
    return bunch.data.copy(), target


_CELL = "radius,texture,perimeter,area,smoothness,compactness,concavity,concave points,symmetry,fractal dimension"
_WINE = (
    "alcohol,malic_acid,ash,alcalinity_of_ash,magnesium,total_phenols,flavanoids,nonflavanoid_phenols,"
    "proanthocyanins,color_intensity,hue,od280/od315_of_diluted_wines,proline"
)
_FILES = {
    "iris": ("iris.csv", [f"{part} {of} (cm)" for part in ("sepal", "petal") for of in ("length", "width")]),
    "wine": ("wine_data.csv", _WINE.split(",")),
    "breast_cancer": (
        "breast_cancer.csv",
        [words.format(of) for words in ("mean {}", "{} error", "worst {}") for of in _CELL.split(",")],
    ),
}
"""Where scikit-learn keeps a set, and its columns, which the file does not name."""


def _from_file(name: str) -> tuple[pd.DataFrame, pd.Series] | None:
    """The same without importing scikit-learn, which takes longer than all else; None where the file is another."""
    package = find_spec("sklearn")
    if name not in _FILES or package is None or package.origin is None:
        return None
    file, columns = _FILES[name]
    path = Path(package.origin).parent / "datasets" / "data" / file
    try:
        (rows, wide, *classes), *cells = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
        values = np.array(cells, dtype="float64")
    except (OSError, ValueError):
        return None
    if values.shape != (int(rows), int(wide) + 1) or int(wide) != len(columns):
        return None
    target = pd.Series(values[:, -1].astype(int)).map(dict(enumerate(classes)))
    return pd.DataFrame(values[:, :-1].copy(), columns=columns), target


SOURCE = Source("builtin", "Built-in set", "builtin:breast_cancer", _accepts, _read, order=5)
