"""What isolation costs a trial: `train` in a guarded process that goes on with the next trial, against a plain call.

Both are done in turn in this process, block after block: the plain call of the same function on the same data, and the
whole way through the worker, from handing it the call to having its reply, with what it looks at before the same
process may be used again. With `--between`, this process computes for so long before each trial, as a driver does while
SMAC thinks: then the looking is done meanwhile, on another core. That time is in neither. Milliseconds a trial are
medians of a block's trials; the difference is taken within each repeat. Trials of no length, of 5 ms that sleep, of 5
ms that compute, and a decision tree on 500 rows.

    python benchmarks/isolation.py [--trials 200] [--repeats 7] [--between 0] [--quick]
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from workbench import datasets
from workbench.nouns import Call, Hyperparameter, Space
from workbench.worker import Worker

CODE = {
    "nothing": """
def train(cfg, dataset, seed, model_dir=None):
    return float(cfg["rate"]) ** 2
""",
    "5 ms asleep": """
import time

def train(cfg, dataset, seed, model_dir=None):
    time.sleep(0.005)
    return float(cfg["rate"]) ** 2
""",
    "5 ms of numpy": """
import time
import numpy as np

def train(cfg, dataset, seed, model_dir=None):
    until, x = time.perf_counter() + 0.005, np.arange(2000.0)
    while time.perf_counter() < until:
        x = np.sqrt(x + 1)
    return float(cfg["rate"]) ** 2
""",
    "a tree of scikit-learn": """
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

def train(cfg, dataset, seed, model_dir=None):
    X, held, y, held_y = train_test_split(dataset["X"], dataset["y"], random_state=seed)
    model = DecisionTreeClassifier(max_depth=int(cfg["depth"]), random_state=seed).fit(X, y)
    return 1.0 - float(model.score(held, held_y))
""",
}
SPACE = Space(
    (
        Hyperparameter("rate", "float", 1e-4, 1.0, log=True, default=0.01),
        Hyperparameter("depth", "integer", 1, 30, default=5),
        Hyperparameter("kind", "categorical", choices=("a", "b", "c"), default="a"),
    )
)


def block(once: Callable[[int], object], trials: int, between_ms: float = 0.0) -> tuple[float, float]:
    """Milliseconds of one: the median, and the longest of the quickest quarter."""
    taken = []
    for i in range(trials):
        until = time.perf_counter() + between_ms / 1e3
        while time.perf_counter() < until:
            math.hypot(until, i)
        began = time.perf_counter()
        once(i)
        taken.append(1e3 * (time.perf_counter() - began))
    return statistics.median(taken), statistics.quantiles(taken, n=4)[0]


Times = list[tuple[float, float]]


def measured(code: str, trials: int, repeats: int, between_ms: float, root: Path) -> tuple[Times, Times, int]:
    """Milliseconds a trial of each repeat, plain and isolated, and how many calls had a new process."""
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(500, 8)), columns=list("abcdefgh"))
    data = datasets.make(frame.assign(label=np.arange(500) % 2), "label", name="made")
    datasets.save(data, root / "data")
    namespace: dict[str, object] = {}
    exec(compile(code, "train.py", "exec"), namespace)
    train: Callable[..., float] = namespace["train"]  # type: ignore[assignment]
    configs = [{"rate": 10 ** -(1 + i % 3), "depth": 1 + i % 30, "kind": "abc"[i % 3]} for i in range(60)]
    plain_data = {"X": data.X, "y": data.y}
    fresh = 0

    def inline(i: int) -> None:
        train(configs[i % 60], plain_data, 0)

    with Worker(code, "loss", SPACE, {"main": root / "data"}, root / "models", threads=1, reuse=True) as worker:

        def isolated(i: int) -> None:
            nonlocal fresh
            reply = worker.call(Call(config=configs[i % 60], seed=0, model_dir=str(root / "models")))
            if reply.status != "success":
                raise SystemExit(f"a trial failed: {reply.error}")
            fresh += not reply.facts.get("reused")

        block(isolated, 5)
        fresh, plain, guarded = 0, [], []
        for _ in range(repeats):
            plain.append(block(inline, trials, between_ms))
            guarded.append(block(isolated, trials, between_ms))
    return plain, guarded, fresh


def spread(values: list[float], digits: int = 2) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--between", type=float, default=0.0, metavar="MS", help="computing between two trials")
    parser.add_argument("--quick", action="store_true", help="ten trials, once")
    asked = parser.parse_args()
    trials, repeats = (10, 1) if asked.quick else (asked.trials, asked.repeats)
    print(f"{repeats} repeats of {trials} trials, {asked.between:g} ms between two, ", end="")
    print(f"load {os.getloadavg()[0]:.1f}; medians (lowest–highest)\n")
    print(
        "| `train` does | plain call, ms | isolated, ms | difference, ms | of the quickest quarter | in a new process |"
    )
    print("|---|---|---|---|---|---|")
    for name, code in CODE.items():
        with tempfile.TemporaryDirectory() as root:
            plain, guarded, fresh = measured(code, trials, repeats, asked.between, Path(root))
        more, quick = ([b[i] - a[i] for a, b in zip(plain, guarded, strict=True)] for i in (0, 1))
        print(
            f"| {name} | {spread([a for a, _ in plain], 3)} | {spread([b for b, _ in guarded])} | {spread(more)} "
            f"| {spread(quick)} | {fresh} of {repeats * trials} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
