"""`train` returns the loss and the fitted model."""

from __future__ import annotations

from typing import Any

from workbench.contracts._numbers import describe, plain_number
from workbench.nouns import Contract, ContractError, Outcome


def read(value: Any) -> Outcome:
    """`(loss, model)`: the cost, and a model that has `predict`."""
    if not isinstance(value, tuple | list):
        raise ContractError(f"train returned {describe(value)}; the model contract wants the tuple (loss, model)")
    if len(value) != 2:
        raise ContractError(f"train returned {len(value)} values; the model contract wants two, (loss, model)")
    loss, model = value
    if callable(getattr(loss, "predict", None)) and not callable(getattr(model, "predict", None)):
        raise ContractError("train returned (model, loss); the model contract wants the loss first, (loss, model)")
    cost = plain_number(loss, "the returned loss")
    if not callable(getattr(model, "predict", None)):
        raise ContractError(f"the returned model is {describe(model)} without predict; it must answer predict(X)")
    return Outcome(cost, model=model)


CONTRACT = Contract(
    id="model",
    title="Loss and model",
    signature=(
        "train(cfg: Configuration, dataset: Any, seed: int, budget: int = None, model_dir: str = None) "
        "-> Tuple[float, Any]"
    ),
    takes_budget=True,
    takes_test=False,
    returns="(loss, model)",
    summary="The loss to minimise and the fitted model, which answers predict(X). For every facade.",
    read=read,
    order=2,
)
