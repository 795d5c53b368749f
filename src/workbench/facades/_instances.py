"""What the ac facade races configurations over: seeds of the whole table, or a table for each value of a column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from workbench.nouns import Dataset, FacadeError, Fit, Instance, Job, Scenario
from workbench.nouns.instance import as_text

if TYPE_CHECKING:
    import pandas as pd

SUGGESTED = 5
"""So many seeds where nothing else is asked for."""
MOST = 100
LEAST_ROWS = 10
"""A table with fewer rows can hardly be split for validation."""
SEEDS = 2**32
"""Libraries take seeds below it."""
SHOWN_COLUMNS, SHOWN_VALUES = 5, 20
"""So many columns are named that would do, each with so many values at most."""


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
        seeds = [(scenario.seed + k) % SEEDS for k in range(asked)]
        return tuple(Instance(f"seed {seed}", seed, features=(float(k),)) for k, seed in enumerate(seeds))
    found = _tables(asked, dataset)
    if len(found) > MOST:
        raise FacadeError(
            f"column {asked!r} has {len(found)} values, and configurations can be raced over at most {MOST} tables; "
            "choose a column with fewer, or a number of seeds"
        )
    if len(found) < 2:
        raise FacadeError(
            f"column {asked!r} gives {len(found)} {'table' if len(found) == 1 else 'tables'} with {LEAST_ROWS} rows or "
            f"more{'' if dataset.task != 'classification' else ' and two classes'}, and there must be two at least; "
            f"{_others(asked, dataset)}"
        )
    return tuple(
        Instance(f"{asked}={one.value}", scenario.seed, (asked, one.value), (float(number), *one.features))
        for number, one in enumerate(found)
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
    rows = sum(one.rows for one in _tables(column, dataset))
    said = f"A configuration is tried on up to {len(found)} tables, one for each value of {column!r}, and its cost is"
    left = f"; {dataset.rows - rows:,} of the {dataset.rows:,} rows are in none" if rows < dataset.rows else ""
    return [Fit(True, f"{said} the mean{left}. A model that is saved was trained on one of them.")]


@dataclass(frozen=True)
class _Table:
    """The rows with one value of a column; `features` say how many there are and what their target is like."""

    value: str
    rows: int
    features: tuple[float, ...]


_known: WeakKeyDictionary[Dataset, dict[str, tuple[_Table, ...]]] = WeakKeyDictionary()
"""What was found of a dataset, by column: a view asks with every number that is changed."""
_fitting: WeakKeyDictionary[Dataset, tuple[str, ...]] = WeakKeyDictionary()
"""The columns of a dataset that divide it into few tables."""


def _tables(column: str, dataset: Dataset) -> tuple[_Table, ...]:
    """What a column makes of the table: of its values, those that can be learnt from."""
    if column not in dataset.X.columns:
        raise FacadeError(f"the table has no column {column!r} to divide it by; {_others(column, dataset)}")
    known = _known.setdefault(dataset, {})
    if column not in known:
        number = dataset.X[column].nunique()
        if number > 10 * MOST:
            raise FacadeError(
                f"column {column!r} has {number:,} values, too many to divide the table by; {_others(column, dataset)}"
            )
        known[column] = tuple(_divided(as_text(dataset.X[column]), dataset))
    return known[column]


def _divided(values: pd.Series, dataset: Dataset) -> Iterator[_Table]:
    import numpy as np

    for value, y in dataset.y.groupby(values, sort=True):
        if len(y) < LEAST_ROWS:
            continue
        if dataset.task != "classification":
            yield _Table(str(value), len(y), (float(np.log10(len(y))), float(y.mean()), float(y.std(ddof=0))))
        elif y.nunique() > 1:
            highest = float(y.value_counts(normalize=True).max())
            yield _Table(str(value), len(y), (float(np.log10(len(y))), float(y.nunique()), highest))


def _others(column: str, dataset: Dataset) -> str:
    """Columns that would do."""
    if dataset not in _fitting:
        few = [name for name in map(str, dataset.X.columns) if 2 <= dataset.X[name].nunique() <= SHOWN_VALUES]
        _fitting[dataset] = tuple(name for name in few if len(_tables(name, dataset)) >= 2)
    found = [name for name in _fitting[dataset] if name != column][:SHOWN_COLUMNS]
    seeds = f"give a number of seeds, such as {SUGGESTED}"
    return f"columns that do: {', '.join(found)}; or {seeds}" if found else seeds
