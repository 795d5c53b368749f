"""Remarks on a table: what is missing, constant, repeated, unbalanced, or tells the target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from workbench.datasets.words import counted, short
from workbench.nouns import Column, Notice, Task

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SHOWN = 5
"""So many columns get their own remark of one sort; the rest are counted in one more."""
FEW_ROWS = 50
LEAK_ROWS = 20
"""With fewer rows, a column matches the target by chance too easily to warn of it."""
CELLS = 10_000_000
"""Counts of values by classes are not made where there would be more."""
PURITY = 0.995
"""A column that fixes the target of this share of the rows is told of."""


def notices(X: pd.DataFrame, y: pd.Series, columns: Sequence[Column], target: Column, task: Task) -> tuple[Notice, ...]:
    """All remarks, the warnings first."""
    rows = len(X)
    codes = {str(name): _codes(X[name]) for name in X.columns}
    leaks = _leaks(X, y, columns, codes, task)
    told = {n.column for n in leaks}
    found = [
        *leaks,
        *_by_column(columns, _constant),
        *_by_column([c for c in columns if c.name not in told], lambda c: _identifier(c, X, rows)),
        *_by_column(columns, lambda c: _missing(c, rows)),
        *_by_column(columns, lambda c: _infinite(c, X)),
        *_repeats(columns, codes, rows, told),
        *(_classes(y) if task == "classification" else ()),
        *_rows(X, y),
    ]
    return tuple(sorted(found, key=_warnings_first))


def _warnings_first(notice: Notice) -> bool:
    return notice.level != "warning"


def _by_column(columns: Sequence[Column], remark: Callable[[Column], Notice | None]) -> list[Notice]:
    found = sorted((n for n in map(remark, columns) if n is not None), key=_warnings_first)
    if len(found) <= SHOWN + 1:
        return found
    others = ", ".join(repr(n.column) for n in found[SHOWN : SHOWN + 10]) + (", …" if len(found) > SHOWN + 10 else "")
    return [
        *found[:SHOWN],
        Notice(found[SHOWN].level, f"the same goes for {len(found) - SHOWN} more columns: {others}"),
    ]


def _constant(c: Column) -> Notice | None:
    if c.unique != 1:
        return None
    value = short(c.top) if c.top is not None else f"{c.low:g}" if c.low is not None else "infinite"
    rest = " or missing" if c.missing else ""
    return Notice("warning", f"{c.name!r} is constant: every value is {value}{rest}; it tells nothing", c.name)


def _missing(c: Column, rows: int) -> Notice | None:
    if not c.missing:
        return None
    share = c.missing / rows
    return Notice(
        "warning" if share > 0.5 else "info",
        f"{c.name!r} is missing in {c.missing:,} of {rows:,} rows ({_percent(share)})",
        c.name,
    )


def _infinite(c: Column, X: pd.DataFrame) -> Notice | None:
    import numpy as np

    if c.kind != "number" or X[c.name].dtype.kind != "f":
        return None
    count = int(np.isinf(X[c.name].to_numpy()).sum())
    if not count:
        return None
    return Notice("warning", f"{c.name!r} holds {counted(count, 'infinite value')}; most models refuse them", c.name)


def _identifier(c: Column, X: pd.DataFrame, rows: int) -> Notice | None:
    """Text that hardly repeats, or whole numbers that count or name the rows."""
    if c.kind == "text":
        text = (
            f"{c.name!r} has {c.unique:,} different values in {rows:,} rows: like a name or an identifier, or free text"
        )
        return Notice("warning", text, c.name)
    if c.kind != "number" or c.missing or rows < LEAK_ROWS or c.unique < rows or c.low is None or c.high is None:
        return None
    if c.high - c.low == rows - 1 and X[c.name].is_monotonic_increasing:
        return Notice("warning", f"{c.name!r} counts the rows ({c.low:g} to {c.high:g}): like a saved index", c.name)
    words = c.name.lower().replace("-", "_").replace(" ", "_").split("_")
    if X[c.name].dtype.kind in "iu" and ("id" in words or c.name.endswith(("ID", "Id"))):
        return Notice("warning", f"{c.name!r} differs in every row: like an identifier", c.name)
    return None


def _repeats(columns: Sequence[Column], codes: dict[str, Any], rows: int, told: set[str | None]) -> list[Notice]:
    """Columns that say the same: equal once their values are numbered in order of appearance."""
    first: dict[bytes, str] = {}
    found: list[Notice] = []
    for c in columns:
        if c.unique < 2 or c.unique * 2 > rows or c.name in told:
            continue
        earlier = first.setdefault(codes[c.name].tobytes(), c.name)
        if earlier != c.name:
            text = f"{c.name!r} repeats {earlier!r}: each value of one goes with one value of the other"
            found.append(Notice("info", text, c.name))
    return _by_notice(found)


def _by_notice(found: list[Notice]) -> list[Notice]:
    if len(found) <= SHOWN + 1:
        return found
    return [*found[:SHOWN], Notice("info", f"{len(found) - SHOWN} more columns repeat others")]


def _leaks(X: pd.DataFrame, y: pd.Series, columns: Sequence[Column], codes: dict[str, Any], task: Task) -> list[Notice]:
    """Columns that give the target away."""
    if len(X) < LEAK_ROWS:
        return []
    target = _codes(y)
    found: list[Notice] = []
    for c in columns:
        if c.unique < 2 or c.kind in ("text", "date"):
            continue
        text = (
            _tells_class(X[c.name], y, c, codes[c.name], target)
            if task == "classification"
            else _tells_number(X[c.name], y, c, codes[c.name])
        )
        if text:
            found.append(Notice("warning", f"{text}; leave it out if it is not known before the target is", c.name))
    return _limited(found)


def _limited(found: list[Notice]) -> list[Notice]:
    if len(found) <= SHOWN + 1:
        return found
    others = ", ".join(repr(n.column) for n in found[SHOWN : SHOWN + 10])
    return [*found[:SHOWN], Notice("warning", f"{len(found) - SHOWN} more columns give the target away: {others}")]


def _tells_class(x: pd.Series, y: pd.Series, c: Column, codes: Any, target: Any) -> str | None:
    import numpy as np

    rows, classes = len(x), int(target.max()) + 1
    if codes.tobytes() == target.tobytes():
        return f"{c.name!r} repeats the target {str(y.name)!r} ({_pairs(x, y)})"
    known = codes >= 0
    if c.unique * 10 <= rows and c.unique * classes <= CELLS:
        table = np.bincount(codes[known] * classes + target[known], minlength=c.unique * classes)
        pure = int(table.reshape(-1, classes).max(axis=1).sum())
        chance = int(np.bincount(target[known], minlength=classes).max())
        # missing values may tell too, but a column that is mostly missing does not give the target away
        if known.mean() > 0.9 and pure >= PURITY * known.sum() and pure > chance + 0.5 * (known.sum() - chance):
            share = _percent(pure / int(known.sum()))
            away = f"{c.name!r} gives the target {str(y.name)!r} away"
            return f"{away}: its value alone fixes the class of {share} of the rows"
    if c.kind == "number" and known.mean() > 0.9:
        values, labels = x.to_numpy(dtype=float)[known], target[known]
        order = np.argsort(values, kind="stable")
        changes = np.flatnonzero(np.diff(labels[order]))
        touching = any(values[order][i] == values[order][i + 1] for i in changes[:classes])
        if len(changes) == len(np.unique(labels)) - 1 and len(changes) and not touching:
            ends = np.array([0, *(changes + 1), len(labels)])
            if min(b - a for a, b in pairwise(ends)) >= 5:
                return (
                    f"{c.name!r} gives the target {str(y.name)!r} away: its ranges do not overlap between the classes"
                )
    return None


def _tells_number(x: pd.Series, y: pd.Series, c: Column, codes: Any) -> str | None:
    import numpy as np

    known = codes >= 0
    goal = y.to_numpy(dtype=float)[known]
    if known.mean() <= 0.9:
        return None
    goal = goal / (np.abs(goal).max() or 1.0)  # squares of large numbers would overflow
    if goal.std() == 0:
        return None
    if c.kind == "number":
        values = x.to_numpy(dtype=float)[known]
        finite = np.isfinite(values)
        if finite.mean() > 0.9 and c.unique > 10:
            r = _rank_correlation(values[finite], goal[finite])
            if abs(r) >= 0.999:
                return f"{c.name!r} repeats the target {str(y.name)!r}: their rank correlation is {r:.4f}"
    if c.unique * 10 <= len(x):
        counts = np.bincount(codes[known])
        means = np.bincount(codes[known], weights=goal) / np.maximum(counts, 1)
        left = float(((goal - means[codes[known]]) ** 2).sum() / ((goal - goal.mean()) ** 2).sum())
        if left < 0.001:
            return f"{c.name!r} gives the target {str(y.name)!r} away: its value explains {_percent(1 - left)} of it"
    return None


def _rank_correlation(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    import numpy as np
    import pandas as pd

    ranks = [pd.Series(v).rank().to_numpy() for v in (a, b)]
    if ranks[0].std() == 0 or ranks[1].std() == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _pairs(x: pd.Series, y: pd.Series) -> str:
    seen = dict(zip(x.map(str, na_action="ignore"), y.map(str), strict=True))
    shown = ", ".join(f"{short(a)} = {short(b)}" for a, b in list(seen.items())[:3])
    return shown + (", …" if len(seen) > 3 else "")


def _classes(y: pd.Series) -> list[Notice]:
    counts = y.value_counts()
    rows, name = len(y), str(y.name)
    found = []
    top, rare = int(counts.iloc[0]), int(counts.iloc[-1])
    if top / rows >= 0.8 or (top >= 10 * rare and len(counts) == 2):
        text = (
            f"the classes are unbalanced: {_percent(top / rows)} of {name!r} is {short(str(counts.index[0]))}; "
            "balanced_accuracy or f1 says more than accuracy"
        )
        found.append(Notice("warning", text, name))
    few = [short(str(v)) for v, count in counts.items() if count < 5]
    if few:
        shown = ", ".join(few[:5]) + (f" and {len(few) - 5} more" if len(few) > 5 else "")
        one = "class" if len(few) == 1 else "classes"
        text = f"{len(few)} {one} of {name!r} with fewer than 5 rows ({shown}): a stratified split may fail"
        found.append(Notice("warning", text, name))
    return found


def _rows(X: pd.DataFrame, y: pd.Series) -> list[Notice]:
    found = []
    if len(X) < FEW_ROWS:
        found.append(Notice("warning", f"{len(X)} rows are few: scores will vary much from split to split"))
    repeated = int(X.assign(**{"\0target": y}).duplicated().sum()) if X.shape[1] <= 1000 else 0
    if repeated:
        share = repeated / len(X)
        text = (
            f"{repeated:,} of {len(X):,} rows {'repeats' if repeated == 1 else 'repeat'} an earlier row "
            f"({_percent(share)}): the same row may fall on both sides of a split"
        )
        found.append(Notice("warning" if share > 0.2 else "info", text))
    if X.shape[1] > len(X):
        found.append(Notice("warning", f"there are more columns ({X.shape[1]:,}) than rows ({len(X):,})"))
    return found


def _codes(column: pd.Series) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Values numbered in order of appearance, missing ones -1."""
    import pandas as pd

    return pd.factorize(column)[0].astype("int64")


def _percent(share: float) -> str:
    return "under 0.1 %" if 0 < share < 0.001 else f"{100 * share:.3g} %"
