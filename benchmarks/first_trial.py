"""How soon a run begins: from the order to the first trial that has ended.

`prepared`: the driver and its workers are forked from processes that have done their imports, as in every run of the
workbench some seconds after its function was written. `alone`: `python -m workbench.runs.driver`, which imports all of
it. In turn, with a function that takes no time.

    python benchmarks/first_trial.py [--repeats 5] [--facade hpo] [--quick]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from workbench import datasets, runs
from workbench.nouns import Candidate, Hyperparameter, Job, Scenario, Space
from workbench.worker import prepare

CODE = "def train(cfg, dataset, seed, model_dir=None):\n    return float(cfg['x'])\n"


def made(root: Path, facade: str, trials: int) -> runs.Run:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 4)), columns=list("abcd"))
    data = datasets.make(frame.assign(label=np.arange(200) % 2), "label", name="made")
    space = Space((Hyperparameter("x", "float", 0.0, 1.0, default=0.5),))
    budgets = {"min_budget": 1.0, "max_budget": 9.0} if facade in ("multifidelity", "hyperband") else {}
    return runs.create(
        Job(data, space, facade, "loss", Scenario(n_trials=trials, **budgets)), Candidate(CODE, "file"), root=root
    )


def first(run: runs.Run) -> float:
    """Wait for the first trial; when it had ended, on the monotonic clock."""
    while not run.trials:
        run.refresh()
        time.sleep(0.002)
    return time.perf_counter()


def prepared(run: runs.Run) -> float:
    began = time.perf_counter()
    run.start()
    seconds = first(run) - began
    run.wait()
    return seconds


def alone(run: runs.Run) -> float:
    (run.folder / "control").write_text("run", encoding="utf-8")
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "workbench.runs.driver", str(run.folder)])
    seconds = first(run) - began
    process.wait()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--facade", default="hpo")
    parser.add_argument("--quick", action="store_true", help="one repeat, random search")
    asked = parser.parse_args()
    if asked.quick:
        asked.repeats, asked.facade = 1, "random"
    found: dict[str, list[float]] = {"prepared": [], "alone": []}
    with tempfile.TemporaryDirectory() as root:
        prepare()
        runs.prepare()
        prepared(made(Path(root), asked.facade, 1))  # once, for what is imported meanwhile
        for _ in range(asked.repeats):
            for name, how in (("alone", alone), ("prepared", prepared)):
                found[name].append(how(made(Path(root), asked.facade, 1)))
    print(f"{asked.facade}, {asked.repeats} runs each in turn\n")
    print("| to the first trial, s | median | least | most |")
    print("|---|---|---|---|")
    for name, seconds in found.items():
        print(f"| {name} | {statistics.median(seconds):.2f} | {min(seconds):.2f} | {max(seconds):.2f} |")
    ratios = [a / p for a, p in zip(found["alone"], found["prepared"], strict=True)]
    print(f"| alone ÷ prepared | {statistics.median(ratios):.1f} | {min(ratios):.1f} | {max(ratios):.1f} |")


if __name__ == "__main__":
    main()
