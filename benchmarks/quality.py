"""Whether the faster search finds as much: the hpo facade against SMAC as it comes, TPE and random search.

Eight formulas with known lowest costs and three `train` functions on real data (`benchmarks/functions`), the same seeds
for all optimisers. `ours` and `smac` begin with the same configurations, by the same seed: that is looked at in every
pair. All four try the default configuration. `smac` is HyperparameterOptimizationFacade with its own search and its own
forest; only the room that the forest makes for its leaves is the workbench's, which changes no bit of what it says
(`--untouched` leaves that too, at many times the time). `tpe` is Optuna's TPESampler as it comes (extra `bench`). No
isolation: ask and tell here. `ahead` is ours where the next configuration is asked for before the cost of the last is
told (`ask_ahead` of a scenario). The first optimiser named is the one that is held against the others.

Each finished run is a line of JSON in `--out`, and what is there is not run again: it can be interrupted and continued,
seed after seed. `--report` only reads.

Regret is the lowest cost found less the lowest there is; where nobody knows that, less the lowest that any optimiser
found in any seed. Won and lost are seeds in which the first has the lower or the higher regret; p is Wilcoxon's
signed-rank test, two-sided, of the logarithms of the paired regrets; "of all" is p after Holm's correction for as many
tests as there are functions.

    python benchmarks/quality.py --out quality.jsonl [--functions branin,svm] [--seeds 30] [--trials 50]
                                 [--optimisers ours,smac,tpe,random,ahead] [--facade blackbox] [--untouched] [--report]
                                 [--quick]

With `--facade blackbox`, in a file of its own, `smac` is BlackBoxFacade with its own search, and the Gaussian process
that is trained without copying its kernel, which changes no bit of it either.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from workbench.worker.environment import THREADS

os.environ.update(dict.fromkeys(THREADS, "1"))  # before numpy is there

import numpy as np
from functions import FUNCTIONS, Function
from scipy import stats

from workbench import facades, space
from workbench.facades._smac import asked, process, smac_scenario
from workbench.nouns import Scenario

# ---------------------------------------------------------------- the optimisers


def drive(facade: Any, function: Function, trials: int, *, ahead: bool = False) -> list[float]:
    from smac.runhistory import TrialValue

    costs: list[float] = []
    asked = [facade.ask()]
    while len(costs) < trials:
        if ahead and len(costs) + 1 < trials:
            asked.append(facade.ask())
        info = asked.pop(0) if asked else facade.ask()
        costs.append(function.cost(dict(info.config)))
        facade.tell(info, TrialValue(cost=costs[-1], time=0.0), save=False)
    return costs


def ours(
    function: Function, trials: int, seed: int, output: str, *, facade: str = "hpo", ahead: bool = False
) -> list[float]:
    configspace = space.to_configspace(function.space, seed=seed)
    made = facades.get(facade).build(configspace, Scenario(n_trials=trials, seed=seed), output)
    return drive(made, function, trials, ahead=ahead)


def smac(function: Function, trials: int, seed: int, output: str, *, untouched: bool = False) -> list[float]:
    from smac import HyperparameterOptimizationFacade as Facade

    configspace = space.to_configspace(function.space, seed=seed)
    scenario = smac_scenario(configspace, Scenario(n_trials=trials, seed=seed), output, budgets=False)
    model = Facade.get_model(scenario)
    if not untouched:
        model._rf_opts["max_leaf_nodes"] = trials + 1
    return drive(asked(Facade, scenario, model=model), function, trials)


def smac_blackbox(function: Function, trials: int, seed: int, output: str, *, untouched: bool = False) -> list[float]:
    from smac import BlackBoxFacade

    configspace = space.to_configspace(function.space, seed=seed)
    scenario = smac_scenario(configspace, Scenario(n_trials=trials, seed=seed), output, budgets=False)
    model = BlackBoxFacade.get_model(scenario) if untouched else process(BlackBoxFacade, scenario)
    return drive(asked(BlackBoxFacade, scenario, model=model), function, trials)


def random(function: Function, trials: int, seed: int, output: str) -> list[float]:
    configspace = space.to_configspace(function.space, seed=seed)
    drawn = [configspace.get_default_configuration(), *configspace.sample_configuration(trials)][:trials]
    return [function.cost(dict(config)) for config in drawn]


def tpe(function: Function, trials: int, seed: int, output: str) -> list[float]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    default = space.to_configspace(function.space, seed=seed).get_default_configuration()
    study.enqueue_trial({name: plain(value) for name, value in dict(default).items()})
    costs: list[float] = []

    def objective(trial: Any) -> float:
        costs.append(function.cost(suggested(function, trial)))
        return costs[-1]

    study.optimize(objective, n_trials=trials)
    return costs


def plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def suggested(function: Function, trial: Any) -> dict[str, Any]:
    """A configuration of Optuna's: of what is active only."""
    config: dict[str, Any] = {}
    for h in function.space.hyperparameters:
        if not all(holds(clause, config) for c in function.space.conditions_of(h.name) for clause in c.clauses):
            continue
        if h.kind == "categorical":
            config[h.name] = trial.suggest_categorical(h.name, list(h.choices))
        elif h.kind == "integer":
            config[h.name] = trial.suggest_int(h.name, h.low, h.high, log=h.log)
        else:
            config[h.name] = trial.suggest_float(h.name, h.low, h.high, log=h.log)
    return config


