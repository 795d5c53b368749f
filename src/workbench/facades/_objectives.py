"""What can be minimised together, in sentences."""

from __future__ import annotations

from workbench.nouns import Contract, Facade, Fit, Scenario
from workbench.nouns.objective import SECONDS, USUAL, metric_of, more_is_better, objective_problem

CHANCE = ("random", "hyperband")
"""Facades that propose without a model, so that nothing weighs the objectives against each other."""


def objective_remarks(facade: Facade, contract: Contract, scenario: Scenario) -> list[Fit]:
    """Every remark on the objectives of a scenario; none where the loss is alone."""
    objectives = scenario.objectives
    if objectives == ("loss",):
        return []
    if problem := objective_problem(objectives):
        return [Fit(False, f"{problem[0].upper()}{problem[1:]}.")]
    beside = ", ".join(metric_of(o) for o in objectives[1:])
    if contract.id != "metrics" and objectives[1:] != (SECONDS,):
        return [
            Fit(
                False,
                f"Objectives beside the loss ({beside}) come with the metrics contract, not with the {contract.id} "
                "contract; choose it, or the loss alone.",
            )
        ]
    found = [
        Fit(
            True,
            f"{facade.title} takes several objectives: the loss and {beside} {_way(facade)}; the trajectory follows "
            "the loss, the front shows all.",
        )
    ]
    own = [o for o in objectives[1:] if metric_of(o) not in (*USUAL, SECONDS)]
    found += [
        Fit(
            True,
            f"{metric_of(o)} is none of the usual metrics: train must return it, and it is "
            + ("maximised." if more_is_better(o) else f"minimised (write max:{o} where more is better)."),
        )
        for o in own
    ]
    return found


def _way(facade: Facade) -> str:
    """What becomes of several objectives in the search."""
    ways = []
    if facade.id in CHANCE:
        ways.append("are weighed by nothing, since it proposes by chance")
    else:
        ways.append("are weighed by ParEGO, anew each time that its model learns")
    if facade.needs_budget:
        ways.append("the front of each round goes on to the next budget")
    return ", and ".join(ways)
