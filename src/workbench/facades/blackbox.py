"""Bayesian optimisation with a Gaussian process."""

from __future__ import annotations

from typing import Any

from workbench.facades._smac import asked, found_at_once, process, search, smac_scenario
from workbench.nouns import Facade, Scenario


def build(configspace: Any, scenario: Scenario, output: str) -> Any:
    """SMAC's BlackBoxFacade."""
    from smac import BlackBoxFacade

    asked_scenario = smac_scenario(configspace, scenario, output, budgets=False)
    return asked(
        BlackBoxFacade,
        asked_scenario,
        model=process(BlackBoxFacade, asked_scenario),
        acquisition_maximizer=search(asked_scenario),
        **found_at_once(BlackBoxFacade, asked_scenario),
    )


FACADE = Facade(
    id="blackbox",
    title="Black box",
    smac_class="BlackBoxFacade",
    needs_budget=False,
    summary="Bayesian optimisation with a Gaussian process: the most from the fewest trials, at the price of thinking.",
    when="Trials are expensive and few (up to about 200), the space small (up to about ten) and mostly numbers.",
    why="A Gaussian process models smooth responses well, but its own time grows with the cube of the trials.",
    build=build,
    order=2,
)
