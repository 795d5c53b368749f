"""`X` and `y` may be of any kind."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import call, default_call, has_torch
from workbench.rules._mutation import Broken, at_start


def calls(case: Case) -> Mapping[str, Call]:
    """As arrays, as tensors where PyTorch is here, and with labels as strings."""
    found = {"arrays": call(case, variant={"kind": "array"})}
    if has_torch():
        found["tensors"] = call(case, variant={"kind": "tensor"})
    if case.job.dataset.task == "classification":
        found["labels as strings"] = call(case, variant={"labels": "str"})
    return {"default": default_call(case), **found}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Whether it trains on each kind, where it trains at all."""
    if replies["default"].status != "success":
        return [Seen("unknown", "no result came back on the plain table, so other kinds say nothing")]
    return [
        Seen("fail", f"with {name}: {replies[name].error}", call=made, traceback=replies[name].traceback)
        for name, made in calls(case).items()
        if replies[name].status != "success"
    ]


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Only one kind is understood."""
    yield "X must be a DataFrame", at_start(tree, "names = list(dataset['X'].columns)\nprint(len(names))")
    yield "y must be a Series", at_start(tree, "kinds = dataset['y'].nunique()\nprint(kinds)")
    yield "X must have iloc", at_start(tree, "first = dataset['X'].iloc[0]\nprint(len(first))")
    if job.dataset.task == "classification" and job.dataset.y.dtype.kind in "biuf":
        yield (
            "labels must be numbers",
            at_start(tree, "import numpy\ntop = numpy.asarray(dataset['y']).astype(float).max()\nprint(top)"),
        )


RULE = Rule(
    id="input-kinds",
    group="data",
    level={"*": "must"},
    text="`X` may be a DataFrame, an array or a tensor, `y` a Series, an array or a tensor, and labels may be strings.",
    probe=Probe(calls, judge),
    examples=(
        Example('X, y = dataset["X"], np.asarray(dataset["y"])', 'X, y = dataset["X"], dataset["y"].to_numpy()'),
    ),
    mutate=mutate,
    order=220,
)
