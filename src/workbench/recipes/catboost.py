"""CatBoost: boosted symmetric trees."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter, Recipe
from workbench.recipes._trees import ROUNDS

RECIPE = Recipe(
    id="catboost",
    title="CatBoost",
    summary="Boosted trees with one cut a level: good with little tuning, slower to train than its rivals.",
    module="catboost",
    estimators={"classification": "CatBoostClassifier", "regression": "CatBoostRegressor"},
    requires="catboost",
    short="cat",
    names=("cb",),
    parameters=(
        Parameter("n_estimators", "integer", low=1, aliases=ROUNDS[1:]),
        Parameter("learning_rate", "number", low=1e-6, high=1.0, aliases=("eta", "lr", "shrinkage")),
        # a symmetric tree has 2 ** depth leaves
        Parameter("depth", "integer", low=1, high=12, aliases=("max_depth",)),
        Parameter("l2_leaf_reg", "number", low=0.0, aliases=("reg_lambda", "l2", "l2_regularization")),
        Parameter("random_strength", "number", low=0.0),
        Parameter("subsample", "number", low=0.05, high=1.0, aliases=("row_share",)),
        Parameter("rsm", "number", low=0.05, high=1.0, aliases=("colsample_bylevel", "colsample")),
        Parameter("border_count", "integer", low=1, high=254, aliases=("max_bin", "max_bins")),
    ),
    # the default way to draw rows takes no share
    extra=lambda names, task: ('bootstrap_type="Bernoulli"',) if "subsample" in names else (),
    preset=(
        Hyperparameter("learning_rate", "float", low=0.01, high=0.5, log=True, default=0.1),
        Hyperparameter("depth", "integer", low=1, high=8, default=6),
        Hyperparameter("l2_leaf_reg", "float", low=0.1, high=100.0, log=True, default=3.0),
        Hyperparameter("random_strength", "float", low=1e-3, high=10.0, log=True, default=1.0),
        Hyperparameter("subsample", "float", low=0.4, high=1.0, default=0.8),
    ),
    fixed=("verbose=False", "allow_writing_files=False"),
    effort="n_estimators",
    full_effort=100,
    labels=True,
    order=92,
)
