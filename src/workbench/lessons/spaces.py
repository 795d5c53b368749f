"""Lesson 1: search spaces and facades."""

from __future__ import annotations

from typing import Any

from workbench.lessons.exercise import Exercises, close
from workbench.space import sample


def _range(wb: Any) -> str:
    h = wb.space.space["C"]
    if not h.log:
        return "C is not on a logarithmic scale: over six magnitudes a linear one hardly ever tries a small value"
    if (h.low, h.high) != (0.001, 1000.0):
        return f"C goes from {h.low:g} to {h.high:g}; it should go from 0.001 to 1000"
    return ""


def _log(on_log: Any, on_linear: Any) -> str:
    if not close(on_log, 0.5, 0.02):
        return "on the logarithmic scale 1 lies in the middle between 0.001 and 1000: which share lies below?"
    if not close(on_linear, 0.001, 0.0006):
        return "on the linear scale the interval has length 1000, and the part below 1 has length 0.999"
    return ""


def _condition(wb: Any) -> str:
    space = wb.space.space
    if "coef0" not in space.names:
        return "the space has no coef0 yet: wb.space['coef0'] = (0.0, 1.0)"
    conditions = space.conditions_of("coef0")
    if not conditions:
        return 'coef0 is always active; wb.space.add_condition("coef0 active when kernel == …")'
    clauses = [c for condition in conditions for c in condition.clauses]
    if {c.parent for c in clauses} != {"kernel"}:
        return "coef0 should depend on the kernel alone"
    values = {v for c in clauses for v in (c.value if isinstance(c.value, tuple) else (c.value,))}
    if values != {"poly"} or any(c.operator not in ("==", "in") for c in clauses):
        return f"of our three kernels only poly uses coef0; yours is active for {', '.join(map(str, sorted(values)))}"
    if any(active != (c["kernel"] == "poly") for c in sample(space, 60, 0) for active in ("coef0" in c,)):
        return "sampled configurations do not have coef0 exactly where the kernel is poly"
    return ""


def _active(answer: Any) -> str:
    if not close(answer, 2 / 3, 0.05):
        return "count in how many of the sampled configurations 'gamma' is a key, divided by how many there are"
    return ""


def _best(answer: Any, wb: Any) -> str:
    table = wb.comparison()
    lowest = table["median"].min()
    right = set(table.index[table["median"] == lowest])
    return "" if answer in right else f"look again: the lowest median in wb.comparison() is {lowest:.4g}"


def _seeds(wb: Any) -> str:
    table = wb.runs
    count = table.groupby("facade")["seed"].nunique()
    enough = list(count.index[count >= 2])
    if len(enough) < 2:
        have = ", ".join(f"{facade} {n}" for facade, n in count.items())
        return f"two facades need two seeds each; seeds so far: {have}"
    return ""


check = Exercises(
    {"range": _range, "log": _log, "condition": _condition, "active": _active, "best": _best, "seeds": _seeds}
)
