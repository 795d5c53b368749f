"""What is wrong with a search space, each in one sentence that says what would be right."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from keyword import iskeyword

from workbench.nouns import Clause, Condition, Forbidden, Hyperparameter, Relation, Space, SpaceError, Value
from workbench.space.activity import DECIMALS, active, covered, resolved_default, rounded
from workbench.space.priors import prior_problems
from workbench.space.values import value_text

KINDS = ("float", "integer", "categorical", "ordinal", "constant")
LARGEST_INTEGER = 2**53
"""Beyond it, ConfigSpace's float vectors no longer tell neighbouring integers apart."""
LARGEST_FLOAT = 1e290
"""Beyond it, ConfigSpace's rounding overflows."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    `row` names the hyperparameter (None where it is on the whole space), `field` what of it: `name`, `kind`,
    `range`, `log`, `default`, `weights`, `prior`, `condition` or `forbidden`.
    """

    row: str | None
    field: str
    text: str


def check(space: Space) -> None:
    """Raise `SpaceError` with the first problem, if there is one."""
    found = problems(space)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise SpaceError(found[0].text + more)


def problems(space: Space) -> tuple[Problem, ...]:
    """Everything that is wrong with a space; empty for one that ConfigSpace takes."""
    found = [p for h in space.hyperparameters for p in hyperparameter_problems(h)]
    seen: set[str] = set()
    for h in space.hyperparameters:
        if h.name in seen:
            found.append(Problem(h.name, "name", f"two hyperparameters are named {h.name!r}; give each its own name"))
        seen.add(h.name)
    return (*found, *structure_problems(space, sound=not found))


def structure_problems(space: Space, *, sound: bool = True) -> tuple[Problem, ...]:
    """What is wrong with conditions and forbidden clauses; the default is looked at if the rows are `sound`."""
    known = {h.name: h for h in space.hyperparameters}
    found = [Problem(c.child, "condition", text) for c in space.conditions for text in condition_problems(c, known)]
    found += [Problem(None, "forbidden", text) for f in space.forbidden for text in forbidden_problems(f, known)]
    if cycle := _cycle(space.conditions):
        text = f"the conditions go round in a circle: {' needs '.join(repr(n) for n in cycle)}; remove one of them"
        found.append(Problem(cycle[0], "condition", text))
    if sound and not found and space.forbidden:
        found += _forbidden_default(space, known)
    return tuple(found)


def hyperparameter_problems(h: Hyperparameter) -> tuple[Problem, ...]:
    """What is wrong with one row, by itself."""
    found = [Problem(h.name, "name", text) for text in _name(h.name)]
    if h.kind not in KINDS:
        return (*found, Problem(h.name, "kind", f"no kind is named {h.kind!r}; there are: {', '.join(KINDS)}"))
    if h.kind in ("integer", "float"):
        return (*found, *_number(h))
    if h.kind in ("categorical", "ordinal"):
        return (*found, *_choices(h))
    if h.default is None:
        return (*found, Problem(h.name, "default", f"the constant {h.name!r} has no value; give one as its default"))
    return (*found, *(Problem(h.name, "default", t) for t in _value(h.name, h.default)))


def remarks(space: Space) -> tuple[Problem, ...]:
    """What is allowed, and worth a word: names that are no Python names."""
    return tuple(Problem(h.name, "name", text) for h in space.hyperparameters for text in name_remarks(h.name))


def name_remarks(name: str) -> tuple[str, ...]:
    """A remark for a name that ConfigSpace takes and Python does not."""
    if not name or (name.isidentifier() and not iskeyword(name)):
        return ()
    return (f"{name!r} is no Python name; it works, and code reads it as cfg[{value_text(name)}]",)


def _name(name: str) -> Iterable[str]:
    if not name.strip():
        yield "a hyperparameter has no name; give it one such as max_depth"
    elif name != name.strip():
        yield f"the name {name!r} has spaces at its ends; write {name.strip()!r}"
    elif not name.isprintable():
        yield f"the name {name!r} holds a character that cannot be seen; use letters, digits and _"
    elif "`" in name:
        yield f"the name {name!r} holds a backquote, which conditions put around names; leave it out"


