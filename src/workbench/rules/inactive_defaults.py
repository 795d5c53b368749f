"""An inactive hyperparameter has a default or a guard."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import configurations, described
from workbench.rules._configuration import reads
from workbench.rules._mutation import Broken, at_start
from workbench.rules._source import walk


def asked(job: Job) -> bool:
    """Only a space with conditions has inactive hyperparameters."""
    return bool(job.space.conditions)


def find(case: Case) -> Iterator[Seen]:
    """`cfg["name"]` of a conditional name, outside of every branch."""
    conditional = {c.child for c in case.job.space.conditions}
    found = reads(case)
    branched = _branched(case.tree)
    told: set[str] = set()
    for read in found.reads:
        bare = isinstance(read.node, ast.Subscript) and not read.guarded
        if not bare or read.name not in conditional or read.name in told or read.name in found.tested:
            continue
        if id(read.node) not in branched:
            told.add(read.name)
            text = f"{read.name!r} is absent when inactive, and `{ast.unparse(read.node)}` has no default and no guard"
            yield Seen.at(read.node, text)


def _branched(tree: ast.AST) -> set[int]:
    """Every node that runs under some condition."""
    found: set[int] = set()
    for node in walk(tree):
        inside: list[ast.AST] = []
        if isinstance(node, ast.If | ast.While):
            inside = [*node.body, *node.orelse]
        elif isinstance(node, ast.IfExp):
            inside = [node.body, node.orelse]
        elif isinstance(node, ast.BoolOp):
            inside = list(node.values[1:])
        elif isinstance(node, ast.Match):
            inside = [s for c in node.cases for s in c.body]
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            inside = [node] if any(g.ifs for g in node.generators) else []
        elif isinstance(node, ast.Lambda):
            inside = [node.body]
        found |= {id(n) for part in inside for n in walk(part)}
    return found


def calls(case: Case) -> Mapping[str, Call]:
    """Both sides of each condition."""
    return configurations(case)


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """A call that failed over a name that was inactive in it."""
    conditional = {c.child for c in case.job.space.conditions}
    told: set[str] = set()
    for name, call in calls(case).items():
        reply = replies[name]
        if reply.status == "success":
            continue
        for child in sorted(conditional - set(call.config) - told):
            lines = reply.traceback.splitlines()
            near = "\n".join(lines[-8:])
            if f"'{child}'" in near or f'"{child}"' in near:
                told.add(child)
                text = f"{child!r} is inactive here and missed: {reply.error} ({described(call)})"
                yield Seen("fail", text, call=call, traceback=reply.traceback)


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """A conditional hyperparameter is read with neither default nor guard."""
    conditional = [c.child for c in job.space.conditions]
    for name in dict.fromkeys(conditional[:4]):
        yield f"{name} is read at once", at_start(tree, f"print(cfg[{name!r}])")
        yield f"{name} is compared at once", at_start(tree, f"if cfg[{name!r}] is None:\n    raise ValueError(cfg)")
        yield f"{name} is converted at once", at_start(tree, f"value = str(cfg.get({name!r}).real)\nprint(value)")


RULE = Rule(
    id="inactive-defaults",
    group="robust",
    level={"*": "must"},
    text="An inactive conditional hyperparameter is absent from `cfg`: give `cfg.get` a default, or test `name "
    "in cfg` first.",
    asked=asked,
    find=find,
    probe=Probe(calls, judge),
    examples=(Example('float(cfg.get("max_samples", 0.8)))) if bootstrap else None', 'float(cfg["max_samples"])))'),),
    mutate=mutate,
    order=160,
)
