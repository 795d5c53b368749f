"""What the offline composer writes for random jobs, held against every rule of the rule book."""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter
from functools import cache
from random import Random
from typing import NamedTuple

import numpy as np
import pandas as pd

from workbench import check, contracts, datasets, facades, recipes, space
from workbench.check.probing import Budget
from workbench.generate import compose
from workbench.nouns import (
    Clause,
    Condition,
    Dataset,
    Finding,
    Hyperparameter,
    Job,
    Scenario,
    Space,
    Task,
)
from workbench.recipes import PREPROCESSING, Parameter, Recipe

TASKS: tuple[Task, ...] = ("classification", "regression")
TABLES = ("mixed", "numbers", "categories", "small")
BUDGETS = ((1.0, 9.0), (0.1, 1.0), (1.0, 27.0), (3.0, 81.0))
DEAREST = {
    "n_estimators": 40, "max_iter": 60, "epochs": 6, "n_layers": 3, "n_units": 24, "n_blocks": 3, "n_filters": 8,
    "batch_size": 64, "depth": 5, "kernel_size": 5, "num_leaves": 40, "hidden_factor": 3,
}  # fmt: skip
"""The largest values that are drawn, where larger ones would only take longer."""


@cache
def table(task: Task, kind: str) -> Dataset:
    """A small table: mixed with gaps and a class of one row, numbers alone, categories alone, or a few rows."""
    rng = np.random.default_rng(7)
    rows = 36 if kind == "small" else 150
    signal, other = rng.normal(size=rows), rng.normal(size=rows)
    frame = pd.DataFrame({"x": signal, "z with a blank": other})
    if kind in ("mixed", "categories"):
        frame["kind"] = np.where(signal > 0.7, "high", np.where(signal < -0.5, "low", "middle"))
        frame["flag"] = rng.random(rows) < 0.5
        frame["town"] = rng.choice(["Aa", "Bö", "C c"], rows)
        frame.loc[::9, "kind"] = None
    if kind == "mixed":
        frame["when"] = pd.date_range("2020-01-01", periods=rows)
        frame.loc[::7, "x"] = np.nan
    if kind == "categories":
        frame = frame[["kind", "town"]].copy()
    score = signal + 0.5 * other
    if task == "regression":
        frame["target"] = 100 + 10 * score
    elif kind == "numbers":
        frame["target"] = np.digitize(score, [-0.6, 0.6])
    else:
        frame["target"] = np.where(score > 0, "yes", "no")
        frame.loc[5, "target"] = "rare" if kind == "mixed" else frame.loc[5, "target"]
    return datasets.make(frame, "target", task=task, name=kind)


def draw_job(rng: Random, families: tuple[str, ...] = ()) -> Job:
    """A job that the composer should be able to write: any task, table, contract, facade, budget and mixture."""
    task = rng.choice(TASKS)
    contract = rng.choice(list(contracts.contracts().values()))
    fitting = [f.id for f in facades.facades().values() if contract.takes_budget or not f.needs_budget]
    low, high = rng.choice(BUDGETS)
    known = [r for r in recipes.recipes().values() if task in r.estimators and (not families or r.id in families)]
    chosen = rng.sample(known, min(len(known), rng.choice((1, 1, 1, 2, 3, 4))))
    made = _one(rng, chosen[0], task) if len(chosen) == 1 else _several(rng, chosen, task)
    scenario = Scenario(min_budget=low, max_budget=high)
    return Job(table(task, rng.choice(TABLES)), made, rng.choice(fitting), contract.id, scenario)


def _one(rng: Random, recipe: Recipe, task: Task) -> Space:
    rows = _rows(rng, recipe, task, rng.choice(("", "", f"{recipe.short}_", f"{recipe.id}:")))
    if rng.random() < 0.5:  # without it, the names must tell the family
        rows.insert(0, Hyperparameter("algorithm", "constant", default=recipe.id))
    return _with_preprocessing(rng, rows, [])


def _several(rng: Random, chosen: list[Recipe], task: Task) -> Space:
    words = [rng.choice((r.id, r.title, *r.names, r.short)) for r in chosen]
    rows = [Hyperparameter("algorithm", "categorical", choices=tuple(words), default=words[0])]
    conditions = []
    for recipe, word in zip(chosen, words, strict=True):
        own = _rows(rng, recipe, task, f"{recipe.short}{rng.choice('_:')}")
        rows += own
        conditions += [Condition(h.name, (Clause("algorithm", "==", word),)) for h in own]
    return _with_preprocessing(rng, rows, conditions)


def _with_preprocessing(rng: Random, rows: list[Hyperparameter], conditions: list[Condition]) -> Space:
    before = [p for p in PREPROCESSING if rng.random() < 0.2]
    rows = rows + [_row(rng, p, rng.choice((p.name, *p.aliases))) for p in before]
    return Space(tuple(rows), tuple(conditions), name="drawn")


