"""What the search for the next configuration finds on one and the same model, against SMAC's own, and at what price.

A model (the forest of hpo, or the Gaussian process of blackbox) is trained on random configurations of a function of
`benchmarks/functions`; then SMAC's maximiser and the workbench's look for the highest expected improvement on it, with
the same seed. "Higher" and "lower" are models on which ours found one that is more than a thousandth higher or lower.

    python benchmarks/searching.py [--functions branin,svm,network] [--seeds 5] [--known 20,40] [--quick]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
import warnings
from typing import Any

from workbench.worker.environment import THREADS

os.environ.update(dict.fromkeys(THREADS, "1"))  # before numpy is there

import numpy as np
from functions import FUNCTIONS, Function

from workbench import space
from workbench.facades._smac import forest, process, search, smac_scenario
from workbench.nouns import Scenario


def once(kind: str, function: Function, seed: int, known: int) -> tuple[float, float, float, float]:
    """The highest value that SMAC's search and ours find, and the CPU seconds that each takes."""
    import smac
    from smac.acquisition.function import EI

    facade = {"forest": smac.HyperparameterOptimizationFacade, "process": smac.BlackBoxFacade}[kind]
    configspace = space.to_configspace(function.space, seed=seed)
    tried = configspace.sample_configuration(known)
    costs = np.array([[function.cost(dict(c))] for c in tried])
    with tempfile.TemporaryDirectory() as output:
        scenario = smac_scenario(configspace, Scenario(n_trials=50, seed=seed), output, budgets=False)
    y = np.log(np.maximum(costs, 1e-10)) if kind == "forest" else costs
    model = forest(scenario, log_y=True) if kind == "forest" else process(facade, scenario)
    X = np.array([c.get_array() for c in tried])
    model.train(X, y)
    function_ = EI(log=kind == "forest")
    best = int(np.argmin(y))
    function_.update(model=model, eta=float(y.min()), incumbent_array=X[best], num_data=known, X=X)
    found = []
    for made in (facade.get_acquisition_maximizer(scenario), search(scenario)):
        made.acquisition_function = function_
        cpu = time.process_time()
        first = next(iter(made.maximize(list(tried))))
        found += [float(function_([first])[0, 0]), time.process_time() - cpu]
    return found[0], found[2], found[1], found[3]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--functions", default="branin,svm,network")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--known", default="20,40", help="how many configurations a model knows")
    parser.add_argument("--quick", action="store_true", help="one model of each kind")
    asked = parser.parse_args()
    names, knowns, seeds = asked.functions.split(","), [int(n) for n in asked.known.split(",")], range(asked.seeds)
    if asked.quick:
        names, knowns, seeds = ["branin"], [10], range(1)
    print(f"load {os.getloadavg()[0]:.1f}; CPU: medians (lowest–highest)")
    print(f"{'model':<9}{'models':>8}{'higher':>8}{'same':>6}{'lower':>7}{'CPU s: smac':>14}{'ours':>7}{'ratio':>20}")
    for kind in ("forest", "process"):
        rows: list[Any] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = [once(kind, FUNCTIONS[n], s, k) for n in names for s in seeds for k in knowns]
        higher = sum(ours > theirs + 1e-3 * abs(theirs) for theirs, ours, _, _ in rows)
        lower = sum(ours < theirs - 1e-3 * abs(theirs) for theirs, ours, _, _ in rows)
        ratios = [r[2] / r[3] for r in rows]
        spread = f"{statistics.median(ratios):.1f} ({min(ratios):.1f}–{max(ratios):.1f})"
        print(
            f"{kind:<9}{len(rows):>8}{higher:>8}{len(rows) - higher - lower:>6}{lower:>7}"
            f"{statistics.median(r[2] for r in rows):>14.2f}{statistics.median(r[3] for r in rows):>7.2f}{spread:>20}"
        )


if __name__ == "__main__":
    main()
