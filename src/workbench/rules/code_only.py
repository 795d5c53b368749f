"""The reply is code, and importing it does nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import default_call
from workbench.rules._mutation import Broken, at_top, statements

QUIET = ("logging.getLogger", "getLogger", "TypeVar", "typing.TypeVar", "namedtuple", "collections.namedtuple", "Path")
"""Calls at module level that only make a value."""

PURE = ("frozenset", "tuple", "dict", "set", "list", "range", "len", "float", "int", "str", "re.compile", "max", "min")


def find(case: Case) -> Iterator[Seen]:
    """Imports, constants, functions and classes; one public function; nothing that runs."""
    for node in case.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef | ast.Pass):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name != "train" and not node.name.startswith("_"):
                message = f"`{node.name}` is public beside `train`; name it `_{node.name}`, or put it inside"
                yield Seen.at(node, message, level="should")
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring, or `...`
        if isinstance(node, ast.If) and _is_main(node.test):
            yield Seen.at(node, "there is a demo under `if __name__ == ...`; only the function is asked for")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            outside = [t for t in targets if not isinstance(t, ast.Name | ast.Tuple)]
            if outside:
                yield Seen.at(
                    node, f"`{ast.unparse(outside[0])[:60]} = …` changes something on import; nothing may run then"
                )
                continue
            called = [n for n in _run(node) if isinstance(n, ast.Call) and ast.unparse(n.func) not in QUIET + PURE]
            if called:
                yield Seen.at(
                    called[0], f"`{ast.unparse(called[0].func)[:60]}(…)` runs on import; call it inside `train`"
                )
        elif isinstance(node, ast.If) and _is_typing(node.test):
            continue
        elif isinstance(node, ast.Try | ast.With | ast.If):
            if not all(isinstance(n, ast.Import | ast.ImportFrom | ast.Pass) for n in _bodies(node)):
                yield Seen.at(
                    node, f"`{type(node).__name__.lower()}` at module level runs on import; move it into `train`"
                )
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Name):
            yield Seen.at(node, f"`{node.value.id}` stands alone here; is it prose? The reply must be code alone")
        else:
            yield Seen.at(node, f"`{ast.unparse(node)[:60]}` runs on import; nothing may")


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run with a statement: not what a lambda does when it is called."""
    yield node
    for child in [] if isinstance(node, ast.Lambda) else ast.iter_child_nodes(node):
        yield from _run(child)


def _is_main(test: ast.expr) -> bool:
    return "__name__" in ast.unparse(test)


def _is_typing(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _bodies(node: ast.stmt) -> list[ast.stmt]:
    found = list(getattr(node, "body", [])) + list(getattr(node, "orelse", [])) + list(getattr(node, "finalbody", []))
    return found + [s for h in getattr(node, "handlers", []) for s in h.body]


def calls(case: Case) -> Mapping[str, Call]:
    """Any call imports the code first."""
    return {"default": default_call(case)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """What was printed while the code was imported, if anything."""
    printed = str(replies["default"].facts.get("import output", "")).strip()
    if printed:
        return [Seen("fail", f"importing the code prints {printed.splitlines()[0][:80]!r}; only a call may print")]
    return []


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Something runs on import."""
    yield "a print at module level", at_top(tree, "print('ready')")
    yield "a loop at module level", at_top(tree, "for number in range(3):\n    pass")
    copy = deepcopy(tree)
    copy.body += statements("if __name__ == '__main__':\n    print(train)")
    yield "a demo under __main__", ast.fix_missing_locations(copy)
    yield "prose before the code", at_top(tree, "Here")
    yield "data made on import", at_top(tree, "_TABLE = __import__('numpy').zeros(3)")


RULE = Rule(
    id="code-only",
    group="reply",
    level={"*": "must"},
    text="Reply with Python alone: imports, one public function `train`, and the private helpers or classes that it "
    "needs. No prose, no demo, no `__main__`, nothing that runs on import.",
    find=find,
    probe=Probe(calls, judge),
    examples=(Example("def train(cfg:", "print('ready')\n\n\ndef train(cfg:"),),
    mutate=mutate,
    order=10,
)
