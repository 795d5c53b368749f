"""Bayesian optimisation with a random forest."""

from __future__ import annotations

from typing import Any

from workbench.facades._smac import asked, forest, found_at_once, search, selector, smac_scenario
from workbench.nouns import Facade, Scenario


def build(configspace: Any, scenario: Scenario, output: str) -> Any:
    """SMAC's HyperparameterOptimizationFacade."""
    from smac import HyperparameterOptimizationFacade

    asked_scenario = smac_scenario(configspace, scenario, output, budgets=False)
    return asked(
        HyperparameterOptimizationFacade,
        asked_scenario,
        model=forest(asked_scenario, log_y=True),
        acquisition_maximizer=search(asked_scenario),
        config_selector=selector(asked_scenario),
        **found_at_once(HyperparameterOptimizationFacade, asked_scenario, selector=False),
    )


FACADE = Facade(
    id="hpo",
    title="Hyperparameter optimisation",
    smac_class="HyperparameterOptimizationFacade",
    needs_budget=False,
    summary="Bayesian optimisation with a random forest: learns from every trial which region is worth the next one.",
    when="Each trial trains in full. Any mixture of numbers, choices and conditions; tens to a thousand trials.",
    why="The forest copes with categories, conditions and many dimensions, where a Gaussian process does not.",
    build=build,
    order=1,
)
