"""Regularised linear models: the baseline that everything else must beat."""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import version

from workbench.nouns import Hyperparameter, Task
from workbench.recipes._recipe import Parameter, Recipe
from workbench.recipes._trees import WEIGHT


def _penalty(names: Collection[str], task: Task) -> tuple[str, ...]:
    """The share of the first power in the penalty of logistic regression; only `saga` takes every share."""
    if task == "regression" or not {"penalty", "l1_ratio"} & set(names):
        return ()
    share = "l1_ratio" if "l1_ratio" in names else "0.5"
    made = [f'l1_ratio={{"l1": 1.0, "l2": 0.0}}.get(penalty, {share})'] if "penalty" in names else []
    if tuple(int(part) for part in version("scikit-learn").split(".")[:2]) < (1, 8):
        made.append('penalty="elasticnet"')  # later versions tell it by the share alone
    return (*made, 'solver="saga"')


RECIPE = Recipe(
    id="linear",
    title="Linear model",
    summary="Logistic regression or the elastic net: fast, readable, and the baseline that others must beat.",
    module="sklearn.linear_model",
    estimators={"classification": "LogisticRegression", "regression": "ElasticNet"},
    short="lin",
    names=("linear_model", "logistic_regression", "logistic", "elastic_net", "logreg", "lr"),
    parameters=(
        Parameter("C", "number", low=1e-6, aliases=("inverse_regularization",), tasks=("classification",)),
        Parameter("penalty", "choice", choices=("l1", "l2", "elasticnet"), tasks=("classification",), argument=False),
        Parameter("alpha", "number", low=1e-9, aliases=("regularization",), tasks=("regression",)),
        Parameter("l1_ratio", "number", low=0.0, high=1.0, aliases=("l1_share",)),
        Parameter("fit_intercept", "flag", aliases=("intercept",)),
        Parameter("tol", "number", low=1e-8, aliases=("tolerance",)),
        Parameter("max_iter", "integer", low=10, aliases=("iterations", "n_iterations")),
        WEIGHT,
    ),
    preset=(Hyperparameter("fit_intercept", "categorical", choices=(True, False), default=True),),
    by_task={
        "classification": (
            Hyperparameter("C", "float", low=1e-4, high=1e3, log=True, default=1.0),
            Hyperparameter("class_weight", "categorical", choices=("none", "balanced"), default="none"),
        ),
        "regression": (
            Hyperparameter("alpha", "float", low=1e-4, high=10.0, log=True, default=0.1),
            Hyperparameter("l1_ratio", "float", low=0.0, high=1.0, default=0.5),
        ),
    },
    fixed=("max_iter=2_000",),
    scaled=True,
    order=70,
    extra=_penalty,
)
