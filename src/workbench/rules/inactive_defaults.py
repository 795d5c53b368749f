"""An inactive hyperparameter has a default or a guard."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import configurations, described
from workbench.rules._configuration import reads
from workbench.rules._mutation import Broken, at_start
from workbench.rules._source import flows, functions, names_in, walk


def asked(job: Job) -> bool:
    """Only a space with conditions has inactive hyperparameters."""
    return bool(job.space.conditions)


def find(case: Case) -> Iterator[Seen]:
    """`cfg["name"]` of a conditional name, outside of every branch."""
    conditional = {c.child for c in case.job.space.conditions}
    found = reads(case)
    branched = _branched(case)
    told: set[str] = set()
    for read in found.reads:
        bare = isinstance(read.node, ast.Subscript) and not read.guarded
        if not bare or read.name not in conditional or read.name in told or read.name in found.tested:
            continue
        if id(read.node) not in branched:
            told.add(read.name)
            text = f"{read.name!r} is absent when inactive, and `{ast.unparse(read.node)}` has no default and no guard"
            yield Seen.at(read.node, text)


def _branched(case: Case) -> set[int]:
    """Every node that runs under some condition, a helper that is called under one among them."""
    tree = case.tree
    found = _after_exits(case)
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
    sites: dict[str, list[ast.Call]] = {}
    for node in walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            sites.setdefault(node.func.id if isinstance(node.func, ast.Name) else node.func.attr, []).append(node)
    waiting = [f for f in functions(tree) if f is not case.train]
    while waiting:
        under = [f for f in waiting if all(id(site) in found for site in sites.get(f.name, ()))]
        if not under:
            break
        found |= {id(n) for f in under for n in walk(f)}
        waiting = [f for f in waiting if f not in under]
    return found


def _after_exits(case: Case) -> set[int]:
    """What stands behind an `if` or `match` over the configuration of which a branch leaves."""
    first = case.train.args.args[0].arg if case.train is not None and case.train.args.args else "cfg"
    by_function = flows(case, first)
    found: set[int] = set()
    for function in functions(case.tree):
        carried = by_function.get(function.name, set())
        for node in walk(function):
            for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
                statements = block if isinstance(block, list) else []
                leaving = next((n for n, s in enumerate(statements) if _leaves(s, carried)), len(statements))
                found |= {id(n) for statement in statements[leaving + 1 :] for n in walk(statement)}
    return found


def _leaves(statement: ast.stmt, carried: set[str]) -> bool:
    if isinstance(statement, ast.If):
        asked, branches = statement.test, [statement.body, statement.orelse]
    elif isinstance(statement, ast.Match):
        asked, branches = statement.subject, [c.body for c in statement.cases]
    else:
        return False
    exits = (ast.Return, ast.Raise, ast.Continue, ast.Break)
    return bool(names_in(asked) & carried) and any(b and isinstance(b[-1], exits) for b in branches)


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
            if _missed(child, reply):
                told.add(child)
                text = f"{child!r} is inactive here and missed: {reply.error} ({described(call)})"
                yield Seen("fail", text, call=call, traceback=reply.traceback)


def _missed(child: str, reply: Reply) -> bool:
    """Whether an error is about a name that is not there: the key itself, or None that came in its place."""
    last = reply.traceback.rstrip().splitlines()[-1:]
    quoted = (f"'{child}'", f'"{child}"')
    if any(q in line for q in quoted for line in last):
        return True
    near = "\n".join(reply.traceback.splitlines()[-8:])
    return any("None" in line for line in last) and any(q in near for q in quoted)


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
