"""A search space as a plain value: rows, conditions, forbidden clauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

HyperparameterKind = Literal["integer", "float", "categorical", "ordinal", "constant"]
Value = int | float | str | bool
Operator = Literal["==", "!=", "in", "<", ">", "<=", ">="]


@dataclass(frozen=True)
class Prior:
    """Where in its range a number is likely to be good; configurations are drawn by it.

    `normal`: `first` is the mean, `second` the standard deviation, in the unit of the range; on a log scale the
    deviation is of the natural logarithm. `beta`: α and β, 1 or more, over the range (over its logarithm, on a log
    scale).
    """

    kind: Literal["normal", "beta"]
    first: float
    second: float


@dataclass(frozen=True)
class Hyperparameter:
    """One row of a space.

    `low`, `high` and `log` belong to integer and float; `choices` to categorical and ordinal (in their
    order); `weights` (same length as `choices`, or empty) to categorical; a constant has only `default`. Without a
    `prior`, a number is drawn evenly from its range.
    """

    name: str
    kind: HyperparameterKind
    low: float | int | None = None
    high: float | int | None = None
    log: bool = False
    choices: tuple[Value, ...] = ()
    default: Value | None = None
    weights: tuple[float, ...] = ()
    prior: Prior | None = None


@dataclass(frozen=True)
class Clause:
    """`parent operator value`; the value of `in` is a tuple."""

    parent: str
    operator: Operator
    value: Value | tuple[Value, ...]


@dataclass(frozen=True)
class Relation:
    """Two hyperparameters compared: `left operator right`, by their values (`!=` and `in` are not among them)."""

    left: str
    operator: Operator
    right: str


@dataclass(frozen=True)
class Condition:
    """`child` is active only when all (`and`) or any (`or`) of the clauses hold."""

    child: str
    clauses: tuple[Clause, ...]
    join: Literal["and", "or"] = "and"


@dataclass(frozen=True)
class Forbidden:
    """Configurations in which all of these hold are not in the space; every operator but `!=`."""

    clauses: tuple[Clause | Relation, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The hyperparameters that it speaks of."""
        return tuple(
            name for k in self.clauses for name in ((k.left, k.right) if isinstance(k, Relation) else (k.parent,))
        )


@dataclass(frozen=True)
class Space:
    """A valid search space. `workbench.space` checks, edits and converts it."""

    hyperparameters: tuple[Hyperparameter, ...] = ()
    conditions: tuple[Condition, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The hyperparameters' names, in the order of the rows."""
        return tuple(h.name for h in self.hyperparameters)

    def __len__(self) -> int:
        return len(self.hyperparameters)

    def __getitem__(self, name: str) -> Hyperparameter:
        for h in self.hyperparameters:
            if h.name == name:
                return h
        raise KeyError(name)

    def conditions_of(self, name: str) -> tuple[Condition, ...]:
        """The conditions of which `name` is the child."""
        return tuple(c for c in self.conditions if c.child == name)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form; `Space.from_dict` is its inverse."""

        def clause(c: Clause | Relation) -> dict[str, Any]:
            if isinstance(c, Relation):
                return {"left": c.left, "operator": c.operator, "right": c.right}
            value = list(c.value) if isinstance(c.value, tuple) else c.value
            return {"parent": c.parent, "operator": c.operator, "value": value}

        return {
            "name": self.name,
            "hyperparameters": [
                {
                    "name": h.name,
                    "kind": h.kind,
                    "low": h.low,
                    "high": h.high,
                    "log": h.log,
                    "choices": list(h.choices),
                    "default": h.default,
                    "weights": list(h.weights),
                    "prior": [h.prior.kind, h.prior.first, h.prior.second] if h.prior is not None else None,
                }
                for h in self.hyperparameters
            ],
            "conditions": [
                {"child": c.child, "join": c.join, "clauses": [clause(k) for k in c.clauses]} for c in self.conditions
            ],
            "forbidden": [[clause(k) for k in f.clauses] for f in self.forbidden],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Space:
        """The inverse of `to_dict`."""

        def clause(d: Mapping[str, Any]) -> Clause:
            value = tuple(d["value"]) if isinstance(d["value"], list) else d["value"]
            return Clause(d["parent"], d["operator"], value)

        def forbidden(d: Mapping[str, Any]) -> Clause | Relation:
            return Relation(d["left"], d["operator"], d["right"]) if "left" in d else clause(d)

        return cls(
            name=data.get("name", ""),
            hyperparameters=tuple(
                Hyperparameter(
                    name=h["name"],
                    kind=h["kind"],
                    low=h.get("low"),
                    high=h.get("high"),
                    log=bool(h.get("log", False)),
                    choices=tuple(h.get("choices", ())),
                    default=h.get("default"),
                    weights=tuple(h.get("weights", ())),
                    prior=Prior(*h["prior"]) if h.get("prior") else None,
                )
                for h in data["hyperparameters"]
            ),
            conditions=tuple(
                Condition(c["child"], tuple(clause(k) for k in c["clauses"]), c.get("join", "and"))
                for c in data.get("conditions", ())
            ),
            forbidden=tuple(Forbidden(tuple(forbidden(k) for k in f)) for f in data.get("forbidden", ())),
        )

    def _repr_html_(self) -> str:
        from workbench.nouns import shown

        return shown.space(self)
