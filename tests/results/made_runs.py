"""Run folders with trials that were never run: the same files, written at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench import datasets
from workbench.nouns import Candidate, Hyperparameter, Job, Scenario, Space, Trial
from workbench.runs import Run, create
from workbench.runs.driver import trial_to_dict

SPACE = Space(
    (
        Hyperparameter("lr", "float", 1e-4, 1.0, log=True, default=0.01),
        Hyperparameter("depth", "integer", 1, 9, default=3),
        Hyperparameter("kernel", "categorical", choices=("rbf", "linear"), default="rbf"),
    )
)
CODE = "def train(cfg, dataset, seed, budget=None, model_dir=None):\n    return 0.5\n"


def table() -> pd.DataFrame:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 2)), columns=["a", "b"])
    frame["label"] = np.arange(30) % 2
    return frame


def made_trials(count: int, seed: int = 0, budgets: Sequence[float | None] = (None,)) -> list[Trial]:
    """Trials of random configurations; every seventh fails."""
    random = np.random.default_rng(seed)
    trials = []
    for i in range(count):
        config: dict[str, Any] = {"lr": float(10 ** random.uniform(-4, 0)), "depth": int(random.integers(1, 10))}
        config["kernel"] = str(random.choice(["rbf", "linear"]))
        failed = i % 7 == 6
        cost = None if failed else float(0.1 + (np.log10(config["lr"]) + 2) ** 2 / 4 + 0.05 * random.random())
        status: Any = "crashed" if failed else "success"
        error = "ValueError: no <such> depth" if failed else ""
        budget = budgets[i % len(budgets)]
        trials.append(Trial(i + 1, config, budget, seed, status, cost, {}, i * 0.5, 0.4, error))
    return trials


def made_run(root: Path, trials: Sequence[Trial], facade: str = "random", code: str = CODE, **numbers: Any) -> Run:
    """A run folder that has ended with these trials."""
    scenario = Scenario(**{"n_trials": len(trials), **numbers})
    job = Job(datasets.make(table(), "label", name="Tiny Table"), SPACE, facade, "loss", scenario)
    run = create(job, Candidate(code, "file"), root=root)
    lines = [{"event": "state", "state": "running"}, *({"event": "trial", **trial_to_dict(t)} for t in trials)]
    lines.append({"event": "state", "state": "finished", "reason": ""})
    (run.folder / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (run.folder / "result.json").write_text(json.dumps({"state": "finished", "seconds": 0.5 * len(trials)}))
    run.refresh()
    return run
