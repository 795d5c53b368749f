"""SMAC's random forest, the same to the last bit and sooner.

Training: SMAC lets a tree have 2**20 leaves, and scikit-learn makes room for twice as many nodes, more than a hundred
megabytes for each tree, before it looks at the forty rows. A tree never has more leaves than rows; room for those gives
the same tree. Most of the rest is scikit-learn's care for a forest of any kind (its trees are cloned, validated and
given to a thread pool) and SMAC's for each leaf; here the trees are made one by one, with the same random numbers, and
the costs of all leaves of a tree at once. Predicting: SMAC asks thousands of times for each new configuration, often
for one row. Its own forest validates the rows, builds a thread pool and adds up the trees in it each time; here the
trees are asked one by one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import config_context
from sklearn.tree import DecisionTreeRegressor
from smac.model.random_forest.random_forest import RandomForest

OF_A_TREE = (
    "criterion",
    "max_depth",
    "min_samples_split",
    "min_samples_leaf",
    "min_weight_fraction_leaf",
    "max_features",
    "max_leaf_nodes",
    "min_impurity_decrease",
    "ccp_alpha",
    "monotonic_cst",
)
"""The options that SMAC's forest hands to its trees."""
FEW = 8
"""NumPy adds up fewer numbers than these from first to last, and more in another order."""


class Forest(RandomForest):
    """The same model; only `_train` and `_predict`, which SMAC leaves to its models, are others."""

    def _train(self, X: np.ndarray, y: np.ndarray) -> Forest:
        """Fit to vectors of shape (rows, hyperparameters) and their costs of shape (rows, 1)."""
        self._rf_opts["max_leaf_nodes"] = max(2, len(X) + 1)
        rows = self._impute_inactive(X).astype(np.float32)
        if self._n_features or not self._rf_opts["bootstrap"] or self._rf_opts["max_samples"] or np.isnan(rows).any():
            super()._train(X, y)
            assert self._rf is not None
            self._trees = [tree.tree_ for tree in self._rf.estimators_]
            return self
        costs = np.ascontiguousarray(y, dtype=float).reshape(-1, 1)
        asked: dict[str, Any] = self._rf_opts
        options = {name: asked[name] for name in OF_A_TREE}
        random = np.random.RandomState(asked["random_state"])
        seeds = [random.randint(np.iinfo(np.int32).max) for _ in range(asked["n_estimators"])]
        with config_context(skip_parameter_validation=True, assume_finite=True):
            self._trees = [self._tree(rows, costs, seed, options) for seed in seeds]
        return self

    def _tree(self, rows: np.ndarray, costs: np.ndarray, seed: int, options: dict[str, Any]) -> Any:
        """A trained tree on rows that are drawn again and again, as many as there are."""
        drawn = np.random.RandomState(seed).randint(0, len(rows), len(rows)).astype(np.int32)
        weights = np.bincount(drawn, minlength=len(rows)).astype(float)
        made = DecisionTreeRegressor(random_state=seed, **options)
        tree = made.fit(rows, costs, sample_weight=weights, check_input=False).tree_
        if self._log_y:  # SMAC: the logarithm of the mean of the costs in a leaf, not the mean of their logarithms
            leaves, numbers = np.unique(tree.apply(rows)[drawn], return_inverse=True)
            values = np.exp(costs[drawn, 0])
            found = np.bincount(numbers)
            means = np.bincount(numbers, weights=values) / found
            for i in np.flatnonzero(found >= FEW):
                means[i] = values[numbers == i].mean()
            tree.value[leaves, 0, 0] = np.log(means)
        return tree

    def _predict(self, X: np.ndarray, covariance_type: str | None = "diagonal") -> tuple[np.ndarray, np.ndarray | None]:
        """Mean and variance over the trees.

        Parameters
        ----------
        X : array of shape (rows, hyperparameters)
            Vectors of configurations; NaN where one is inactive.

        Returns
        -------
        array, array
            Both of shape (rows, 1).
        """
        if covariance_type != "diagonal" or X.ndim != 2 or X.shape[1] != len(self._types):
            return super()._predict(X, covariance_type)  # which says what is wrong
        rows = np.ascontiguousarray(self._impute_inactive(X), dtype=np.float32)
        by_tree = np.column_stack([tree.predict(rows)[:, 0] for tree in self._trees])
        return by_tree.mean(axis=1).reshape(-1, 1), by_tree.var(axis=1).reshape(-1, 1)
