"""Every algorithm of the space has a branch with its own model."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace

from workbench.nouns import Call, Case, Example, Hyperparameter, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import OBSERVED, SHUFFLES, call, described
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
    texts |= {k.arg for n in walk(case.tree) if isinstance(n, ast.Call) for k in n.keywords if k.arg}  # `dict(ridge=…)`
    for h in selectors(case.job):
        missing = [str(c) for c in h.choices if c not in texts]
        if len(missing) == 1 and _others(case.tree, set(map(str, h.choices))):
            continue
        if missing:
            line = case.train.lineno if case.train else None
            yield Seen("fail", f"{h.name!r} may be {', '.join(map(repr, missing))}, which the code never names", line)


def _others(tree: ast.AST, choices: set[str]) -> bool:
    """Whether an `else`, or a case for all others, serves the one choice that is not named.

    Not where it raises, or where a branch is for a text that is no choice: that is likely the one, misspelt.
    """
    for node in walk(tree):
        if isinstance(node, ast.If | ast.IfExp):
            tests, last = _chain(node)
        elif isinstance(node, ast.Match) and _all_others(node.cases[-1]):
            tests, last = [c.pattern for c in node.cases[:-1]], [*node.cases[-1].body]
        else:
            continue
        named = {text for test in tests for text in _compared(test)}
        refuses = any(isinstance(n, ast.Raise) for part in last for n in walk(part))
        if last and not refuses and len(named & choices) == len(choices) - 1 and named <= choices:
            return True
    return False


def _compared(test: ast.AST) -> Iterator[str]:
    """The texts that a test or a pattern compares something with."""
    for node in walk(test):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        sides += [node.value] if isinstance(node, ast.MatchValue) else []
        for side in sides:
            for part in side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else [side]:
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def _chain(node: ast.If | ast.IfExp) -> tuple[list[ast.AST], list[ast.AST]]:
    """The tests of `if`, `elif` and so on, and what stands in the last `else`."""
    tests: list[ast.AST] = [node.test]
    last: list[ast.AST] = list(node.orelse) if isinstance(node, ast.If) else [node.orelse]
    while len(last) == 1 and isinstance(last[0], ast.If | ast.IfExp):
        inner = last[0]
        tests.append(inner.test)
        last = list(inner.orelse) if isinstance(inner, ast.If) else [inner.orelse]
    return tests, last


def _all_others(case: ast.match_case) -> bool:
    return isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None


def calls(case: Case) -> Mapping[str, Call]:
    """A configuration for each choice."""
    found = {}
    for h in selectors(case.job):
        for choice in h.choices:
            config = next((c for c in case.configurations if c.get(h.name) == choice), None)
            if config is not None:
                found[f"{h.name}={choice}"] = call(case, config, observe=(*OBSERVED, "fits"))
    return found


def _alike(case: Case, replies: Mapping[str, Reply]) -> Iterator[tuple[Hyperparameter, str, str]]:
    """Pairs of choices that give the same estimator and the same cost."""
    for h in selectors(case.job):
        seen: dict[str, Reply] = {}
        for choice in map(str, h.choices):
            reply = replies.get(f"{h.name}={choice}")
            if reply is None or reply.status != "success" or reply.cost is None:
                continue
            yield from ((h, other, choice) for other, its in seen.items() if _same(its, reply))
            seen[choice] = reply


def _same(first: Reply, second: Reply) -> bool:
    classes = [[str(f["class"]) for f in r.facts.get("fits", ())] for r in (first, second)]
    return classes[0] == classes[1] and math.isclose(first.cost or 0.0, second.cost or 0.0, rel_tol=1e-9, abs_tol=1e-12)


def more(case: Case, replies: Mapping[str, Reply]) -> Mapping[str, Call]:
    """Two that look alike on the sample, which may be easy: on labels that cannot be learnt."""
    made = calls(case)
    return {
        f"{h.name}={choice} again": _again(made[f"{h.name}={choice}"])
        for h, *pair in _alike(case, replies)
        for choice in pair
    }


def _again(first: Call) -> Call:
    return replace(first, data="made", variant={"shuffle": SHUFFLES[0]}, budget=None)


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Two choices that give the same estimator and the same cost, on two tables, are one."""
    made = calls(case)
    for h, other, choice in _alike(case, replies):
        one, two = (replies.get(f"{h.name}={c} again") for c in (other, choice))
        if one is None or two is None or {one.status, two.status} != {"success"} or _same(one, two):
            call = made[f"{h.name}={choice}"]
            cost = replies[f"{h.name}={choice}"].cost
            text = f"{h.name}={other!r} and {choice!r} give the same model and the same cost, {cost:.6g}"
            yield Seen("fail", f"{text} ({described(call)})", call=call)


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
    probe=Probe(calls, judge, more),
    examples=(Example('    elif algorithm == "neighbours":', '    elif algorithm == "neighbors":', base="scores"),),
    mutate=mutate,
    order=190,
)
