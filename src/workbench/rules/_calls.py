"""The calls that rules share: equal ones are made once."""

from __future__ import annotations

from typing import Any

from workbench.nouns import Call, Case

OBSERVED = ("returned", "input", "files", "predict")
"""Every call looks at all of this, so that rules may share it."""


def default_call(case: Case) -> Call:
    """The default configuration with the smallest budget that the job has."""
    return Call(config=default_configuration(case), seed=0, budget=smallest_budget(case), observe=OBSERVED)


def default_configuration(case: Case) -> dict[str, Any]:
    """The active defaults of the space, in plain values."""
    from workbench.nouns import SpaceError

    known = case.defaults
    if known is None:
        raise SpaceError("the space has no default configuration")
    return dict(known)


def smallest_budget(case: Case) -> float | None:
    """None for a job without budgets."""
    return case.job.scenario.min_budget if case.needs_budget else None


def described(call: Call) -> str:
    """A call in a few words, for a sentence."""
    config = ", ".join(f"{name}={value!r}" for name, value in list(call.config.items())[:6])
    more = ", …" if len(call.config) > 6 else ""
    budget = "" if call.budget is None else f", budget={call.budget:g}"
    return f"cfg {{{config}{more}}}, seed={call.seed}{budget}"
