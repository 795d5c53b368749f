"""How many trials an hour one GPU gives a small network, by the number of workers on it, against SMAC in one process.

The same random search over the same network of PyTorch, with 1, 2, 4, 8 and 16 workers that share the GPU; and SMAC as
it comes (`RandomFacade`, `optimize()`), which calls the same `train` in its own process, where the GPU stays warm from
trial to trial. Each run is timed from its first trial to its end; its first trial, in which every worker begins with
CUDA, is in that, and `--trials` should be many times the number of workers. All ways once a repeat, in turn.

    python benchmarks/gpu.py [--workers 1,2,4,8,16] [--trials 160] [--repeats 3] [--device 0] [--cpu] [--quick]

It needs PyTorch. `--cpu` runs it without a GPU, to see that it works: then it says nothing about one.
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
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench import datasets, devices, runs, space
from workbench.nouns import Candidate, Hyperparameter, Job, Scenario, Space

CODE = """
import torch


def train(cfg, dataset, seed, model_dir=None):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(seed)
    X = torch.as_tensor(dataset["X"].to_numpy("float32", copy=True), device=device)
    y = torch.as_tensor(dataset["y"].to_numpy("int64", copy=True), device=device)
    held = len(X) // 4
    width = int(cfg["width"])
    network = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], width),
        torch.nn.ReLU(),
        torch.nn.Linear(width, width),
        torch.nn.ReLU(),
        torch.nn.Linear(width, 2),
    ).to(device)
    optimiser = torch.optim.Adam(network.parameters(), lr=float(cfg["learning_rate"]))
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(X) - held, device=device).add(held).split(512):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(X[rows]), y[rows]).backward()
            optimiser.step()
    with torch.no_grad():
        return float((network(X[:held]).argmax(1) != y[:held]).float().mean())
"""
SPACE = Space(
    (
        Hyperparameter("width", "integer", 32, 256, log=True, default=64),
        Hyperparameter("learning_rate", "float", 1e-4, 1e-1, log=True, default=1e-3),
    )
)


def made(root: str, code: str, rows: int, trials: int, workers: int, devices: tuple[str, ...]) -> runs.Run:
    generator = np.random.default_rng(0)
    table = generator.normal(size=(rows, 32)).astype("float32")
    label = (table[:, 0] * table[:, 1] + table[:, 2] + generator.normal(size=rows) > 0).astype(int)
    frame = pd.DataFrame(table, columns=[f"x{i}" for i in range(32)]).assign(label=label)
    data = datasets.make(frame, "label", name="made")
    scenario = Scenario(n_trials=trials, seed=0, workers=workers, devices=devices, trial_limit_s=600.0)
    return runs.create(Job(data, SPACE, "random", "loss", scenario), Candidate(code, "file"), root=Path(root))


def workbench(run: runs.Run) -> float:
    """Trials an hour."""
    run.start()
    run.wait()
    events = [json.loads(line) for line in (run.folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    trials = [event for event in events if event["event"] == "trial"]
    if any(trial["status"] != "success" for trial in trials) or len(trials) < run.progress[1]:
        raise SystemExit(f"not every trial succeeded:\n{run.log_tail()}")
    ended = next(event["at_s"] for event in events if event.get("state") == "finished")
    return 3600 * len(trials) / float(ended - min(trial["start_s"] for trial in trials))


def bare(run: runs.Run, device: str) -> float:
    """Trials an hour of SMAC in a process of its own."""
    environment = {**os.environ, **({"CUDA_VISIBLE_DEVICES": device} if device else {})}
    command = [sys.executable, __file__, "--bare", str(run.folder)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def optimise(folder: str) -> None:
    """In the process of its own: optimise, and print the trials an hour."""
    import smac

    run = runs.open(folder)
    job, namespace = run.job(), {}
    exec(compile(run.candidate.code, "train.py", "exec"), namespace)
    configspace = space.to_configspace(job.space, seed=0)
    data = {"X": job.dataset.X, "y": job.dataset.y}
    scenario = smac.Scenario(
        configspace, output_directory=run.folder / "smac", deterministic=True, n_trials=job.scenario.n_trials, seed=0
    )

    def cost(config: Any, seed: int = 0) -> float:
        return float(namespace["train"](dict(config), data, 0))

    made = smac.RandomFacade(scenario, cost, overwrite=True, logging_level=False)
    began = time.perf_counter()
    made.optimize()
    print(3600 * job.scenario.n_trials / (time.perf_counter() - began))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", default="1,2,4,8,16")
    parser.add_argument("--trials", type=int, default=160)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--device", default="0", help="as nvidia-smi numbers them")
    parser.add_argument("--cpu", action="store_true", help="without a GPU, to see that it works")
    parser.add_argument("--quick", action="store_true", help="four small trials with two workers")
    parser.add_argument("--bare", metavar="FOLDER", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        optimise(asked.bare)
        return
    if asked.quick:
        asked.workers, asked.trials, asked.rows, asked.epochs, asked.repeats = "2", 4, 400, 1, 1
    there = [gpu for gpu in devices.gpus() if str(gpu.index) == asked.device]
    if not there and not (asked.cpu or asked.quick):
        raise SystemExit(
            f"there is no GPU {asked.device} here (as far as NVML says; it needs nvidia-ml-py); "
            "--cpu runs the benchmark without one, to see that it works"
        )
    device = asked.device if there and not asked.cpu else ""
    code = CODE.replace("EPOCHS", str(asked.epochs))
    ways = [0, *map(int, asked.workers.split(","))]
    found: dict[int, list[float]] = {way: [] for way in ways}
    for repeat in range(asked.repeats):
        for way in ways[repeat % len(ways) :] + ways[: repeat % len(ways)]:
            with tempfile.TemporaryDirectory() as root:
                run = made(root, code, asked.rows, asked.trials, max(1, way), (device,) if device else ())
                found[way].append(workbench(run) if way else bare(run, device))
    where = there[0].name if device else "no GPU: these figures say nothing about one"
    print(f"{where}; {asked.trials} trials, {asked.repeats} repeats, {os.cpu_count()} cores\n")
    print("| | trials an hour, median (lowest–highest) | × SMAC in one process |")
    print("|---|---|---|")
    for way, rates in found.items():
        name = f"{way} worker{'s' * (way > 1)}" if way else "SMAC, one process"
        ratio = statistics.median(rate / other for rate, other in zip(rates, found[0], strict=True))
        print(f"| {name} | {statistics.median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f}) | {ratio:.2f} |")


if __name__ == "__main__":
    main()
