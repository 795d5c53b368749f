"""When the model is trained again, and what it holds for the best: SMAC's selector, sooner and more often.

SMAC trains its forest after every eight configurations, because its training and search take long. Here they do not,
and a model that knows the last trial proposes better: it is trained after every trial at first, and less often the more
it knows, up to SMAC's eight. What the model holds for the best of the known configurations is asked of it for all of
them at once.
"""

from __future__ import annotations

import numpy as np

from workbench.facades._known import Proposing

SELDOM = 8
"""Configurations between two trainings at most: SMAC's own number."""
SHARE = 50
"""One configuration more between two trainings for each so many known trials."""


def retrain_after(known: int) -> int:
    """How many configurations are proposed before the model is trained again, with so many trials known."""
    return min(SELDOM, max(1, known // SHARE))


class Selector(Proposing):
    """SMAC's, with the two differences."""

    def _collect_data(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the model is trained on; SMAC asks for it before each training."""
        collected: tuple[np.ndarray, np.ndarray, np.ndarray] = super()._collect_data()
        self._retrain_after = retrain_after(len(collected[0]))
        return collected

    def _get_x_best(self, X: np.ndarray) -> tuple[np.ndarray, float]:
        """The known vector, of shape (hyperparameters,), with the lowest predicted cost, and that cost."""
        assert self._model is not None
        costs = np.asarray(self._model.predict_marginalized(X)[0])[:, 0]
        best = int(np.argmin(costs))
        return X[best], float(costs[best])
