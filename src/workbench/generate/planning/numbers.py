"""The facade and the numbers of a scenario that the rules propose, each with its reason."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from workbench import contracts, facades
from workbench.generate.planning.reckoning import Size, about, count_of, duration, searched
from workbench.nouns import Facade, Job, ProposedNumber, Scenario, Space
from workbench.recipes import Recipe

LONG_TRAINING_S = 2.0
"""From here on a Gaussian process thinks for less time than it saves."""
FEW_TRIALS = 60
SMALL_SPACE = 10
NUMERIC_SHARE = 2 / 3
BY_ROWS = 2_000
"""With fewer rows, a share of them says little about all."""
PASSES = 3
"""So often are all brackets filled at most."""


@dataclass(frozen=True)
class Means:
    """What there is to choose by: the space and its families, seconds of a full training, trainings that fit in."""

    space: Space
    recipes: tuple[Recipe, ...]
    size: Size
    training_s: float
    time_s: float
    trainings: int
    given: bool


def wanted_trials(space: Space) -> int:
    """Ten for each hyperparameter that is searched, from 20 to 100."""
    return min(100, max(20, 10 * searched(space)))


def choose_facade(job: Job, means: Means) -> tuple[Facade, str]:
    """The facade, and why."""
    contract = contracts.get(job.contract)
    count = searched(means.space)
    wanted, fit = wanted_trials(means.space), means.trainings
    if count == 0:
        return facades.get(
            "random"
        ), "Every hyperparameter is a constant: there is one configuration, nothing to learn."
    time = (
        f"About {count_of(fit)} full trainings fit into {duration(means.time_s)}"
        if fit != 1
        else (f"One full training fits into {duration(means.time_s)}")
    )
    steps = [r.title.lower() for r in means.recipes if r.effort]
    if fit < wanted:
        scarce = f"{time}, and {_counted(count)} want{'s' if count == 1 else ''} about {wanted}"
        if contract.takes_budget and (steps or means.size.rows >= BY_ROWS):
            how = f"a few steps of the {steps[0]}" if steps else "a share of the rows"
            return facades.get("multifidelity"), f"{scarce}: {how} already tells good configurations from bad ones."
        if _suits_a_process(means.space):
            return facades.get(
                "blackbox"
            ), f"{scarce}: a Gaussian process makes the most of few trials in a small space."
        why = "" if contract.takes_budget else f", and the {contract.id} contract takes no budget to save with"
        return facades.get("hpo"), f"{scarce}{why}: a random forest learns from every one of them."
    if means.training_s >= LONG_TRAINING_S and wanted <= FEW_TRIALS and _suits_a_process(means.space):
        return facades.get("blackbox"), (
            f"{time}, a training takes {about(means.training_s)}, and {count} hyperparameters, most of them "
            "numbers, are few: a Gaussian process needs the fewest trials there."
        )
    mixture = " with conditions" if means.space.conditions else ""
    return facades.get("hpo"), (
        f"{time}, enough for {_counted(count)}{mixture}: every trial can train in full, and a random forest "
        "learns from any mixture of numbers and choices."
    )


def _suits_a_process(space: Space) -> bool:
    rows = [h for h in space.hyperparameters if h.kind != "constant"]
    numeric = sum(h.kind in ("integer", "float") for h in rows)
    return len(rows) <= SMALL_SPACE and not space.conditions and numeric >= NUMERIC_SHARE * len(rows)


def choose_numbers(job: Job, facade: Facade, means: Means) -> tuple[ProposedNumber, ...]:
    """The numbers of a scenario for a facade."""
    start = facades.suggest_scenario(facade, means.space, job.dataset)
    numbers = _with_budgets(facade, start, means) if facade.needs_budget else [_trials(facade, start, means)]
    numbers.append(_trial_limit(start, means))
    numbers.append(_memory(job, start))
    if means.given:
        numbers.append(ProposedNumber("wall_limit_s", means.time_s, "The time that you gave for the run."))
    return tuple(numbers)


def _trials(facade: Facade, start: Scenario, means: Means) -> ProposedNumber:
    count, fit = searched(means.space), means.trainings
    if count == 0:
        return ProposedNumber("n_trials", 1, "There is one configuration.")
    if fit >= start.n_trials:
        each = round(start.n_trials / count)
        return ProposedNumber(
            "n_trials",
            start.n_trials,
            f"About {each} for each of {_counted(count)}." if count > 1 else "One is searched.",
        )
    least = max(fit, 5)
    text = f"{start.n_trials} would be better, but about {count_of(fit)} fit into {duration(means.time_s)}"
    return ProposedNumber("n_trials", least, f"{text}; with fewer than 5 nothing is learnt." if fit < 5 else f"{text}.")


def _with_budgets(facade: Facade, start: Scenario, means: Means) -> list[ProposedNumber]:
    titles = [r.title for r in means.recipes if r.effort]
    grows = bool(means.recipes) and all(r.effort and r.full_effort >= 50 and not r.scaled for r in means.recipes)
    low, high = (10.0, 90.0) if grows else (1.0, 27.0)
    scenario = replace(start, min_budget=low, max_budget=high)
    rounds = facades.brackets(facade, scenario)
    whole = sum(map(facades.trials_of, rounds))
    cost = sum(map(facades.budget_of, rounds)) / high
    passes = min(PASSES, int(means.trainings / cost))
    what = "steps (trees or rounds)" if grows else "steps or epochs" if titles else "parts of the rows"
    if passes >= 1:
        text = (
            f"{_times(passes)} through all {len(rounds)} brackets, which cost about {passes * cost:.0f} full trainings."
        )
        trials = passes * whole
    else:
        first = facades.trials_of(rounds[0])
        trials = max(first, math.floor(whole * means.trainings / cost))
        text = (
            f"All {len(rounds)} brackets ({whole} trials) cost about {cost:.0f} full trainings, and "
            f"{means.trainings} fit in; so many trials fill what there is time for."
        )
    full = (
        "nine times the first look" if grows else "27 times the first look: three rounds, three times as much in each"
    )
    return [
        ProposedNumber("min_budget", low, f"The first look at a configuration: {low:g} of {high:g} {what}."),
        ProposedNumber("max_budget", high, f"A full training, {full}."),
        ProposedNumber("n_trials", trials, text),
    ]


def _counted(number: int) -> str:
    return f"{number} hyperparameter{'s' if number != 1 else ''}"


def _times(passes: int) -> str:
    return {1: "Once", 2: "Twice"}.get(passes, f"{passes} times")


def _trial_limit(start: Scenario, means: Means) -> ProposedNumber:
    reckoned = 10 * means.training_s
    limit = max(start.trial_limit_s, math.ceil(reckoned / 10) * 10.0)
    rows = f"{means.size.rows:,} rows are trained on, which takes {about(means.training_s)}"
    if limit > means.time_s:
        return ProposedNumber("trial_limit_s", means.time_s, f"{rows}; no trial may take more than the whole run.")
    return ProposedNumber(
        "trial_limit_s", limit, f"{rows}; a configuration that takes ten times as long, and longer, is given up."
    )


def _memory(job: Job, start: Scenario) -> ProposedNumber:
    table_mb = float(job.dataset.X.memory_usage(deep=False).sum()) / 2**20
    needed = math.ceil((1024 + 12 * table_mb) / 1024) * 1024
    size = f"{table_mb:.0f} MB" if table_mb >= 1 else "less than 1 MB"
    text = f"The table takes {size}; a dozen copies of it and the libraries have room."
    return ProposedNumber("memory_limit_mb", max(start.memory_limit_mb, needed), text)
