"""How the time to redraw the trajectory grows with the number of trials.

python benchmarks/trajectory_redraw.py [--quick]
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np

from workbench.nouns import Trial
from workbench.results import TrajectoryFigure


def trials(count: int) -> list[Trial]:
    rng = np.random.default_rng(0)
    return [
        Trial(
            number=i + 1,
            config={"x": float(rng.random())},
            budget=None,
            seed=0,
            status="crashed" if i % 17 == 3 else "success",
            cost=None if i % 17 == 3 else float(0.1 + rng.random() ** 2),
            start_s=i * 0.1,
            seconds=0.1,
        )
        for i in range(count)
    ]


def main() -> None:
    base, repeats = None, 1 if "--quick" in sys.argv else 15
    print(f"{'trials':>7} {'ms':>6} {'kB':>6} {'times 50 trials':>16}")
    for count in (50, 500, 5000):
        figure, made, taken = TrajectoryFigure(), trials(count), []
        figure.update(made[: count // 2])
        for _ in range(repeats):
            start = time.perf_counter()
            png = figure.update(made)
            taken.append(1000 * (time.perf_counter() - start))
        middle = statistics.median(taken)
        base = base or middle
        print(f"{count:>7} {middle:>6.0f} {len(png) / 1000:>6.0f} {middle / base:>16.2f}")


if __name__ == "__main__":
    main()
