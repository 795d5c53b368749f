"""What a name can be: the strings and numbers that an expression takes, followed as far as a reviewer follows them.

Followed are literals, names bound to them, loops over them and over `range`, f-strings and sums.
"""

from __future__ import annotations

import ast
from itertools import product

MAX_KEYS = 1_000
OPEN = 200
"""So far goes a loop whose end is made at run time."""

OPAQUE = object()
"""Stands in a literal for what is none."""


def literals(body: list[ast.stmt]) -> dict[str, list[object]]:
    """Names that are bound once to a literal, or to a literal tuple of them, with the values that they can have."""
    found: dict[str, list[object]] = {}
    for statement in body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            value = literal(statement.value)
            if len(targets) == 1 and isinstance(targets[0], ast.Name) and value is not OPAQUE:
                found[targets[0].id] = [value]
    return found


def literal(node: ast.AST) -> object:
    """A literal, in which parts may be opaque."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return OPAQUE if any(isinstance(e, ast.Starred) for e in node.elts) else tuple(literal(e) for e in node.elts)
    if isinstance(node, ast.Dict) and all(isinstance(k, ast.Constant) for k in node.keys):
        keys = [k.value for k in node.keys if isinstance(k, ast.Constant)]
        return dict(zip(keys, (literal(v) for v in node.values), strict=True))
    return OPAQUE


class Names:
    """The literal values that names take where a walk over the code has come to."""

    def __init__(self, constants: dict[str, list[object]]) -> None:
        self.values = dict(constants)
        self.open: set[str] = set()  # of their values, those count that make a name of the space, and the first

    def _keys(self, node: ast.AST) -> list[str] | None:
        """The strings that an expression can be, None where that cannot be told."""
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            known = self.values.get(node.id)
            return (
                [v for v in known if isinstance(v, str)] if known and all(isinstance(v, str) for v in known) else None
            )
        if isinstance(node, ast.JoinedStr):
            parts = [self._part(p) for p in node.values]
            return ["".join(c) for c in product(*parts)] if all(p is not None for p in parts) else None  # type: ignore[arg-type]
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "str" and len(node.args) == 1:
            numbers = self._numbers(node.args[0])
            return [str(n) for n in numbers] if numbers is not None else self._keys(node.args[0])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self._keys(node.left), self._keys(node.right)
            return [a + b for a in left for b in right] if left is not None and right is not None else None
        if isinstance(node, ast.IfExp):
            first, second = self._keys(node.body), self._keys(node.orelse)
            return first + second if first is not None and second is not None else None
        return None

    def _part(self, node: ast.AST) -> list[str] | None:
        if not isinstance(node, ast.FormattedValue):
            return self._keys(node)
        numbers = self._numbers(node.value)
        if numbers is None or node.conversion != -1:
            return self._keys(node.value) if node.format_spec is None else None
        written = self._keys(node.format_spec) if node.format_spec is not None else [""]
        return [format(n, written[0]) for n in numbers] if written is not None and len(written) == 1 else None

    def _numbers(self, node: ast.AST) -> list[int] | None:
        """The whole numbers that an expression can be, None where that cannot be told."""
        if isinstance(node, ast.Constant):
            return [node.value] if type(node.value) is int else None
        if isinstance(node, ast.Name):
            known = self.values.get(node.id, [])
            numbers = [v for v in known if type(v) is int]
            return numbers if numbers and len(numbers) == len(known) else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            left, right = self._numbers(node.left), self._numbers(node.right)
            if left is None or right is None or len(left) * len(right) > MAX_KEYS:
                return None
            sign = 1 if isinstance(node.op, ast.Add) else -1
            return [a + sign * b for a in left for b in right]
        return None

    def _items(self, node: ast.AST) -> list[object] | None:
        """What a loop over an expression goes through, None where that cannot be told."""
        if isinstance(node, ast.Name):
            known = self.values.get(node.id)
            return list(known[0]) if known and len(known) == 1 and isinstance(known[0], tuple | dict) else None
        if not isinstance(node, ast.Call):
            value = literal(node)
            return list(value) if isinstance(value, tuple | dict) else None
        name = ast.unparse(node.func)
        if name == "range":
            return self._range(node.args)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("items", "keys", "values") and not node.args:
            inner = node.func.value
            known = self.values.get(inner.id, []) if isinstance(inner, ast.Name) else [literal(inner)]
            return list(getattr(known[0], node.func.attr)()) if len(known) == 1 and isinstance(known[0], dict) else None
        parts = [p for p in map(self._items, node.args) if p is not None]
        if not parts or len(parts) < len(node.args):
            return None
        if name == "zip":
            return [*zip(*parts, strict=False)]
        if name == "enumerate" and len(parts) == 1:
            return [*enumerate(parts[0])]
        return parts[0] if name in ("list", "tuple", "sorted", "reversed", "set") else None

    def _range(self, arguments: list[ast.expr]) -> list[object] | None:
        """The numbers of a `range`; where its end is made at run time, as many as any space has names."""
        ends = [self._numbers(a) for a in arguments]
        known = [e[0] for e in ends if e is not None and len(e) == 1]
        if known and len(known) == len(ends) and known[-1] != 0:
            return list[object](range(*known))[: OPEN - 1]
        if len(ends) == 1:
            return list[object](range(OPEN))
        return (
            list[object](range(known[0], known[0] + OPEN)) if len(ends) == 2 and ends[0] is not None and known else None
        )

    def _bind(self, target: ast.AST, items: list[object]) -> None:
        if isinstance(target, ast.Name):
            self.values[target.id] = items
        elif isinstance(target, ast.Tuple):
            for position, name in enumerate(target.elts):
                if all(isinstance(i, tuple) and len(i) > position for i in items):
                    self._bind(name, [i[position] for i in items if isinstance(i, tuple)])
