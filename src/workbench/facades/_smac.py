"""What building any SMAC facade for ask and tell has in common. SMAC is imported inside the functions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.nouns import Scenario

if TYPE_CHECKING:
    import ConfigSpace
    import smac

ETA = 3
"""Of each round of successive halving, one configuration in so many goes on, with so many times the budget."""

LEAST = 2
"""SMAC's initial design is the default configuration and another; who asks for one trial asks for the first of them."""


def smac_scenario(
    configspace: ConfigSpace.ConfigurationSpace,
    scenario: Scenario,
    output: str,
    *,
    budgets: bool,
    instances: Mapping[str, list[float]] | None = None,
) -> smac.Scenario:
    """SMAC's own scenario. The default configuration is tried too: it is what people compare with."""
    import smac

    return smac.Scenario(
        configspace,
        name="run",
        output_directory=Path(output),
        deterministic=True,
        use_default_config=True,
        objectives=list(scenario.objectives) if len(scenario.objectives) > 1 else "cost",
        n_trials=max(LEAST, scenario.n_trials),
        seed=scenario.seed,
        min_budget=scenario.min_budget if budgets else None,
        max_budget=scenario.max_budget if budgets else None,
        instances=None if instances is None else list(instances),
        instance_features=None if instances is None else dict(instances),
    )


def asked(smac_facade: Any, smac_scenario: smac.Scenario, **parts: Any) -> Any:
    """A facade that is driven by ask and tell.

    Without a target function it starts no runner; `overwrite` keeps it from asking on standard input, and
    `logging_level=False` from changing the logging of the process. Several objectives are weighed by ParEGO, anew each
    time that the model is trained, so that the search goes along the whole front; where there is no model, by nothing.
    """
    if smac_scenario.count_objectives() > 1:
        from smac.multi_objective.parego import ParEGO

        parts["multi_objective_algorithm"] = ParEGO(smac_scenario)
        if smac_scenario.max_budget is not None:  # SMAC 2.4 cannot compare points of a front over budgets
            parts["intensifier"] = smac_facade.get_intensifier(smac_scenario, incumbent_selection="highest_budget")
    from workbench.facades._history import lean

    return lean(smac_facade(smac_scenario, target_function=None, overwrite=True, logging_level=False, **parts))


def forest(smac_scenario: smac.Scenario, **options: Any) -> Any:
    """The facade's own random forest on one thread: at these sizes its thread pool costs more than it gives."""
    from workbench.facades._forest import Forest

    return Forest(
        configspace=smac_scenario.configspace,
        instance_features=smac_scenario.instance_features,
        seed=smac_scenario.seed,
        n_trees=10,
        ratio_features=1.0,
        min_samples_split=2,
        min_samples_leaf=1,
        max_depth=2**20,
        bootstrapping=True,
        n_jobs=1,
        **options,
    )


def process(smac_facade: Any, smac_scenario: smac.Scenario) -> Any:
    """The facade's own Gaussian process, trained without copying its kernel for each look."""
    from workbench.facades._process import Process

    return Process(
        configspace=smac_scenario.configspace,
        kernel=smac_facade.get_kernel(smac_scenario),
        normalize_y=True,
        seed=smac_scenario.seed,
    )


def search(smac_scenario: smac.Scenario) -> Any:
    """The facade's own search for the next configuration, on arrays."""
    from workbench.facades._search import Search

    return Search(smac_scenario.configspace, seed=smac_scenario.seed)


def selector(smac_scenario: smac.Scenario) -> Any:
    """What asks the model: trained after each trial at first, then less often."""
    from workbench.facades._selector import Selector

    return Selector(smac_scenario, retrain_after=1)


def found_at_once(smac_facade: Any, smac_scenario: smac.Scenario, *, selector: bool = True) -> dict[str, Any]:
    """The parts of a facade without budgets that look up what is known: its intensifier, and its plain selector."""
    from workbench.facades._known import proposing, racing

    found = {"config_selector": proposing(smac_facade, smac_scenario)} if selector else {}
    return {**found, "intensifier": racing(smac_facade, smac_scenario)}
