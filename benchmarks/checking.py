"""How long a whole report takes, calls and all: composed functions against the rule book on a built-in table.

Cold is the first report of a process, which starts the process that workers are forked from; warm is each one after it.
CPU is that of the workers. A ratio to one plain call of the same function (default configuration, the sample's rows)
says how many calls' worth of time a report takes.

    python benchmarks/checking.py [--repeats 3] [--quick]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

import psutil

from workbench import check, datasets, facades, generate, recipes
from workbench.nouns import Job


def workers_cpu() -> float:
    """CPU seconds of the processes below this one so far, those of ended ones too."""
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        times = child.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one family, once")
    arguments = parser.parse_args()
    data = datasets.load("builtin:breast_cancer")
    facade = facades.get("hpo")
    wanted = ("linear",) if arguments.quick else ("random_forest", "linear", "svm", "hist_gradient_boosting", "several")
    presets = [p for p in recipes.presets(data.task) if p.id in wanted] or list(recipes.presets(data.task))[:1]
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(f"{'family':<26}{'calls':>6}{'cold s':>9}{'warm s':>9}{'lowest':>9}{'workers CPU s':>15}")
    for preset in presets:
        job = Job(data, preset.space, facade.id, "model", facades.suggest_scenario(facade, preset.space))
        code = generate.compose(job).code
        walls, cpus, calls = [], [], 0
        for _ in range(1 if arguments.quick else 1 + arguments.repeats):
            started, before = time.perf_counter(), workers_cpu()
            calls = check.check(code, job).calls
            walls.append(time.perf_counter() - started)
            cpus.append(workers_cpu() - before)
        warm = walls[1:] or walls
        first = f"{walls[0]:.1f}" if preset is presets[0] else "-"
        print(
            f"{preset.id:<26}{calls:>6}{first:>9}{statistics.median(warm):>9.1f}{min(warm):>9.1f}"
            f"{statistics.median(cpus[1:] or cpus):>15.1f}"
        )


if __name__ == "__main__":
    main()