def holds(clause: Any, config: dict[str, Any]) -> bool:
    value = config.get(clause.parent)
    if value is None:
        return False
    tests = {"==": lambda v, w: v == w, "in": lambda v, w: v in w, ">": lambda v, w: v > w}
    return bool(tests[clause.operator](value, clause.value))


OPTIMISERS: dict[str, Callable[..., list[float]]] = {
    "ours": ours,
    "smac": smac,
    "tpe": tpe,
    "random": random,
    "ahead": partial(ours, ahead=True),
}


# ---------------------------------------------------------------- the study


def study(asked: argparse.Namespace, names: list[str], optimisers: list[str]) -> list[dict[str, Any]]:
    """Run what is not in the file yet, seed after seed, and read all of it."""
    known = read(asked.out, asked.trials)
    done = {(r["function"], r["seed"], r["optimiser"]) for r in known}
    for seed in range(asked.seeds):
        for name in names:
            for optimiser in optimisers:
                if asked.report or (name, seed, optimiser) in done:
                    continue
                options: dict[str, Any] = {"untouched": True} if asked.untouched and optimiser == "smac" else {}
                if optimiser in ("ours", "ahead"):
                    options["facade"] = asked.facade
                drive_it = smac_blackbox if (optimiser, asked.facade) == ("smac", "blackbox") else OPTIMISERS[optimiser]
                began, cpu = time.perf_counter(), time.process_time()
                with tempfile.TemporaryDirectory() as output, warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    costs = drive_it(FUNCTIONS[name], asked.trials, seed, output, **options)
                row = {
                    "function": name,
                    "seed": seed,
                    "optimiser": optimiser,
                    "costs": costs,
                    "seconds": round(time.perf_counter() - began, 3),
                    "cpu_s": round(time.process_time() - cpu, 3),
                }
                known.append(row)
                if asked.out is not None:
                    with asked.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(row) + "\n")
    return [r for r in known if r["function"] in names and r["seed"] < asked.seeds]


def read(path: Path | None, trials: int) -> list[dict[str, Any]]:
    if path is None or not path.exists():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:  # the last line of one that was interrupted
            continue
    return [row for row in rows if len(row["costs"]) == trials]


# ---------------------------------------------------------------- the report


def lowest(rows: list[dict[str, Any]], name: str) -> float:
    """The cost that regret counts from."""
    known = FUNCTIONS[name].lowest
    return min((min(r["costs"]) for r in rows if r["function"] == name), default=0.0) if known is None else known


def regrets(rows: list[dict[str, Any]], name: str, optimiser: str, at: int | None = None) -> dict[int, float]:
    """Regret by seed, after so many trials; what is nearer to the lowest than `near` is the same."""
    least, near = lowest(rows, name), FUNCTIONS[name].near
    return {
        r["seed"]: max(near, min(r["costs"][:at]) - least)
        for r in rows
        if r["function"] == name and r["optimiser"] == optimiser
    }


def beginnings(rows: list[dict[str, Any]], own: str) -> str:
    """In how many pairs the first optimiser and smac had the same first costs, and how many those are at least."""
    costs = {(r["function"], r["seed"], r["optimiser"]): r["costs"] for r in rows}
    shared = []
    for (name, seed, optimiser), one in costs.items():
        other = costs.get((name, seed, "smac")) if optimiser == own else None
        if other is not None:
            shared.append(next((i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b), len(one)))
    return (
        f"{len(shared)} pairs of {own} and smac; the first {min(shared, default=0)} costs or more are the same in each"
    )


def compared(one: dict[int, float], other: dict[int, float]) -> np.ndarray:
    """The paired differences of log10 of regret, the first less the other's."""
    return np.array([np.log10(one[s]) - np.log10(other[s]) for s in sorted(set(one) & set(other))])


def probability(difference: np.ndarray) -> float:
    """Wilcoxon's p; not a number where too few pairs differ."""
    return float(stats.wilcoxon(difference).pvalue) if (difference != 0).sum() > 5 else float("nan")


def words(difference: np.ndarray) -> str:
    """Median ratio of regrets; seeds won, tied and lost; p."""
    won, lost = int((difference < 0).sum()), int((difference > 0).sum())
    middle = 10 ** float(np.median(difference)) if len(difference) else float("nan")
    tied = len(difference) - won - lost
    return f"{middle:.2f} | {won} / {tied} / {lost} | {written(probability(difference))}"


