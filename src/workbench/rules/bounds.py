"""Numbers are clamped or checked before they are used."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.nouns import Case, Rule, Seen
from workbench.rules._configuration import reads
from workbench.rules._source import functions, names_in, walk

CLAMPS = ("min", "max", "clip", "clamp", "minimum", "maximum")


def find(case: Case) -> Iterator[Seen]:
    """A number that is read and meets neither `min`, `max`, `clip` nor a comparison."""
    numbers = {h.name for h in case.job.space.hyperparameters if h.kind in ("integer", "float")}
    parents = {id(child): node for node in walk(case.tree) for child in ast.iter_child_nodes(node)}
    guarded = _guarded_names(case.tree)
    found = reads(case).reads
    loose = [(r.name, r.node) for r in found if r.name in numbers and not _bounded(r.node, parents, guarded)]
    if loose:
        names = ", ".join(dict.fromkeys(repr(n) for n, _ in loose))
        yield Seen.at(loose[0][1], f"{names} used as read; clamp with min and max, or check")


def _bounded(node: ast.AST, parents: dict[int, ast.AST], guarded: set[str]) -> bool:
    while id(node) in parents:
        node = parents[id(node)]
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in CLAMPS:
            return True
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id.lstrip("_").startswith(CLAMPS)
        ):
            return True
        if isinstance(node, ast.Compare):
            return True
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return any(names_in(t) & guarded or _stored(t) & guarded for t in targets)
        if isinstance(node, ast.stmt):
            return False
    return False


def _stored(target: ast.AST) -> set[str]:
    return {n.id for n in walk(target) if isinstance(n, ast.Name)}


def _guarded_names(tree: ast.AST) -> set[str]:
    """Names that meet a clamp or a comparison somewhere."""
    found: set[str] = set()
    for function in functions(tree):
        for node in walk(function):
            if (isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in CLAMPS) or isinstance(
                node, ast.Compare
            ):
                found |= names_in(node)
    return found


RULE = Rule(
    id="bounds",
    group="robust",
    level={"*": "should"},
    text="Clamp or check values before use, and the budget too.",
    find=find,
    order=180,
)
