"""The calls that rules share: equal ones are made once.

Every rule takes its calls from here, so that the whole rule book asks for about thirty of them:

- the default configuration, saved into a folder, and the same again without one;
- the configurations of `Case.configurations`: the far end of each hyperparameter, each choice, both sides of each
  condition, all low, all high, random ones;
- no budget, the largest, and 3.7;
- hyperparameters as numpy scalars; `X` and `y` as arrays and tensors; labels as strings;
- fewer rows, one column, lengths that differ; a made-up table of another shape, as it is and with shuffled labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from workbench.nouns import Call, Case, Reply, SpaceError, Value

OBSERVED = ("files", "input", "memory", "predict", "returned")
"""Every call looks at all of this, so that rules may share it."""

SHUFFLES = (11, 12, 13, 14)
FRACTION = 3.7
"""A budget that is no whole number."""


def default_configuration(case: Case) -> dict[str, Value]:
    """The active defaults of the space, in plain values."""
    known = case.defaults
    if known is None:
        raise SpaceError("the space has no default configuration")
    return dict(known)


def smallest_budget(case: Case) -> float | None:
    """None for a job without budgets."""
    return case.job.scenario.min_budget if case.needs_budget else None


def largest_budget(case: Case) -> float | None:
    """None for a job without budgets."""
    return case.job.scenario.max_budget if case.needs_budget else None


def call(case: Case, config: Mapping[str, Value] | None = None, **given: Any) -> Call:
    """A call with the smallest budget, the default configuration and all observations, unless said otherwise."""
    chosen = dict(config) if config is not None else default_configuration(case)
    return Call(**{"config": chosen, "budget": smallest_budget(case), "observe": OBSERVED, **given})


def default_call(case: Case) -> Call:
    """The default configuration, saved: the call that most rules look at."""
    return call(case, model_dir="default", observe=(*OBSERVED, "fits"))


def again(case: Case) -> Call:
    """The same without a folder to save into."""
    return call(case)


def other_saved(case: Case) -> Call:
    """Another configuration into the same folder."""
    others = case.configurations[1:]
    return call(case, others[-1] if others else None, model_dir="default", seed=0 if others else 1)


def configurations(case: Case) -> dict[str, Call]:
    """A call for each configuration worth trying, the default among them."""
    found = {"default": default_call(case)}
    for number, config in enumerate(case.configurations[1:], 1):
        found[f"configuration {number}"] = call(case, config)
    return found


def made(case: Case, shuffle: int | None = None, **variant: Any) -> Call:
    """The default configuration on the made-up table, with the default effort."""
    if shuffle is not None:
        variant["shuffle"] = shuffle
    return call(case, data="made", variant=variant, budget=None)


def has_torch() -> bool:
    """Whether tensors can be handed over here."""
    return find_spec("torch") is not None


def described(call: Call) -> str:
    """A call in a few words, for a sentence."""
    config = ", ".join(f"{name}={value!r}" for name, value in list(call.config.items())[:6])
    more = ", …" if len(call.config) > 6 else ""
    budget = "" if call.budget is None else f", budget={call.budget:g}"
    kinds = "" if not call.variant else f", data {', '.join(f'{k}={v!r}' for k, v in call.variant.items())}"
    types = ", numpy types" if call.numpy_types else ""
    return f"cfg {{{config}{more}}}, seed={call.seed}{budget}{kinds}{types}"


def refused(reply: Reply) -> bool:
    """Whether a value came back that is not what the contract says."""
    return reply.status == "crashed" and not reply.traceback and "returned" in reply.facts


def broke(reply: Reply) -> bool:
    """Whether nothing came back: it raised, died, or ran out of time or memory."""
    return reply.status != "success" and not refused(reply)
