"""The budget sets the effort."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Mapping

from workbench import facades
from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import FRACTION, OBSERVED, call, described, largest_budget, smallest_budget
from workbench.rules._mutation import Broken, at_start
from workbench.rules._source import flows, names_in


def asked(job: Job) -> bool:
    """Facades with fidelities alone vary it."""
    return facades.get(job.facade).needs_budget


def find(case: Case) -> Iterator[Seen]:
    """Whether the budget is read at all."""
    if case.train is None or not case.takes_budget:
        return
    used = {name for statement in case.train.body for name in names_in(statement)}
    if "budget" not in used:
        yield Seen.at(case.train, "`budget` is never read: every budget trains the same")
    elif not flows(case, "budget"):
        yield Seen("unknown", "how the budget is used cannot be followed")


def _calls(case: Case) -> Mapping[str, Call]:
    watched = (*OBSERVED, "fits")
    return {
        "smallest": call(case, budget=smallest_budget(case), observe=watched),
        "largest": call(case, budget=largest_budget(case), observe=watched),
        "fraction": call(case, budget=FRACTION),
    }


def more(case: Case, replies: Mapping[str, Reply]) -> Mapping[str, Call]:
    """Where both do the same on the sample: on the made-up table too, before it is said."""
    if not _same(replies["smallest"], replies["largest"]):
        return {}
    ends = {"smallest made": smallest_budget(case), "largest made": largest_budget(case)}
    return {name: call(case, data="made", budget=budget) for name, budget in ends.items()}


def _same(small: Reply, large: Reply) -> bool:
    if small.status != "success" or large.status != "success":
        return False
    same_cost = math.isclose(small.cost or 0.0, large.cost or 0.0, rel_tol=1e-9, abs_tol=1e-12)
    same_fit = small.facts.get("fits") == large.facts.get("fits")
    same_predictions = small.facts.get("predict", {}).get("values") == large.facts.get("predict", {}).get("values")
    return same_cost and same_fit and same_predictions


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Every budget is accepted, and the ends differ in cost, fitted rows or predictions."""
    asked_for = _calls(case)
    for name, made in asked_for.items():
        if replies[name].status != "success":
            error = replies[name].error
            yield Seen("fail", f"with budget {made.budget:g}: {error}", call=made, traceback=replies[name].traceback)
            return
    if not _same(replies["smallest"], replies["largest"]) or "smallest made" not in replies:
        return
    small, large = replies["smallest made"], replies["largest made"]
    if _same(small, large):
        low, high = smallest_budget(case), largest_budget(case)
        yield Seen(
            "fail",
            f"budgets {low:g} and {high:g} give the same model: cost {replies['smallest'].cost:.6g} on the sample and "
            f"{small.cost:.6g} on a made-up table for both ({described(asked_for['largest'])})",
            call=asked_for["largest"],
        )


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """The budget is ignored, or must be whole."""
    yield "the budget is forgotten", at_start(tree, "budget = None")
    yield "every budget is the same", at_start(tree, "budget = 5.0 if budget is not None else None")
    yield (
        "only whole budgets do",
        at_start(tree, "if budget is not None and budget != int(budget):\n    raise ValueError(budget)"),
    )
    yield (
        "the budget is an index",
        at_start(tree, "steps = list(range(1000))[budget] if budget is not None else 0\nprint(steps)"),
    )


RULE = Rule(
    id="budget-used",
    group="budget",
    level={"model": "must", "metrics": "must"},
    text="Let `budget` set the effort: epochs, iterations, estimators or a share of the data. It is a float: "
    "convert and bound it.",
    asked=asked,
    find=find,
    probe=Probe(_calls, judge, more),
    examples=(Example("50 if budget is None else max(1, min(500, round(float(budget))))", "50"),),
    mutate=mutate,
    order=260,
)
