"""No dead code, no repetition."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pyflakes import messages

from workbench.nouns import Case, Rule, Seen
from workbench.rules._source import flakes, functions, walk

LINES = 400


def find(case: Case) -> Iterator[Seen]:
    """Unused imports, variables and helpers; length."""
    for message in flakes(case):
        if isinstance(message, messages.UnusedImport):
            yield Seen("fail", f"`{message.message_args[0]}` is imported and not used", message.lineno, message.col)
        elif isinstance(message, messages.UnusedVariable):
            yield Seen("fail", f"`{message.message_args[0]}` is assigned and not used", message.lineno, message.col)
        elif isinstance(message, messages.RedefinedWhileUnused):
            yield Seen(
                "fail", f"`{message.message_args[0]}` is defined again before it is used", message.lineno, message.col
            )
    used = {n.id for n in walk(case.tree) if isinstance(n, ast.Name)}
    used |= {n.attr for n in walk(case.tree) if isinstance(n, ast.Attribute)}
    methods = {id(f) for c in walk(case.tree) if isinstance(c, ast.ClassDef) for f in c.body}
    for function in functions(case.tree):
        if function.name != "train" and function.name not in used and id(function) not in methods:
            yield Seen.at(function, f"`{function.name}` is never called")
    lines = case.code.count("\n") + 1
    if lines > LINES:
        yield Seen("fail", f"it has {lines} lines; {LINES} are a lot for one training function")


RULE = Rule(
    id="short",
    group="practice",
    level={"*": "should"},
    text="Keep it short: no dead code, no repetition, nothing that is not asked for.",
    find=find,
    order=550,
)
