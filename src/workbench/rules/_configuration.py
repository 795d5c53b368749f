"""How a function reads its configuration: the names, followed as far as a reviewer follows them by eye.

Followed are aliases (`c = cfg`, `c = dict(cfg)`, `get = cfg.get`), helpers and nested functions that are handed the
configuration, names held in constants, loops and comprehensions over literal tuples, and f-strings made of those. What
cannot be followed is kept, with the reason, so that a rule can say `unknown`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from workbench.nouns import Case
from workbench.rules._names import MAX_KEYS, OPEN, Names, literals
from workbench.rules._source import names_in, remembered, walk

REMOVED = ("get_dictionary", "get_array", "keys_", "_values", "_vector")


@dataclass(frozen=True)
class Read:
    """One read of a hyperparameter; `guarded` when a default stands by for an inactive one."""

    name: str
    node: ast.AST
    guarded: bool


@dataclass
class Reads:
    """Every read, where the whole configuration was used at once, and what could not be followed."""

    reads: list[Read] = field(default_factory=list)
    tested: set[str] = field(default_factory=set)
    whole: list[ast.AST] = field(default_factory=list)
    unknown: list[tuple[ast.AST, str]] = field(default_factory=list)
    private: list[tuple[ast.Attribute, str]] = field(default_factory=list)
    space: tuple[str, ...] = ()
    own: set[str] = field(default_factory=set)
    """Names that the code itself puts into a copy of the configuration, or that it is merged with."""
    mixed: bool = False
    """Whether it is merged with something whose names cannot be told."""
    called: frozenset[str] = frozenset()
    """Names that are called somewhere."""
    gives: dict[tuple[str, frozenset[str]], bool] = field(default_factory=dict)
    """Helpers, by what they are handed, and whether they give the configuration back."""

    @property
    def names(self) -> set[str]:
        """The names that are read anywhere."""
        return {r.name for r in self.reads}


@remembered
def reads(case: Case) -> Reads:
    """How `train` and its helpers read the configuration."""
    called = (n.func.id for n in walk(case.tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name))
    found = Reads(space=case.job.space.names, called=frozenset(called))
    function = case.train
    if function is None or not function.args.args:
        return found
    helpers = {n.name: n for n in walk(case.tree) if isinstance(n, ast.FunctionDef)}
    constants = literals(case.tree.body)
    _Walk(found, helpers, constants, set()).function(function, {function.args.args[0].arg})
    return found


class _Walk(Names, ast.NodeVisitor):
    def __init__(
        self,
        found: Reads,
        helpers: dict[str, ast.FunctionDef],
        constants: dict[str, list[object]],
        seen: set[tuple[str, frozenset[str]]],
    ) -> None:
        super().__init__(constants)
        self.found, self.helpers, self.seen = found, helpers, seen
        self.values = dict(constants)  # a name and the literal values that it takes
        self.configs: set[str] = set()
        self.getters: set[str] = set()
        self.open: set[str] = set()  # of their values, those count that make a name of the space, and the first
        self.closures: dict[str, ast.FunctionDef | ast.Lambda] = {}  # followed from each call of theirs

    def function(
        self,
        function: ast.FunctionDef | ast.Lambda,
        configs: set[str],
        getters: frozenset[str] | set[str] = frozenset(),
    ) -> None:
        """Follow a function in which these names are the configuration (or its `get`)."""
        self.configs, self.getters = set(configs), set(getters)
        if isinstance(function, ast.FunctionDef):
            self.values.update(literals(function.body))
            nested = (s for s in function.body if isinstance(s, ast.FunctionDef) and s.name in self.found.called)
            self.closures.update({s.name: s for s in nested})
            for statement in function.body:
                self.visit(statement)
        else:
            self.visit(function.body)

    # -------------------------------------------------------------- what a node is

    def _is_config(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.configs
        if isinstance(node, ast.NamedExpr):
            return self._is_config(node.value)
        if isinstance(node, ast.IfExp):
            return self._is_config(node.body) or self._is_config(node.orelse)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return any(self._is_config(v) for v in node.values)
        if isinstance(node, ast.Dict):
            return any(k is None and self._is_config(v) for k, v in zip(node.keys, node.values, strict=True))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._is_config(node.left) or self._is_config(node.right)
        if isinstance(node, ast.DictComp):
            return self._copies(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.helpers:
            return self._gives_config(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
            splats = [k.value for k in node.keywords if k.arg is None]
            return any(self._is_config(part) or self._pairs(part) for part in (*node.args[:1], *splats))
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("copy", "get_dictionary")
            and self._is_config(node.func.value)
        )

    def _pairs(self, node: ast.AST) -> bool:
        """`cfg.items()`."""
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "items"
            and self._is_config(node.func.value)
        )

    def _copies(self, node: ast.DictComp) -> bool:
        """`{name: … for name, value in cfg.items()}` and `{name: cfg[name] for name in cfg}`: the same names."""
        if len(node.generators) != 1 or not isinstance(node.key, ast.Name):
            return False
        target, iterated = node.generators[0].target, node.generators[0].iter
        if self._pairs(iterated):
            target = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
        elif not self._is_config(iterated):
            return False
        return isinstance(target, ast.Name) and target.id == node.key.id

    def _gives_config(self, call: ast.Call) -> bool:
        """Whether a helper that is handed the configuration gives it back, as it is or as a copy."""
        helper = self.helpers[call.func.id]  # type: ignore[attr-defined]
        configs, getters, _ = self._handed_to(helper, call)
        mark = (helper.name, frozenset(configs))
        if mark not in self.found.gives:
            self.found.gives[mark] = False  # where it calls itself
            apart = Reads(space=self.found.space, called=self.found.called, gives=self.found.gives)
            inner = _Walk(apart, self.helpers, self.values, set(self.seen))
            inner.function(helper, configs, getters)
            given = [n.value for n in walk(helper) if isinstance(n, ast.Return) and n.value is not None]
            self.found.gives[mark] = bool(given) and all(inner._is_config(value) for value in given)
        return self.found.gives[mark]

    def _is_get(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.getters
        return (
            isinstance(node, ast.Attribute)
            and node.attr in ("get", "pop", "setdefault")
            and self._is_config(node.value)
        )

    # -------------------------------------------------------------- reads

    def _read(self, key: ast.AST, node: ast.AST, *, guarded: bool) -> None:
        names = self._keys(key)
        if names is None or len(names) > MAX_KEYS:
            self.found.unknown.append((node, f"the name `{ast.unparse(key)[:60]}` is made at run time"))
            return
        if names_in(key) & self.open:  # how far the loop goes is said by the configuration
            names = [n for i, n in enumerate(names) if i == 0 or n in self.found.space]
            guarded = True
        for name in names:
            if name == "*" or name in self.found.space or not (name in self.found.own or self.found.mixed):
                self.found.reads.append(Read(name, node, guarded or name in self.found.own or self.found.mixed))
            elif name not in self.found.own:
                self.found.unknown.append((node, f"{name!r} may come from what the configuration is merged with"))

    def _merged(self, value: ast.AST) -> None:
        """Note the names that a copy of the configuration has besides."""
        others: list[ast.AST] = []
        for part in walk(value):
            if isinstance(part, ast.Dict):
                for key, other in zip(part.keys, part.values, strict=True):
                    if key is not None:
                        self.found.own.update(self._keys(key) or ())
                    elif not self._is_config(other):
                        others.append(other)
            elif isinstance(part, ast.BinOp) and isinstance(part.op, ast.BitOr):
                others += [side for side in (part.left, part.right) if not self._is_config(side)]
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "dict":
                self.found.own.update(k.arg for k in part.keywords if k.arg is not None)
        for merged in others:
            known = self.values.get(merged.id) if isinstance(merged, ast.Name) else None
            if known and all(isinstance(v, dict) for v in known):
                self.found.own.update(str(name) for v in known if isinstance(v, dict) for name in v)
            elif not isinstance(merged, ast.Dict):
                self.found.mixed = True

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """`cfg[...]`; what is put into a copy under a name is no hyperparameter that is read."""
        if self._is_config(node.value) and isinstance(node.ctx, ast.Store):
            self.found.own.update(self._keys(node.slice) or ())
            self.visit(node.slice)
            return
        if self._is_config(node.value):
            self._read(node.slice, node, guarded=False)
            self.visit(node.slice)
            return
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """`"name" in cfg`."""
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn) and self._is_config(node.comparators[0]):
            self.found.tested.update(self._keys(node.left) or ())
            self.visit(node.left)
            return
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """`cfg.something`."""
        if self._is_config(node.value):
            if node.attr in REMOVED or (node.attr.startswith("_") and not node.attr.startswith("__")):
                self.found.private.append((node, node.attr))
                self.found.whole.append(node)
            elif node.attr in ("items", "values", "keys"):
                self.found.whole.append(node)
            return
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """`cfg.get(...)`, `get(...)`, and helpers that are handed the configuration."""
        if self._is_get(node.func) and node.args:
            if isinstance(node.func, ast.Attribute) and node.func.attr == "setdefault":
                self.found.own.update(self._keys(node.args[0]) or ())
            self._read(node.args[0], node, guarded=True)
            for argument in [*node.args[1:], *(k.value for k in node.keywords)]:
                self.visit(argument)
            return
        helped = isinstance(node.func, ast.Name) and node.func.id in self.helpers
        if self._updates(node) or (self._is_config(node) and not helped):
            return
        handed = self._handed(node)
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name in self.closures:
            self._inside(self.closures[name], node)
        elif handed and name in self.helpers:
            self._into(self.helpers[name], node)
        elif handed and name not in (
            "len",
            "print",
            "str",
            "repr",
            "sorted",
            "list",
            "hash",
            "isinstance",
            "type",
            "hasattr",
            "getattr",
        ):
            self.found.whole += handed
        elif handed:
            self.found.whole += handed if name in ("sorted", "list", "str", "repr", "print") else []
        for child in ast.iter_child_nodes(node):
            if child not in handed:
                self.visit(child)

    def _updates(self, node: ast.Call) -> bool:
        """`values.update(cfg)` and `values.update(seed=seed)` make or change a copy."""
        function = node.func
        if not (isinstance(function, ast.Attribute) and function.attr == "update"):
            return False
        if not any(self._is_config(part) for part in (function.value, *node.args)):
            return False
        for part in node.args:
            self._merged(ast.BinOp(function.value, ast.BitOr(), part))
            if not self._is_config(part):
                self.visit(part)
        for given in node.keywords:
            self.found.own.update([given.arg] if given.arg else [])
            self.visit(given.value)
        if isinstance(function.value, ast.Name):
            self.configs.add(function.value.id)
        return True

    def _handed(self, node: ast.Call) -> list[ast.AST]:
        values = [*node.args, *(k.value for k in node.keywords)]
        return [
            v for v in values if self._is_config(v) or (isinstance(v, ast.Name | ast.Attribute) and self._is_get(v))
        ]

    def _handed_to(
        self, helper: ast.FunctionDef | ast.Lambda, call: ast.Call
    ) -> tuple[set[str], set[str], dict[str, list[object]]]:
        """Which parameters of a helper are the configuration or its `get`, and which are literals."""
        parameters = [a.arg for a in (*helper.args.posonlyargs, *helper.args.args)]
        configs, getters, literals = set(), set(), {}
        pairs = [*zip(parameters, call.args, strict=False), *((k.arg, k.value) for k in call.keywords if k.arg)]
        for name, value in pairs:
            if self._is_config(value):
                configs.add(name)
            elif self._is_get(value):
                getters.add(name)
            elif (keys := self._keys(value)) is not None:
                literals[name] = list[object](keys)
        return configs, getters, literals

    def _into(self, helper: ast.FunctionDef, call: ast.Call) -> None:
        configs, getters, literals = self._handed_to(helper, call)
        if self._known(helper.name, configs, getters, literals):
            return
        hidden = {a.arg for a in (*helper.args.posonlyargs, *helper.args.args, *helper.args.kwonlyargs)}
        values = {n: v for n, v in self.values.items() if n not in hidden}
        _Walk(self.found, self.helpers, values | literals, self.seen).function(helper, configs, getters)

    def _known(self, name: str, configs: set[str], getters: set[str], literals: dict[str, list[object]]) -> bool:
        """Whether a function was followed with the same in hand before, or too many were."""
        mark = (name, frozenset(configs | getters | {f"{k}={v}" for k, v in literals.items()}))
        if mark in self.seen or len(self.seen) > MAX_KEYS:
            return True
        self.seen.add(mark)
        return False

    # -------------------------------------------------------------- names

    def visit_Assign(self, node: ast.Assign) -> None:
        """Aliases of the configuration and of its `get`, one by one where several names are bound at once."""
        target = node.targets[0]
        if isinstance(node.value, ast.Lambda) and isinstance(target, ast.Name) and target.id in self.found.called:
            self.closures[target.id] = node.value
            return
        self.visit(node.value)
        for target in node.targets:
            self._bound(target, node.value)
            self.visit(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """As without the annotation."""
        if node.value is not None:
            self.visit(node.value)
            self._bound(node.target, node.value)
        self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        """As a statement."""
        self.visit(node.value)
        self._bound(node.target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """`values |= cfg` makes a copy too."""
        merged = ast.BinOp(node.target, node.op, node.value)
        if self._is_config(merged) and isinstance(node.target, ast.Name):
            self._merged(merged)
            self.configs.add(node.target.id)
        if not self._is_config(node.value):
            self.visit(node.value)
        if isinstance(node.target, ast.Subscript) and self._is_config(node.target.value):
            self._read(node.target.slice, node.target, guarded=False)
        self.visit(node.target)

    def _bound(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, its in zip(target.elts, value.elts, strict=False):
                if isinstance(one, ast.Starred) or isinstance(its, ast.Starred):
                    return  # what goes where from here on depends on lengths
                self._bound(one, its)
        elif isinstance(target, ast.Name):
            if self._is_config(value):
                self._merged(value)
                self.configs.add(target.id)
                return
            self.configs.discard(target.id)
            if isinstance(value, ast.Attribute) and self._is_get(value):
                self.getters.add(target.id)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """A nested function sees the configuration of the one around it, unless a parameter hides it."""
        if node.name in self.found.called:
            self.closures[node.name] = node
        else:
            self._inside(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """As a nested function."""
        self._inside(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Methods see the configuration of the function around them too."""
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                self._inside(statement)
            else:
                self.visit(statement)

    def _inside(self, node: ast.FunctionDef | ast.Lambda, call: ast.Call | None = None) -> None:
        """Follow a nested function; from a call, with the literals that it is called with."""
        hidden = {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
        configs, getters, literals = self._handed_to(node, call) if call is not None else (set(), set(), {})
        configs, getters = self.configs - hidden | configs, self.getters - hidden | getters
        if call is not None and self._known(f"{ast.unparse(call.func)} inside", configs, getters, literals):
            return
        values = {n: v for n, v in self.values.items() if n not in hidden} | literals
        inner = _Walk(self.found, self.helpers, values, self.seen)
        inner.closures = dict(self.closures)
        inner.function(node, configs, getters)

    def visit_For(self, node: ast.For) -> None:
        """A loop over a literal tuple gives its name every value of it; one over the configuration reads all."""
        self._loop(node.target, node.iter)
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        """A comprehension, as a loop."""
        self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        """A comprehension, as a loop."""
        self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        """A comprehension, as a loop."""
        if not self._copies(node):
            self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        """A comprehension, as a loop."""
        self._comprehension(node)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        for generator in node.generators:
            self._loop(generator.target, generator.iter)
        self.generic_visit(node)

    def _loop(self, target: ast.AST, iterated: ast.AST) -> None:
        if self._is_config(iterated):
            self.found.whole.append(iterated)
            if isinstance(target, ast.Name):
                self.values[target.id] = ["*"]
            return
        items = self._items(iterated)
        if items is not None:
            self._bind(target, items)
            if len(items) == OPEN and isinstance(target, ast.Name):
                self.open.add(target.id)
