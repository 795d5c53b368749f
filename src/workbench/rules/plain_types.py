"""Numpy values and plain ones do the same."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen, Value
from workbench.rules._calls import call, described
from workbench.rules._mutation import Broken, at_start

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


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Values are taken as they are, where only plain ones do."""
    strict = (
        "for value in dict(cfg).values():\n    if type(value).__module__ == 'numpy':\n        raise TypeError(value)"
    )
    yield "numpy scalars are refused", at_start(tree, strict)
    yield (
        "values go into JSON as they are",
        at_start(tree, "import json\njson.dumps({k: v for k, v in dict(cfg).items()})"),
    )
    kinds = (
        "if any(type(value) not in (int, float, str, bool) for value in dict(cfg).values()):\n    raise TypeError(cfg)"
    )
    yield "types are compared", at_start(tree, kinds)


RULE = Rule(
    id="plain-types",
    group="robust",
    level={"*": "must"},
    text="Values may be `numpy.int64`, `numpy.float64`, `numpy.str_` or `numpy.bool_`: convert each with "
    "`int`, `float`, `str` or `bool` before use.",
    probe=Probe(calls, judge),
    examples=(
        Example(
            '    bootstrap = bool(cfg.get("bootstrap", True))',
            '    bootstrap = cfg.get("bootstrap", True)\n'
            "    if bootstrap is not True and bootstrap is not False:\n"
            "        raise TypeError(bootstrap)",
        ),
    ),
    mutate=mutate,
    order=170,
)