def _number(h: Hyperparameter) -> Iterable[Problem]:
    name, example = h.name, "1, 20" if h.kind == "integer" else "0.001, 0.5"
    low, high = h.low, h.high
    if low is None or high is None:
        yield Problem(name, "range", f"{name!r} has no range; write the low and the high end, such as {example}")
        return
    for end in (low, high):
        if isinstance(end, bool) or not isinstance(end, int | float) or not math.isfinite(end):
            yield Problem(
                name, "range", f"{end!r} in the range of {name!r} is not a number; write one such as {example}"
            )
            return
        if h.kind == "integer" and end != int(end):
            text = f"{end} in the range of {name!r} is not a whole number; round it, or make {name!r} a float"
            yield Problem(name, "range", text)
            return
        largest = LARGEST_INTEGER if h.kind == "integer" else LARGEST_FLOAT
        if abs(end) > largest:
            yield Problem(name, "range", f"{end:g} in the range of {name!r} is too large; the most is {largest:g}")
            return
    shown = f"{low!r} to {high!r}"
    if low > high:
        yield Problem(
            name,
            "range",
            f"the range of {name!r}, {shown}, has its low end above its high end; write {high!r}, {low!r}",
        )
        return
    if h.log and low <= 0:
        text = (
            f"{name!r} is on a log scale and its range, {shown}, begins at 0 or below; begin above 0, or leave out log"
        )
        yield Problem(name, "range", text)
        return
    if low == high:
        text = f"the range of {name!r}, {shown}, holds one value; make it wider, or {name!r} a constant"
        yield Problem(name, "range", text)
        return
    if h.kind == "float":
        ends = rounded(low), rounded(high)
        if ends[0] == ends[1] or (h.log and ends[0] <= 0):
            text = (
                f"the range of {name!r}, {shown}, is lost in rounding: ConfigSpace keeps {DECIMALS} decimals; "
                "use another unit"
            )
            yield Problem(name, "range", text)
            return
    yield from (Problem(name, "prior", text) for text in prior_problems(h))
    if h.default is not None:
        yield from (Problem(name, "default", text) for text in _default_number(h, low, high))


def _default_number(h: Hyperparameter, low: float, high: float) -> Iterable[str]:
    default = h.default
    if isinstance(default, bool) or not isinstance(default, int | float):
        yield f"the default of {h.name!r}, {default!r}, is not a number; write one from {low!r} to {high!r}"
    elif h.kind == "integer" and (not math.isfinite(default) or default != int(default)):
        yield f"the default of {h.name!r}, {default!r}, is not a whole number; write one from {low!r} to {high!r}"
    elif not low <= default <= high:
        yield f"the default of {h.name!r}, {default!r}, is outside its range; write a number from {low!r} to {high!r}"


def _choices(h: Hyperparameter) -> Iterable[Problem]:
    name = h.name
    if not h.choices:
        yield Problem(name, "range", f"{name!r} has no choices; write them with commas between, such as a, b, c")
        return
    seen: dict[Value, Value] = {}
    for choice in h.choices:
        for text in _value(name, choice):
            yield Problem(name, "range", text)
            return
        if choice in seen:
            same = seen[choice]
            text = (
                f"{name!r} has the choice {value_text(choice)} twice; leave one out"
                if type(same) is type(choice)
                else f"the choices {value_text(same)} and {value_text(choice)} of {name!r} are one value; leave one out"
            )
            yield Problem(name, "range", text)
            return
        seen[choice] = choice
    if h.weights:
        yield from (Problem(name, "weights", text) for text in _weights(h))
    if h.default is not None and not contains(h, h.default):
        shown = ", ".join(value_text(c) for c in h.choices[:10]) + (", …" if len(h.choices) > 10 else "")
        text = f"the default of {name!r}, {value_text(h.default)}, is none of its choices; choose one of {shown}"
        yield Problem(name, "default", text)


