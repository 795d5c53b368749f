"""Lesson 2: multi-fidelity."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from workbench import facades, results
from workbench.lessons.exercise import Exercises, close
from workbench.nouns import Scenario


def _rounds(function: Any) -> str:
    for low, high in ((1.0, 27.0), (1.0, 9.0), (2.0, 54.0)):
        scenario = Scenario(min_budget=low, max_budget=high)
        right = [(r.configs, r.budget) for r in facades.brackets(facades.get("hyperband"), scenario)[0]]
        said = function(low, high)
        if said is ...:
            return "replace the … in the function by your lines"
        said = [(int(n), float(b)) for n, b in said]
        if len(said) != len(right):
            return f"rounds({low:g}, {high:g}) has {len(said)} rounds; by threes there are {len(right)}"
        if not np.allclose([b for _, b in said], [b for _, b in right]):
            return f"the budgets of rounds({low:g}, {high:g}) should be {', '.join(f'{b:g}' for _, b in right)}"
        if [n for n, _ in said] != [n for n, _ in right]:
            return (
                f"the budgets are right; of the configurations a third goes on each time, one at the end: "
                f"rounds({low:g}, {high:g}) should have {', '.join(str(n) for n, _ in right)}"
            )
    return ""


def _cost(answer: Any) -> str:
    if not close(answer, 4.0, 0.01):
        return "add configurations times budget over the four rounds of 1 to 27, then divide by 27"
    return ""


def _spearman(function: Any) -> str:
    random = np.random.default_rng(0)
    for n in (5, 40):
        a = random.random(n)
        b = a + random.normal(0, 0.4, n)
        right = float(np.corrcoef(np.argsort(np.argsort(a)), np.argsort(np.argsort(b)))[0, 1])
        said = function(a, b)
        if said is ...:
            return "replace the … in the function by your lines"
        if close(float(said), float(np.corrcoef(a, b)[0, 1]), 1e-6) and not close(float(said), right, 1e-6):
            return "that is Pearson's correlation of the values; Spearman's is the same of their ranks"
        if not close(float(said), right, 1e-6):
            return f"for one example it gives {float(said):.3f}; right is {right:.3f}"
        if not close(float(function(np.exp(9 * a), b)), right, 1e-6):
            return "it changes when the values are stretched but stay in their order: it should see ranks alone"
    return ""


def _read(rho: Any, n: Any, wb: Any) -> str:
    table = results.rank_correlation(wb.current_run.trials)
    row = table.sort_values(["low", "high"]).iloc[0]
    if n != row["n"]:
        return f"n is the number of configurations evaluated at both budgets, {row['low']:g} and {row['high']:g}"
    if math.isnan(row["spearman"]):
        return (
            "" if isinstance(rho, float) and math.isnan(rho) else "with so few configurations it is not a number: NaN"
        )
    return "" if close(rho, row["spearman"], 0.02) else "that is not in the row of the two lowest budgets"


def _trust(answer: Any, curves: Any) -> str:
    full = curves[27]
    rho = {b: float(np.corrcoef(np.argsort(np.argsort(curves[b])), np.argsort(np.argsort(full)))[0, 1]) for b in curves}
    right = min(b for b in curves if rho[b] >= 0.8)
    if answer == right:
        return ""
    if answer not in rho:
        return f"the answer is one of the budgets {', '.join(map(str, curves))}"
    if rho[answer] < 0.8:
        return f"at budget {answer} the rank correlation with budget 27 is {rho[answer]:.2f}, below 0.8"
    return f"budget {answer} can be trusted, but a lower one can too: {right} is the lowest"


check = Exercises({"rounds": _rounds, "cost": _cost, "spearman": _spearman, "read": _read, "trust": _trust})
