"""SMAC's random forest, the same to the last bit and sooner.

Training: SMAC lets a tree have 2**20 leaves, and scikit-learn makes room for twice as many nodes, more than a hundred
megabytes for each tree, before it looks at the forty rows. A tree never has more leaves than rows; room for those gives
the same tree. Predicting: SMAC asks thousands of times for each new configuration, often for one row. Its own forest
validates the rows, builds a thread pool and adds up the trees in it each time; here the trees are asked one by one.
"""

from __future__ import annotations

import numpy as np
from smac.model.random_forest.random_forest import RandomForest


class Forest(RandomForest):
    """The same model; only `_train` and `_predict`, which SMAC leaves to its models, are others."""

    def _train(self, X: np.ndarray, y: np.ndarray) -> Forest:
        """Fit to vectors of shape (rows, hyperparameters) and their costs of shape (rows, 1)."""
        self._rf_opts["max_leaf_nodes"] = max(2, len(X) + 1)
        super()._train(X, y)
        return self

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
        assert self._rf is not None
        rows = np.ascontiguousarray(self._impute_inactive(X), dtype=np.float32)
        by_tree = np.column_stack([tree.tree_.predict(rows)[:, 0] for tree in self._rf.estimators_])
        return by_tree.mean(axis=1).reshape(-1, 1), by_tree.var(axis=1).reshape(-1, 1)
