"""Hyperband brackets, filled by a random forest."""

from __future__ import annotations

from typing import Any

from workbench.facades._smac import asked, forest, search, selector, smac_scenario
from workbench.nouns import Facade, Scenario


def build(configspace: Any, scenario: Scenario, output: str) -> Any:
    """SMAC's MultiFidelityFacade."""
    from smac import MultiFidelityFacade

    asked_scenario = smac_scenario(configspace, scenario, output, budgets=True)
    return asked(
        MultiFidelityFacade,
        asked_scenario,
        model=forest(asked_scenario, log_y=True),
        acquisition_maximizer=search(asked_scenario),
        config_selector=selector(asked_scenario),
    )


FACADE = Facade(
    id="multifidelity",
    title="Multi-fidelity",
    smac_class="MultiFidelityFacade",
    needs_budget=True,
    summary="Hyperband with a random forest that proposes what to try: many cheap looks, few trained in full.",
    when="A small budget (few epochs, estimators, or part of the data) already tells good from bad, and trials add up.",
    why="It drops poor configurations early, as Hyperband does, and learns from all of them.",
    build=build,
    order=3,
)
