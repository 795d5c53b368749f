"""How long a keystroke's work takes: the static report of a function, and filling the prompt again.

Each is timed as CPU and wall time over many repeats, and as a ratio to parsing the same function with `ast.parse`,
which holds from one machine to another.

    python benchmarks/reading.py [--quick]
"""

from __future__ import annotations

import argparse
import ast
import statistics
import time
from collections.abc import Callable

from workbench import check, datasets, facades, generate, prompts, recipes
from workbench.nouns import Job


def timed(action: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median CPU and wall milliseconds."""
    cpu, wall = [], []
    for _ in range(repeats):
        started, process = time.perf_counter(), time.process_time()
        action()
        wall.append(1e3 * (time.perf_counter() - started))
        cpu.append(1e3 * (time.process_time() - process))
    return statistics.median(cpu), statistics.median(wall)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few repeats")
    repeats = 3 if parser.parse_args().quick else 60
    data = datasets.load("builtin:breast_cancer")
    preset = next(p for p in recipes.presets(data.task) if p.id == "several")
    facade = facades.get("hyperband")
    job = Job(data, preset.space, facade.id, "model", facades.suggest_scenario(facade, preset.space))
    code = generate.compose(job).code
    check.static(code, job), prompts.render(job)  # what is loaded once
    parse_cpu, parse_wall = timed(lambda: ast.parse(code), repeats)
    print(f"{'what':<44}{'CPU ms':>9}{'wall ms':>9}{'× parsing':>11}")
    print(f"{f'ast.parse of {code.count(chr(10))} lines':<44}{parse_cpu:>9.1f}{parse_wall:>9.1f}{1:>11.1f}")
    for what, action in (
        ("static report, every rule", lambda: check.static(code, job)),
        (f"prompt, filled again ({prompts.render(job).tokens:,} tokens)", lambda: prompts.render(job)),
        ("composing the function", lambda: generate.compose(job)),
    ):
        cpu, wall = timed(action, repeats)
        print(f"{what:<44}{cpu:>9.1f}{wall:>9.1f}{cpu / parse_cpu:>11.1f}")


if __name__ == "__main__":
    main()
