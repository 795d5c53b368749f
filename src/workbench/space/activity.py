"""Which hyperparameters are active, in plain Python: no ConfigSpace is built for a keystroke."""

from __future__ import annotations

import math
from collections.abc import Mapping

from workbench.nouns import Clause, Hyperparameter, Relation, Space, Value
from workbench.space.priors import likeliest

DECIMALS = 13
"""ConfigSpace rounds floats to so many decimals."""


def rounded(value: float) -> float:
    """The float as ConfigSpace keeps it: NumPy's rounding, which for large numbers is not Python's."""
    return round(value * 10.0**DECIMALS) / 10.0**DECIMALS


def resolved_default(h: Hyperparameter) -> Value:
    """The default of a sound hyperparameter, or what stands for a missing one.

    The peak of a prior, else the middle of a range (of its logarithm, on a log scale); the first of the likeliest
    choices.
    """
    if h.kind == "constant" or (h.default is not None and h.kind not in ("integer", "float")):
        assert h.default is not None
        return h.default
    if h.kind in ("categorical", "ordinal"):
        return h.choices[h.weights.index(max(h.weights))] if h.weights else h.choices[0]
    assert h.low is not None
    assert h.high is not None
    if h.default is not None:
        value = float(h.default)
    elif h.prior is not None:
        value = likeliest(h)
    elif h.log:
        value = math.exp((math.log(h.low) + math.log(h.high)) / 2)
    else:
        value = h.low / 2 + h.high / 2
    if h.kind == "integer":
        return max(int(h.low), min(int(h.high), round(value)))
    return max(rounded(h.low), min(rounded(h.high), rounded(value)))


def holds(clause: Clause, values: Mapping[str, Value], known: Mapping[str, Hyperparameter]) -> bool:
    """Whether a clause holds; one on a hyperparameter that is not in `values` (inactive) does not."""
    if clause.parent not in values:
        return False
    value, other = values[clause.parent], clause.value
    if isinstance(other, tuple):
        return value in other
    if clause.operator in ("==", "!="):
        return (value == other) is (clause.operator == "==")
    h = known[clause.parent]
    if h.kind == "ordinal":
        value, other = h.choices.index(value), h.choices.index(other)
    return _compared(value, clause.operator, other)


def covered(part: Clause | Relation, values: Mapping[str, Value], known: Mapping[str, Hyperparameter]) -> bool:
    """Whether a part of a forbidden clause holds; one on a hyperparameter that is inactive does not.

    A relation compares values, of ordinal ones too, as ConfigSpace does.
    """
    if isinstance(part, Clause):
        return holds(part, values, known)
    if part.left not in values or part.right not in values:
        return False
    left, right = values[part.left], values[part.right]
    return left == right if part.operator == "==" else _compared(left, part.operator, right)


def _compared(left: Value, operator: str, right: Value) -> bool:
    assert not isinstance(left, str)
    assert not isinstance(right, str)
    return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator]


def order(space: Space) -> tuple[str, ...]:
    """The names, parents before children, else in the order of the rows. The conditions have no circle."""
    waiting: dict[str, set[str]] = {n: set() for n in space.names}
    children: dict[str, list[str]] = {}
    for c in space.conditions:
        for clause in c.clauses:
            if clause.parent not in waiting[c.child]:
                waiting[c.child].add(clause.parent)
                children.setdefault(clause.parent, []).append(c.child)
    ready = [n for n in space.names if not waiting[n]]
    for name in ready:  # grows while it is read
        for child in children.get(name, ()):
            waiting[child].discard(name)
            if not waiting[child]:
                ready.append(child)
    return tuple(ready)


def active(space: Space, values: Mapping[str, Value]) -> frozenset[str]:
    """The names that are active where the hyperparameters have these values.

    All conditions of a child must hold; one clause holds only where its parent is active itself.
    """
    known = {h.name: h for h in space.hyperparameters}
    conditions: dict[str, list[tuple[str, tuple[Clause, ...]]]] = {}
    for c in space.conditions:
        conditions.setdefault(c.child, []).append((c.join, c.clauses))
    on: dict[str, Value] = {}
    for name in order(space):
        if all(
            (all if join == "and" else any)(holds(clause, on, known) for clause in clauses)
            for join, clauses in conditions.get(name, ())
        ):
            on[name] = values[name]
    return frozenset(on)


def allowed(space: Space, values: Mapping[str, Value]) -> bool:
    """Whether no forbidden clause speaks of this configuration."""
    known = {h.name: h for h in space.hyperparameters}
    return not any(all(covered(part, values, known) for part in f.clauses) for f in space.forbidden)
