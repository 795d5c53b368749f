"""What a function is, and short names for the rows of its space."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.nouns import Clause, Condition, Hyperparameter, Space

Config = Mapping[str, Any]


@dataclass(frozen=True)
class Function:
    """A cost to be made small.

    Attributes
    ----------
    lowest : float or None
        The cost that cannot be beaten; None where nobody knows it.
    where : mapping or None
        A configuration that has it, to five digits or so.
    near : float
        Costs that are less than this above the lowest are as good as it.
    """

    name: str
    space: Space
    cost: Callable[[Config], float]
    lowest: float | None
    where: Config | None
    near: float = 1e-9


def number(name: str, low: float, high: float, *, log: bool = False) -> Hyperparameter:
    return Hyperparameter(name, "float", low, high, log=log)


def whole(name: str, low: int, high: int, *, log: bool = False) -> Hyperparameter:
    return Hyperparameter(name, "integer", low, high, log=log)


def choice(name: str, *choices: str) -> Hyperparameter:
    return Hyperparameter(name, "categorical", choices=choices)


def only_if(child: str, parent: str, operator: Any, value: Any) -> Condition:
    return Condition(child, (Clause(parent, operator, value),))
