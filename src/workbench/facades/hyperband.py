"""Hyperband brackets, filled at random."""

from __future__ import annotations

from typing import Any

from workbench.facades._smac import asked, smac_scenario
from workbench.nouns import Facade, Scenario


def build(configspace: Any, scenario: Scenario, output: str) -> Any:
    """SMAC's HyperbandFacade."""
    from smac import HyperbandFacade

    return asked(HyperbandFacade, smac_scenario(configspace, scenario, output, budgets=True))


FACADE = Facade(
    id="hyperband",
    title="Hyperband",
    smac_class="HyperbandFacade",
    needs_budget=True,
    summary="Random configurations, most stopped after a small budget, the best of each round given three times more.",
    when="Trials are cheap at a small budget and you want no model in between; a strong, simple baseline.",
    why="It spends budget where it pays, whatever the space looks like, and adds no thinking time of its own.",
    build=build,
    order=4,
)
