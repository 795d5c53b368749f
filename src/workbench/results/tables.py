"""Runs and trials as DataFrames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.nouns import Trial
from workbench.runs.trajectory import incumbent

if TYPE_CHECKING:
    import pandas as pd


def trials_table(trials: Sequence[Trial]) -> pd.DataFrame:
    """One row a trial, with its number as the index.

    Returns
    -------
    DataFrame
        `status`, `cost` (NaN unless it succeeded), `budget`, `seconds`, `start_s`, `seed`, `worker`, `error`, then
        `metric.NAME` for each metric and `cfg.NAME` for each hyperparameter; an inactive one is missing.
    """
    import pandas as pd

    fixed = ["status", "cost", "budget", "seconds", "start_s", "seed", "worker", "error"]
    metrics = list(dict.fromkeys(name for t in trials for name in t.metrics))
    names = list(dict.fromkeys(name for t in trials for name in t.config))
    rows = [
        {
            **{name: getattr(t, name) for name in fixed},
            **{f"metric.{name}": value for name, value in t.metrics.items()},
            **{f"cfg.{name}": value for name, value in t.config.items()},
        }
        for t in trials
    ]
    columns = [*fixed, *(f"metric.{m}" for m in metrics), *(f"cfg.{n}" for n in names)]
    index = pd.Index([t.number for t in trials], name="number", dtype="int64")
    table = pd.DataFrame(rows, index=index, columns=columns)
    return table.astype({"cost": "float64", "budget": "float64"})


def runs_table(runs: Mapping[str, Sequence[Trial]]) -> pd.DataFrame:
    """One row a run, with its label as the index: `trials`, `failed`, `best`, `at_trial`, `budget`, `seconds`."""
    import pandas as pd

    rows = []
    for trials in runs.values():
        best = incumbent(trials)
        rows.append(
            {
                "trials": len(trials),
                "failed": sum(t.status != "success" for t in trials),
                "best": best.cost if best else None,
                "at_trial": best.number if best else None,
                "budget": best.budget if best else None,
                "seconds": max((t.start_s + t.seconds for t in trials), default=0.0),
            }
        )
    columns = ["trials", "failed", "best", "at_trial", "budget", "seconds"]
    table = pd.DataFrame(rows, index=pd.Index(list(runs), name="run", dtype="object"), columns=columns)
    return table.astype({"best": "float64", "at_trial": "Int64", "budget": "float64", "seconds": "float64"})


def rank_correlation(trials: Sequence[Trial]) -> pd.DataFrame:
    """How well a cheap budget tells what an expensive one will say.

    Returns
    -------
    DataFrame, shape (budgets, budgets)
        Spearman's rank correlation of costs over the configurations evaluated at both budgets; NaN where there
        are fewer than three. Near 1, low budgets rank as high ones do and multi-fidelity pays; near 0 it misleads.
    """
    import pandas as pd

    done = [t for t in trials if t.status == "success" and t.budget is not None]
    table = pd.DataFrame(
        {
            "config": [repr(sorted(t.config.items())) for t in done],
            "budget": [t.budget for t in done],
            "cost": pd.Series([t.cost for t in done], dtype="float64"),
        }
    )
    wide = table.pivot_table(index="config", columns="budget", values="cost", aggfunc="mean")
    budgets = list(wide.columns)
    result = pd.DataFrame(float("nan"), index=wide.columns, columns=wide.columns)
    for a in budgets:
        for b in budgets:
            both = wide[[a]].assign(other=wide[b]).dropna()
            if len(both) >= 3:
                # Spearman is Pearson on ranks; pandas' own needs SciPy for it
                result.loc[a, b] = both[a].rank().corr(both["other"].rank())
    result.index.name = result.columns.name = "budget"
    return result
