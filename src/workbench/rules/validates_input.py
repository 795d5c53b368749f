"""Lengths that differ are an error that says both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.nouns import Call, Case, Probe, Reply, Rule, Seen
from workbench.rules._calls import call

ROWS, LENGTH = 40, 33


def calls(case: Case) -> Mapping[str, Call]:
    """Forty rows of `X`, thirty-three of `y`."""
    return {"mismatch": call(case, variant={"rows": ROWS, "length": LENGTH})}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """An error with both numbers in it."""
    reply = replies["mismatch"]
    rows = min(ROWS, case.job.dataset.rows)
    if reply.status == "success":
        return [
            Seen("fail", f"{rows} rows of X and {LENGTH} of y are taken without a word", call=calls(case)["mismatch"])
        ]
    if str(LENGTH) in reply.error and str(rows) in reply.error:
        return []
    text = f"for {rows} rows of X and {LENGTH} of y the error does not say both lengths: {reply.error}"
    return [Seen("fail", text, call=calls(case)["mismatch"], traceback=reply.traceback)]


RULE = Rule(
    id="validates-input",
    group="robust",
    level={"*": "should"},
    text="Check the shapes of `X` and `y` where they come in; when their lengths differ, raise a `ValueError` "
    "that says both.",
    probe=Probe(calls, judge),
    order=200,
)
