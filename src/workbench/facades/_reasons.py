"""Why each number of a scenario is what it is, in a sentence."""

from __future__ import annotations

from collections.abc import Collection

from workbench.facades._brackets import brackets, budget_of, trials_of
from workbench.facades._suggestion import LARGE_ROWS, SMALL_ROWS, grows_an_ensemble, suggest_scenario
from workbench.nouns import Dataset, Facade, Scenario, Space

TASTE = {"seed", "workers", "ask_ahead"}
"""What does not follow from the data."""


def explain_scenario(
    facade: Facade, space: Space, dataset: Dataset | None, scenario: Scenario, touched: Collection[str] = ()
) -> dict[str, str]:
    """For each number its reason; for one that a person has set (`touched`), what would follow from the data."""
    suggested = suggest_scenario(facade, space, dataset)
    reasons = {
        "n_trials": _trials(facade, space),
        "min_budget": _budget(facade, space, suggested),
        "max_budget": _rounds(facade, scenario),
        "trial_limit_s": _limit(dataset, suggested),
        "memory_limit_mb": _memory(dataset, suggested),
        "wall_limit_s": "The run ends with its last trial; a limit ends it earlier.",
        "seed": "Any whole number; the same one makes the same run.",
        "instances": _instances(facade, scenario),
        "workers": "One at a time: every trial sees all that was learnt before. More finish sooner.",
        "ask_ahead": _ahead(facade),
    }
    for name in set(touched) - TASTE:
        would = getattr(suggested, name, None)
        if name in reasons and would is not None and would != getattr(scenario, name):
            reasons[name] = f"You set it; {would:g} would follow from the data. {reasons[name]}"
    return reasons


def _trials(facade: Facade, space: Space) -> str:
    searched = sum(h.kind != "constant" for h in space.hyperparameters)
    if facade.needs_budget:
        return "60: most of them are stopped early, so more configurations are tried for the same time."
    if facade.needs_instances:
        return "Three times ten for each hyperparameter: what holds up is tried on every instance."
    most = 50 if facade.id == "blackbox" else 100
    why = "; a Gaussian process grows slow beyond 50" if facade.id == "blackbox" else ""
    return f"Ten for each of the {searched} hyperparameters that are searched, from 20 to {most}{why}."


def _budget(facade: Facade, space: Space, suggested: Scenario) -> str:
    if not facade.needs_budget:
        return f"{facade.title} gives every trial the full effort."
    if grows_an_ensemble(space):
        return f"The space grows an ensemble: {suggested.min_budget:g} estimators show whether it is worth more."
    return f"{suggested.min_budget:g}: one epoch or step, the least that shows a difference."


def _rounds(facade: Facade, scenario: Scenario) -> str:
    if not facade.needs_budget:
        return f"{facade.title} gives every trial the full effort."
    found = brackets(facade, scenario)
    if not found:
        return "Three times three times three the smallest makes four rounds."
    total = sum(map(budget_of, found))
    return (
        f"{len(found[0])} rounds of a third each between the two budgets; all brackets take "
        f"{sum(map(trials_of, found)):,} trials and a sum of budgets of {total:,.4g}."
    )


def _instances(facade: Facade, scenario: Scenario) -> str:
    if not facade.needs_instances:
        return f"{facade.title} tries every configuration once, on the whole table."
    if isinstance(scenario.instances, str):
        return "A table for each value of this column; a number is so many seeds."
    return "Seeds, so that no split is won by luck; the name of a column makes a table for each of its values."


def _ahead(facade: Facade) -> str:
    if facade.id == "random":
        return "Random search learns nothing from costs: the run is the same, and sooner."
    return (
        "The next configuration is chosen while a trial runs, without its cost: sooner where trials take about as long "
        "as SMAC thinks, some tenths of a second and less."
    )


def _limit(dataset: Dataset | None, suggested: Scenario) -> str:
    rows = f"The table has {dataset.rows:,} rows: " if dataset is not None else ""
    return (
        f"{rows}60 s below {SMALL_ROWS:,} rows, 300 s below {LARGE_ROWS:,}, 900 s from there on; "
        f"here {suggested.trial_limit_s:g} s."
    )


def _memory(dataset: Dataset | None, suggested: Scenario) -> str:
    if dataset is None:
        return f"{suggested.memory_limit_mb:,} MB leave room on a laptop."
    table = float(dataset.X.memory_usage(deep=False).sum()) / 2**20
    return f"The table takes {table:,.1f} MB; {suggested.memory_limit_mb:,} MB leave room for models and copies."
