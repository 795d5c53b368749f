"""LightGBM: boosted trees that grow leaf by leaf."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter, Recipe
from workbench.recipes._trees import ROUNDS, WEIGHT

RECIPE = Recipe(
    id="lightgbm",
    title="LightGBM",
    summary="Boosted trees that grow leaf by leaf on binned features: fast, and hard to beat on large tables.",
    module="lightgbm",
    estimators={"classification": "LGBMClassifier", "regression": "LGBMRegressor"},
    requires="lightgbm",
    short="lgbm",
    names=("lgb", "light_gbm"),
    parameters=(
        Parameter("n_estimators", "integer", low=1, aliases=ROUNDS[1:]),
        Parameter("learning_rate", "number", low=1e-6, high=10.0, aliases=("eta", "lr", "shrinkage")),
        Parameter("num_leaves", "integer", low=2, high=131_072, aliases=("max_leaf_nodes", "max_leaves")),
        Parameter("max_depth", "integer", low=1, none=("none", "None"), aliases=("depth",), nothing="-1"),
        Parameter("min_child_samples", "integer", low=1, aliases=("min_data_in_leaf", "min_samples_leaf", "min_leaf")),
        Parameter("min_child_weight", "number", low=0.0, aliases=("min_sum_hessian_in_leaf",)),
        Parameter("min_split_gain", "number", low=0.0, aliases=("gamma", "min_gain_to_split")),
        Parameter("subsample", "number", low=0.05, high=1.0, aliases=("bagging_fraction", "row_share")),
        Parameter("colsample_bytree", "number", low=0.05, high=1.0, aliases=("colsample", "feature_fraction")),
        Parameter("reg_alpha", "number", low=0.0, aliases=("lambda_l1", "l1")),
        Parameter("reg_lambda", "number", low=0.0, aliases=("lambda_l2", "l2", "l2_regularization")),
        Parameter("max_bin", "integer", low=2, high=65_535, aliases=("max_bins",)),
        WEIGHT,
    ),
    # without a frequency, rows are never drawn, and `subsample` has no effect
    extra=lambda names, task: ("subsample_freq=1",) if "subsample" in names else (),
    preset=(
        Hyperparameter("learning_rate", "float", low=0.01, high=0.5, log=True, default=0.1),
        Hyperparameter("num_leaves", "integer", low=4, high=128, log=True, default=31),
        Hyperparameter("min_child_samples", "integer", low=1, high=60, log=True, default=20),
        Hyperparameter("subsample", "float", low=0.4, high=1.0, default=0.9),
        Hyperparameter("colsample_bytree", "float", low=0.3, high=1.0, default=1.0),
        Hyperparameter("reg_lambda", "float", low=1e-6, high=10.0, log=True, default=1e-3),
    ),
    fixed=("verbosity=-1", "deterministic=True", "force_row_wise=True"),
    effort="n_estimators",
    full_effort=100,
    order=90,
)