def _weights(h: Hyperparameter) -> Iterable[str]:
    if h.kind != "categorical":
        yield f"{h.name!r} is ordinal, which takes no weights; leave them out, or make it categorical"
    elif len(h.weights) != len(h.choices):
        yield f"{h.name!r} has {len(h.weights)} weights for {len(h.choices)} choices; give one for each"
    elif any(not math.isfinite(w) or w < 0 for w in h.weights):
        yield f"a weight of {h.name!r} is below 0 or not a number; weights are 0 or more"
    elif sum(h.weights) == 0:
        yield f"all weights of {h.name!r} are 0; at least one must be above 0"


def _value(name: str, value: object) -> Iterable[str]:
    if not isinstance(value, bool | int | float | str):
        yield f"{value!r} of {name!r} is a {type(value).__name__}; a value is a number, a text, true or false"
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{value!r} of {name!r} is not a finite number; use another value, or the text {str(value)!r}"
    elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        yield f"{value!r} of {name!r} is too large; the most is {LARGEST_INTEGER}"
    elif isinstance(value, str) and "\0" in value:
        yield f"{value!r} of {name!r} holds a null character; leave it out"


def contains(h: Hyperparameter, value: object) -> bool:
    """Whether `value` is in the domain of a sound hyperparameter."""
    if h.kind in ("integer", "float"):
        if isinstance(value, bool) or not isinstance(value, int | float) or h.low is None or h.high is None:
            return False
        return h.low <= value <= h.high and (h.kind == "float" or value == int(value))
    own = h.choices if h.kind != "constant" else (h.default,)
    return any(value == c and isinstance(value, str) == isinstance(c, str) and _alike(value, c) for c in own)


def _alike(a: object, b: object) -> bool:
    """Whether two equal values are both booleans or neither is: `True == 1` is not what is meant."""
    return isinstance(a, bool) == isinstance(b, bool)


def domain_text(h: Hyperparameter) -> str:
    """The values of a hyperparameter, for a sentence."""
    if h.kind in ("integer", "float"):
        return f"{h.low!r} to {h.high!r}"
    own = h.choices if h.kind != "constant" else (h.default,) if h.default is not None else ()
    return ", ".join(value_text(c) for c in own[:10]) + (", …" if len(own) > 10 else "")


def condition_problems(condition: Condition, known: Mapping[str, Hyperparameter]) -> tuple[str, ...]:
    """What is wrong with one condition, by itself."""
    child = condition.child
    if child not in known:
        return (f"a condition is on {child!r}, which is no hyperparameter; {_nearest(child, known)}",)
    if not condition.clauses:
        return (f'the condition of {child!r} is empty; write one such as {child} active when kernel == "rbf"',)
    if condition.join not in ("and", "or"):
        return (f"the condition of {child!r} joins its clauses by {condition.join!r}; there are: and, or",)
    found = []
    for clause in condition.clauses:
        if clause.parent == child:
            found.append(f"{child!r} cannot depend on itself; choose another hyperparameter")
            continue
        found += _clause(clause, known, f"the condition of {child!r}", ("==", "!=", "in", "<", ">"))
    return tuple(found)


def forbidden_problems(forbidden: Forbidden, known: Mapping[str, Hyperparameter]) -> tuple[str, ...]:
    """What is wrong with one forbidden clause, by itself."""
    if not forbidden.clauses:
        return ('a forbidden clause is empty; write one such as max_depth == 6 and loss == "log_loss"',)
    found: list[str] = []
    seen: set[str] = set()
    for clause in forbidden.clauses:
        if isinstance(clause, Relation):
            found += _relation(clause, known)
            continue
        if clause.parent in seen and clause.operator in ("==", "in"):
            found.append(f"a forbidden clause names {clause.parent!r} twice; use one `in` for several values")
        seen.add(clause.parent)
        found += _clause(clause, known, "a forbidden clause", ("==", "in", "<", ">", "<=", ">="))
    return tuple(found)


