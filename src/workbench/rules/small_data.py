"""Little data is no reason to crash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.nouns import Call, Case, Probe, Reply, Rule, Seen
from workbench.rules._calls import call, default_call


def calls(case: Case) -> Mapping[str, Call]:
    """Thirty rows; one feature."""
    return {
        "default": default_call(case),
        "30 rows": call(case, variant={"rows": 30}),
        "one feature": call(case, variant={"columns": 1}),
    }


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Whether it trains on them, where it trains at all."""
    if replies["default"].status != "success":
        return [Seen("unknown", "no result came back on the whole sample, so less of it says nothing")]
    return [
        Seen("fail", f"with {name}: {replies[name].error}", call=made, traceback=replies[name].traceback)
        for name, made in calls(case).items()
        if replies[name].status != "success"
    ]


RULE = Rule(
    id="small-data",
    group="data",
    level={"*": "should"},
    text="A few dozen rows, a class of one row or a single feature must not crash it.",
    probe=Probe(calls, judge),
    order=240,
)
