"""What the ac facade races configurations over: seeds of the whole table, or a table for each value of a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.nouns import Dataset, FacadeError, Fit, Instance, Job, Scenario
from workbench.nouns.instance import as_text

if TYPE_CHECKING:
    import pandas as pd

SUGGESTED = 5
"""So many seeds where nothing else is asked for."""
MOST = 100
LEAST_ROWS = 10
"""A table with fewer rows can hardly be split for validation."""


def instances_of(job: Job) -> Mapping[str, Instance]:
    """What the job's configurations are raced over, by name; empty for a facade that takes no instances.

    Raises
    ------
    FacadeError
        If the scenario names a column that cannot divide the table.
    """
    from workbench.facades import get

    if not get(job.facade).needs_instances:
        return {}
    return {one.name: one for one in instances(job.scenario, job.dataset)}


def instances(scenario: Scenario, dataset: Dataset) -> tuple[Instance, ...]:
    """The instances that a scenario asks for.

    A number is so many seeds, from the scenario's own on. A column gives one table for each of its values; rows without
    one belong to none, and values with too few rows, or with one class alone, are left out.

    Raises
    ------
    FacadeError
        If there are not two to compare on.
    """
    asked = SUGGESTED if scenario.instances is None else scenario.instances
    if not isinstance(asked, str):
        return tuple(Instance(f"seed {scenario.seed + k}", seed=k, features=(float(k),)) for k in range(asked))
    found = _tables(asked, dataset)
    if len(found) > MOST:
        raise FacadeError(
            f"column {asked!r} has {len(found)} values, and configurations can be raced over at most {MOST} tables; "
            "choose a column with fewer, or a number of seeds"
        )
    if len(found) < 2:
        raise FacadeError(
            f"column {asked!r} gives {len(found)} {'table' if len(found) == 1 else 'tables'} with {LEAST_ROWS} rows or "
            f"more{_and_classes(dataset)}, and there must be two at least; {_others(asked, dataset)}"
        )
    return tuple(
        Instance(f"{asked}={value}", where=(asked, value), features=_features(number, y, dataset))
        for number, (value, y) in enumerate(found)
    )


def instance_remarks(scenario: Scenario, dataset: Dataset | None) -> list[Fit]:
    """What is to be said of the instances, in sentences."""
    if len(scenario.objectives) > 1:
        return [
            Fit(False, f"Racing over instances compares one number; leave {', '.join(scenario.objectives[1:])} out.")
        ]
    if dataset is None:
        return []
    try:
        found = instances(scenario, dataset)
    except FacadeError as error:
        text = str(error)
        return [Fit(False, f"{text[0].upper()}{text[1:]}.")]
    if scenario.n_trials < 2 * len(found):
        text = f"{scenario.n_trials} trials hardly try one configuration on all {len(found)} instances; ten for each"
        return [Fit(True, f"{text} instance is better.")]
    if found[0].where is None:
        return [Fit(True, f"A configuration is tried with up to {len(found)} seeds, and its cost is the mean.")]
    column, *_ = found[0].where
    kept = [one.where[1] for one in found if one.where is not None]
    rows = int(as_text(dataset.X[column]).isin(kept).sum())
    said = f"A configuration is tried on up to {len(found)} tables, one for each value of {column!r}, and its cost is"
    left = f"; {dataset.rows - rows:,} of the {dataset.rows:,} rows are in none" if rows < dataset.rows else ""
    return [Fit(True, f"{said} the mean{left}. A model that is saved was trained on one of them.")]


def _tables(column: str, dataset: Dataset) -> list[tuple[str, pd.Series]]:
    """The values of a column with the targets of their rows, those that can be learnt from alone."""
    if column not in dataset.X.columns:
        raise FacadeError(f"the table has no column {column!r} to divide it by; {_others(column, dataset)}")
    values = as_text(dataset.X[column])
    if values.nunique() > 10 * MOST:
        raise FacadeError(
            f"column {column!r} has {values.nunique():,} values, too many to divide the table by; "
            f"{_others(column, dataset)}"
        )
    groups = dataset.y.groupby(values, sort=True)
    return [(str(value), y) for value, y in groups if len(y) >= LEAST_ROWS and (_number(dataset) or y.nunique() > 1)]


def _number(dataset: Dataset) -> bool:
    return dataset.task != "classification"


def _and_classes(dataset: Dataset) -> str:
    return "" if _number(dataset) else " and two classes"


def _features(number: int, y: pd.Series, dataset: Dataset) -> tuple[float, ...]:
    """Which one it is, how many rows it has, and what its target is like."""
    import numpy as np

    if _number(dataset):
        return (float(number), float(np.log10(len(y))), float(y.mean()), float(y.std(ddof=0)))
    shares = y.value_counts(normalize=True)
    return (float(number), float(np.log10(len(y))), float(y.nunique()), float(shares.max()))


def _others(column: str, dataset: Dataset) -> str:
    """Columns that would do."""
    known = {}
    for name in map(str, dataset.X.columns):
        if name != column and (number := dataset.X[name].nunique()) <= 20:
            known[name] = number
    fitting = [name for name in known if len(_tables(name, dataset)) >= 2][:5]
    if not fitting:
        return f"give a number of seeds, such as {SUGGESTED}"
    return f"columns that do: {', '.join(fitting)}; or give a number of seeds, such as {SUGGESTED}"
