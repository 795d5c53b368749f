"""Numbers to start a scenario with, each for a reason."""

from __future__ import annotations

from workbench.facades._instances import SUGGESTED
from workbench.nouns import Dataset, Facade, Scenario, Space

SMALL_ROWS, LARGE_ROWS = 5_000, 50_000
ESTIMATORS = ("n_estimators", "max_iter", "iterations", "num_trees", "n_trees")


def suggest_scenario(facade: Facade, space: Space, dataset: Dataset | None = None) -> Scenario:
    """A scenario that a laptop finishes in minutes.

    - trials: ten for each hyperparameter that is searched, from 20 to 100; 60 with budgets, two brackets; three
      times as many over instances;
    - budgets: 1 to 27 (epochs, or steps of an ensemble), three rounds of a third each; 10 to 90 where the space or its
      name speaks of estimators;
    - trial limit: 60 s for a small table, 300 s from 5,000 rows on, 900 s from 50,000;
    - memory: 4 GiB a trial.
    """
    searched = sum(h.kind != "constant" for h in space.hyperparameters)
    trials = min(100, max(20, 10 * searched))
    low = high = None
    if facade.needs_budget:
        trials = 60
        low, high = (10.0, 90.0) if grows_an_ensemble(space) else (1.0, 27.0)
    if facade.id == "blackbox":
        trials = min(trials, 50)
    instances = None
    if facade.needs_instances:
        trials, instances = 3 * trials, SUGGESTED
    rows = dataset.rows if dataset is not None else 0
    limit = 60.0 if rows < SMALL_ROWS else 300.0 if rows < LARGE_ROWS else 900.0
    return Scenario(n_trials=trials, min_budget=low, max_budget=high, trial_limit_s=limit, instances=instances)


def grows_an_ensemble(space: Space) -> bool:
    """Whether the space, or its name, speaks of estimators that are added one by one."""
    ensembles = ("forest", "trees", "boost")
    return any(n.endswith(ESTIMATORS) for n in space.names) or any(w in space.name.lower() for w in ensembles)
