"""The rounds that Hyperband makes of a scenario's budgets, as SMAC counts them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbench.facades._smac import ETA
from workbench.nouns import Facade, Scenario


@dataclass(frozen=True)
class Round:
    """`configs` configurations, each trained with `budget`."""

    configs: int
    budget: float


def brackets(facade: Facade, scenario: Scenario) -> tuple[tuple[Round, ...], ...]:
    """One tuple of rounds for each bracket; empty for a facade without budgets, or with budgets that cannot be.

    References
    ----------
    Li et al. (2018), Hyperband, JMLR 18(185): algorithm 1, with eta = 3.
    """
    low, high = scenario.min_budget, scenario.max_budget
    if not facade.needs_budget or low is None or high is None or not 0 < low < high:
        return ()
    deepest = math.floor(math.log(high / low, ETA) + 1e-12)
    found = []
    for bracket in range(deepest + 1):
        depth = deepest - bracket
        first = math.ceil(ETA**depth * (deepest + 1) / (depth + 1))
        found.append(
            tuple(Round(math.floor(first / ETA**i + 1e-9), high * ETA ** (i - depth)) for i in range(depth + 1))
        )
    return tuple(found)


def trials_of(rounds: tuple[Round, ...]) -> int:
    """The number of trials in one bracket."""
    return sum(r.configs for r in rounds)


def budget_of(rounds: tuple[Round, ...]) -> float:
    """The sum of budgets over one bracket, in units of the budget."""
    return sum(r.configs * r.budget for r in rounds)
