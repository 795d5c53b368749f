"""Every hyperparameter has an effect."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen, Value
from workbench.rules._calls import SHUFFLES, call, configurations
from workbench.rules._configuration import reads
from workbench.rules._mutation import Broken, default_of, each_read
from workbench.rules._source import flows, functions, names_in, walk

SAYING = ("print", "json.dumps", "hash", "str", "repr")


def find(case: Case) -> Iterator[Seen]:
    """A name that is never read cannot have an effect; being saved beside the model is none."""
    found = reads(case)
    unread = [n for n in case.job.space.names if n not in found.names and n not in found.tested]
    if not unread:
        return
    saving = _saving(case)
    whole = [node for node in found.whole if id(node) not in saving]
    hidden = [node for node, _ in found.unknown if id(node) not in saving]
    if whole or hidden:
        listed = ", ".join(unread[:8])
        text = f"the configuration is used as a whole here; whether {listed} is read cannot be told"
        yield Seen.at((whole or hidden)[0], text, "unknown")
        return
    for name in unread:
        yield Seen("fail", f"{name!r} is never read from `cfg`", case.train.lineno if case.train else None)


def _saving(case: Case) -> set[int]:
    """Every node that only serves to save or print: behind a test of `model_dir`, or in a helper handed it."""
    carried = flows(case, "model_dir")
    found: set[int] = set()
    for function in functions(case.tree):
        names = carried.get(function.name, set())
        if function is not case.train and names & {a.arg for a in function.args.args}:
            found |= {id(n) for n in walk(function)}
        for node in walk(function):
            if isinstance(node, ast.If) and names_in(node.test) & names:
                found |= {id(n) for statement in node.body for n in walk(statement)}
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in SAYING:
                found |= {id(n) for n in walk(node)}
    return found


def _apart(case: Case) -> dict[str, list[tuple[str, str]]]:
    """For each hyperparameter, pairs of calls that differ in its value alone."""
    tried = configurations(case)
    found: dict[str, list[tuple[str, str]]] = {}
    for h in case.job.space.hyperparameters:
        if h.kind == "constant":
            continue
        dependents = _below(case, h.name)
        by_rest: dict[str, list[tuple[str, Value]]] = {}
        for name, made in tried.items():
            if h.name in made.config:
                rest = sorted((n, repr(v)) for n, v in made.config.items() if n != h.name and n not in dependents)
                by_rest.setdefault(repr(rest), []).append((name, made.config[h.name]))
        pairs = [(a, b) for group in by_rest.values() for (a, x), (b, y) in pairwise(group) if x != y]
        if pairs:
            found[h.name] = pairs
    return found


def _below(case: Case, name: str) -> set[str]:
    """Hyperparameters that are there or not because of this one."""
    return {c.child for c in case.job.space.conditions if any(k.parent == name for k in c.clauses)}


def _same(first: Reply, second: Reply) -> bool:
    predictions = [r.facts.get("predict", {}).get("values") for r in (first, second)]
    metrics = dict(first.metrics) == dict(second.metrics)
    return first.cost == second.cost and metrics and predictions[0] == predictions[1]


def _suspects(case: Case, replies: Mapping[str, Reply]) -> list[str]:
    """Hyperparameters whose value changed nothing in any pair of calls that came back."""
    found = []
    for name, pairs in _apart(case).items():
        known = [(a, b) for a, b in pairs if replies[a].status == replies[b].status == "success"]
        if known and all(_same(replies[a], replies[b]) for a, b in known):
            found.append(name)
    return found


def _twice(case: Case, name: str) -> dict[str, Call]:
    """The made-up table, which is harder, with two values of a hyperparameter."""
    a, b = _apart(case)[name][0]
    tried = configurations(case)
    ends = {"one": tried[a], "other": tried[b]}
    noise = {"data": "made", "variant": {"shuffle": SHUFFLES[0]}, "budget": None}
    return {f"{name} {k}": call(case, dict(c.config), **noise) for k, c in ends.items()}


def more(case: Case, replies: Mapping[str, Reply]) -> Mapping[str, Call]:
    """Where a value changed nothing on the sample: on the made-up table with noise for labels too."""
    return {k: c for name in _suspects(case, replies)[:8] for k, c in _twice(case, name).items()}


def _calls(case: Case) -> Mapping[str, Call]:
    """Values of each hyperparameter, with everything else as it is."""
    return configurations(case)


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """A hyperparameter that changes neither cost nor predictions, on two tables, has no effect that can be seen."""
    for name in _suspects(case, replies)[:8]:
        again = [replies.get(k) for k in _twice(case, name)]
        if any(r is None or r.status != "success" for r in again) or not _same(again[0], again[1]):  # type: ignore[arg-type]
            continue
        a, b = (configurations(case)[n] for n in _apart(case)[name][0])
        values = f"{a.config[name]!r} and {b.config[name]!r}"
        cost = replies[_apart(case)[name][0][0]].cost
        text = f"{name!r} changes nothing: {values} give the same cost {cost:.6g} and the same predictions"
        yield Seen("fail", text, call=b, level="should")


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """A hyperparameter is not read, its default is used."""
    for name, broken in each_read(tree, default_of):
        yield f"{name} is not read", broken


RULE = Rule(
    id="all-names",
    group="robust",
    level={"*": "must"},
    text="Use every hyperparameter of the space: each must have an effect.",
    find=find,
    probe=Probe(_calls, judge, more),
    examples=(Example('int(cfg.get("max_depth", 10))', "10"),),
    mutate=mutate,
    order=140,
)
