"""How many broken functions each rule catches: `make mutants`.

Every mutator of every rule breaks every good function (by hand in the rule book, and composed for several jobs);
the rule must then fail at its level. Prints caught and missed for each rule with a 95 % interval (Wilson), whether any
good function has a must finding, and writes the table to docs/mutants.json, from which docs/rules.md is made.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from workbench import check, datasets, facades, generate, recipes, rules
from workbench.nouns import Dataset, Job, Scenario

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Good:
    """A function that keeps every rule, and its job."""

    name: str
    code: str
    job: Job


def mixed(task: str) -> Dataset:
    """Numbers, words and gaps, with a target that follows from some of them."""
    random = np.random.default_rng(5)
    n = 400
    frame = pd.DataFrame({f"x{i}": random.normal(size=n) for i in range(9)})
    frame["colour"] = random.choice(["red", "green", "blue"], n)
    frame["size"] = random.choice(["small", "large"], n)
    frame.loc[random.random(n) < 0.1, "x3"] = np.nan
    frame.loc[random.random(n) < 0.05, "colour"] = None
    signal = frame["x0"] + frame["x1"] * (frame["size"] == "large") + 0.3 * random.normal(size=n)
    frame["target"] = np.where(signal > 0, "yes", "no") if task == "classification" else signal
    return datasets.make(frame, "target", name="mixed", source="mixed")


def goods() -> list[Good]:
    made = []
    table = mixed("classification")
    for base in rules.BASES.values():
        if base.needs and find_spec(base.needs) is None:
            continue
        scenario = Scenario(min_budget=1.0, max_budget=27.0)
        made.append(
            Good(f"by hand: {base.id}", base.code, Job(table, base.space, base.facade, base.contract, scenario))
        )
    for task, preset, facade, contract in (
        ("classification", "random_forest", "hyperband", "model"),
        ("classification", "several", "hpo", "metrics"),
        ("classification", "svm", "hpo", "loss"),
        ("regression", "hist_gradient_boosting", "multifidelity", "metrics"),
        ("regression", "knn", "hyperband", "model"),
    ):
        data = mixed(task)
        space = next(p.space for p in recipes.presets(data.task) if p.id == preset)
        scenario = facades.suggest_scenario(facades.get(facade), space, data)
        job = Job(data, space, facade, contract, scenario)
        made.append(Good(f"composed: {preset}, {contract}, {facade}", generate.compose(job).code, job))
    return made


def clean(number: int) -> list[str]:
    """The must findings on a good function: each is a false alarm."""
    good = goods()[number]
    report = check.check(good.code, good.job)
    return [f"{good.name}: {f.rule}: {f.message}" for f in report.blocking]


def hunt(number: int, rule_id: str) -> list[tuple[str, str, str]]:
    """Mutants of one good function for one rule: what was done, and who saw it (read, call, or nobody)."""
    good, rule = goods()[number], rules.get(rule_id)
    if rule.mutate is None or not rule.holds_for(good.job):
        return []
    found = []
    before = ast.unparse(ast.parse(good.code))
    for what, tree in rule.mutate(deepcopy(ast.parse(good.code)), good.job):
        code = ast.unparse(tree)
        if code == before:
            continue
        seen = "nobody"
        for how in ("read", "call"):
            report = check.check(code, good.job, probe=how == "call", only={rule_id})
            if any(f.rule == rule_id and f.verdict == "fail" for f in report.findings):
                seen = how
                break
        found.append((good.name, what, seen))
    return found


def interval(caught: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927)."""
    z = 1.96
    share = caught / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", nargs="*", help="only these")
    parser.add_argument("--goods", nargs="*", type=int, help="only these good functions, by number")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--no-write", action="store_true")
    arguments = parser.parse_args()
    chosen = [r.id for r in rules.rules().values() if r.mutate and (not arguments.rules or r.id in arguments.rules)]
    numbers = arguments.goods if arguments.goods is not None else list(range(len(goods())))
    results: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        alarms = [line for lines in pool.map(clean, numbers) for line in lines]
        waiting = [(number, rule_id, pool.submit(hunt, number, rule_id)) for rule_id in chosen for number in numbers]
        for _, rule_id, future in waiting:
            results[rule_id] += future.result()
    table = []
    print(f"{'rule':<22}{'caught':>8}{'of':>5}{'share':>8}  95 % interval   by reading")
    for rule_id in chosen:
        seen = results[rule_id]
        if not seen:
            continue
        caught = sum(how != "nobody" for _, _, how in seen)
        low, high = interval(caught, len(seen))
        read = sum(how == "read" for _, _, how in seen)
        print(f"{rule_id:<22}{caught:>8}{len(seen):>5}{caught / len(seen):>8.0%}  {low:.0%} to {high:.0%}{'':<6}{read}")
        table.append(
            {"rule": rule_id, "caught": caught, "mutants": len(seen), "low": low, "high": high, "by_reading": read}
        )
    missed = [(r, name, what) for r in chosen for name, what, how in results[r] if how == "nobody"]
    for rule_id, name, what in missed:
        print(f"missed: {rule_id}: {what} ({name})")
    print(f"{len(alarms)} must findings on {len(numbers)} good functions")
    for line in alarms:
        print(f"false alarm: {line}")
    if not arguments.no_write:
        summary = {"good_functions": [goods()[n].name for n in numbers], "false_alarms": len(alarms), "table": table}
        (ROOT / "docs" / "mutants.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    weak = [t for t in table if t["caught"] / t["mutants"] < 0.95]
    return 1 if alarms or weak else 0


if __name__ == "__main__":
    sys.exit(main())
