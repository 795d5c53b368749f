"""What the rules are given: the parsed code, the job, and configurations worth trying."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench import contracts, facades, space
from workbench.nouns import Case, Hyperparameter, Job, Seen, Space, Value

MAX_CODE = 200_000
"""Characters; a training function of more is a mistake."""

MAX_CONFIGURATIONS = 40
RANDOM = 3


def parse(code: str) -> ast.Module | Seen:
    """The syntax tree, or the finding that says why there is none."""
    if len(code) > MAX_CODE:
        return Seen("fail", f"the code has {len(code):,} characters; at most {MAX_CODE:,} are read")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a stranger's string is not ours to print
            return ast.parse(code)
    except SyntaxError as error:
        column = max(0, error.offset - 1) if error.offset else None
        return Seen("fail", f"the code is not Python: {error.msg}", error.lineno, column)
    except (ValueError, RecursionError, MemoryError) as error:
        return Seen("fail", f"the code cannot be parsed: {type(error).__name__}: {error}")


def case(code: str, tree: ast.Module, job: Job, *, to_call: bool = True) -> Case:
    """The case for a job; configurations are made only where the function is called."""
    contract = contracts.get(job.contract)
    return Case(
        code=code,
        tree=tree,
        job=job,
        contract_signature=contract.signature,
        takes_budget=contract.takes_budget,
        needs_budget=contract.takes_budget and facades.get(job.facade).needs_budget,
        configurations=configurations(job.space) if to_call else (),
    )


def configurations(made: Space) -> tuple[Mapping[str, Value], ...]:
    """Configurations to try, none twice.

    The default first. Then, with everything else at its default, each hyperparameter at the end that is farther from
    its default, and at each other choice (parents are set so that it is active). Then all at their low
    ends and all at their high ends, under each choice that activates others; and random ones.
    """
    made = _as_configspace(made)
    found: list[dict[str, Value]] = [dict(space.default(made))]
    for h in made.hyperparameters:
        default = space.resolved_default(h)
        ends = _ends(h)
        if h.kind in ("integer", "float"):
            ends = (max(ends, key=lambda end: _distance(h, end, default)),)
        for value in ends:
            tried = _with(made, {h.name: value}) if value != default or made.conditions_of(h.name) else None
            if tried is not None:
                found.append(tried)
    numbers = [h for h in made.hyperparameters if h.kind in ("integer", "float")]
    for chosen in _parents(made):
        for side in (0, -1):
            tried = _with(made, {**{h.name: _ends(h)[side] for h in numbers}, **chosen})
            if tried is not None:
                found.append(tried)
    if made.hyperparameters:
        found += [dict(c) for c in space.sample(made, RANDOM, seed=0)]
    unique: dict[str, dict[str, Value]] = {}
    for config in found:
        unique.setdefault(repr(sorted(config.items())), config)
    listed = list(unique.values())
    if len(listed) <= MAX_CONFIGURATIONS:
        return tuple(listed)
    step = (len(listed) - 1) / (MAX_CONFIGURATIONS - 1)  # a large space: evenly spread, the default stays first
    return tuple(listed[round(i * step)] for i in range(MAX_CONFIGURATIONS))


def _as_configspace(made: Space) -> Space:
    """The space with the ends of its floats as ConfigSpace has them, which rounds them: beyond, nothing is legal."""
    if all(h.kind != "float" or round(float(e), 9) == e for h in made.hyperparameters for e in (h.low, h.high) if e):
        return made
    known: Mapping[str, Any] = space.to_configspace(made)
    rows = [
        replace(h, low=float(known[h.name].lower), high=float(known[h.name].upper)) if h.kind == "float" else h
        for h in made.hyperparameters
    ]
    return replace(made, hyperparameters=tuple(rows))


def _parents(made: Space) -> list[dict[str, Value]]:
    """Nothing chosen; then each other choice of a hyperparameter that activates others."""
    names = dict.fromkeys(k.parent for c in made.conditions for k in c.clauses)
    parents = [made[n] for n in names if made[n].choices]
    others = [{h.name: c} for h in parents for c in h.choices if c != space.resolved_default(h)]
    return [{}, *others]


def _distance(h: Hyperparameter, end: Value, default: Value) -> float:
    """How far an end is from the default, on the scale of the hyperparameter."""
    scale = math.log if h.log else float
    return abs(scale(float(end)) - scale(float(default)))


def _ends(h: Hyperparameter) -> tuple[Value, ...]:
    if h.kind == "constant":
        return ()
    if h.kind in ("integer", "float"):
        assert h.low is not None
        assert h.high is not None
        return (h.low, h.high)
    return h.choices


def _with(made: Space, changed: Mapping[str, Value]) -> dict[str, Value] | None:
    """The default configuration with some values changed; None where it is forbidden.

    For one value its parents are set so that it counts.
    """
    values: dict[str, Value] = {h.name: space.resolved_default(h) for h in made.hyperparameters}
    values.update(changed)
    fixed = set(changed)
    waiting = list(changed) if len(changed) == 1 else []
    while waiting:
        child = waiting.pop()
        for condition in made.conditions_of(child):
            for clause in condition.clauses:
                if clause.parent in fixed:
                    continue
                satisfying = _satisfying(made[clause.parent], clause)
                if satisfying is not None:
                    values[clause.parent] = satisfying
                fixed.add(clause.parent)
                waiting.append(clause.parent)
                if condition.join == "or":
                    break
    on = space.active(made, values)
    if len(changed) == 1 and not on & set(changed):
        return None
    kept = {n: v for n, v in values.items() if n in on}
    return kept if space.allowed(made, kept) else None


def _satisfying(parent: Hyperparameter, clause: Any) -> Value | None:
    """A value of the parent with which the clause holds: its default where that does."""
    options: list[Value] = [space.resolved_default(parent), *_ends(parent)]
    if parent.kind in ("integer", "float") and clause.operator in ("==", "in"):
        options += clause.value if isinstance(clause.value, tuple) else (clause.value,)
    for option in options:
        if space.holds(clause, {parent.name: option}, {parent.name: parent}):
            return option
    return None
