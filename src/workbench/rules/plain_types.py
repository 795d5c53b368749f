"""Numpy values and plain ones do the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from workbench.nouns import Call, Case, Probe, Reply, Rule, Seen, Value
from workbench.rules._calls import call, described

MOST = 4


def _chosen(case: Case) -> list[Mapping[str, Value]]:
    """A few configurations in which every hyperparameter is active once."""
    missing = set(case.job.space.names)
    chosen: list[Mapping[str, Value]] = []
    for config in case.configurations:
        if missing & set(config) and len(chosen) < MOST:
            chosen.append(config)
            missing -= set(config)
    return chosen


def calls(case: Case) -> Mapping[str, Call]:
    """Each of them as plain values and as numpy scalars."""
    found = {}
    for number, config in enumerate(_chosen(case)):
        found[f"plain {number}"] = call(case, config)
        found[f"numpy {number}"] = call(case, config, numpy_types=True)
    return found


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """A call that fails, or costs something else, only with numpy scalars."""
    asked = calls(case)
    for number in range(len(_chosen(case))):
        plain, numpy = replies[f"plain {number}"], replies[f"numpy {number}"]
        tried = asked[f"numpy {number}"]
        if plain.status != "success":
            continue
        if numpy.status != "success":
            text = f"with numpy scalars in `cfg`: {numpy.error} ({described(tried)})"
            yield Seen("fail", text, call=tried, traceback=numpy.traceback)
        elif not math.isclose(plain.cost or 0.0, numpy.cost or 0.0, rel_tol=1e-6, abs_tol=1e-12):
            text = (
                f"numpy scalars in `cfg` change the cost from {plain.cost:.6g} to {numpy.cost:.6g} ({described(tried)})"
            )
            yield Seen("fail", text, call=tried)


RULE = Rule(
    id="plain-types",
    group="robust",
    level={"*": "must"},
    text="Values may be `numpy.int64`, `numpy.float64`, `numpy.str_` or `numpy.bool_`: convert each with "
    "`int`, `float`, `str` or `bool` before use.",
    probe=Probe(calls, judge),
    order=170,
)
