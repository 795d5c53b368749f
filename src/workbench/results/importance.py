"""Which hyperparameters mattered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.nouns import Trial

if TYPE_CHECKING:
    import pandas as pd

AT_LEAST = 10


@dataclass(frozen=True, eq=False)
class Importance:
    """The result of `importance`; `note` says how it was measured and how far to trust it."""

    table: pd.DataFrame
    score: float
    trials: int
    note: str


def importance(trials: Sequence[Trial], *, seed: int = 0) -> Importance:
    """How much worse a random forest predicts the cost when one hyperparameter is shuffled.

    This is permutation importance (Breiman, 2001) of a surrogate on the trials at the highest budget, on trials
    that the trees did not see. It is not fANOVA: it tells what mattered where the optimiser looked, and shares out
    the merit of hyperparameters that act together as it comes.

    Parameters
    ----------
    trials : sequence of Trial
        Failed ones and those at lower budgets are left out.

    Returns
    -------
    Importance
        `table` has one row a hyperparameter, sorted: `importance` (the drop in R², floored at 0), `std` over folds
        and repeats, `share` of the sum. `score` is the surrogate's R² on trials that it did not see. With fewer than
        ten successful trials the table is empty.
    """
    import pandas as pd

    done = [t for t in trials if t.status == "success" and t.cost is not None]
    top = max((t.budget or 0.0 for t in done), default=0.0)
    done = [t for t in done if (t.budget or 0.0) == top]
    empty = pd.DataFrame({"importance": [], "std": [], "share": []}, dtype="float64")
    empty.index.name = "hyperparameter"
    if len(done) < AT_LEAST:
        note = f"Importance needs {AT_LEAST} successful trials at the highest budget; there are {len(done)}."
        return Importance(empty, float("nan"), len(done), note)

    import numpy as np
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import KFold

    features = _encode(done)
    # ranks: one disastrous cost would be all that the forest explains
    cost = pd.Series([t.cost for t in done], dtype="float64").rank().to_numpy()
    drops, scores = [], []
    for train, test in KFold(min(5, len(done) // 2), shuffle=True, random_state=seed).split(features):
        forest = RandomForestRegressor(100, min_samples_leaf=2, random_state=seed).fit(
            features.iloc[train], cost[train]
        )
        scores.append(forest.score(features.iloc[test], cost[test]))
        found = permutation_importance(forest, features.iloc[test], cost[test], n_repeats=5, random_state=seed)
        drops.append(found.importances)
    values = np.concatenate(drops, axis=1)
    mean = np.maximum(values.mean(axis=1), 0.0)
    table = pd.DataFrame(
        {"importance": mean, "std": values.std(axis=1), "share": mean / (mean.sum() or 1.0)},
        index=pd.Index(features.columns, name="hyperparameter"),
    ).sort_values("importance", ascending=False, kind="stable")
    score = float(np.mean(scores))
    note = f"Permutation importance of a random forest on {len(done)} trials (its R² on unseen ones is {score:.2f})."
    if score < 0.2:
        note += " The forest hardly predicts the cost: don't rely on this order."
    return Importance(table, score, len(done), note)


def _encode(trials: Sequence[Trial]) -> pd.DataFrame:
    import pandas as pd

    names = list(dict.fromkeys(n for t in trials for n in t.config))
    columns = {}
    for name in names:
        values = [t.config.get(name) for t in trials]
        numeric = all(isinstance(v, int | float) for v in values if v is not None)
        codes = {v: i for i, v in enumerate(sorted({str(v) for v in values if v is not None}))}
        # -1 stands for inactive: a place of its own below all categories, and a guess for numbers
        columns[name] = [
            (min(float(u) for u in values if u is not None) - 1.0 if numeric else -1.0)
            if v is None
            else (float(v) if numeric else float(codes[str(v)]))
            for v in values
        ]
    return pd.DataFrame(columns)
