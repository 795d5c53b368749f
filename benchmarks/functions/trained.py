"""Three `train` functions as the offline composer writes them, on tables of scikit-learn, each some 50 ms a call.

The loss is of the rows that `train` holds out, always the same ones (seed 0): the same configuration costs the same in
each run. What the lowest cost is nobody knows. The tables are cut to some hundred rows, so that a study can be paid.
"""

from __future__ import annotations

import contextlib
import io
import types
from functools import cache
from typing import Any

import numpy as np
from ConfigSpace import Configuration

from functions._function import Config, Function, choice, number, only_if, whole
from workbench import datasets, space
from workbench.generate import compose
from workbench.nouns import Job, Scenario, Space

SVM = Space(
    (
        choice("scaling", "none", "standard", "minmax"),
        number("C", 1e-3, 1e3, log=True),
        choice("kernel", "linear", "poly", "rbf"),
        number("gamma", 1e-5, 1, log=True),
        whole("degree", 2, 4),
    ),
    (only_if("gamma", "kernel", "in", ("poly", "rbf")), only_if("degree", "kernel", "==", "poly")),
)
BOOSTING = Space(
    (
        number("learning_rate", 0.01, 1, log=True),
        whole("n_estimators", 5, 100, log=True),
        whole("max_depth", 1, 8),
        number("subsample", 0.3, 1),
        whole("min_samples_leaf", 1, 60, log=True),
        choice("max_features", "sqrt", "log2", "all"),
    )
)
NETWORK = Space(
    (
        whole("n_layers", 1, 3),
        whole("n_units", 4, 64, log=True),
        number("learning_rate_init", 1e-4, 0.3, log=True),
        number("alpha", 1e-6, 10, log=True),
        choice("activation", "relu", "tanh"),
        whole("max_iter", 2, 16, log=True),
    )
)


class Trained:
    """A composed `train` on some rows of a built-in table; composed at its first call."""

    def __init__(self, table: str, rows: int, searched: Space) -> None:
        self._table, self._rows, self._searched = table, rows, searched

    def __call__(self, config: Config) -> float:
        made, train, data = self._ready()
        with contextlib.redirect_stdout(io.StringIO()):
            return float(train(Configuration(made, values=dict(config)), data, 0))

    @cache  # noqa: B019 - there are three
    def _ready(self) -> tuple[Any, Any, dict[str, Any]]:
        dataset = datasets.load(f"builtin:{self._table}")
        module = types.ModuleType(f"trained_{self._table}")
        code = compose(Job(dataset, self._searched, "hpo", "loss", Scenario(n_trials=50))).code
        exec(compile(code, module.__name__, "exec"), module.__dict__)
        kept = np.random.RandomState(0).permutation(len(dataset.X))[: self._rows]
        data = {"X": dataset.X.iloc[kept].reset_index(drop=True), "y": dataset.y.iloc[kept].reset_index(drop=True)}
        return space.to_configspace(self._searched, seed=0), module.__dict__["train"], data


TRAINED = (
    Function("svm_digits", SVM, Trained("digits", 500, SVM), None, None, near=1e-3),
    Function("boosting_diabetes", BOOSTING, Trained("diabetes", 442, BOOSTING), None, None, near=0.05),
    Function("network_digits", NETWORK, Trained("digits", 400, NETWORK), None, None, near=1e-3),
)
