"""Nearest neighbours: no training, a plain baseline."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter, Recipe

RECIPE = Recipe(
    id="knn",
    title="Nearest neighbours",
    summary="Predicts from the most similar rows: a plain baseline that shows how far distance alone goes.",
    module="sklearn.neighbors",
    estimators={"classification": "KNeighborsClassifier", "regression": "KNeighborsRegressor"},
    short="knn",
    names=("k_nearest_neighbors", "neighbors", "neighbours"),
    parameters=(
        Parameter("n_neighbors", "integer", low=1, aliases=("k", "n_neighbours"), code="min({value}, n_fit)"),
        Parameter("weights", "choice", choices=("uniform", "distance")),
        Parameter("p", "number", low=1.0, high=10.0),
        Parameter("metric", "choice", choices=("minkowski", "euclidean", "manhattan", "chebyshev", "cosine")),
        Parameter("leaf_size", "integer", low=1),
    ),
    preset=(
        Hyperparameter("n_neighbors", "integer", low=1, high=50, log=True, default=5),
        Hyperparameter("weights", "categorical", choices=("uniform", "distance"), default="uniform"),
        Hyperparameter("p", "float", low=1.0, high=3.0, default=2.0),
    ),
    seeded=False,
    scaled=True,
    order=60,
)
