"""How the memory of a run grows with its trials: the driver, and the processes of its worker.

A run of a formula with one worker; whenever so many trials have ended, what each process has in memory is read:
`private` is what it shares with no other (for the driver nearly all of it), `resident` all that it has in use. The
worker is its zygote and the child that goes on from trial to trial. Megabytes; the last column is the growth from the
first look to the last for each thousand trials.

    python benchmarks/memory.py [--trials 5000] [--facade random] [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from workbench import datasets, runs
from workbench.nouns import Candidate, Hyperparameter, Job, Scenario, Space

CODE = """
import numpy as np

def train(cfg, dataset, seed, model_dir=None):
    X = np.asarray(dataset["X"])
    return float((np.log10(cfg["rate"]) + 2) ** 2 / 9 + abs(cfg["depth"] - 6) / 20 + 1e-9 * X.sum() ** 2)
"""
SPACE = Space(
    (
        Hyperparameter("rate", "float", 1e-4, 1.0, log=True, default=0.1),
        Hyperparameter("depth", "integer", 1, 30, default=3),
        Hyperparameter("share", "float", 0.1, 1.0, default=1.0),
        Hyperparameter("kind", "categorical", choices=("a", "b", "c"), default="a"),
    )
)
LOOKS = (500, 1000, 2500, 5000)
MORE = 25
"""Trials after the last look, so that all processes are still there."""


def megabytes(process: psutil.Process) -> tuple[float, float]:
    """Private and resident."""
    used = process.memory_full_info()
    return used.uss / 2**20, used.rss / 2**20


def look(run: runs.Run) -> dict[str, tuple[float, float]]:
    """The driver, its worker's zygote, and the child that runs trials."""
    driver = json.loads((run.folder / "driver.json").read_text())["pid"]
    found = {"driver": megabytes(psutil.Process(driver))}
    events = map(json.loads, (run.folder / "events.jsonl").read_text().splitlines())
    (nursery,) = next(event["nurseries"] for event in events if "nurseries" in event)
    line, process = [], psutil.Process(nursery)
    while below := process.children():
        process = below[0]
        line.append(process)
    for name, process in zip(("zygote", "child"), line, strict=False):
        with suppress(psutil.Error):
            found[name] = megabytes(process)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=5000)
    parser.add_argument("--facade", default="random")
    parser.add_argument("--quick", action="store_true", help="60 trials")
    asked = parser.parse_args()
    trials = 60 if asked.quick else asked.trials
    looks = (20, 40, 60) if asked.quick else tuple(n for n in LOOKS if n <= trials)
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(500, 8)), columns=list("abcdefgh"))
    data = datasets.make(frame.assign(label=np.arange(500) % 2), "label", name="made")
    seen: dict[int, dict[str, tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as root:
        job = Job(data, SPACE, asked.facade, "loss", Scenario(n_trials=trials + MORE, seed=0))
        run = runs.create(job, Candidate(CODE, "file"), root=Path(root))
        run.start()
        began, events = time.monotonic(), run.folder / "events.jsonl"
        offset = ended = 0
        while not run.wait(0.02):
            with suppress(OSError), events.open("rb") as file:
                file.seek(offset)
                new = file.read()
                offset += len(new)
                ended += new.count(b'"event": "trial"')
            for number in looks:
                if number <= ended and number not in seen:
                    with suppress(psutil.Error, OSError, ValueError):
                        seen[number] = look(run)
                        print(f"# {ended} trials after {time.monotonic() - began:.0f} s", flush=True)
    print(f"{trials} trials, facade {asked.facade}, load {os.getloadavg()[0]:.1f}\n")
    print("| MB, private (resident) | " + " | ".join(f"{n:,} trials" for n in seen) + " | private, for 1,000 trials |")
    print("|---" * (len(seen) + 2) + "|")
    first, last = min(seen), max(seen)
    for name in ("driver", "zygote", "child"):
        row = [seen[n].get(name, (float("nan"),) * 2) for n in seen]
        growth = 1000 * (row[-1][0] - row[0][0]) / max(1, last - first)
        print(f"| {name} | " + " | ".join(f"{p:.1f} ({r:.1f})" for p, r in row) + f" | {growth:+.2f} |")


if __name__ == "__main__":
    main()
