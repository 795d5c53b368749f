"""A row of texts as typed, and the hyperparameter that it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from workbench.nouns import Hyperparameter, HyperparameterKind, SpaceError
from workbench.space.priors import parse_prior, prior_text
from workbench.space.problems import KINDS, Problem, hyperparameter_problems
from workbench.space.values import choice_text, parse_number, parse_range, parse_value, parse_values, split


@dataclass(frozen=True)
class Row:
    """One hyperparameter as typed.

    `key` stays with the row through every edit, renaming included. `range` is `low, high` for numbers and the choices
    for the others; a constant has only its `default`. `weights` (one for each choice) belongs to categorical rows,
    `prior` to numbers.
    """

    key: int
    name: str
    kind: str
    range: str = ""
    log: bool = False
    default: str = ""
    weights: str = ""
    prior: str = ""


FIELDS = ("name", "kind", "range", "log", "default", "weights", "prior")


def row_of(key: int, h: Hyperparameter) -> Row:
    """The texts of a hyperparameter."""
    if h.kind in ("integer", "float"):
        ends = "" if h.low is None or h.high is None else f"{h.low!r}, {h.high!r}"
        default = "" if h.default is None else str(h.default)
        return Row(key, h.name, h.kind, ends, h.log, default, prior=prior_text(h.prior))
    choices = ", ".join(choice_text(c) for c in h.choices)
    default = "" if h.default is None else choice_text(h.default)
    return Row(key, h.name, h.kind, choices, False, default, ", ".join(f"{w!r}" for w in h.weights))


def read_row(row: Row) -> tuple[Hyperparameter | None, tuple[Problem, ...]]:
    """The hyperparameter of a row (None where a text cannot be read), and everything that is wrong with it."""
    key = str(row.key)
    found: list[Problem] = []
    low = high = default = None
    choices: tuple[bool | int | float | str, ...] = ()
    weights: tuple[float, ...] = ()
    label = repr(row.name) if row.name.strip() else f"row {row.key}"
    if row.kind not in KINDS:
        return None, (Problem(key, "kind", f"no kind is named {row.kind!r}; there are: {', '.join(KINDS)}"),)
    number = row.kind in ("integer", "float")
    try:
        if number:
            low, high = parse_range(row.range, row.kind)
        elif row.kind != "constant":
            choices = parse_values(row.range)
    except SpaceError as error:
        found.append(Problem(key, "range", f"{label}: {error}"))
    try:
        if row.default.strip():
            default = parse_number(row.default, row.kind) if number else parse_value(row.default)
            if default not in choices and row.default.strip() in choices:
                default = row.default.strip()
    except SpaceError as error:
        found.append(Problem(key, "default", f"the default of {label}: {error}"))
    try:
        if row.weights.strip() and row.kind in ("categorical", "ordinal"):
            weights = tuple(float(parse_number(part, "float")) for part in split(row.weights))
    except SpaceError as error:
        found.append(Problem(key, "weights", f"the weights of {label}: {error}"))
    prior = None
    try:
        if number:
            prior = parse_prior(row.prior)
    except SpaceError as error:
        found.append(Problem(key, "prior", f"the prior of {label}: {error}"))
    if found:
        return None, tuple(found)
    kind = cast(HyperparameterKind, row.kind)
    h = Hyperparameter(row.name.strip(), kind, low, high, row.log and number, choices, default, weights, prior)
    wrong = tuple(Problem(key, p.field, p.text) for p in hyperparameter_problems(h))
    return (None if wrong else h), wrong