def _rows(rng: Random, recipe: Recipe, task: Task, prefix: str) -> list[Hyperparameter]:
    known = [p for p in recipe.parameters if task in p.tasks]
    chosen = rng.sample(known, min(len(known), rng.randint(1, 5)))
    return [_row(rng, p, prefix + rng.choice((p.name, *p.aliases))) for p in chosen]


def _row(rng: Random, parameter: Parameter, name: str) -> Hyperparameter:
    """A row with values that the parameter takes, of any kind that does."""
    low = parameter.low if parameter.low is not None else 0.0
    high = parameter.high if parameter.high is not None else max(1.0, 2 * low + 30.0)
    high = min(high, DEAREST.get(parameter.name, high))
    words = [*parameter.choices, *parameter.none[:1]]
    if parameter.kind == "flag":
        return Hyperparameter(name, "categorical", choices=rng.choice(((True, False), ("true", "false"))))
    if parameter.kind == "choice" and not (parameter.numbers and rng.random() < 0.5):
        return Hyperparameter(name, "categorical", choices=tuple(rng.sample(words, rng.randint(1, len(words)))))
    if parameter.kind == "integer":
        low, high = math.ceil(low), math.floor(high)
        ends = sorted(rng.sample(range(low, high + 1), 2))
        if rng.random() < 0.2:
            return Hyperparameter(name, "ordinal", choices=tuple(ends))
        if parameter.none and rng.random() < 0.3:
            return Hyperparameter(name, "categorical", choices=(*ends, parameter.none[0]))
        return Hyperparameter(name, "integer", low=ends[0], high=ends[1], log=ends[0] > 0 and rng.random() < 0.4)
    ends = sorted((low + (high - low) * rng.random() ** 3, low + (high - low) * rng.random()))
    if ends[1] - ends[0] < 1e-3 * (high - low):
        ends = [low, high]
    ends = [float(f"{end:.4g}") for end in ends]
    return Hyperparameter(name, "float", low=ends[0], high=ends[1], log=ends[0] > 0 and rng.random() < 0.4)


class Result(NamedTuple):
    """What is wrong with what was composed, and what finding out took."""

    wrong: tuple[Finding, ...]
    undecided: tuple[Finding, ...]
    calls: int
    seconds: float
    lines: int


def examine(job: Job, *, probe: bool) -> Result:
    """Compose for a job and check the code; every broken rule counts, must or should.

    That a hyperparameter changes nothing is a remark on the space, not on the code: `degree` without a polynomial
    kernel, momentum without the optimiser that has it.
    """
    space.check(job.space)
    code = compose(job).code
    report = check.check(code, job, probe=probe, budget=Budget(call_s=240.0, total_s=1800.0))
    wrong = tuple(f for f in report.findings if f.verdict == "fail" and not _of_the_space(f))
    undecided = tuple(f for f in report.findings if f.verdict == "unknown" and probe)
    return Result(wrong, undecided, report.calls, report.seconds, code.count("\n"))


def _of_the_space(finding: Finding) -> bool:
    return finding.rule == "all-names" and finding.level == "should" and "changes nothing" in finding.message


def described(job: Job) -> str:
    """A job in one line."""
    names = ", ".join(job.space.names)
    return (
        f"{job.dataset.task} of {job.dataset.name}, {job.contract}, {job.facade}, {job.scenario.max_budget:g}: {names}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10, help="jobs whose code is read and called")
    parser.add_argument("--static", type=int, default=200, help="jobs whose code is only read")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--family", action="append", default=[], help="draw these recipes alone (an id)")
    parser.add_argument("--quick", action="store_true", help="a few jobs, only read")
    options = parser.parse_args()
    counts = (0, 5) if options.quick else (options.examples, options.static)
    print("| how | jobs | with findings | findings | undecided | calls | seconds a job |")
    print("|---|---|---|---|---|---|---|")
    wrong: Counter[str] = Counter()
    for probe, count in ((False, counts[1]), (True, counts[0])):
        started, results = time.perf_counter(), []
        for number in range(count):
            job = draw_job(Random(f"{options.seed} {number}"), tuple(options.family))
            result = examine(job, probe=probe)
            results.append(result)
            for finding in result.wrong:
                wrong[finding.rule] += 1
                print(f"  seed {options.seed} {number}, {described(job)}")
                print(f"    {finding.rule}: {finding.message}", flush=True)
            for message in sorted({f.message for f in result.undecided}):
                print(f"  seed {options.seed} {number}, {described(job)}\n    undecided: {message}", flush=True)
        spent = (time.perf_counter() - started) / max(1, count)
        found, total = sum(bool(r.wrong) for r in results), sum(len(r.wrong) for r in results)
        undecided, calls = sum(len(r.undecided) for r in results), sum(r.calls for r in results)
        how = "read and called" if probe else "read"
        print(f"| {how} | {count} | {found} | {total} | {undecided} | {calls} | {spent:.2f} |")
    print(f"0 findings of {len(recipes.recipes())} families" if not wrong else f"by rule: {dict(wrong.most_common())}")


if __name__ == "__main__":
    main()
