"""Gradient boosting with exact splits: for small tables."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter, Recipe
from workbench.recipes._trees import ROUNDS, SHAPE

RECIPE = Recipe(
    id="gradient_boosting",
    title="Gradient boosting",
    summary="Boosted trees with exact splits and row subsampling: good on small tables, slow on large ones.",
    module="sklearn.ensemble",
    estimators={"classification": "GradientBoostingClassifier", "regression": "GradientBoostingRegressor"},
    short="gb",
    names=("gbm",),
    parameters=(
        Parameter("n_estimators", "integer", low=1, aliases=ROUNDS[1:]),
        Parameter("learning_rate", "number", low=1e-6, high=10.0, aliases=("eta", "lr")),
        Parameter("subsample", "number", low=0.05, high=1.0, aliases=("row_share",)),
        Parameter("loss", "choice", choices=("squared_error", "absolute_error", "huber"), tasks=("regression",)),
        *SHAPE,
    ),
    preset=(
        Hyperparameter("learning_rate", "float", low=0.01, high=0.5, log=True, default=0.1),
        Hyperparameter("max_depth", "integer", low=1, high=8, default=3),
        Hyperparameter("subsample", "float", low=0.4, high=1.0, default=1.0),
        Hyperparameter("min_samples_leaf", "integer", low=1, high=30, log=True, default=1),
        Hyperparameter("max_features", "categorical", choices=("sqrt", "log2", "all"), default="all"),
    ),
    effort="n_estimators",
    full_effort=100,
    order=30,
)
