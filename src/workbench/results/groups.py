"""Several runs over each other: those that differ in the seed alone are one group, told by median and band."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.nouns import Trial
from workbench.results.figures import Axis
from workbench.runs.racing import pooled
from workbench.runs.trajectory import incumbent, trajectory

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from workbench.runs import Run

QUARTILES_FROM = 4
"""With fewer seeds a band goes from the lowest to the highest, with so many between the quartiles."""


@dataclass(frozen=True, eq=False)
class Group:
    """Runs that differ in nothing but the seed.

    `label` names the facade, and whatever else sets the group apart from the others that it was made with; `asked`
    holds everything that the runs have in common, by name.
    """

    label: str
    runs: tuple[Run, ...]
    asked: Mapping[str, str]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in the order of the runs."""
        return tuple(int(run.about["scenario"]["seed"]) for run in self.runs)


@dataclass(frozen=True, eq=False)
class Band:
    """Costs of the incumbents of a group, where every one of its runs has one.

    `at` (shape (n,)) are trials, seconds or budget spent; `median`, `low` and `high` have its shape. The value holds
    from each position to the next. `what` says what lies between low and high.
    """

    at: np.ndarray[Any, Any]
    median: np.ndarray[Any, Any]
    low: np.ndarray[Any, Any]
    high: np.ndarray[Any, Any]
    what: str


def asked(run: Run) -> dict[str, str]:
    """Everything that makes a run what it is, but the seed: by name, as text."""
    about = run.about
    scenario = about["scenario"]
    budgets = (scenario.get("min_budget"), scenario.get("max_budget"))
    found = {
        "data": f"{about['dataset']['name']} ({str(about['dataset']['digest'])[:6]})",
        "facade": str(about["facade"]),
        "contract": str(about["contract"]),
        "trials": f"{scenario['n_trials']} trials",
        "budgets": "" if None in budgets else f"budgets {budgets[0]:g} to {budgets[1]:g}",
        "space": f"space {_digest(run, 'space.json')}",
        "function": f"function {_digest(run, 'train.py')}",
    }
    rest = {k: v for k, v in scenario.items() if k not in ("seed", "n_trials", "min_budget", "max_budget")}
    for late in ("instances", "ask_ahead"):  # older runs do not have it
        if not rest.get(late):
            rest.pop(late, None)
    return found | {name: f"{name} {json.dumps(value)}" for name, value in sorted(rest.items())}


def _digest(run: Run, name: str) -> str:
    with suppress(OSError):
        return hashlib.sha256((run.folder / name).read_bytes()).hexdigest()[:6]
    return "missing"


def groups(runs: Iterable[Run]) -> tuple[Group, ...]:
    """Runs put together that differ in nothing but the seed, in the order of the first of each."""
    found: dict[tuple[tuple[str, str], ...], list[Run]] = {}
    for run in runs:
        found.setdefault(tuple(asked(run).items()), []).append(run)
    keys = [dict(key) for key in found]
    varied = [n for n in dict.fromkeys(n for k in keys for n in k) if len({k.get(n, "") for k in keys}) > 1]
    made = []
    for key, members in zip(keys, found.values(), strict=True):
        words = [key["facade"], *(key.get(n, "") or f"no {n}" for n in varied if n != "facade")]
        made.append(Group(", ".join(words), tuple(members), key))
    return tuple(made)


def remarks(made: Sequence[Group]) -> tuple[str, ...]:
    """What stands in the way of comparing these groups, each in a sentence."""
    said = []
    for name, what in (("data", "datasets"), ("contract", "return contracts")):
        values = list(dict.fromkeys(g.asked[name] for g in made))
        if len(values) > 1:
            said.append(f"These runs have different {what} ({', '.join(values)}): their costs do not compare.")
    twice = [g.label for g in made if len(set(g.seeds)) < len(g.runs)]
    said += [f"{label} has a seed more than once: its band tells less of chance than it seems." for label in twice]
    single = [g.label for g in made if len(g.runs) == 1]
    if single and len(made) > 1:
        said.append(
            f"{' and '.join(single) if len(single) < 4 else f'{len(single)} groups'} "
            f"{'has' if len(single) == 1 else 'have'} one seed: another seed may change the order."
        )
    return tuple(said)


