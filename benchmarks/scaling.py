"""How many workers one driver keeps busy: SMAC's own time, measured here, in a simulation of 10 to 1,000 workers.

First SMAC is asked and told with costs that take no time, and the time of each ask with its tell is kept by the number
of trials known then. With these times a run is simulated event by event: the driver serves one worker at a time, in the
order in which they come; a trial lasts as long as a draw from a log-normal distribution (sigma 0.5) with the given
mean. Beyond the longest history that was measured the time of its last quarter goes on: an underestimate for all but
random search. What the network and the guarded worker add is left out.

    python benchmarks/scaling.py [--history 240] [--seed 0] [--quick]
"""

from __future__ import annotations

import argparse
import heapq
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from workbench import facades, space
from workbench.facades._smac import asked, forest, search, smac_scenario
from workbench.nouns import Hyperparameter, Scenario, Space

SPACE = Space(
    (
        Hyperparameter("a", "float", 0.0, 1.0, default=0.5),
        Hyperparameter("b", "float", 1e-4, 1.0, log=True, default=0.01),
        Hyperparameter("c", "integer", 1, 100, default=10),
        Hyperparameter("d", "integer", 1, 9, default=3),
        Hyperparameter("e", "categorical", choices=("x", "y", "z"), default="x"),
        Hyperparameter("f", "categorical", choices=(True, False), default=True),
    )
)
WORKERS = (10, 30, 100, 300, 1000)
SECONDS = (1.0, 10.0, 60.0, 600.0)
PER_WORKER = 20
"""Trials for each worker in a simulated run."""
WINDOW = 16
"""Thinking comes in lumps (one training serves several asks): times are means over so many trials."""


def every_32(configspace: Any, scenario: Scenario, output: str) -> Any:
    """The hpo facade, trained again after every 32 trials, where it is after each up to 99 known ones."""
    from smac import HyperparameterOptimizationFacade as Facade

    its = smac_scenario(configspace, scenario, output, budgets=False)
    parts = {"model": forest(its, log_y=True), "acquisition_maximizer": search(its)}
    return asked(Facade, its, config_selector=Facade.get_config_selector(its, retrain_after=32), **parts)


WAYS: dict[str, Callable[[Any, Scenario, str], Any]] = {
    "random": facades.get("random").build,
    "hyperband": facades.get("hyperband").build,
    "hpo": facades.get("hpo").build,
    "hpo, trained every 32": every_32,
}


def cost(config: dict[str, Any], budget: float | None) -> float:
    """A smooth valley with two choices in it."""
    far = (config["a"] - 0.3) ** 2 + (np.log10(config["b"]) + 2) ** 2 / 4 + (config["c"] - 40) ** 2 / 5000
    return float(far + 0.1 * (config["e"] != "y") + 0.05 * bool(config["f"]) + (0 if budget is None else 0.1 / budget))


def measure(build: Callable[[Any, Scenario, str], Any], history: int, seed: int) -> list[float]:
    """Seconds of the processor that each ask and its tell took, in order; nothing is saved in between."""
    from smac.runhistory import TrialValue

    scenario = Scenario(n_trials=history, seed=seed, min_budget=1.0, max_budget=27.0)
    found = []
    with tempfile.TemporaryDirectory() as output:
        smac = build(space.to_configspace(SPACE, seed=seed), scenario, output)
        for _ in range(history):
            began = time.process_time()
            info = smac.ask()
            value = TrialValue(cost=cost(dict(info.config), info.budget), time=0.1)
            smac.tell(info, value, save=False)
            found.append(time.process_time() - began)
    return found


def smooth(times: Sequence[float]) -> list[float]:
    """Means over a window, and at the end the level that goes on."""
    means = [statistics.fmean(times[max(0, i - WINDOW + 1) : i + 1]) for i in range(len(times))]
    return [*means, statistics.fmean(times[-max(1, len(times) // 4) :])]


def simulate(thinking: Sequence[float], workers: int, seconds: float, seed: int) -> tuple[float, float]:
    """A run of `PER_WORKER` trials a worker.

    Returns
    -------
    tuple of float
        The share of time that workers were at work until the last trial was begun, and trials an hour.
    """
    draw = np.random.default_rng(seed)
    trials = PER_WORKER * workers
    lengths = draw.lognormal(np.log(seconds) - 0.125, 0.5, trials)
    free = [(0.0, worker) for worker in range(workers)]  # when each asks for its next trial
    driver = busy = 0.0
    for number, length in enumerate(lengths):
        asks, worker = heapq.heappop(free)
        driver = max(driver, asks) + thinking[min(number, len(thinking) - 1)]
        heapq.heappush(free, (driver + length, worker))
        busy += length
    # what was still at work when the last trial began is cut there: the tail of a run is no question of scaling
    busy -= sum(max(0.0, ends - driver) for ends, _ in free)
    return busy / (workers * driver), trials / driver * 3600


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--history", type=int, default=240, help="trials that SMAC's time is measured for")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="only show that it works")
    options = parser.parse_args()
    history = 24 if options.quick else options.history
    ways = {name: WAYS[name] for name in ("random", "hpo")} if options.quick else WAYS
    print(f"# Python {platform.python_version()}, SMAC {version('smac')}; {history} trials measured, CPU time\n")
    measured = {name: smooth(measure(build, history, options.seed)) for name, build in ways.items()}
    points = sorted({min(history, n) for n in (20, 60, 120, 240, 480)})
    print("| ms of SMAC for a trial, with so many known | " + " | ".join(str(p) for p in points) + " | beyond |")
    print("|---" * (len(points) + 2) + "|")
    for name, times in measured.items():
        print(
            f"| {name} | " + " | ".join(f"{1000 * times[p - 1]:.1f}" for p in points) + f" | {1000 * times[-1]:.1f} |"
        )
    print("\n| share of time at work (%) | trials of | " + " | ".join(f"{n:,} workers" for n in WORKERS) + " |")
    print("|---" * (len(WORKERS) + 2) + "|")
    for name, times in measured.items():
        for seconds in SECONDS:
            shares = [simulate(times, n, seconds, options.seed)[0] for n in WORKERS]
            print(f"| {name} | {seconds:g} s | " + " | ".join(f"{100 * s:.0f}" for s in shares) + " |")
    print("\n| at most | trials an hour | workers kept 90 % busy at 60 s a trial |")
    print("|---|---|---|")
    for name, times in measured.items():
        print(f"| {name} | {3600 / times[-1]:,.0f} | {60 * 0.9 / times[-1]:,.0f} |")


if __name__ == "__main__":
    main()
