"""The same keys for every configuration of a task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench import contracts
from workbench.nouns import Call, Case, Probe, Reply, Rule, Seen
from workbench.rules._calls import configurations, default_call, described


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


RULE = Rule(
    id="metric-keys",
    group="result",
    level={"metrics": "must"},
    text="Beside `loss`, return for every configuration the same keys: `accuracy`, `balanced_accuracy`, "
    "`precision`, `recall`, `f1` for classification, `mse`, `mae`, `rmse`, `r2` for regression.",
    probe=Probe(calls, judge),
    order=430,
)
