"""`train` returns the loss."""

from __future__ import annotations

from typing import Any

from workbench.contracts._numbers import plain_number
from workbench.nouns import Contract, ContractError, Outcome


def read(value: Any) -> Outcome:
    """The returned number is the cost."""
    if isinstance(value, tuple | list | dict):
        raise ContractError(
            f"train returned a {type(value).__name__} of {len(value)}; the loss contract wants one number"
        )
    return Outcome(plain_number(value, "the returned loss"))


CONTRACT = Contract(
    id="loss",
    title="Loss",
    signature="train(cfg: Configuration, dataset: Any, seed: int, model_dir: str = None) -> float",
    takes_budget=False,
    takes_test=False,
    returns="float",
    summary="One number to minimise. The shortest contract; for facades without budgets.",
    read=read,
    order=1,
)
