"""Racing over instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.facades._smac import asked, smac_scenario
from workbench.nouns import Facade, Instance, Scenario


def build(configspace: Any, scenario: Scenario, output: str, instances: Mapping[str, Instance]) -> Any:
    """SMAC's AlgorithmConfigurationFacade, which asks for a configuration on one of the instances at a time."""
    from smac import AlgorithmConfigurationFacade

    features = {name: list(one.features) for name, one in instances.items()}
    asked_scenario = smac_scenario(configspace, scenario, output, budgets=False, instances=features)
    return asked(AlgorithmConfigurationFacade, asked_scenario)


FACADE = Facade(
    id="ac",
    title="Algorithm configuration",
    smac_class="AlgorithmConfigurationFacade",
    needs_budget=False,
    needs_instances=True,
    summary="Races configurations over several seeds, or over several tables: the best is best on average.",
    when="One cost is mostly luck, or a column (site, year) divides the table and one setting has to serve all parts.",
    why="A poor configuration is dropped after an instance or two; only one that holds up is tried on all of them.",
    build=build,
    order=6,
)
