"""What families of trees have in common."""

from __future__ import annotations

from workbench.recipes._recipe import Parameter

TREES = ("n_trees", "num_trees", "trees", "num_estimators")
ROUNDS = ("n_estimators", "num_estimators", "n_trees", "iterations", "n_iterations", "num_boost_round", "n_rounds")
EVERYTHING = ("none", "None", "all")

SHAPE = (
    Parameter("max_depth", "integer", low=1, none=("none", "None"), aliases=("depth",)),
    Parameter("min_samples_split", "integer", low=2),
    Parameter("min_samples_leaf", "integer", low=1, aliases=("min_leaf", "min_leaf_size")),
    Parameter("max_features", "choice", low=1e-3, high=1.0, choices=("sqrt", "log2"), none=EVERYTHING, numbers=True),
    Parameter("max_leaf_nodes", "integer", low=2, none=("none", "None")),
    Parameter("min_impurity_decrease", "number", low=0.0),
    Parameter("min_weight_fraction_leaf", "number", low=0.0, high=0.5),
    Parameter("ccp_alpha", "number", low=0.0),
)
WEIGHT = Parameter("class_weight", "choice", choices=("balanced",), none=("none", "None"), tasks=("classification",))
CRITERIA = (
    Parameter("criterion", "choice", choices=("gini", "entropy", "log_loss"), tasks=("classification",)),
    # "poisson" fails on negative targets
    Parameter("criterion", "choice", choices=("squared_error", "absolute_error"), tasks=("regression",)),
)
