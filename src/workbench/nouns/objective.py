"""What is minimised beside the loss: metrics, each turned so that less is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.nouns.errors import ContractError

SHARES = ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "roc_auc", "average_precision", "r2")
"""Metrics of which more is better, and 1 is the best: what is minimised is 1 less the metric."""
USUAL = (*SHARES, "mse", "mae", "rmse")
SECONDS = "fit_seconds"
"""The time of a trial, which the driver measures itself and puts beside the metrics."""
MAXIMISED = "max:"
"""Before a metric of one's own, of which more is better: what is minimised is its negative."""


def metric_of(objective: str) -> str:
    """The key under which `train` returns it."""
    return objective.removeprefix(MAXIMISED)


def more_is_better(objective: str) -> bool:
    """Whether the objective is to go up."""
    return objective.startswith(MAXIMISED) or objective in SHARES


def objective_problem(objectives: Sequence[str]) -> str:
    """Why these cannot be the objectives of a run, in a sentence; empty where they can."""
    if not objectives or objectives[0] != "loss":
        first = repr(objectives[0]) if objectives else "missing"
        return f"the first objective is {first}; it must be 'loss', which the trajectory follows"
    metrics = [metric_of(o) for o in objectives]
    if not all(metrics):
        return "an objective has no name; give the key of a metric that train returns, such as accuracy"
    if twice := [m for m in dict.fromkeys(metrics) if metrics.count(m) > 1]:
        return f"the objective {twice[0]!r} is named twice; once is enough"
    return ""


def objective_costs(objectives: Sequence[str], loss: float, metrics: Mapping[str, float]) -> tuple[float, ...]:
    """What SMAC minimises for one trial, one number an objective.

    Raises
    ------
    ContractError
        If `train` did not return a metric that is an objective.
    """
    costs = []
    for objective in objectives:
        metric = metric_of(objective)
        if metric != "loss" and metric not in metrics:
            returned = ", ".join(["loss", *metrics][:8])
            raise ContractError(f"the returned dict has no {metric!r}, which is an objective (its keys: {returned})")
        value = loss if metric == "loss" else metrics[metric]
        costs.append(1.0 - value if objective in SHARES else -value if objective.startswith(MAXIMISED) else value)
    return tuple(costs)