def _relation(relation: Relation, known: Mapping[str, Hyperparameter]) -> list[str]:
    for name in (relation.left, relation.right):
        if name not in known:
            return [f"a forbidden clause names {name!r}, which is no hyperparameter; {_nearest(name, known)}"]
    if relation.left == relation.right:
        return [f"a forbidden clause compares {relation.left!r} with itself; name another hyperparameter"]
    operators = ("==", "<", ">", "<=", ">=")
    if relation.operator not in operators:
        text = f"two hyperparameters cannot be compared by {relation.operator!r}; there are: {', '.join(operators)}"
        return [text]
    for name in (relation.left, relation.right):
        if relation.operator != "==" and not _numeric(known[name]):
            return [
                f"a forbidden clause compares {name!r} by {relation.operator}, and it holds texts; use == or numbers"
            ]
    return []


def _numeric(h: Hyperparameter) -> bool:
    if h.kind in ("integer", "float"):
        return True
    values = h.choices if h.kind != "constant" else (h.default,)
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _clause(clause: Clause, known: Mapping[str, Hyperparameter], where: str, operators: tuple[str, ...]) -> list[str]:
    parent, operator, value = clause.parent, clause.operator, clause.value
    if parent not in known:
        return [f"{where} names {parent!r}, which is no hyperparameter; {_nearest(parent, known)}"]
    if operator not in operators:
        return [f"{where} uses {operator!r}; there are: {', '.join(operators)}"]
    h = known[parent]
    if operator == "in":
        if not isinstance(value, tuple) or not value:
            return [f"{where} says {parent!r} in {value!r}; write the values in brackets, such as in (1, 2)"]
        values = value
    elif isinstance(value, tuple):
        return [f"{where} compares {parent!r} with several values by {operator!r}; use in"]
    else:
        values = (value,)
    if operator in ("<", ">", "<=", ">=") and h.kind in ("categorical", "constant"):
        return [f"{where} uses {operator} on {parent!r}, which is {h.kind} and has no order; use ==, != or in"]
    return [
        f"{where} compares {parent!r} with {value_text(v)}, which it cannot be; its values are {domain_text(h)}"
        for v in values
        if not contains(h, v)
    ]


def _cycle(conditions: Iterable[Condition]) -> tuple[str, ...]:
    """Names along one circle of conditions, the first repeated at the end; empty where there is none."""
    parents: dict[str, list[str]] = {}
    for c in conditions:
        parents.setdefault(c.child, []).extend(k.parent for k in c.clauses if k.parent != c.child)
    done: set[str] = set()
    for start in parents:
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:  # no recursion: a chain may be thousands long
            name, leaving = stack.pop()
            if leaving:
                path.pop()
                on_path.discard(name)
                done.add(name)
                continue
            if name in on_path:
                return (*path[path.index(name) :], name)
            if name in done:
                continue
            path.append(name)
            on_path.add(name)
            stack.append((name, True))
            stack.extend((p, False) for p in parents.get(name, ()))
    return ()


def _forbidden_default(space: Space, known: Mapping[str, Hyperparameter]) -> list[Problem]:
    """ConfigSpace has no default configuration where a forbidden clause covers it."""
    from workbench.space.clauses import forbidden_text

    on = active(space, {h.name: resolved_default(h) for h in space.hyperparameters})
    values = {h.name: resolved_default(h) for h in space.hyperparameters if h.name in on}
    found = []
    for f in space.forbidden:
        if all(covered(part, values, known) for part in f.clauses):
            text = (
                f"the default configuration is forbidden by {forbidden_text(f)}; "
                f"give {f.names[0]!r} another default, or change the clause"
            )
            found.append(Problem(None, "forbidden", text))
    return found


def _nearest(name: str, known: Mapping[str, Hyperparameter]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    shown = ", ".join(list(known)[:10]) + (", …" if len(known) > 10 else "")
    return f"there are: {shown or 'none yet'}"
