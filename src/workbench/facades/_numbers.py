"""Which numbers a scenario can have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from workbench.nouns import Cluster, Facade, FacadeError

_POSITIVE = {"n_trials", "trial_limit_s", "memory_limit_mb", "workers"}
_WHOLE = {"n_trials", "memory_limit_mb", "workers", "seed"}
BUDGETS = ("min_budget", "max_budget")
OF_SOME = (*BUDGETS, "instances")
"""Numbers that only some facades take."""
LEAST_INSTANCES, MOST_INSTANCES = 2, 100
_OPTIONAL = {"min_budget", "max_budget", "wall_limit_s"}


def check_number(name: str, value: Any) -> None:
    """Refuse what no scenario can have, with the value and what would work.

    Raises
    ------
    FacadeError
        If the value cannot be.
    """
    if name in ("devices", "cluster"):
        check_places(name, value)
        return
    if name == "instances":
        _check_instances(value)
        return
    if name == "ask_ahead":
        if not isinstance(value, bool):
            raise FacadeError(f"ask_ahead is {value!r}; it must be True or False")
        return
    if name == "objectives":
        if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(o, str) for o in value):
            raise FacadeError(f"objectives is {value!r}; it must be a list of names, such as ('loss', 'accuracy')")
        return
    if value is None and name in _OPTIONAL:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FacadeError(f"{name} is {value!r}; it must be a number")
    if name in _WHOLE and value != int(value):
        raise FacadeError(f"{name} is {value!r}; it must be a whole number")
    if name in (_POSITIVE | _OPTIONAL) and value <= 0:
        raise FacadeError(f"{name} is {value!r}; it must be above 0")
    if name == "seed" and not 0 <= value < 2**32:
        raise FacadeError(f"seed is {value!r}; it must be between 0 and {2**32 - 1}")


def _check_instances(value: Any) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if value is None or (isinstance(value, str) and value.strip()):
        return
    if not whole or not LEAST_INSTANCES <= value <= MOST_INSTANCES:
        raise FacadeError(
            f"instances is {value!r}; it must be a number of seeds from {LEAST_INSTANCES} to {MOST_INSTANCES}, or the "
            "name of a column whose values divide the table"
        )


def check_places(name: str, value: Any) -> None:
    """Refuse devices and clusters that are of another kind.

    Raises
    ------
    FacadeError
        If the value cannot be.
    """
    if name == "devices" and not (isinstance(value, tuple) and all(isinstance(d, str) and d for d in value)):
        raise FacadeError(f"devices is {value!r}; it must be a tuple of GPU indices or UUIDs, such as ('0', '1')")
    if name == "cluster" and not (value is None or isinstance(value, Cluster)):
        raise FacadeError(f"cluster is {value!r}; it must be a workbench.nouns.Cluster, or None for this machine")


def takes(facade: Facade, name: str) -> bool:
    """Whether a number of the scenario means something to a facade: budgets and instances do to some alone."""
    if name in BUDGETS:
        return facade.needs_budget
    return facade.needs_instances or name != "instances"


def is_whole(name: str) -> bool:
    """Whether the number is a count."""
    return name in _WHOLE
