"""Extremely randomised trees: faster and smoother than a forest."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter, Recipe
from workbench.recipes._trees import CRITERIA, SHAPE, TREES, WEIGHT

RECIPE = Recipe(
    id="extra_trees",
    title="Extra trees",
    summary="Trees with random cuts: faster than a random forest, and often better where features are noisy.",
    module="sklearn.ensemble",
    estimators={"classification": "ExtraTreesClassifier", "regression": "ExtraTreesRegressor"},
    short="et",
    names=("extremely_randomized_trees",),
    parameters=(
        Parameter("n_estimators", "integer", low=1, aliases=TREES),
        *SHAPE,
        *CRITERIA,
        WEIGHT,
        Parameter("bootstrap", "flag"),
    ),
    preset=(
        Hyperparameter("max_depth", "integer", low=2, high=40, default=20),
        Hyperparameter("min_samples_split", "integer", low=2, high=20, default=2),
        Hyperparameter("min_samples_leaf", "integer", low=1, high=20, log=True, default=1),
        Hyperparameter("max_features", "float", low=0.1, high=1.0, default=0.7),
        Hyperparameter("bootstrap", "categorical", choices=(True, False), default=False),
    ),
    effort="n_estimators",
    full_effort=100,
    order=40,
)
