"""What a run of 5,000 trials costs to read and to show: `python benchmarks/many_trials.py [--quick]`."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from workbench import datasets, results
from workbench.nouns import Candidate, Hyperparameter, Job, Scenario, Space, Trial
from workbench.runs import Run, create
from workbench.runs.driver import trial_to_dict

SPACE = Space(
    (
        Hyperparameter("learning_rate", "float", 1e-4, 1.0, log=True, default=0.01),
        Hyperparameter("depth", "integer", 1, 12, default=3),
        Hyperparameter("subsample", "float", 0.1, 1.0, default=1.0),
        Hyperparameter("kind", "categorical", choices=("a", "b", "c"), default="a"),
    )
)


def folder(root: Path, count: int) -> Path:
    """A run folder with so many trials that were never run."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 4)), columns=list("abcd")).assign(label=np.arange(60) % 2)
    job = Job(datasets.make(frame, "label", name="made"), SPACE, "random", "loss", Scenario(n_trials=count))
    run = create(job, Candidate("def train(cfg, dataset, seed, model_dir=None):\n    return 0.5\n", "file"), root=root)
    lines = [json.dumps({"event": "state", "state": "running"})]
    for i in range(count):
        config = {
            "learning_rate": float(10 ** rng.uniform(-4, 0)),
            "depth": int(rng.integers(1, 13)),
            "subsample": float(rng.uniform(0.1, 1)),
            "kind": str(rng.choice(["a", "b", "c"])),
        }
        cost = (np.log10(config["learning_rate"]) + 2) ** 2 / 5 + abs(config["depth"] - 6) / 20 + rng.random() / 10
        ok = i % 29 != 11
        trial = Trial(
            i + 1, config, None, 0, "success" if ok else "crashed", float(cost) if ok else None, {}, i * 0.2, 0.2
        )
        lines.append(json.dumps({"event": "trial", **trial_to_dict(trial)}))
    lines.append(json.dumps({"event": "state", "state": "finished", "reason": ""}))
    (run.folder / "events.jsonl").write_text("\n".join(lines) + "\n")
    return run.folder


def timed(action: Callable[[], object], repeats: int) -> float:
    """Milliseconds of CPU, the median."""
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        action()
        taken.append(1000 * (time.process_time() - start))
    return statistics.median(taken)


def actions(run: Run) -> dict[str, Callable[[], object]]:
    """What a step does with a run; what it does again and again comes first."""
    from workbench.ui.components import DataTable
    from workbench.ui.panels.run import trial_columns, trial_row

    trials, best = run.trials, run.incumbent
    figure, table = results.TrajectoryFigure(), DataTable(label="trials", columns=trial_columns(trials))
    shown = [trial_row(t, best) for t in trials[:-1]]
    table.update(shown)

    def grow() -> None:
        table.update(trial_row(t, best) for t in trials[:-1])
        table.update(trial_row(t, best) for t in trials)

    return {
        "a trial more in the table": grow,
        "the trajectory again": lambda: figure.update(trials),
        "the incumbent": lambda: run.incumbent,
        "reading the folder": lambda: Run(run.folder),
        "wb.trials": lambda: results.trials_table(trials),
        "parallel coordinates": lambda: results.parallel_coordinates_png(trials, SPACE),
        "cost by hyperparameter": lambda: results.hyperparameters_png(trials, SPACE),
        "importance": lambda: results.importance(trials, SPACE),
        "two runs over each other": lambda: results.bands_png(results.groups([run, run])),
    }


def main() -> None:
    quick = "--quick" in sys.argv
    counts = (20, 60) if quick else (50, 500, 5000)
    with tempfile.TemporaryDirectory() as root:
        runs = [Run(folder(Path(root), count)) for count in counts]
        found = [{name: timed(act, 1 if quick else 3) for name, act in actions(run).items()} for run in runs]
    print(f"{'CPU ms':<28}" + "".join(f"{count:>9,}" for count in counts) + f"{'ratio':>9}")
    for name in found[0]:
        row = [f[name] for f in found]
        print(f"{name:<28}" + "".join(f"{ms:>9.1f}" for ms in row) + f"{row[-1] / max(row[0], 0.05):>9.1f}")


if __name__ == "__main__":
    main()
