"""Random search."""

from __future__ import annotations

from typing import Any

from workbench.facades._smac import asked, found_at_once, smac_scenario
from workbench.nouns import Facade, Scenario


def build(configspace: Any, scenario: Scenario, output: str) -> Any:
    """SMAC's RandomFacade."""
    from smac import RandomFacade

    from workbench.facades._known import Drawing, proposing

    asked_scenario = smac_scenario(configspace, scenario, output, budgets=False)
    parts = found_at_once(RandomFacade, asked_scenario, selector=False)
    drawing = proposing(RandomFacade, asked_scenario, Drawing)
    return asked(RandomFacade, asked_scenario, config_selector=drawing, **parts)


FACADE = Facade(
    id="random",
    title="Random search",
    smac_class="RandomFacade",
    needs_budget=False,
    summary="Independent random configurations: the baseline that every other facade has to beat.",
    when="To compare with, to see what a space is like, or when thousands of cheap trials run side by side.",
    why="It has no model that could mislead, and its trials say how hard the problem is.",
    build=build,
    order=5,
)
