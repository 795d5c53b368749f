"""Which hyperparameters mattered, told in two ways that are wrong in different places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.nouns import Space, Trial
from workbench.results.fanova import axes_of, cube, fanova

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    _Array = np.ndarray[Any, Any]

AT_LEAST = 10
MOST = 600
"""Of more trials so many are drawn: the forests say the same, in a tenth of the time."""


@dataclass(frozen=True, eq=False)
class Importance:
    """The result of `importance`; `note` says how it was measured and how far to trust it."""

    table: pd.DataFrame
    pairs: pd.DataFrame
    score: float
    trials: int
    note: str


def importance(trials: Sequence[Trial], space: Space | None = None, *, seed: int = 0) -> Importance:
    """How much of the cost each hyperparameter explains (fANOVA), and how much a forest needs it (permutation).

    Both are told of a random forest on the trials at the highest budget, on the ranks of their costs, so that one
    disastrous cost is not all that it explains. fANOVA (Hutter et al., 2014) speaks of the whole space: also of where
    the optimiser did not look, and the forest guesses. Permutation importance (Breiman, 2001), on trials that
    the trees did not see, speaks of where it looked.

    Parameters
    ----------
    trials : sequence of Trial
        Failed ones and those at lower budgets are left out.
    space : Space, optional
        Ranges and scales; without it they are those of the values that were tried.

    Returns
    -------
    Importance
        `table` has one row a hyperparameter, sorted by `share`, its part of the variance over the space by itself, with
        `std` over trees; `permutation` is the drop in R² when it is shuffled, floored at 0. `pairs` has the `share`
        that two explain together beyond that. `score` is the forest's R² on trials that it did not see. With fewer than
        ten successful trials both tables are empty.
    """
    import numpy as np
    import pandas as pd

    done = [t for t in trials if t.status == "success" and t.cost is not None]
    top = max((t.budget or 0.0 for t in done), default=0.0)
    done = [t for t in done if (t.budget or 0.0) == top]
    empty = pd.DataFrame({"share": [], "std": [], "permutation": []}, dtype="float64")
    empty.index.name = "hyperparameter"
    axes = axes_of(done, space)
    found = len(done)
    if found > MOST:
        drawn = np.sort(np.random.default_rng(seed).permutation(found)[:MOST])
        done = [done[i] for i in drawn]
    if len(done) < AT_LEAST or not axes:
        note = f"Importance needs {AT_LEAST} successful trials at the highest budget; there are {len(done)}."
        return Importance(empty, empty[["share"]], float("nan"), len(done), note)

    points = cube(done, axes)
    cost = pd.Series([t.cost for t in done], dtype="float64").rank(pct=True).to_numpy()
    table, pairs = fanova(points, cost, axes, seed=seed)
    drop, score = _permutation(points, cost, seed)
    table["permutation"] = pd.Series(np.maximum(drop, 0.0), index=[a.name for a in axes])
    number = f"{len(done)} trials" if found == len(done) else f"{len(done)} trials drawn from {found:,}"
    note = f"fANOVA of a random forest on {number} (its R² on trials that it did not see is {score:.2f})."
    if score < 0.2:
        note += " The forest hardly predicts the cost: don't rely on this order."
    return Importance(table, pairs, score, len(done), note)


def _permutation(
    points: np.ndarray[Any, Any], cost: np.ndarray[Any, Any], seed: int
) -> tuple[np.ndarray[Any, Any], float]:
    """The mean drop in R² by column over folds, and the mean R²."""
    import numpy as np
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import KFold

    drops, scores = [], []
    for train, test in KFold(3, shuffle=True, random_state=seed).split(points):
        forest = RandomForestRegressor(40, min_samples_leaf=2, random_state=seed).fit(points[train], cost[train])
        scores.append(forest.score(points[test], cost[test]))
        found = permutation_importance(forest, points[test], cost[test], n_repeats=3, random_state=seed)
        drops.append(found.importances)
    return np.concatenate(drops, axis=1).mean(axis=1), float(np.mean(scores))
