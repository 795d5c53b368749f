"""Functional analysis of variance: how much of the cost's variance over the space each hyperparameter explains.

Hutter, Hoos, Leyton-Brown (2014), An Efficient Approach for Assessing Hyperparameter Importance, ICML: algorithm 2, for
main effects and pairs, on scikit-learn's random forest. A tree cuts the unit cube into boxes with one cost each, so its
marginals and their variances are sums over boxes, exact for the tree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from workbench.nouns import Hyperparameter, Space, Trial, Value

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

TREES = 32
PAIRS_AMONG = 6
"""Pairs are looked at among so many hyperparameters, those with the largest main effects."""


@dataclass(frozen=True)
class Axis:
    """One hyperparameter as an edge of the unit cube; `cells` is the number of its values, 0 for a continuous one."""

    name: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    choices: tuple[Value, ...] = ()
    default: Value | None = None

    @property
    def cells(self) -> int:
        """The number of choices; 0 where it is a number."""
        return len(self.choices)

    def place(self, value: Value | None) -> float:
        """Where a value lies in [0, 1]; an inactive one lies where its default does."""
        given = self.default if value is None else value
        if self.choices:
            return (self.choices.index(given) + 0.5) / self.cells if given in self.choices else 0.5
        if not isinstance(given, int | float) or self.high <= self.low:
            return 0.5
        if self.log:
            share = math.log(given / self.low) / math.log(self.high / self.low)
        else:
            share = (given - self.low) / (self.high - self.low)
        return min(1.0, max(0.0, share))


def axes_of(trials: Sequence[Trial], space: Space | None) -> tuple[Axis, ...]:
    """The edges of the cube: from the space, or from the values that were tried where it is not known."""
    names = list(dict.fromkeys(n for t in trials for n in t.config))
    made = []
    for name in names:
        if space is not None and name in space.names:
            if space[name].kind != "constant":
                made.append(_of_space(space[name]))
            continue
        values = [t.config[name] for t in trials if name in t.config]
        if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
            numbers = sorted(float(v) for v in values)
            made.append(Axis(name, numbers[0], numbers[-1], default=numbers[len(numbers) // 2]))
        else:
            made.append(Axis(name, choices=tuple(sorted(set(values), key=str)), default=values[0]))
    return tuple(made)


def _of_space(h: Hyperparameter) -> Axis:
    if h.choices:
        return Axis(h.name, choices=h.choices, default=h.default if h.default is not None else h.choices[0])
    low, high = float(h.low or 0.0), float(h.high if h.high is not None else 1.0)
    middle = math.sqrt(low * high) if h.log else (low + high) / 2
    return Axis(h.name, low, high, h.log, default=h.default if h.default is not None else middle)


def cube(trials: Sequence[Trial], axes: Sequence[Axis]) -> np.ndarray[Any, Any]:
    """The configurations of trials in the unit cube, shape (trials, axes)."""
    import numpy as np

    return np.array([[a.place(t.config.get(a.name)) for a in axes] for t in trials], dtype=float)


def fanova(
    points: np.ndarray[Any, Any], cost: np.ndarray[Any, Any], axes: Sequence[Axis], *, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shares of the variance of the forest's cost over the unit cube.

    Parameters
    ----------
    points : array, shape (n, d)
        Configurations, as `cube` places them.
    cost : array, shape (n,)

    Returns
    -------
    DataFrame, DataFrame
        By hyperparameter `share` and `std` (over trees), sorted; and by pair of them (an index of two levels) what they
        explain together beyond what each explains alone. Shares are of the whole variance, and sum up to at most 1.
    """
    import numpy as np
    import pandas as pd
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(TREES, min_samples_leaf=2, random_state=seed).fit(points, cost)
    trees = [_Boxes(tree.tree_, axes) for tree in forest.estimators_]
    trees = [t for t in trees if t.variance > 1e-15]  # a tree without a cut says nothing
    names = [a.name for a in axes]
    alone = np.array([[t.alone(j) / t.variance for j in range(len(axes))] for t in trees]).reshape(-1, len(axes))
    mean = alone.mean(axis=0) if len(trees) else np.zeros(len(axes))
    table = pd.DataFrame(
        {"share": mean, "std": alone.std(axis=0) if len(trees) else 0.0},
        index=pd.Index(names, name="hyperparameter", dtype="object"),
    ).sort_values("share", ascending=False, kind="stable")
    first = [names.index(str(n)) for n in table.index[:PAIRS_AMONG]]
    among = list(combinations(first, 2))
    shares = [float(np.mean([t.together(a, b) / t.variance for t in trees])) if trees else 0.0 for a, b in among]
    index = pd.MultiIndex.from_tuples([(names[a], names[b]) for a, b in among], names=["one", "other"])
    pairs = pd.DataFrame({"share": shares}, index=index if among else None, dtype="float64")
    return table, pairs.sort_values("share", ascending=False, kind="stable")


class _Boxes:
    """The leaves of a tree as boxes in the unit cube."""

    def __init__(self, tree: Any, axes: Sequence[Axis]) -> None:
        import numpy as np

        lower, upper, values = [], [], []
        stack = [(0, np.zeros(len(axes)), np.ones(len(axes)))]
        while stack:
            node, low, high = stack.pop()
            left, right, j = int(tree.children_left[node]), int(tree.children_right[node]), int(tree.feature[node])
            if left < 0:
                lower.append(low)
                upper.append(high)
                values.append(float(tree.value[node].item()))
                continue
            cells = axes[j].cells
            at = float(tree.threshold[node])
            cut = round(at * cells) / cells if cells else at  # between two choices, wherever the forest put it
            below, above = high.copy(), low.copy()
            below[j] = min(max(cut, low[j]), high[j])
            above[j] = min(max(cut, low[j]), high[j])
            stack += [(left, low, below), (right, above, high)]
        self.lower, self.upper = np.array(lower), np.array(upper)
        size = self.upper - self.lower
        kept = (size > 0).all(axis=1)
        self.lower, self.upper, self.size = self.lower[kept], self.upper[kept], size[kept]
        self.value = np.array(values)[kept]
        self.weight = self.size.prod(axis=1)
        self.mean = float(self.weight @ self.value)
        self.value -= self.mean
        self.variance = float(self.weight @ self.value**2)
        self._alone: dict[int, float] = {}

    def _segments(self, j: int) -> tuple[Any, Any]:
        """The pieces of one edge between all cuts: their lengths, and which boxes lie over which."""
        import numpy as np

        cuts = np.unique(np.concatenate([self.lower[:, j], self.upper[:, j]]))
        middle = (cuts[:-1] + cuts[1:]) / 2
        return np.diff(cuts), (self.lower[:, j] < middle[:, None]) & (middle[:, None] < self.upper[:, j])

    def alone(self, j: int) -> float:
        """The variance of the marginal over one edge."""
        if j not in self._alone:
            length, over = self._segments(j)
            marginal = over @ (self.weight / self.size[:, j] * self.value)
            self._alone[j] = float(length @ marginal**2)
        return self._alone[j]

    def together(self, a: int, b: int) -> float:
        """The variance of the marginal over two edges, less what each has alone."""
        length_a, over_a = self._segments(a)
        length_b, over_b = self._segments(b)
        marginal = (over_a * (self.weight / (self.size[:, a] * self.size[:, b]) * self.value)) @ over_b.T
        return max(0.0, float(length_a @ marginal**2 @ length_b) - self.alone(a) - self.alone(b))
