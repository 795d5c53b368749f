"""Every algorithm of the space has a branch with its own model."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy

from workbench.nouns import Call, Case, Example, Hyperparameter, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import OBSERVED, call, described
from workbench.rules._mutation import Broken, at_start
from workbench.rules._source import walk

WORDS = ("algorithm", "classifier", "regressor", "estimator", "model", "model_type", "learner", "family", "algo")


def selectors(job: Job) -> tuple[Hyperparameter, ...]:
    """Hyperparameters that choose among algorithms, by their name."""
    return tuple(
        h
        for h in job.space.hyperparameters
        if h.kind in ("categorical", "ordinal")
        and len(h.choices) > 1
        and all(isinstance(c, str) for c in h.choices)
        and (h.name.lower() in WORDS or h.name.lower().endswith(("_algorithm", "_model", "_estimator", ":__choice__")))
    )


def asked(job: Job) -> bool:
    """Only where something chooses."""
    return bool(selectors(job))


def find(case: Case) -> Iterator[Seen]:
    """Each choice stands in the code."""
    texts = {n.value for n in walk(case.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    for h in selectors(case.job):
        missing = [str(c) for c in h.choices if c not in texts]
        if missing:
            line = case.train.lineno if case.train else None
            yield Seen("fail", f"{h.name!r} may be {', '.join(map(repr, missing))}, which the code never names", line)


def calls(case: Case) -> Mapping[str, Call]:
    """A configuration for each choice."""
    found = {}
    for h in selectors(case.job):
        for choice in h.choices:
            config = next((c for c in case.configurations if c.get(h.name) == choice), None)
            if config is not None:
                found[f"{h.name}={choice}"] = call(case, config, observe=(*OBSERVED, "fits"))
    return found


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Two choices that give the same estimator and the same cost are one."""
    made = calls(case)
    for h in selectors(case.job):
        seen: dict[str, tuple[tuple[str, ...], float]] = {}
        for choice in h.choices:
            name = f"{h.name}={choice}"
            reply = replies.get(name)
            if reply is None or reply.status != "success" or reply.cost is None:
                continue
            classes = tuple(str(f["class"]) for f in reply.facts.get("fits", ()))
            for other, (their_classes, cost) in seen.items():
                if classes == their_classes and math.isclose(cost, reply.cost, rel_tol=1e-9, abs_tol=1e-12):
                    text = f"{h.name}={other!r} and {choice!r} give the same model and the same cost, {cost:.6g}"
                    yield Seen("fail", f"{text} ({described(made[name])})", call=made[name])
            seen[str(choice)] = (classes, reply.cost)


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """A branch is gone, or two choices give one model."""
    for h in selectors(job):
        for choice, other in zip(h.choices, (*h.choices[1:], h.choices[0]), strict=True):
            folded = (
                f"cfg = {{**dict(cfg), {h.name!r}: {other!r} if cfg[{h.name!r}] == {choice!r} else cfg[{h.name!r}]}}"
            )
            yield f"{choice} gives {other}", at_start(tree, folded)

            def named(node: ast.AST, choice: object = choice) -> bool:
                return isinstance(node, ast.Constant) and node.value == choice

            copy = deepcopy(tree)
            for node in ast.walk(copy):
                if named(node):
                    assert isinstance(node, ast.Constant)
                    node.value = "something else"
            yield f"{choice} is never named", copy


RULE = Rule(
    id="algorithm-choice",
    group="robust",
    level={"*": "must"},
    text="Where a hyperparameter chooses among algorithms, give each of its choices a branch with its own "
    "model; where the space is of one family, use that family.",
    asked=asked,
    find=find,
    probe=Probe(calls, judge),
    examples=(Example('    elif algorithm == "neighbours":', '    elif algorithm == "neighbors":', base="scores"),),
    mutate=mutate,
    order=190,
)
