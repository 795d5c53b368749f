"""Support vector machines: for small tables with smooth structure."""

from __future__ import annotations

from workbench.nouns import Clause, Condition, Hyperparameter, Space, Task
from workbench.recipes._recipe import Parameter, Recipe
from workbench.recipes._trees import WEIGHT


class _Machine(Recipe):
    """A recipe whose preset has conditions: `gamma` belongs to two of the kernels, `degree` to one."""

    def space(self, task: Task) -> Space:
        plain = super().space(task)
        conditions = (
            Condition("gamma", (Clause("kernel", "in", ("rbf", "poly")),)),
            Condition("degree", (Clause("kernel", "==", "poly"),)),
        )
        return Space(plain.hyperparameters, conditions, name=plain.name)


RECIPE = _Machine(
    id="svm",
    title="Support vector machine",
    summary="A kernel method: strong on a few thousand rows with smooth structure; its time grows with their square.",
    module="sklearn.svm",
    estimators={"classification": "SVC", "regression": "SVR"},
    short="svm",
    names=("svr", "support_vector"),
    parameters=(
        Parameter("C", "number", low=1e-6, aliases=("cost",)),
        Parameter("kernel", "choice", choices=("rbf", "poly", "linear", "sigmoid")),
        Parameter("gamma", "choice", low=1e-9, choices=("scale", "auto"), numbers=True),
        Parameter("degree", "integer", low=1, high=10),
        Parameter("coef0", "number"),
        Parameter("tol", "number", low=1e-8),
        Parameter("shrinking", "flag"),
        Parameter("epsilon", "number", low=0.0, tasks=("regression",)),
        WEIGHT,
    ),
    preset=(
        Hyperparameter("C", "float", low=0.01, high=100.0, log=True, default=1.0),
        Hyperparameter("kernel", "categorical", choices=("rbf", "poly", "linear"), default="rbf"),
        Hyperparameter("gamma", "float", low=1e-4, high=1.0, log=True, default=0.05),
        Hyperparameter("degree", "integer", low=2, high=4, default=3),
    ),
    by_task={"regression": (Hyperparameter("epsilon", "float", low=1e-3, high=1.0, log=True, default=0.1),)},
    fixed=("max_iter=50_000",),
    seeded=False,
    scaled=True,
    scales_target=True,
    order=50,
)
