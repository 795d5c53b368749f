"""What goes together: facade, contract, space, scenario and data, in sentences."""

from __future__ import annotations

from workbench.facades._brackets import brackets, trials_of
from workbench.facades._instances import instance_remarks
from workbench.facades._memory import memory_remarks
from workbench.facades._objectives import objective_remarks
from workbench.nouns import Contract, Dataset, Facade, FacadeError, Fit, Scenario, Space

MANY_FOR_A_PROCESS = 20
MANY_TRIALS_FOR_A_PROCESS = 200


def fits(
    facade: Facade, contract: Contract, space: Space, scenario: Scenario, dataset: Dataset | None = None
) -> tuple[Fit, ...]:
    """Every remark on this combination, those that stop it first.

    Returns
    -------
    tuple of Fit
        With `ok` False the run cannot start; the sentence says what would work.
    """
    return tuple(sorted(_remarks(facade, contract, space, scenario, dataset), key=lambda fit: fit.ok))


def check(facade: Facade, contract: Contract, space: Space, scenario: Scenario, dataset: Dataset | None = None) -> None:
    """Refuse a combination that cannot run.

    Raises
    ------
    FacadeError
        With the first remark that stops it.
    """
    for fit in fits(facade, contract, space, scenario, dataset):
        if not fit.ok:
            raise FacadeError(fit.text)


def _remarks(
    facade: Facade, contract: Contract, space: Space, scenario: Scenario, dataset: Dataset | None
) -> list[Fit]:
    found = [*_budgets(facade, contract, scenario), *_size(facade, space, scenario), *_places(scenario)]
    found += objective_remarks(facade, contract, scenario)
    found += memory_remarks(scenario)
    found += instance_remarks(scenario, dataset) if facade.needs_instances else []
    if contract.takes_test and dataset is not None:
        found.append(Fit(True, _test_sentence(contract, dataset)))
    return found


def _test_sentence(contract: Contract, dataset: Dataset) -> str:
    if dataset.X_test is None:
        return f"The {contract.id} contract finds no test part, so train splits off its own validation part."
    return f"The {contract.id} contract measures on the test part of {len(dataset.X_test):,} rows."


def _budgets(facade: Facade, contract: Contract, scenario: Scenario) -> list[Fit]:
    if not facade.needs_budget:
        if contract.takes_budget:
            return [Fit(True, f"{facade.title} gives no budget: train is called with budget=None and trains in full.")]
        return [Fit(True, f"{facade.title} needs no budget, and the {contract.id} contract takes none.")]
    if not contract.takes_budget:
        return [
            Fit(
                False,
                f"{facade.title} varies the budget, and train under the {contract.id} contract takes none; "
                "choose the model or metrics contract, or a facade without budgets (hpo, blackbox, random).",
            )
        ]
    low, high = scenario.min_budget, scenario.max_budget
    if low is None or high is None:
        missing = " and ".join(n for n, v in (("min_budget", low), ("max_budget", high)) if v is None)
        return [
            Fit(False, f"{facade.title} needs budgets; give {missing} (epochs, estimators, iterations or a share).")
        ]
    if low >= high:
        return [
            Fit(False, f"min_budget {low:g} is not below max_budget {high:g}; {facade.title} needs room between them.")
        ]
    rounds = brackets(facade, scenario)
    if len(rounds) == 1:
        return [
            Fit(
                True,
                f"max_budget {high:g} is less than three times min_budget {low:g}: there is one round, and nothing is "
                "stopped early.",
            )
        ]
    first = trials_of(rounds[0])
    all_of_them = sum(map(trials_of, rounds))
    if scenario.n_trials < first:
        return [
            Fit(
                True,
                f"The first bracket takes {first} trials and there are {scenario.n_trials}: few or none will reach the "
                f"full budget; {all_of_them} trials finish every bracket once.",
            )
        ]
    return [
        Fit(
            True,
            f"{len(rounds)} brackets of {first} to {trials_of(rounds[-1])} trials; {all_of_them} fill them all.",
        )
    ]


def _places(scenario: Scenario) -> list[Fit]:
    if scenario.cluster is None or not scenario.devices:
        return []
    return [
        Fit(
            False,
            f"devices {', '.join(scenario.devices)} are for workers of this machine, and trials run on "
            f"{scenario.cluster.words}; leave devices out, and start each of its workers with its own "
            "CUDA_VISIBLE_DEVICES (dask-cuda does).",
        )
    ]


def _size(facade: Facade, space: Space, scenario: Scenario) -> list[Fit]:
    if len(space) == 0:
        return [Fit(False, "The space has no hyperparameter; pick a preset or add one.")]
    found: list[Fit] = []
    conditional = {c.child for c in space.conditions}
    found += [
        Fit(
            False,
            f"SMAC cannot search {h.name!r}, which has a prior and is active only under a condition; "
            "leave out the prior, or the condition.",
        )
        for h in space.hyperparameters
        if h.prior is not None and h.name in conditional
    ]
    searched = [h for h in space.hyperparameters if h.kind != "constant"]
    if not searched:
        found.append(Fit(True, "Every hyperparameter is a constant: there is one configuration to try."))
    if facade.id == "blackbox":
        if space.conditions:
            found.append(Fit(True, "A Gaussian process does not see conditions; hpo copes with them better."))
        if len(searched) > MANY_FOR_A_PROCESS:
            found.append(
                Fit(True, f"{len(searched)} hyperparameters are many for a Gaussian process; hpo scales better.")
            )
        if scenario.n_trials > MANY_TRIALS_FOR_A_PROCESS:
            found.append(
                Fit(
                    True,
                    f"{scenario.n_trials} trials are many for a Gaussian process, whose time grows with their cube.",
                )
            )
    if scenario.n_trials == 1:
        found.append(Fit(True, "One trial tries one configuration: nothing is searched before there are more."))
    elif not facade.needs_budget and facade.id != "random" and scenario.n_trials < 2 * len(searched):
        found.append(
            Fit(
                True,
                f"{scenario.n_trials} trials are few for {len(searched)} hyperparameters; ten for each is better.",
            )
        )
    return found
