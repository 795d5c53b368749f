"""Small tables, jobs on them, and composed code that is run in this process."""

from __future__ import annotations

import contextlib
import io
import math
import os
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from workbench import contracts, datasets, recipes, space
from workbench.generate import compose
from workbench.nouns import Dataset, Job, Scenario, Space, Task, Value

TASKS: tuple[Task, ...] = ("classification", "regression")
EVERY_PRESET = [(task, preset.id) for task in TASKS for preset in recipes.presets(task)]
NEEDY = {r.id for r in recipes.recipes().values() if r.requires}
"""Families of other libraries than scikit-learn, which take longer and have tests of their own."""
PRESETS = [(task, preset_id) for task, preset_id in EVERY_PRESET if preset_id not in NEEDY]
LABELS = {"yes", "no", "rare"}


@cache
def table(task: Task, rows: int = 120) -> Dataset:
    """Gaps, a category, a truth value, a date, a name with a blank; labels are strings, one stands in one row alone."""
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=rows), rng.normal(size=rows)
    frame = pd.DataFrame(
        {
            "x": x,
            "z with a blank": z,
            "count": rng.integers(0, 9, rows),
            "kind": rng.choice(["a", "b", "c"], rows),
            "flag": rng.random(rows) < 0.5,
            "when": pd.date_range("2020-01-01", periods=rows),
        }
    )
    signal = x + 0.5 * z
    frame["target"] = np.where(signal > 0, "yes", "no") if task == "classification" else 10 * signal
    frame.loc[::7, "x"] = np.nan
    frame.loc[::9, "kind"] = None
    if task == "classification":
        frame.loc[5, "target"] = "rare"
    return datasets.make(frame, "target", task=task, name="small")


def preset(task: Task, preset_id: str) -> Space:
    return {p.id: p.space for p in recipes.presets(task)}[preset_id]


def job(made: Space, task: Task = "classification", contract: str = "model", **numbers: Any) -> Job:
    scenario = Scenario(**{"min_budget": 1.0, "max_budget": 9.0, **numbers})
    facade = "hyperband" if contracts.get(contract).takes_budget else "random"
    return Job(table(task), made, facade, contract, scenario)


def loaded(code: str) -> Any:
    """The `train` of a source."""
    namespace: dict[str, Any] = {"__name__": "composed"}
    exec(compile(code, "<composed>", "exec"), namespace)
    return namespace["train"]


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """One thread, since the machine is shared; without what training prints and warns of."""
    os.environ["LOKY_MAX_CPU_COUNT"] = "1"  # what LightGBM looks at
    with threadpool_limits(1), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def trained(made: Job, config: Mapping[str, Value], data: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """What composed code returns for a configuration; it must be what the contract wants."""
    configspace = space.to_configspace(made.space)
    data = {"X": made.dataset.X, "y": made.dataset.y} if data is None else data
    with quietly():
        result = loaded(compose(made).code)(space.configuration(configspace, config), data, 0, **more)
    outcome = contracts.get(made.contract).read(result)
    assert math.isfinite(outcome.cost)
    return result


def corner(made: Space, side: int) -> dict[str, Value]:
    """Every hyperparameter at its low end (0), or at its high one (-1), those that are active then."""
    values: dict[str, Value] = {}
    for h in made.hyperparameters:
        ends = (h.low, h.high) if h.kind in ("integer", "float") else h.choices or (h.default,)
        value = ends[side]
        assert value is not None
        values[h.name] = value
    return {name: value for name, value in values.items() if name in space.active(made, values)}
