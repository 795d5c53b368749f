"""The caller's data is as it was after the call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.nouns import Call, Case, Probe, Reply, Rule, Seen
from workbench.rules._calls import call, default_call


def calls(case: Case) -> Mapping[str, Call]:
    """As frames, and as arrays, which are changed in place more easily."""
    return {"frames": default_call(case), "arrays": call(case, variant={"kind": "array"})}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Fingerprints before and after."""
    for name, made in calls(case).items():
        changed = replies[name].facts.get("input")
        if changed:
            what = " and ".join(f'dataset["{key}"]' for key in changed)
            yield Seen("fail", f"{what} changed during the call (given as {name})", call=made)
            return


RULE = Rule(
    id="input-unchanged",
    group="data",
    level={"*": "must"},
    text="Leave the caller's data as it is: copy before you change.",
    probe=Probe(calls, judge),
    order=230,
)
