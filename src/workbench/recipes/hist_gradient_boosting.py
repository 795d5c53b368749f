"""Histogram gradient boosting: the strongest single family on most tables."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter, Recipe
from workbench.recipes._trees import ROUNDS, WEIGHT

RECIPE = Recipe(
    id="hist_gradient_boosting",
    title="Histogram gradient boosting",
    summary="Boosted trees on binned features: usually the best on tables, and fast on large ones.",
    module="sklearn.ensemble",
    estimators={"classification": "HistGradientBoostingClassifier", "regression": "HistGradientBoostingRegressor"},
    short="hgb",
    names=("hist_gb", "histgb", "hist_gbm", "boosting"),
    parameters=(
        Parameter("max_iter", "integer", low=1, aliases=ROUNDS),
        Parameter("learning_rate", "number", low=1e-6, high=10.0, aliases=("eta", "lr")),
        Parameter("max_leaf_nodes", "integer", low=2, none=("none", "None"), aliases=("num_leaves",)),
        Parameter("max_depth", "integer", low=1, none=("none", "None"), aliases=("depth",)),
        Parameter("min_samples_leaf", "integer", low=1, aliases=("min_data_in_leaf", "min_child_samples", "min_leaf")),
        Parameter("l2_regularization", "number", low=0.0, aliases=("reg_lambda", "lambda_l2", "l2")),
        Parameter("max_bins", "integer", low=2, high=255),
        Parameter("max_features", "number", low=1e-3, high=1.0, aliases=("colsample", "colsample_bynode")),
        # of classes, scikit-learn's early stopping splits off a stratified part: it fails on a class of one row
        Parameter("early_stopping", "flag", tasks=("regression",)),
        Parameter("validation_fraction", "number", low=0.05, high=0.5, tasks=("regression",)),
        Parameter("n_iter_no_change", "integer", low=1, tasks=("regression",)),
        WEIGHT,
    ),
    preset=(
        Hyperparameter("learning_rate", "float", low=0.01, high=0.5, log=True, default=0.1),
        Hyperparameter("max_leaf_nodes", "integer", low=4, high=64, log=True, default=31),
        Hyperparameter("min_samples_leaf", "integer", low=1, high=60, log=True, default=20),
        Hyperparameter("l2_regularization", "float", low=1e-6, high=10.0, log=True, default=1e-3),
        Hyperparameter("max_features", "float", low=0.3, high=1.0, default=1.0),
    ),
    fixed=("early_stopping=False",),
    effort="max_iter",
    full_effort=100,
    order=20,
)
