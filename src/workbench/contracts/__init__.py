"""The return contracts: what `train` gives back, and how it is read. One file each."""

from __future__ import annotations

import sys
from functools import cache

from workbench.nouns import Contract, ContractError, Task
from workbench.registry import discover

__all__ = ["contracts", "get", "metric_keys"]

_METRICS: dict[Task, tuple[str, ...]] = {
    "classification": ("accuracy", "balanced_accuracy", "precision", "recall", "f1"),
    "regression": ("mse", "mae", "rmse", "r2"),
}


@cache
def contracts() -> dict[str, Contract]:
    """Every contract by id."""
    return discover(sys.modules[__name__], "CONTRACT", Contract).parts


def get(contract_id: str) -> Contract:
    """One contract by id.

    Raises
    ------
    ContractError
        If there is none of that id; the sentence lists those that there are.
    """
    known = contracts()
    if contract_id not in known:
        raise ContractError(f"no contract named {contract_id!r}; there are: {', '.join(known)}")
    return known[contract_id]


def metric_keys(task: Task) -> tuple[str, ...]:
    """The keys that the `metrics` contract wants beside `loss`, for each task the same."""
    return _METRICS[task]
