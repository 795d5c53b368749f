"""Reading source: qualified names, what follows from what, what a name is bound to."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
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
    """Every name that is read in an expression; an attribute of an object's own is one: `self.seed`."""
    own = {f"self.{n.attr}" for n in walk(node) if isinstance(n, ast.Attribute) and _is_self(n.value)}
    return own | {n.id for n in walk(node) if isinstance(n, ast.Name)}


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def functions(tree: ast.AST) -> tuple[ast.FunctionDef, ...]:
    """Every function, however deep."""
    known: tuple[ast.FunctionDef, ...] | None = tree.__dict__.get("_functions")
    if known is None:
        known = tree.__dict__["_functions"] = tuple(n for n in walk(tree) if isinstance(n, ast.FunctionDef))
    return known


def derived(function: ast.FunctionDef | ast.Lambda, sources: set[str]) -> set[str]:
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
            elif isinstance(node, ast.For | ast.comprehension):
                targets, value = [node.target], node.iter
            if value is not None and names_in(value) & known:
                for target in targets:
                    known |= _stored(target)
        if len(known) == before:
            return known


def _stored(target: ast.AST) -> set[str]:
    """The names that an assignment binds, attributes of `self` among them."""
    names = [n for n in walk(target) if isinstance(n, ast.Name | ast.Attribute) and isinstance(n.ctx, ast.Store)]
    own = {f"self.{n.attr}" for n in names if isinstance(n, ast.Attribute) and _is_self(n.value)}
    return own | {n.id for n in names if isinstance(n, ast.Name)}


@remembered
def flows(case: Case, parameter: str) -> dict[str, set[str]]:
    """For each function, the names that carry a parameter of `train`: handed on to helpers, followed through them."""
    found: dict[str, set[str]] = {}
    if case.train is None:
        return found
    callees = _Callees(case.tree)
    done: dict[int, set[str]] = {}
    waiting: list[tuple[_Function, set[str]]] = [(case.train, {parameter})]
    while waiting:
        function, sources = waiting.pop()
        before = done.get(id(function), set())
        if sources <= before:
            continue
        carried = done[id(function)] = derived(function, sources | before)
        name = getattr(function, "name", "<lambda>")
        found[name] = found.get(name, set()) | carried
        for nested in functions(function):
            if nested is not function:
                hidden = {a.arg for a in nested.args.args}
                waiting.append((nested, carried - hidden))
        own = {n for n in carried if n.startswith("self.")}
        waiting += [(method, own) for method in callees.beside(function)]
        for node in walk(function):
            if isinstance(node, ast.Call):
                waiting += callees.handed(node, carried)
    return found


_Function = ast.FunctionDef | ast.Lambda


class _Callees:
    """What a call may run: functions and methods by name, constructors, and what a dict or a list holds."""

    def __init__(self, tree: ast.AST) -> None:
        self.by_name: dict[str, list[_Function]] = {}
        self.methods: dict[str, list[_Function]] = {}
        self.fields: dict[str, list[str]] = {}
        for function in functions(tree):
            self.by_name.setdefault(function.name, []).append(function)
        for made in (n for n in walk(tree) if isinstance(n, ast.ClassDef)):
            self.methods[made.name] = [f for f in made.body if isinstance(f, ast.FunctionDef)]
            first = [f for f in self.methods[made.name] if f.name == "__init__"]  # type: ignore[union-attr]
            self.by_name[made.name] = first
            if not first:  # a dataclass, or a class that is handed nothing
                annotated = [n.target for n in made.body if isinstance(n, ast.AnnAssign)]
                self.fields[made.name] = [t.id for t in annotated if isinstance(t, ast.Name)]
        self.held = self._held(tree)
        self.bound = {n.id for n in walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}

    def _held(self, tree: ast.AST) -> list[_Function]:
        """Functions that are chosen from: values of a dict, parts of a list or a tuple, arguments of `dict`."""
        parts: list[ast.AST] = []
        for node in walk(tree):
            if isinstance(node, ast.Dict):
                parts += node.values
            elif isinstance(node, ast.Tuple | ast.List):
                parts += node.elts
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
                parts += [k.value for k in node.keywords]
        found: list[_Function] = [p for p in parts if isinstance(p, ast.Lambda)]
        for part in parts:
            if isinstance(part, ast.Name) and part.id not in self.methods:
                found += self.by_name.get(part.id, [])
        return found

    def beside(self, function: _Function) -> list[_Function]:
        """The other methods of a method's class."""
        return [m for listed in self.methods.values() if function in listed for m in listed if m is not function]

    def handed(self, call: ast.Call, carried: set[str]) -> Iterator[tuple[_Function, set[str]]]:
        """The functions that a call may run, each with its parameters that are handed something of `carried`."""
        function, arguments = call.func, call.args
        if isinstance(function, ast.Name | ast.Attribute) and arguments and _last(function) == "partial":
            function, arguments = arguments[0], arguments[1:]
        name = _last(function)
        if name in self.fields:
            names = {f"self.{n}" for n in _carrying(self.fields[name], arguments, call.keywords, carried)}
            yield from ((method, names) for method in self.methods[name])
        chosen = name in self.bound - set(self.by_name) if isinstance(function, ast.Name) else not name
        for callee in self.held if chosen else self.by_name.get(name, []):
            parameters = [a.arg for a in (*callee.args.posonlyargs, *callee.args.args)]
            if parameters and parameters[0] in ("self", "cls"):
                parameters = parameters[1:]
            others = [a.arg for a in callee.args.kwonlyargs]
            handed = _carrying(parameters, arguments, call.keywords, carried, others)
            if handed:
                yield callee, handed


def _last(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _carrying(
    parameters: list[str],
    arguments: list[ast.expr],
    keywords: list[ast.keyword],
    carried: set[str],
    others: Iterable[str] = (),
) -> set[str]:
    """The parameters that are handed an expression of carried names; `others` are given by keyword alone."""
    handed = {p for p, v in zip(parameters, arguments, strict=False) if names_in(v) & carried}
    known = {*parameters, *others}
    return handed | {k.arg for k in keywords if k.arg in known and names_in(k.value) & carried}
