"""Ridge: the linear model with a closed form."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter, Recipe
from workbench.recipes._trees import WEIGHT

RECIPE = Recipe(
    id="ridge",
    title="Ridge",
    summary="A linear model with a quadratic penalty, solved in one step: the fastest model of all.",
    module="sklearn.linear_model",
    estimators={"classification": "RidgeClassifier", "regression": "Ridge"},
    short="ridge",
    names=("ridge_regression",),
    parameters=(
        Parameter("alpha", "number", low=1e-9, aliases=("l2", "reg_lambda", "regularization")),
        Parameter("fit_intercept", "flag", aliases=("intercept",)),
        Parameter("positive", "flag"),
        WEIGHT,
    ),
    preset=(
        Hyperparameter("alpha", "float", low=1e-4, high=1e3, log=True, default=1.0),
        Hyperparameter("fit_intercept", "categorical", choices=(True, False), default=True),
    ),
    by_task={
        "classification": (
            Hyperparameter("class_weight", "categorical", choices=("none", "balanced"), default="none"),
        ),
    },
    seeded=False,
    scaled=True,
    order=75,
)
