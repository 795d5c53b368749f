"""`X` and `y` may be of any kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.nouns import Call, Case, Probe, Reply, Rule, Seen
from workbench.rules._calls import call, default_call, has_torch


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


RULE = Rule(
    id="input-kinds",
    group="data",
    level={"*": "must"},
    text="`X` may be a DataFrame, an array or a tensor, `y` a Series, an array or a tensor, and labels may be strings.",
    probe=Probe(calls, judge),
    order=220,
)
