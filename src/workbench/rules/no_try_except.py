"""No error is hidden."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.nouns import Case, Rule, Seen


def find(case: Case) -> Iterator[Seen]:
    """`try` with a handler, `contextlib.suppress`, and filters of every warning."""
    for node in ast.walk(case.tree):
        if isinstance(node, ast.Try | ast.TryStar) and node.handlers:
            yield Seen.at(node, "a `try` with `except` hides errors; let them surface")
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name.rpartition(".")[2] == "suppress" and name in ("suppress", "contextlib.suppress"):
                yield Seen.at(node, f"`{name}` hides errors; let them surface")
            elif name in ("warnings.filterwarnings", "warnings.simplefilter", "filterwarnings", "simplefilter"):
                yield from _filter(node, name)
            elif name.endswith("seterr") and any(_is(k.value, "ignore") for k in node.keywords):
                yield Seen.at(node, f"`{name}` silences numeric errors; make the numbers right in place of that")


def _filter(node: ast.Call, name: str) -> Iterator[Seen]:
    silent = bool(node.args) and _is(node.args[0], "ignore")
    narrow = {k.arg for k in node.keywords} & {"category", "message", "module"} or len(node.args) > 1
    if silent and not narrow:
        yield Seen.at(node, f"`{name}` silences every warning; name the one that is meant, or leave it")


def _is(node: ast.AST, value: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


RULE = Rule(
    id="no-try-except",
    group="robust",
    level={"*": "must"},
    text="No `try`/`except`, no `contextlib.suppress`, no blanket filter of warnings: write code that does not fail, "
    "and let real errors surface.",
    find=find,
    order=110,
)
