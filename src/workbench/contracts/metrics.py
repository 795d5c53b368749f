"""`train` returns the loss among other metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.contracts._numbers import describe, plain_number
from workbench.nouns import Contract, ContractError, Outcome


def read(value: Any) -> Outcome:
    """A dict with `loss`, which is the cost, and further numbers, which are the metrics."""
    if not isinstance(value, Mapping):
        raise ContractError(f"train returned {describe(value)}; the metrics contract wants a dict with 'loss' in it")
    if not all(isinstance(key, str) for key in value):
        wrong = next(key for key in value if not isinstance(key, str))
        raise ContractError(f"a key of the returned dict is {describe(wrong)}; every key must be a string")
    if "loss" not in value:
        keys = ", ".join(list(value)[:8]) or "none"
        raise ContractError(f"the returned dict has no 'loss' (its keys: {keys}); add the number to minimise")
    numbers = {key: plain_number(number, f"the metric {key!r}") for key, number in value.items() if key != "loss"}
    return Outcome(plain_number(value["loss"], "the returned loss"), numbers)


CONTRACT = Contract(
    id="metrics",
    title="Metrics",
    signature=(
        "train(cfg: Configuration, dataset: Any, seed: int, budget: int = None, model_dir: str = None) "
        "-> Dict[str, Union[float, int]]"
    ),
    takes_budget=True,
    takes_test=True,
    returns="dict",
    summary="A dict with the loss and the task's metrics, on the test part where there is one. For every facade.",
    read=read,
    order=3,
)
