"""The same keys for every configuration of a task."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench import contracts
from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import configurations, default_call, described
from workbench.rules._mutation import Broken, returns


def calls(case: Case) -> Mapping[str, Call]:
    """Every configuration that is tried."""
    return {"default": default_call(case), **configurations(case)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """The task's keys are there, and no configuration has others than the first."""
    wanted = contracts.metric_keys(case.job.dataset.task)
    first: set[str] | None = None
    for name, call in calls(case).items():
        reply = replies[name]
        if reply.status != "success":
            continue
        keys = set(reply.metrics)
        missing = [k for k in wanted if k not in keys]
        if missing:
            yield Seen("fail", f"the dict has no {', '.join(map(repr, missing))} ({described(call)})", call=call)
            return
        if first is None:
            first = keys
        elif keys != first:
            other = ", ".join(sorted(keys ^ first))
            yield Seen(
                "fail", f"the keys change from one configuration to another: {other} ({described(call)})", call=call
            )
            return
    if first is None:
        yield Seen("unknown", "no call came back with a dict")


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """A key is missing, renamed, or comes and goes."""
    yield (
        "f1 is missing",
        returns(tree, lambda v: f"{{k: n for k, n in ({ast.unparse(v)}).items() if k not in ('f1', 'r2')}}"),
    )
    yield (
        "keys are in capitals",
        returns(tree, lambda v: f"{{(k if k == 'loss' else k.upper()): n for k, n in ({ast.unparse(v)}).items()}}"),
    )
    yield "the loss alone in a dict", returns(tree, lambda v: f"{{'loss': ({ast.unparse(v)})['loss']}}")
    yield (
        "a key for each configuration",
        returns(tree, lambda v: f"{{**({ast.unparse(v)}), 'of ' + str(sorted(dict(cfg).items()))[:80]: 1.0}}"),
    )


RULE = Rule(
    id="metric-keys",
    group="result",
    level={"metrics": "must"},
    text="Beside `loss`, return for every configuration the same keys: `accuracy`, `balanced_accuracy`, "
    "`precision`, `recall`, `f1` for classification, `mse`, `mae`, `rmse`, `r2` for regression.",
    probe=Probe(calls, judge),
    examples=(Example('        "f1": float(f1),\n', "", base="scores"),),
    mutate=mutate,
    order=430,
)
