"""The space that a person edits: texts as typed, every step undone and redone, the last valid space in force."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from workbench.nouns import (
    Clause,
    Condition,
    Forbidden,
    Hyperparameter,
    HyperparameterKind,
    Relation,
    Space,
    SpaceError,
    Value,
)
from workbench.space.clauses import parse_condition, parse_forbidden
from workbench.space.definition import definition
from workbench.space.problems import (
    Problem,
    condition_problems,
    forbidden_problems,
    hyperparameter_problems,
    name_remarks,
    structure_problems,
)
from workbench.space.rows import FIELDS, Row, read_row, row_of

logger = logging.getLogger(__name__)

HISTORY = 1000
"""So many steps can be undone."""

_NEW = {
    "float": ("0.0, 1.0", ""),
    "integer": ("1, 10", ""),
    "categorical": ("a, b", ""),
    "ordinal": ("low, medium, high", ""),
    "constant": ("", "1"),
}


@dataclass(frozen=True)
class _State:
    """What one step leaves. Conditions and forbidden clauses name rows by key, so that renaming cannot lose them."""

    rows: tuple[Row, ...] = ()
    conditions: tuple[Condition, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    name: str = ""


class SpaceDraft:
    """A search space being edited.

    What a person types goes in by `set`, which keeps any text: `problems` says what is wrong with it, and `space`
    stays the last valid one meanwhile. Code writes `draft["max_depth"] = (1, 20)`, which raises instead.

    Examples
    --------
    >>> draft = SpaceDraft()
    >>> draft["max_depth"] = (1, 20)
    >>> draft["loss"] = ["log_loss", "exponential"]
    >>> draft.add_condition('max_depth active when loss == "log_loss"')
    >>> print(draft)
    - max_depth: integer from 1 to 20, default 10; active only when loss == "log_loss", else absent
    - loss: categorical, one of "log_loss", "exponential", default "log_loss"
    """

    def __init__(self, space: Space | None = None) -> None:
        self._next_key = 1
        self._version = 0
        self._state = _State()
        self._undo: list[_State] = []
        self._redo: list[_State] = []
        self._observers: list[Callable[[], None]] = []
        self._read: dict[Row, tuple[Hyperparameter | None, tuple[Problem, ...]]] = {}
        self._space = Space()
        self._problems: tuple[Problem, ...] = ()
        if space is not None:
            self._state = self._state_of(space)
        self._refresh()

    # ------------------------------------------------------------------ reading

    @property
    def space(self) -> Space:
        """The last valid space."""
        return self._space

    @property
    def rows(self) -> tuple[Row, ...]:
        """The texts, as typed."""
        return self._state.rows

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the texts, `row` being the key as a text; empty where `space` is what they say."""
        return self._problems

    @property
    def remarks(self) -> tuple[Problem, ...]:
        """What is allowed, and worth a word."""
        return tuple(Problem(str(r.key), "name", t) for r in self._state.rows for t in name_remarks(r.name.strip()))

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions, by the names as typed."""
        names = self._names()
        return tuple(_renamed(c, names) for c in self._state.conditions)

    @property
    def forbidden(self) -> tuple[Forbidden, ...]:
        """The forbidden clauses, by the names as typed."""
        names = self._names()
        return tuple(_renamed_forbidden(f, names) for f in self._state.forbidden)

    @property
    def name(self) -> str:
        """What the space is called."""
        return self._state.name

    @property
    def version(self) -> int:
        """Goes up by one with every change."""
        return self._version

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone step to do again."""
        return bool(self._redo)

    def to_dict(self) -> dict[str, Any]:
        """The texts as typed, wrong ones too, and the last valid space, JSON-serialisable; `restore` takes it back."""
        state = self._state
        clauses = Space((), state.conditions, state.forbidden, state.name).to_dict()
        return {"rows": [asdict(row) for row in state.rows], "clauses": clauses, "valid": self._space.to_dict()}

    def restore(self, data: Mapping[str, Any]) -> None:
        """Take back what `to_dict` gave; nothing can be undone then.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the data are not of that form; the draft stays as it was.
        """
        rows = tuple(Row(**row) for row in data["rows"])
        if not all(isinstance(r.key, int) and all(isinstance(getattr(r, f), str | bool) for f in FIELDS) for r in rows):
            raise TypeError("a row of the space is not made of texts")
        clauses, valid = Space.from_dict(data["clauses"]), Space.from_dict(data["valid"])
        state = _State(rows, clauses.conditions, clauses.forbidden, clauses.name)
        self._judge(state)
        self._space = valid
        self._state, self._undo, self._redo = state, [], []
        self._next_key = max((row.key for row in rows), default=0) + 1
        self._changed()

    def observe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback()` after every change; what comes back stops that."""
        self._observers.append(callback)

        def stop() -> None:
            if callback in self._observers:
                self._observers.remove(callback)

        return stop

    # ------------------------------------------------------------------ editing, as a person types

    def set(self, key: int, field: str, text: str | bool) -> None:
        """Put a text into a cell, whatever it says.

        Parameters
        ----------
        key : int
            Of the row.
        field : {"name", "kind", "range", "log", "default", "weights", "prior"}
        text : str or bool
            A bool (or `true`, `false`) for `log`.

        Raises
        ------
        SpaceError
            If there is no such row or field.
        """
        position = self._position(key)
        if field not in FIELDS:
            raise SpaceError(f"a row has no field {field!r}; there are: {', '.join(FIELDS)}")
        value: Any = str(text)
        if field == "log":
            value = text if isinstance(text, bool) else str(text).strip().lower() in {"true", "1", "yes", "on", "log"}
        rows = list(self._state.rows)
        rows[position] = replace(rows[position], **{field: value})
        self._step(replace(self._state, rows=tuple(rows)))

    def add(self, kind: str = "float", name: str | None = None) -> int:
        """Add a row at the end, valid as it stands, and give its key."""
        if kind not in _NEW:
            raise SpaceError(f"no kind is named {kind!r}; there are: {', '.join(_NEW)}")
        text, default = _NEW[kind]
        key = self._key()
        row = Row(key, self._free_name(name or "x", always=name is None), kind, text, default=default)
        self._step(replace(self._state, rows=(*self._state.rows, row)))
        return key

    def duplicate(self, key: int) -> int:
        """Add a copy of a row below it, under a free name, and give its key. Its conditions are copied along."""
        position = self._position(key)
        row = self._state.rows[position]
        new = self._key()
        copy = replace(row, key=new, name=self._free_name(row.name.strip() or "x"))
        rows = (*self._state.rows[: position + 1], copy, *self._state.rows[position + 1 :])
        own = tuple(replace(c, child=str(new)) for c in self._state.conditions if c.child == str(key))
        self._step(replace(self._state, rows=rows, conditions=(*self._state.conditions, *own)))
        return new

    def remove(self, key: int) -> None:
        """Remove a row with its conditions and the forbidden clauses that name it: one step.

        Of a condition on other hyperparameters as well, the rest stays.
        """
        position, name = self._position(key), str(key)
        kept = []
        for c in self._state.conditions:
            clauses = tuple(k for k in c.clauses if k.parent != name)
            if c.child != name and clauses:
                kept.append(replace(c, clauses=clauses))
        self._step(
            replace(
                self._state,
                rows=(*self._state.rows[:position], *self._state.rows[position + 1 :]),
                conditions=tuple(kept),
                forbidden=tuple(f for f in self._state.forbidden if name not in f.names),
            )
        )

    def move(self, key: int, by: int) -> None:
        """Move a row down by so many places (up where negative), as far as there are places."""
        position = self._position(key)
        rows = list(self._state.rows)
        row = rows.pop(position)
        rows.insert(max(0, min(len(rows), position + by)), row)
        self._step(replace(self._state, rows=tuple(rows)))

    def replace(self, space: Space) -> None:
        """Put another space in the place of all this, in one step: a preset, an import."""
        state = self._state_of(space)
        if [replace(r, key=0) for r in state.rows] == [replace(r, key=0) for r in self._state.rows] and (
            (space.conditions, space.forbidden, space.name) == (self.conditions, self.forbidden, self.name)
        ):
            return
        self._step(state)

    # ------------------------------------------------------------------ conditions and forbidden clauses

    def add_condition(self, condition: str | Condition) -> None:
        """Add a condition: `C active when kernel == "rbf"`, or a `Condition`.

        Raises
        ------
        SpaceError
            If it cannot be read or does not fit; the draft stays as it was.
        """
        space = self._readable()
        if isinstance(condition, str):
            condition = parse_condition(condition, space)
        elif found := condition_problems(condition, {h.name: h for h in space.hyperparameters}):
            raise SpaceError(found[0])
        keyed = _renamed(condition, self._keys())
        if keyed in self._state.conditions:
            raise SpaceError(f"{condition.child!r} has this condition already; there is nothing to add")
        self._checked_step(replace(self._state, conditions=(*self._state.conditions, keyed)), "condition")

    def remove_condition(self, index: int) -> None:
        """Remove the condition at a position of `conditions`."""
        self._step(replace(self._state, conditions=_without(self._state.conditions, index, "condition")))

    def add_forbidden(self, forbidden: str | Forbidden) -> None:
        """Add a forbidden clause: `max_depth == 6 and loss in ("a", "b")`, or a `Forbidden`.

        Raises
        ------
        SpaceError
            If it cannot be read or does not fit; the draft stays as it was.
        """
        space = self._readable()
        if isinstance(forbidden, str):
            forbidden = parse_forbidden(forbidden, space)
        elif found := forbidden_problems(forbidden, {h.name: h for h in space.hyperparameters}):
            raise SpaceError(found[0])
        keyed = _renamed_forbidden(forbidden, self._keys())
        if keyed in self._state.forbidden:
            raise SpaceError("this clause is there already; there is nothing to add")
        self._checked_step(replace(self._state, forbidden=(*self._state.forbidden, keyed)), "forbidden")

    def remove_forbidden(self, index: int) -> None:
        """Remove the forbidden clause at a position of `forbidden`."""
        self._step(replace(self._state, forbidden=_without(self._state.forbidden, index, "forbidden clause")))

    # ------------------------------------------------------------------ history

    def undo(self) -> None:
        """Take the last step back; nothing happens where there is none."""
        if self._undo:
            self._redo.append(self._state)
            self._state = self._undo.pop()
            self._changed()

    def redo(self) -> None:
        """Do the step again that was taken back last; nothing happens where there is none."""
        if self._redo:
            self._undo.append(self._state)
            self._state = self._redo.pop()
            self._changed()

    # ------------------------------------------------------------------ editing, as code does

    def __len__(self) -> int:
        return len(self._state.rows)

    def __iter__(self) -> Iterator[str]:
        return iter([r.name.strip() for r in self._state.rows])

    def __contains__(self, name: object) -> bool:
        return any(r.name.strip() == name for r in self._state.rows)

    def __getitem__(self, name: str) -> Hyperparameter:
        row = self._row(name)
        h, found = self._reading(row)
        if h is None:
            raise SpaceError(found[0].text)
        return h

    def __setitem__(self, name: str, value: Hyperparameter | tuple[float, float] | Sequence[Value] | Value) -> None:
        """Set or add a hyperparameter.

        A tuple of two numbers is a range (two whole ones: of integers), a list is choices, one value a constant.
        A new range keeps the scale, and default and prior where they are still inside.
        """
        old = next((r for r in self._state.rows if r.name.strip() == name), None)
        before = self._reading(old)[0] if old is not None else None
        h = _hyperparameter(name, value, before)
        if found := hyperparameter_problems(h):
            raise SpaceError(found[0].text)
        if h.name != name and h.name in self:
            raise SpaceError(f"two hyperparameters are named {h.name!r}; give each its own name")
        row = row_of(old.key if old is not None else self._key(), h)
        rows = tuple(row if r is old else r for r in self._state.rows) if old else (*self._state.rows, row)
        self._step(replace(self._state, rows=rows))

    def __delitem__(self, name: str) -> None:
        self.remove(self._row(name).key)

    def __str__(self) -> str:
        return definition(self._space)

    def __repr__(self) -> str:
        state = f", {len(self._problems)} problems" if self._problems else ""
        return f"SpaceDraft({len(self._state.rows)} hyperparameters{state})"

    def _repr_html_(self) -> str:
        return self._space._repr_html_()

    # ------------------------------------------------------------------ inside

    def _key(self) -> int:
        self._next_key += 1
        return self._next_key - 1

    def _names(self) -> dict[str, str]:
        return {str(r.key): r.name.strip() for r in self._state.rows}

    def _keys(self) -> dict[str, str]:
        return {r.name.strip(): str(r.key) for r in reversed(self._state.rows)}

    def _position(self, key: int) -> int:
        for position, row in enumerate(self._state.rows):
            if row.key == key:
                return position
        raise SpaceError(f"there is no row with the key {key}; it may have been removed")

    def _row(self, name: str) -> Row:
        for row in self._state.rows:
            if row.name.strip() == name:
                return row
        near = difflib.get_close_matches(name, list(self), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(list(self)[:20]) or 'none yet'}"
        raise SpaceError(f"no hyperparameter is named {name!r}; {hint}")

    def _free_name(self, wanted: str, *, always: bool = False) -> str:
        taken = set(self)
        if wanted not in taken and not always:
            return wanted
        stem = wanted.rstrip("0123456789").rstrip("_") or wanted
        joint = "" if always else "_"
        return next(
            f"{stem}{joint}{i}" for i in range(1 if always else 2, len(taken) + 3) if f"{stem}{joint}{i}" not in taken
        )

    def _state_of(self, space: Space) -> _State:
        """The texts of a space; a row keeps its key where its name stays."""
        taken = {r.name.strip(): r.key for r in self._state.rows}
        rows = tuple(row_of(taken.pop(h.name, 0) or self._key(), h) for h in space.hyperparameters)
        keys = {r.name.strip(): str(r.key) for r in reversed(rows)}
        return _State(
            rows,
            tuple(_renamed(c, keys) for c in space.conditions),
            tuple(_renamed_forbidden(f, keys) for f in space.forbidden),
            space.name,
        )

    def _reading(self, row: Row) -> tuple[Hyperparameter | None, tuple[Problem, ...]]:
        if row not in self._read:
            self._read[row] = read_row(row)
        return self._read[row]

    def _readable(self) -> Space:
        """The rows that can be read, for a condition to be checked against."""
        return Space(tuple(h for r in self._state.rows if (h := self._reading(r)[0]) is not None))

    def _checked_step(self, state: _State, field: str) -> None:
        """Take a step, unless it brings a problem of the conditions or forbidden clauses that was not there."""
        before = {p.text for p in self._problems}
        for problem in self._judge(state)[1]:
            if problem.field == field and problem.text not in before:
                raise SpaceError(problem.text)
        self._step(state)

    def _step(self, state: _State) -> None:
        if state == self._state:
            return
        self._undo.append(self._state)
        del self._undo[:-HISTORY]
        self._redo.clear()
        self._state = state
        self._changed()

    def _changed(self) -> None:
        self._version += 1
        self._refresh()
        for callback in tuple(self._observers):
            try:
                callback()
            except Exception:  # one observer must not keep the others from hearing
                logger.exception("an observer of the space raised")

    def _refresh(self) -> None:
        if len(self._read) > 2 * len(self._state.rows) + 100:
            self._read = {r: self._read[r] for r in self._state.rows if r in self._read}
        space, self._problems = self._judge(self._state)
        if space is not None:
            self._space = space

    def _judge(self, state: _State) -> tuple[Space | None, tuple[Problem, ...]]:
        """The space that the texts say (None where something is wrong), and what is."""
        found: list[Problem] = []
        rows: list[Hyperparameter] = []
        seen: set[str] = set()
        for row in state.rows:
            h, wrong = self._reading(row)
            found += wrong
            name = row.name.strip()
            if name and name in seen:
                text = f"two hyperparameters are named {name!r}; give each its own name"
                found.append(Problem(str(row.key), "name", text))
            seen.add(name)
            if h is not None:
                rows.append(h)
        if found:
            return None, tuple(found)
        names = {str(r.key): r.name.strip() for r in state.rows}
        keys = {r.name.strip(): str(r.key) for r in state.rows}
        space = Space(
            tuple(rows),
            tuple(_renamed(c, names) for c in state.conditions),
            tuple(_renamed_forbidden(f, names) for f in state.forbidden),
            state.name,
        )
        wrong = tuple(
            Problem(keys.get(p.row, p.row) if p.row is not None else None, p.field, p.text)
            for p in structure_problems(space)
        )
        return (None if wrong else space), wrong


def _renamed_clauses(clauses: tuple[Clause, ...], names: dict[str, str]) -> tuple[Clause, ...]:
    return tuple(replace(k, parent=names.get(k.parent, k.parent)) for k in clauses)


def _renamed(condition: Condition, names: dict[str, str]) -> Condition:
    child = names.get(condition.child, condition.child)
    return Condition(child, _renamed_clauses(condition.clauses, names), condition.join)


def _renamed_forbidden(forbidden: Forbidden, names: dict[str, str]) -> Forbidden:
    parts = tuple(
        replace(k, left=names.get(k.left, k.left), right=names.get(k.right, k.right))
        if isinstance(k, Relation)
        else replace(k, parent=names.get(k.parent, k.parent))
        for k in forbidden.clauses
    )
    return Forbidden(parts)


def _without(parts: tuple[Any, ...], index: int, what: str) -> tuple[Any, ...]:
    if not 0 <= index < len(parts):
        raise SpaceError(f"there is no {what} {index}; there are {len(parts)}, counted from 0")
    return (*parts[:index], *parts[index + 1 :])


def _hyperparameter(name: str, value: Any, before: Hyperparameter | None) -> Hyperparameter:
    if isinstance(value, Hyperparameter):
        return value
    if isinstance(value, tuple):
        if len(value) != 2 or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in value):
            raise SpaceError(f"{value!r} is no range; write (low, high), such as (1, 20), or a list of choices")
        low, high = value
        whole = all(isinstance(v, int) for v in value)
        kind: HyperparameterKind
        if before is not None and before.kind in ("integer", "float"):
            kind = "float" if before.kind == "float" or not whole else "integer"
        else:
            kind = "integer" if whole else "float"
        ends = (low, high) if kind == "integer" else (float(low), float(high))
        log = before is not None and before.log and low > 0
        default = before.default if before is not None and before.kind in ("integer", "float") else None
        if default is not None and (isinstance(default, str) or not low <= default <= high):
            default = None
        if default is not None:
            default = float(default) if kind == "float" else int(default)
        prior = before.prior if before is not None and before.kind in ("integer", "float") else None
        if prior is not None and prior.kind == "normal" and not low <= prior.first <= high:
            prior = None
        return Hyperparameter(name, kind, ends[0], ends[1], log, default=default, prior=prior)
    if isinstance(value, list):
        kept = before is not None and before.kind == "ordinal"
        default = before.default if before is not None and before.default in value else None
        return Hyperparameter(name, "ordinal" if kept else "categorical", choices=tuple(value), default=default)
    if isinstance(value, bool | int | float | str):
        return Hyperparameter(name, "constant", default=value)
    raise SpaceError(
        f"{name!r} cannot be a {type(value).__name__}; "
        "give (low, high), a list of choices, one value, or a Hyperparameter"
    )
