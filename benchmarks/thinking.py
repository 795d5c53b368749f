"""What SMAC's own thinking costs, as it comes and as the workbench drives it, and what each finds.

The target is a formula that takes no time, on the preset space of random forests and on a mixed one with a condition.
Both ways ask and tell in a fresh Python process of their own, with one numeric thread: the facade as SMAC builds it,
and the workbench's (the same forest without its waste, the search on arrays). CPU and wall time are for each trial,
without imports; the ratio is SMAC's time by the workbench's within one repeat. Best is the lowest cost found.

    python benchmarks/thinking.py [--facade hpo] [--trials 200] [--repeats 3] [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from workbench.worker.environment import THREADS

MIXED = [
    {"name": "rate", "kind": "float", "low": 1e-4, "high": 1.0, "log": True},
    {"name": "depth", "kind": "integer", "low": 1, "high": 30},
    {"name": "kernel", "kind": "categorical", "choices": ("rbf", "poly", "linear")},
    {"name": "degree", "kind": "integer", "low": 2, "high": 5},
    {"name": "width", "kind": "float", "low": 0.0, "high": 1.0},
]


def spaces() -> dict[str, object]:
    from workbench import recipes
    from workbench.nouns import Clause, Condition, Hyperparameter, Space

    forest = next(p for p in recipes.presets("classification") if p.id == "random_forest").space
    rows = tuple(Hyperparameter(**row) for row in MIXED)  # type: ignore[arg-type]
    return {"forest": forest, "mixed": Space(rows, (Condition("degree", (Clause("kernel", "==", "poly"),)),))}


def one(way: str, name: str, trials: int, seed: int, chosen: str) -> dict[str, float]:
    """Ask and tell in this process."""
    import numpy as np
    import smac
    from smac.runhistory import TrialValue

    from workbench import facades, space
    from workbench.facades._smac import asked, smac_scenario
    from workbench.nouns import Scenario

    configspace = space.to_configspace(spaces()[name], seed=seed)  # type: ignore[arg-type]
    scenario, output = Scenario(n_trials=trials, seed=seed), tempfile.mkdtemp()
    if way == "smac":
        own = getattr(smac, facades.get(chosen).smac_class)
        facade = asked(own, smac_scenario(configspace, scenario, output, budgets=False))
    else:
        facade = facades.get(chosen).build(configspace, scenario, output)
    best, wall, cpu = float("inf"), time.perf_counter(), time.process_time()
    for _ in range(trials):
        info = facade.ask()
        vector = np.nan_to_num(info.config.get_array(), nan=0.7)
        cost = float(np.sum((vector - 0.37) ** 2) + 0.2 * np.sum(np.sin(9 * vector) ** 2))
        best = min(best, cost)
        facade.tell(info, TrialValue(cost=cost, time=0.0), save=False)
    return {
        "wall": 1e3 * (time.perf_counter() - wall) / trials,
        "cpu": 1e3 * (time.process_time() - cpu) / trials,
        "best": best,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="8 trials, once")
    parser.add_argument("--facade", default="hpo", choices=("hpo", "random", "blackbox"))
    parser.add_argument("--one", nargs=4, metavar=("WAY", "SPACE", "TRIALS", "SEED"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        way, name, trials, seed = arguments.one
        print(json.dumps(one(way, name, int(trials), int(seed), arguments.facade)))
        return
    trials, repeats = (8, 1) if arguments.quick else (arguments.trials, arguments.repeats)
    environment = {**os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONWARNINGS": "ignore"}
    print(f"{trials} trials, {repeats} repeats, load {os.getloadavg()[0]:.1f}; medians (lowest–highest)")
    print(
        f"{'space':<9}{'CPU ms: smac':>14}{'workbench':>11}{'ratio of CPU':>20}{'ratio of wall':>20}"
        f"{'best: smac':>14}{'workbench':>11}"
    )
    for name in ("forest",) if arguments.quick else ("forest", "mixed"):
        found: dict[str, list[dict[str, float]]] = {"smac": [], "workbench": []}
        for seed in range(repeats):
            for way, rows in found.items():
                command = [sys.executable, __file__, "--one", way, name, str(trials), str(seed)]
                command += ["--facade", arguments.facade]
                done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
                rows.append(json.loads(done.stdout.splitlines()[-1]))
        ratio = {
            key: [a[key] / b[key] for a, b in zip(found["smac"], found["workbench"], strict=True)]
            for key in ("cpu", "wall")
        }
        middle = {way: {k: statistics.median(r[k] for r in rows) for k in rows[0]} for way, rows in found.items()}
        spread = {k: f"{statistics.median(v):.1f} ({min(v):.1f}–{max(v):.1f})" for k, v in ratio.items()}
        print(
            f"{name:<9}{middle['smac']['cpu']:>14.1f}{middle['workbench']['cpu']:>11.1f}{spread['cpu']:>20}"
            f"{spread['wall']:>20}{middle['smac']['best']:>14.4f}{middle['workbench']['best']:>11.4f}"
        )


if __name__ == "__main__":
    main()
