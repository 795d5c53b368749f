"""No error is hidden."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy

from workbench.nouns import Case, Example, Job, Rule, Seen
from workbench.rules._mutation import Broken, at_start, at_top, edited, statements, train_of
from workbench.rules._source import imported, keyword, qualified, walk


def find(case: Case) -> Iterator[Seen]:
    """`try` with a handler, `contextlib.suppress`, and filters of every warning."""
    names = imported(case.tree)
    for node in walk(case.tree):
        if isinstance(node, ast.Try | ast.TryStar) and node.handlers:
            yield Seen.at(node, "a `try` with `except` hides errors; let them surface")
        elif isinstance(node, ast.Call):
            name = qualified(node.func, names)
            if name == "contextlib.suppress":
                yield Seen.at(node, f"`{name}` hides errors; let them surface")
            elif name in ("warnings.filterwarnings", "warnings.simplefilter"):
                yield from _filter(node, name)
            elif name.endswith("seterr") and any(_is(k.value, "ignore") for k in node.keywords):
                yield Seen.at(node, f"`{name}` silences numeric errors; make the numbers right in place of that")


def _filter(node: ast.Call, name: str) -> Iterator[Seen]:
    action = node.args[0] if node.args else keyword(node, "action")
    silent = action is not None and _is(action, "ignore")
    position = 1 if name.endswith("simplefilter") else 2
    category = keyword(node, "category") or (node.args[position] if len(node.args) > position else None)
    narrow = bool({k.arg for k in node.keywords} & {"message", "module"}) or (len(node.args) > 1 and position == 2)
    narrow = narrow or (category is not None and ast.unparse(category) not in ("Warning", "Exception"))
    if silent and not narrow:
        yield Seen.at(node, f"`{name}` silences every warning; name the one that is meant, or leave it")


def _is(node: ast.AST, value: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Errors are swallowed, in the whole function or around the fit."""
    copy = deepcopy(tree)
    function = train_of(copy)
    handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, statements("return 1.0"))
    function.body = [ast.Try(function.body, [handler], [], [])]
    yield "everything in one try", ast.fix_missing_locations(copy)

    def fits(node: ast.AST) -> bool:
        return isinstance(node, ast.Expr) and ast.unparse(node).startswith("model.fit(")

    def suppressed(node: ast.AST) -> ast.AST:
        made = statements("with contextlib.suppress(ValueError):\n    pass")[0]
        assert isinstance(made, ast.With)
        made.body = [node]  # type: ignore[list-item]
        return made

    for broken in edited(tree, fits, suppressed):
        yield "errors of the fit are suppressed", at_top(broken, "import contextlib")
    yield "every warning is silenced", at_start(tree, "import warnings\nwarnings.filterwarnings('ignore')")
    yield "every warning is silenced, simply", at_start(tree, "import warnings\nwarnings.simplefilter('ignore')")


RULE = Rule(
    id="no-try-except",
    group="robust",
    level={"*": "must"},
    text="No `try`/`except`, no `contextlib.suppress`, no blanket filter of warnings: write code that does not fail, "
    "and let real errors surface.",
    find=find,
    examples=(
        Example(
            "    model.fit(X_train, y_train)\n",
            "    try:\n        model.fit(X_train, y_train)\n    except ValueError:\n        return 1.0, None\n",
        ),
    ),
    mutate=mutate,
    order=110,
)
