"""XGBoost: boosted trees with a penalty on their size."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter, Recipe
from workbench.recipes._trees import ROUNDS

RECIPE = Recipe(
    id="xgboost",
    title="XGBoost",
    summary="Boosted trees with penalties on leaves and depth: the classic of competitions on tables.",
    module="xgboost",
    estimators={"classification": "XGBClassifier", "regression": "XGBRegressor"},
    requires="xgboost",
    short="xgb",
    names=("extreme_gradient_boosting",),
    parameters=(
        Parameter("n_estimators", "integer", low=1, aliases=ROUNDS[1:]),
        Parameter("learning_rate", "number", low=1e-6, high=1.0, aliases=("eta", "lr", "shrinkage")),
        Parameter("max_depth", "integer", low=1, none=("none", "None"), aliases=("depth",), nothing="0"),
        Parameter("max_leaves", "integer", low=2, aliases=("num_leaves", "max_leaf_nodes")),
        Parameter("min_child_weight", "number", low=0.0),
        Parameter("gamma", "number", low=0.0, aliases=("min_split_loss", "min_split_gain")),
        Parameter("subsample", "number", low=0.05, high=1.0, aliases=("row_share",)),
        Parameter("colsample_bytree", "number", low=0.05, high=1.0, aliases=("colsample",)),
        Parameter("colsample_bylevel", "number", low=0.05, high=1.0),
        Parameter("colsample_bynode", "number", low=0.05, high=1.0),
        Parameter("reg_alpha", "number", low=0.0, aliases=("alpha", "l1")),
        Parameter("reg_lambda", "number", low=0.0, aliases=("lambda", "l2", "l2_regularization")),
        Parameter("grow_policy", "choice", choices=("depthwise", "lossguide")),
        Parameter("max_bin", "integer", low=2, aliases=("max_bins",)),
    ),
    preset=(
        Hyperparameter("learning_rate", "float", low=0.01, high=0.5, log=True, default=0.1),
        Hyperparameter("max_depth", "integer", low=1, high=12, default=6),
        Hyperparameter("min_child_weight", "float", low=0.1, high=20.0, log=True, default=1.0),
        Hyperparameter("subsample", "float", low=0.4, high=1.0, default=1.0),
        Hyperparameter("colsample_bytree", "float", low=0.3, high=1.0, default=1.0),
        Hyperparameter("reg_lambda", "float", low=1e-3, high=100.0, log=True, default=1.0),
    ),
    effort="n_estimators",
    full_effort=100,
    labels=True,
    order=91,
)