def written(p: float) -> str:
    """A p as it stands in a table."""
    return "below 0.001" if p < 0.001 else f"{p:.3f}"


def of_all(each: list[float]) -> list[float]:
    """Holm's correction: the smallest p times the number of tests, the next times one fewer, none below the last."""
    corrected, highest = list(each), 0.0
    known = sorted((p, i) for i, p in enumerate(each) if not np.isnan(p))
    for fewer, (p, i) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - fewer)))
        corrected[i] = highest
    return corrected


def report(rows: list[dict[str, Any]], names: list[str], optimisers: list[str], trials: int) -> None:
    own, others = optimisers[0], optimisers[1:]
    against = {o: {n: compared(regrets(rows, n, own), regrets(rows, n, o)) for n in names} for o in others}
    seeds = {n: len(set(regrets(rows, n, own)) & set(regrets(rows, n, "smac"))) for n in names}
    print(f"{trials} trials; pairs of {own} and smac: {', '.join(f'{n} {k}' for n, k in seeds.items())}")
    print(beginnings(rows, own))
    print("\n| median regret | " + " | ".join(optimisers) + " |\n" + "|---" * (len(optimisers) + 1) + "|")
    for name in names:
        found = [list(regrets(rows, name, o).values()) for o in optimisers]
        print(f"| {name} | " + " | ".join(f"{np.median(f):.3g}" if f else "–" for f in found) + " |")
    for other, differences in against.items():
        print(f"\n| {own} against {other} | {own} ÷ {other}, median | won / tied / lost | p | p of all |")
        print("|---|---|---|---|---|")
        corrected = of_all([probability(differences[n]) for n in names])
        for name, p in zip(names, corrected, strict=True):
            print(f"| {name} | {words(differences[name])} | {written(p)} |")
        for what, chosen in kinds(names).items():
            print(f"| **{what}** | {words(np.concatenate([differences[n] for n in chosen]))} | |")
    print(
        f"\n| seed by seed | {own} ÷ it, mean over the functions, median | won / tied / lost | p |\n|---|---|---|---|"
    )
    for other in others:
        for what, chosen in kinds(names).items():
            print(f"| {what}, against {other} | {words(by_seed(rows, chosen, own, other))} |")
    print("\n| | " + " | ".join(optimisers) + " |\n" + "|---" * (len(optimisers) + 1) + "|")
    formulas = kinds(names).get("formulas", names)
    cpu = [[r["cpu_s"] for r in rows if r["optimiser"] == o and r["function"] in formulas] for o in optimisers]
    print("| CPU s a run, median, formulas | " + " | ".join(f"{np.median(c or [np.nan]):.2f}" for c in cpu) + " |")
    print(
        f"\n| after so many trials, all functions | {own} ÷ smac, median | won / tied / lost | p |\n|---|---|---|---|"
    )
    for at in sorted({trials // 2, 3 * trials // 4, trials}):
        pairs = [compared(regrets(rows, n, own, at), regrets(rows, n, "smac", at)) for n in names]
        print(f"| {at} | {words(np.concatenate(pairs))} |")


def by_seed(rows: list[dict[str, Any]], names: list[str], own: str, other: str) -> np.ndarray:
    """Of each seed that has all of the functions, the mean of their differences: seeds are what is drawn anew."""
    pairs = {n: (regrets(rows, n, own), regrets(rows, n, other)) for n in names}
    shared = set.intersection(*(set(a) & set(b) for a, b in pairs.values()))
    differences = [[np.log10(a[s] / b[s]) for a, b in pairs.values()] for s in sorted(shared)]
    return np.array([np.mean(d) for d in differences])


def kinds(names: list[str]) -> dict[str, list[str]]:
    """The functions that are looked at together."""
    formulas = [n for n in names if FUNCTIONS[n].lowest is not None]
    trained = [n for n in names if n not in formulas]
    return {"formulas": formulas, "real": trained, "all": names} if formulas and trained else {"all": names}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, help="a line of JSON for each finished run; what is there is kept")
    parser.add_argument("--functions", default=",".join(FUNCTIONS))
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--optimisers", default="ours,smac,tpe,random")
    parser.add_argument("--facade", default="hpo", choices=("hpo", "blackbox"))
    parser.add_argument("--untouched", action="store_true", help="SMAC's forest makes its own room for leaves")
    parser.add_argument("--report", action="store_true", help="only the tables of what is in --out")
    parser.add_argument("--quick", action="store_true", help="twelve trials of two functions, one seed, without TPE")
    asked = parser.parse_args()
    names, optimisers = asked.functions.split(","), asked.optimisers.split(",")
    if asked.quick:
        names, optimisers = ["branin", "svm"], ["ours", "smac", "random", "ahead"]
        asked.seeds, asked.trials = 1, 12
    report(study(asked, names, optimisers), names, optimisers, asked.trials)


if __name__ == "__main__":
    main()
