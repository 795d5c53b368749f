"""One tree: small, and easy to explain in a lesson."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Recipe
from workbench.recipes._trees import CRITERIA, SHAPE, WEIGHT

RECIPE = Recipe(
    id="decision_tree",
    title="Decision tree",
    summary="One tree: trains in milliseconds, overfits visibly, and is easy to explain in a lesson.",
    module="sklearn.tree",
    estimators={"classification": "DecisionTreeClassifier", "regression": "DecisionTreeRegressor"},
    short="dt",
    names=("tree",),
    parameters=(*SHAPE, *CRITERIA, WEIGHT),
    preset=(
        Hyperparameter("max_depth", "integer", low=1, high=20, default=6),
        Hyperparameter("min_samples_split", "integer", low=2, high=40, log=True, default=2),
        Hyperparameter("min_samples_leaf", "integer", low=1, high=40, log=True, default=1),
        Hyperparameter("ccp_alpha", "float", low=1e-6, high=0.1, log=True, default=1e-4),
    ),
    order=80,
)
