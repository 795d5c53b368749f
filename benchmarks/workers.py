"""What a second worker brings: the same run with one worker and with two, in turn.

Trials of 50 ms that sleep (and leave the processors to others, as a trial on a GPU does), and of 50 ms that compute on
one core. A run is timed from its first trial to its end. The speed-up is the time with one worker by that with two,
within each repeat.

    python benchmarks/workers.py [--trials 100] [--repeats 3] [--facade random] [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from workbench import datasets, runs
from workbench.nouns import Candidate, Hyperparameter, Job, Scenario, Space

SLEEPS = """
import time

def train(cfg, dataset, seed, model_dir=None):
    time.sleep(0.05)
    return (float(cfg["x"]) - 0.3) ** 2 + (float(cfg["y"]) - 0.6) ** 2
"""
COMPUTES = """
import time
import numpy as np

def train(cfg, dataset, seed, model_dir=None):
    until, values = time.thread_time() + 0.05, np.arange(2000.0)
    while time.thread_time() < until:
        values = np.sqrt(values + 1)
    return (float(cfg["x"]) - 0.3) ** 2 + (float(cfg["y"]) - 0.6) ** 2
"""
SPACE = Space(
    (Hyperparameter("x", "float", 0.0, 1.0, default=0.5), Hyperparameter("y", "float", 0.0, 1.0, default=0.5))
)


def seconds(code: str, workers: int, trials: int, facade: str, *, ask_ahead: bool = False) -> float:
    """From the first trial to the end of the run."""
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 4)), columns=list("abcd"))
    data = datasets.make(frame.assign(label=np.arange(200) % 2), "label", name="made")
    with tempfile.TemporaryDirectory() as root:
        job = Job(data, SPACE, facade, "loss", Scenario(n_trials=trials, seed=0, workers=workers, ask_ahead=ask_ahead))
        run = runs.create(job, Candidate(code, "file"), root=Path(root))
        run.start()
        run.wait()
        events = [json.loads(line) for line in (run.folder / "events.jsonl").read_text().splitlines()]
        states = {e["state"]: e["at_s"] for e in events if e["event"] == "state"}
        if "finished" not in states:
            raise SystemExit(f"the run did not finish:\n{run.log_tail()}")
        return float(states["finished"]) - min(e["start_s"] for e in events if e["event"] == "trial")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--facade", default="random")
    parser.add_argument("--quick", action="store_true", help="ten trials that sleep, once")
    asked = parser.parse_args()
    trials, repeats = (10, 1) if asked.quick else (asked.trials, asked.repeats)
    ways = {"50 ms asleep": SLEEPS} if asked.quick else {"50 ms asleep": SLEEPS, "50 ms of computing": COMPUTES}
    print(f"{trials} trials, {repeats} repeats, facade {asked.facade}, load {os.getloadavg()[0]:.0f}\n")
    print("| a trial is | one worker, ms a trial | two workers | speed-up (lowest–highest) |")
    print("|---|---|---|---|")
    for name, code in ways.items():
        pairs = []
        for repeat in range(repeats):
            order = (1, 2) if repeat % 2 == 0 else (2, 1)
            taken = {workers: seconds(code, workers, trials, asked.facade) for workers in order}
            pairs.append((1e3 * taken[1] / trials, 1e3 * taken[2] / trials))
        gain = [one / two for one, two in pairs]
        one, two = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(
            f"| {name} | {one:.0f} | {two:.0f} | {statistics.median(gain):.2f} ({min(gain):.2f}–{max(gain):.2f}) |",
            flush=True,
        )


if __name__ == "__main__":
    main()
