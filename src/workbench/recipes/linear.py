"""Regularised linear models: the baseline that everything else must beat."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter, Recipe
from workbench.recipes._trees import WEIGHT

RECIPE = Recipe(
    id="linear",
    title="Linear model",
    summary="Logistic regression or the elastic net: fast, readable, and the baseline that others must beat.",
    module="sklearn.linear_model",
    estimators={"classification": "LogisticRegression", "regression": "ElasticNet"},
    short="lin",
    names=("linear_model", "logistic_regression", "elastic_net", "logreg"),
    parameters=(
        Parameter("C", "number", low=1e-6, tasks=("classification",)),
        Parameter("alpha", "number", low=1e-9, tasks=("regression",)),
        Parameter("l1_ratio", "number", low=0.0, high=1.0, tasks=("regression",)),
        Parameter("fit_intercept", "flag"),
        Parameter("tol", "number", low=1e-8),
        Parameter("max_iter", "integer", low=10, aliases=("iterations",)),
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
)
