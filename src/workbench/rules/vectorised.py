"""No Python loop over rows."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.nouns import Case, Rule, Seen
from workbench.rules._source import calls as all_calls
from workbench.rules._source import keyword, walk

ROWWISE = ("iterrows", "itertuples")


def find(case: Case) -> Iterator[Seen]:
    """`for i in range(len(X))`, `iterrows`, `apply(axis=1)`."""
    loops: list[tuple[ast.AST, ast.expr]] = [(n, n.iter) for n in walk(case.tree) if isinstance(n, ast.For)]
    for node in walk(case.tree):
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
            loops += [(node, g.iter) for g in node.generators]
    for node, iterated in loops:
        text = ast.unparse(iterated)
        rows = isinstance(iterated, ast.Call) and ast.unparse(iterated.func) == "range" and len(iterated.args) == 1
        if rows and any(text == f"range({size})" for size in _sizes()):
            yield Seen.at(node, f"`for … in {text}` goes over the rows one by one; use array operations")
    for call, name in all_calls(case):
        if name.rpartition(".")[2] in ROWWISE:
            yield Seen.at(call, f"`{name.rpartition('.')[2]}` goes over the rows one by one; use array operations")
        elif name.endswith(".apply") and ast.unparse(keyword(call, "axis") or ast.Constant(0)) in ("1", "'columns'"):
            yield Seen.at(call, "`apply` with axis=1 goes over the rows one by one; use array operations")


def _sizes() -> list[str]:
    frames = (
        "X",
        "y",
        "X_train",
        "y_train",
        "X_valid",
        "y_valid",
        "X_val",
        "y_val",
        "X_test",
        "y_test",
        "X_fit",
        "y_fit",
    )
    return [f"len({x})" for x in frames] + [f"{x}.shape[0]" for x in frames] + ["n_samples", "n_rows"]


RULE = Rule(
    id="vectorised",
    group="practice",
    level={"*": "should"},
    text="No Python loop over rows: use array operations.",
    find=find,
    order=520,
)
