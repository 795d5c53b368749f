"""Runs and trials as DataFrames."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from workbench.nouns import Trial
from workbench.results.groups import groups
from workbench.runs.front import front
from workbench.runs.trajectory import incumbent

if TYPE_CHECKING:
    import pandas as pd

    from workbench.runs import Run


def trials_table(trials: Sequence[Trial], objectives: Sequence[str] = ("loss",)) -> pd.DataFrame:
    """One row a trial, with its number as the index.

    Parameters
    ----------
    objectives : sequence of str
        With more than the loss there is a column `front`, after `cost`: whether the trial is on the Pareto front.

    Returns
    -------
    DataFrame
        `status`, `cost` (NaN unless it succeeded), `budget`, `instance` (where there are some), `seconds`, `start_s`,
        `seed`, `worker`, `error`, then `metric.NAME` for each metric and `cfg.NAME` for each hyperparameter; what is
        inactive is missing.
    """
    import pandas as pd

    fixed = ["status", "cost", "budget", "seconds", "start_s", "seed", "worker", "error"]
    if any(t.instance is not None for t in trials):
        fixed.insert(3, "instance")
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
    if len(objectives) > 1:
        best = {t.number for t in front(trials, objectives)}
        fixed.insert(2, "front")
        rows = [{**row, "front": t.number in best} for row, t in zip(rows, trials, strict=True)]
    columns = [*fixed, *(f"metric.{m}" for m in metrics), *(f"cfg.{n}" for n in names)]
    index = pd.Index([t.number for t in trials], name="number", dtype="int64")
    table = pd.DataFrame(rows, index=index, columns=columns)
    return table.astype({"cost": "float64", "budget": "float64"})


def runs_table(runs: Sequence[Run]) -> pd.DataFrame:
    """One row a run, with the name of its folder as the index.

    Returns
    -------
    DataFrame
        `state`, `data`, `facade`, `contract`, `seed`, `trials`, `failed`, `asked` (trials), `best` (cost; NaN without
        one), `at_trial`, `budget`, `seconds`, `created`, `group` (what it has in common with those that differ in the
        seed alone) and `folder`.
    """
    import pandas as pd

    label = {id(run): group.label for group in groups(runs) for run in group.runs}
    rows = []
    for run in runs:
        trials = run.trials
        best = incumbent(trials)
        rows.append(
            {
                "state": run.state,
                "data": run.about["dataset"]["name"],
                "facade": run.about["facade"],
                "contract": run.about["contract"],
                "seed": run.about["scenario"]["seed"],
                "trials": len(trials),
                "failed": sum(t.status != "success" for t in trials),
                "asked": run.about["scenario"]["n_trials"],
                "best": best.cost if best else None,
                "at_trial": best.number if best else None,
                "budget": best.budget if best else None,
                "seconds": max((t.start_s + t.seconds for t in trials), default=0.0),
                "created": pd.Timestamp(run.about["created"]),
                "group": label[id(run)],
                "folder": str(run.folder),
            }
        )
    columns = ["state", "data", "facade", "contract", "seed", "trials", "failed", "asked", "best", "at_trial"]
    columns += ["budget", "seconds", "created", "group", "folder"]
    index = pd.Index([run.folder.name for run in runs], name="run", dtype="object")
    table = pd.DataFrame(rows, index=index, columns=columns)
    kinds = {"seed": "int64", "trials": "int64", "failed": "int64", "asked": "int64", "at_trial": "Int64"}
    return table.astype({**kinds, "best": "float64", "budget": "float64", "seconds": "float64"})


def rank_correlation(trials: Sequence[Trial]) -> pd.DataFrame:
    """How well a cheap budget tells what an expensive one will say.

    Only configurations evaluated at both budgets count. Successive halving promotes the best alone, so at high budgets
    these are alike and the correlation is lower than it would be over the whole space.

    Returns
    -------
    DataFrame
        One row a pair of budgets: `low`, `high`, `spearman` (the rank correlation of the costs; NaN with fewer than
        three configurations, or where all cost the same) and `n`, their number. Near 1, the low budget ranks as the
        high one does and multi-fidelity pays; near 0 it misleads.
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
    rows = []
    for low, high in combinations(wide.columns, 2):
        both = wide[[low, high]].dropna()
        # Spearman is Pearson on ranks; pandas' own needs SciPy for it
        ranks = both.rank()
        varied = len(both) >= 3 and bool((ranks.nunique() > 1).all())
        rho = float(ranks[low].corr(ranks[high])) if varied else float("nan")
        rows.append({"low": low, "high": high, "spearman": rho, "n": len(both)})
    made = pd.DataFrame(rows, columns=["low", "high", "spearman", "n"])
    return made.astype({"low": "float64", "high": "float64", "spearman": "float64", "n": "int64"})
