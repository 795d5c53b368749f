"""Random forests: strong on tables without tuning."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter, Recipe
from workbench.recipes._trees import CRITERIA, SHAPE, TREES, WEIGHT

RECIPE = Recipe(
    id="random_forest",
    title="Random forest",
    summary="Averages many trees grown on resampled rows. Hard to break, little to tune: a good first space.",
    module="sklearn.ensemble",
    estimators={"classification": "RandomForestClassifier", "regression": "RandomForestRegressor"},
    short="rf",
    names=("forest",),
    parameters=(
        Parameter("n_estimators", "integer", low=1, aliases=TREES),
        *SHAPE,
        *CRITERIA,
        WEIGHT,
        Parameter("bootstrap", "flag"),
        Parameter("max_samples", "number", low=0.01, high=1.0),
    ),
    extra=lambda names, task: (
        ("max_samples=max_samples if bootstrap else None",) if {"max_samples", "bootstrap"} <= set(names) else ()
    ),
    preset=(
        Hyperparameter("max_depth", "integer", low=2, high=30, default=12),
        Hyperparameter("min_samples_split", "integer", low=2, high=20, default=2),
        Hyperparameter("min_samples_leaf", "integer", low=1, high=20, log=True, default=1),
        Hyperparameter("max_features", "float", low=0.1, high=1.0, default=0.5),
    ),
    by_task={
        "classification": (
            Hyperparameter("criterion", "categorical", choices=("gini", "entropy"), default="gini"),
            Hyperparameter("class_weight", "categorical", choices=("none", "balanced"), default="none"),
        ),
        "regression": (Hyperparameter("bootstrap", "categorical", choices=(True, False), default=True),),
    },
    effort="n_estimators",
    full_effort=100,
    order=10,
)
