"""Reading source: qualified names, what follows from what, what a name is bound to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from pyflakes.checker import Checker

from workbench.nouns import Case

F = TypeVar("F", bound=Callable[..., Any])


def remembered(function: F) -> F:
    """Work something out about a case once for all rules."""

    @wraps(function)
    def once(case: Case, *rest: Any) -> Any:
        key = (function.__module__, function.__name__, *rest)
        if key not in case.memo:
            case.memo[key] = function(case, *rest)
        return case.memo[key]

    return cast(F, once)


def walk(node: ast.AST) -> tuple[ast.AST, ...]:
    """`ast.walk`, whose result is kept on the node: a report walks the same functions a hundred times.

    Only for trees that nobody changes.
    """
    known: tuple[ast.AST, ...] | None = node.__dict__.get("_walked")
    if known is None:
        known = tuple(ast.walk(node))
        node.__dict__["_walked"] = known
    return known


@remembered
def flakes(case: Case) -> list[Any]:
    """What pyflakes says of the code."""
    return list(Checker(case.tree, filename="train.py").messages)


def imported(tree: ast.AST) -> dict[str, str]:
    """Local names and what they stand for: `np` → `numpy`, `sqrt` → `math.sqrt`."""
    known: dict[str, str] | None = tree.__dict__.get("_imported")
    if known is not None:
        return known
    found: dict[str, str] = {}
    tree.__dict__["_imported"] = found
    for node in walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                found[name.asname or name.name.split(".")[0]] = name.name if name.asname else name.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                found[name.asname or name.name] = f"{node.module}.{name.name}"
    return found


def qualified(node: ast.AST, names: dict[str, str]) -> str:
    """A dotted name with its import resolved: `np.random.rand` → `numpy.random.rand`; empty for what has no name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([names.get(node.id, node.id), *reversed(parts)])


@remembered
def calls(case: Case) -> list[tuple[ast.Call, str]]:
    """Every call with its qualified name; a method of something unnamed has its own name behind a dot."""
    names = imported(case.tree)
    found = []
    for node in walk(case.tree):
        if isinstance(node, ast.Call):
            name = qualified(node.func, names)
            if not name and isinstance(node.func, ast.Attribute):
                name = f".{node.func.attr}"
            found.append((node, name))
    return found


def keyword(call: ast.Call, *names: str) -> ast.expr | None:
    """The value of a keyword argument, None where it is not given."""
    return next((k.value for k in call.keywords if k.arg in names), None)


def names_in(node: ast.AST) -> set[str]:
    """Every name that is read in an expression."""
    return {n.id for n in walk(node) if isinstance(n, ast.Name)}


def functions(tree: ast.AST) -> tuple[ast.FunctionDef, ...]:
    """Every function, however deep."""
    known: tuple[ast.FunctionDef, ...] | None = tree.__dict__.get("_functions")
    if known is None:
        known = tree.__dict__["_functions"] = tuple(n for n in walk(tree) if isinstance(n, ast.FunctionDef))
    return known


def derived(function: ast.FunctionDef, sources: set[str]) -> set[str]:
    """Names in a function that are computed from any of the sources, the sources among them."""
    known = set(sources)
    while True:
        before = len(known)
        for node in walk(function):
            targets: list[ast.expr] = []
            value: ast.AST | None = None
            if isinstance(node, ast.Assign):
                targets, value = node.targets, node.value
            elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
                targets, value = [node.target], node.value
            elif isinstance(node, ast.For):
                targets, value = [node.target], node.iter
            if value is not None and names_in(value) & known:
                for target in targets:
                    known |= {n.id for n in walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if len(known) == before:
            return known


@remembered
def flows(case: Case, parameter: str) -> dict[str, set[str]]:
    """For each function, the names that carry a parameter of `train`: handed on to helpers, followed through them."""
    found: dict[str, set[str]] = {}
    if case.train is None:
        return found
    helpers = {f.name: f for f in functions(case.tree)}
    classes = {
        c.name: next((f for f in c.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"), None)
        for c in walk(case.tree)
        if isinstance(c, ast.ClassDef)
    }
    waiting: list[tuple[ast.FunctionDef, set[str]]] = [(case.train, {parameter})]
    while waiting:
        function, sources = waiting.pop()
        if sources <= found.get(function.name, set()):
            continue
        carried = derived(function, sources | found.get(function.name, set()))
        found[function.name] = carried
        for nested in functions(function):
            if nested is not function:
                hidden = {a.arg for a in nested.args.args}
                waiting.append((nested, carried - hidden))
        for node in walk(function):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            helper = helpers.get(name) or classes.get(name)
            if helper is None or helper is function:
                continue
            parameters = [a.arg for a in (*helper.args.posonlyargs, *helper.args.args)]
            if parameters and parameters[0] in ("self", "cls"):
                parameters = parameters[1:]
            keywords = {a.arg for a in (*helper.args.args, *helper.args.kwonlyargs)}
            handed = {p for p, v in zip(parameters, node.args, strict=False) if names_in(v) & carried}
            handed |= {k.arg for k in node.keywords if k.arg in keywords and names_in(k.value) & carried}
            if handed:
                waiting.append((helper, handed))
    return found