def band(runs: Sequence[Sequence[Trial]], x: Axis = "trials", *, full: float = 1.0) -> Band:
    """Median and band of the incumbents' costs over runs.

    Only incumbents at the highest budget, or on the most instances, count, since other costs do not compare. The band
    begins where the last of the runs has such an incumbent, and ends where the first of them ends: each value speaks of
    all runs.

    Parameters
    ----------
    runs : sequence of sequences of Trial
    full : float
        What a trial without a budget costs on the budget axis.
    """
    import numpy as np

    top = max((t.budget or 0.0 for trials in runs for t in pooled(trials) if t.cost is not None), default=0.0)
    steps, ends = [], []
    for trials in runs:
        at, costs = _steps(trials, x, full, top)
        if not len(at):
            return _none()
        steps.append((at, costs))
        ends.append(_position(trials, x, full)[-1])
    if not steps:
        return _none()
    first, last = max(at[0] for at, _ in steps), min(ends)
    grid = np.unique(np.concatenate([at for at, _ in steps] + [np.array([first, last])]))
    grid = grid[(grid >= first) & (grid <= last)]
    if not len(grid):
        return _none()
    values = np.stack([costs[np.searchsorted(at, grid, side="right") - 1] for at, costs in steps])
    between = (25, 75) if len(steps) >= QUARTILES_FROM else (0, 100)
    low, high = np.percentile(values, between, axis=0)
    what = "quartiles" if len(steps) >= QUARTILES_FROM else "lowest to highest"
    return Band(grid, np.median(values, axis=0), low, high, what if len(steps) > 1 else "")


def _none() -> Band:
    import numpy as np

    none = np.empty(0)
    return Band(none, none, none, none, "")


def _position(trials: Sequence[Trial], x: Axis, full: float) -> np.ndarray[Any, Any]:
    import numpy as np

    if x == "trials":
        return np.arange(1, len(trials) + 1, dtype=float)
    if x == "time":
        return np.array([t.start_s + t.seconds for t in trials], dtype=float)
    return np.cumsum(np.array([full if t.budget is None else t.budget for t in trials], dtype=float))


def _steps(trials: Sequence[Trial], x: Axis, full: float, top: float) -> tuple[Any, Any]:
    """Where the incumbent at the highest budget changes, and to which cost."""
    import numpy as np

    at = _position(trials, x, full)
    index = {t.number: i for i, t in enumerate(trials)}
    points = [p for p in trajectory(trials) if (p.budget or 0.0) == top or p.budget is None]
    return np.array([at[index[p.number]] for p in points], dtype=float), np.array([p.cost for p in points], dtype=float)


def comparison_table(made: Sequence[Group]) -> pd.DataFrame:
    """The incumbents of groups, one row a group, the lowest median first.

    Returns
    -------
    DataFrame
        By label: `runs`, `median`, `low` and `high` (of the incumbents' costs over the runs), `budget` (at which; of
        runs over instances, how many), `trials` and `seconds` (medians), `best_run` (a folder's name), `at_trial`, then
        `cfg.NAME` of the best one.
    """
    import pandas as pd

    rows = []
    for group in made:
        found = [(run, incumbent(run.trials)) for run in group.runs]
        done = [(run, best) for run, best in found if best is not None and best.cost is not None]
        top = max((best.budget or 0.0 for _, best in done), default=0.0)
        done = [(run, best) for run, best in done if best.budget is None or best.budget == top]
        costs = pd.Series([best.cost for _, best in done], dtype="float64")
        run, best = min(done, key=lambda d: d[1].cost or 0.0) if done else (None, None)
        taken = [max((t.start_s + t.seconds for t in r.trials), default=0.0) for r in group.runs]
        rows.append(
            {
                "runs": len(group.runs),
                "median": costs.median(),
                "low": costs.min(),
                "high": costs.max(),
                "budget": best.budget if best is not None else None,
                "trials": float(pd.Series([len(r.trials) for r in group.runs]).median()),
                "seconds": float(pd.Series(taken).median()),
                "best_run": run.folder.name if run is not None else "",
                "at_trial": best.number if best is not None else None,
                **{f"cfg.{n}": v for n, v in (best.config.items() if best is not None else ())},
            }
        )
    fixed = ["runs", "median", "low", "high", "budget", "trials", "seconds", "best_run", "at_trial"]
    columns = list(dict.fromkeys([*fixed, *(c for row in rows for c in row)]))
    table = pd.DataFrame(rows, index=pd.Index([g.label for g in made], name="group", dtype="object"), columns=columns)
    kinds = {"median": "float64", "low": "float64", "high": "float64", "budget": "float64", "at_trial": "Int64"}
    return table.astype(kinds).sort_values("median", kind="stable")
