"""Breaking a good function on its syntax tree: the tools that mutators share."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy

Broken = tuple[str, ast.Module]


def edited(
    tree: ast.Module, match: Callable[[ast.AST], bool], change: Callable[[ast.AST], ast.AST | None], most: int = 3
) -> Iterator[ast.Module]:
    """A tree for each of the first nodes that match, with that node replaced (or taken out, for None)."""
    count = sum(match(node) for node in ast.walk(tree))
    for number in range(min(count, most)):
        copy = deepcopy(tree)
        chosen = [node for node in ast.walk(copy) if match(node)][number]
        _Replace(chosen, change).visit(copy)
        yield ast.fix_missing_locations(copy)


class _Replace(ast.NodeTransformer):
    def __init__(self, target: ast.AST, change: Callable[[ast.AST], ast.AST | None]) -> None:
        self.target, self.change = target, change

    def visit(self, node: ast.AST) -> ast.AST | None:
        """Replace the node; None takes it out."""
        return self.change(node) if node is self.target else super().generic_visit(node)


def train_of(tree: ast.Module) -> ast.FunctionDef:
    """The function `train`."""
    return next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "train")


def statements(code: str) -> list[ast.stmt]:
    """Source as statements."""
    return ast.parse(code).body


def expression(code: str) -> ast.expr:
    """Source as an expression."""
    return ast.parse(code, mode="eval").body


def at_start(tree: ast.Module, code: str) -> ast.Module:
    """A copy with statements first in `train`, behind its docstring."""
    copy = deepcopy(tree)
    function = train_of(copy)
    first = int(ast.get_docstring(function) is not None)
    function.body[first:first] = statements(code)
    return ast.fix_missing_locations(copy)


def at_top(tree: ast.Module, code: str) -> ast.Module:
    """A copy with statements behind the last import of the module."""
    copy = deepcopy(tree)
    last = max((i for i, n in enumerate(copy.body) if isinstance(n, ast.Import | ast.ImportFrom)), default=-1)
    copy.body[last + 1 : last + 1] = statements(code)
    return ast.fix_missing_locations(copy)


def after_split(tree: ast.Module, code: str) -> Iterator[ast.Module]:
    """Copies with statements behind the split; `{0}` to `{3}` are its names: X, X held out, y, y held out."""
    for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
        for node in ast.walk(function):
            names = split_names(node)
            if names is None:
                continue
            copy = deepcopy(tree)
            twin = next(n for n in ast.walk(copy) if split_names(n) == names)
            holder = next(
                body
                for parent in ast.walk(copy)
                for body in (getattr(parent, "body", None), getattr(parent, "orelse", None))
                if isinstance(body, list) and twin in body
            )
            position = holder.index(twin)
            holder[position + 1 : position + 1] = statements(code.format(*names))
            yield ast.fix_missing_locations(copy)
            return


def split_names(node: ast.AST) -> tuple[str, ...] | None:
    """The four names that a split is assigned to, None where a node is none."""
    if not (
        isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Call)
    ):
        return None
    names = tuple(n.id for n in node.targets[0].elts if isinstance(n, ast.Name))
    return names if len(names) == 4 and "split" in ast.unparse(node.value.func) else None


def reads_of(tree: ast.Module) -> list[ast.Call]:
    """Calls that hand over a name and its default: `cfg.get("x", 1)`, `_integer(cfg, "x", 1, …)`."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        direct = (
            isinstance(node.func, ast.Attribute) and node.func.attr == "get" and ast.unparse(node.func.value) == "cfg"
        )
        helped = bool(node.args) and ast.unparse(node.args[0]) == "cfg" and len(node.args) > 2
        name = node.args[0] if direct and node.args else node.args[1] if helped else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            found.append(node)
    return found


def name_of(read: ast.Call) -> ast.Constant:
    """The name in a read."""
    direct = isinstance(read.func, ast.Attribute)
    constant = read.args[0 if direct else 1]
    assert isinstance(constant, ast.Constant)
    return constant


def default_of(read: ast.Call) -> ast.expr:
    """The default in a read."""
    direct = isinstance(read.func, ast.Attribute)
    return read.args[1 if direct else 2]


def each_read(
    tree: ast.Module, change: Callable[[ast.Call], ast.expr], most: int = 4
) -> Iterator[tuple[str, ast.Module]]:
    """A tree for each hyperparameter, with every read of it changed."""
    names = list(dict.fromkeys(str(name_of(r).value) for r in reads_of(tree)))
    for name in names[:most]:
        copy = deepcopy(tree)
        chosen = {id(r) for r in reads_of(copy) if name_of(r).value == name}

        class Change(ast.NodeTransformer):
            def visit_Call(self, node: ast.Call, chosen: set[int] = chosen) -> ast.AST:
                return change(node) if id(node) in chosen else self.generic_visit(node)

        yield name, ast.fix_missing_locations(Change().visit(copy))


def returns(tree: ast.Module, change: Callable[[ast.expr], str]) -> ast.Module:
    """A copy in which every `return` of `train` gives something else, made from the source of what it gave."""
    copy = deepcopy(tree)
    for node in ast.walk(train_of(copy)):
        if isinstance(node, ast.Return) and node.value is not None:
            node.value = expression(change(node.value))
    return ast.fix_missing_locations(copy)


def loss_of(value: ast.expr, contract: str) -> str:
    """The source of the loss in what a `return` gives."""
    if contract == "model" and isinstance(value, ast.Tuple):
        return ast.unparse(value.elts[0])
    if contract == "metrics":
        return f"({ast.unparse(value)})['loss']"
    return ast.unparse(value)


def with_loss(value: ast.expr, contract: str, loss: str) -> str:
    """What a `return` gives, with another loss in it."""
    if contract == "model" and isinstance(value, ast.Tuple):
        return f"({loss}, {ast.unparse(value.elts[1])})"
    if contract == "metrics":
        return f"{{**({ast.unparse(value)}), 'loss': {loss}}}"
    return loss
