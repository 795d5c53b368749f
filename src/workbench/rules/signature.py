"""`train` has the contract's signature."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy

from workbench.nouns import Case, Example, Job, Rule, Seen
from workbench.rules._mutation import Broken, train_of
from workbench.rules._source import imported, qualified, walk


def find(case: Case) -> Iterator[Seen]:
    """Compare names, order, defaults and annotations with the contract's."""
    functions = [n for n in case.tree.body if isinstance(n, ast.FunctionDef) and n.name == "train"]
    if not functions:
        near = [n for n in walk(case.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        named = f"; it defines {', '.join(n.name for n in near[:5])}" if near else ""
        yield Seen("fail", f"there is no function `train` at module level{named}")
        return
    if len(functions) > 1:
        yield Seen.at(functions[1], f"`train` is defined {len(functions)} times; one of them is meant")
    wanted = ast.parse(f"def {case.contract_signature}: ...").body[0]
    assert isinstance(wanted, ast.FunctionDef)
    yield from _compare(_plain(functions[-1], imported(case.tree)), wanted, case.contract_signature)


def _plain(function: ast.FunctionDef, names: dict[str, str]) -> ast.FunctionDef:
    """A copy whose annotations say the same in the contract's words: `"Any"` and `typing.Any` are `Any`."""
    copy = deepcopy(function)
    copy.body = []
    for argument in (*copy.args.posonlyargs, *copy.args.args, *copy.args.kwonlyargs):
        if argument.annotation is not None:
            argument.annotation = _Words(names).visit(argument.annotation)
    if copy.returns is not None:
        copy.returns = _Words(names).visit(copy.returns)
    return copy


class _Words(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def _word(self, node: ast.Name | ast.Attribute) -> ast.expr:
        name = qualified(node, self.names)
        known = name.startswith(("typing.", "ConfigSpace."))
        return ast.Name(name.rpartition(".")[2], ast.Load()) if known else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._word(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self._word(node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """An annotation in quotes."""
        if not isinstance(node.value, str):
            return node
        written = _parsed(node.value)
        return self.visit(written) if written is not None else node


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _compare(found: ast.FunctionDef, wanted: ast.FunctionDef, signature: str) -> Iterator[Seen]:
    names = [a.arg for a in (*found.args.posonlyargs, *found.args.args, *found.args.kwonlyargs)]
    right = [a.arg for a in wanted.args.args]
    if names != right or found.args.vararg or found.args.kwarg:
        stars = [f"*{found.args.vararg.arg}"] if found.args.vararg else []
        stars += [f"**{found.args.kwarg.arg}"] if found.args.kwarg else []
        yield Seen.at(found, f"the parameters are ({', '.join([*names, *stars])}); they must be ({', '.join(right)})")
        return
    for mine, theirs in zip(found.args.args, wanted.args.args, strict=False):
        if _text(mine.annotation) != _text(theirs.annotation):
            said = _text(mine.annotation) or "nothing"
            yield Seen.at(mine, f"`{mine.arg}` is annotated with {said}; it must be {_text(theirs.annotation)}")
    if [_text(d) for d in found.args.defaults] != [_text(d) for d in wanted.args.defaults]:
        yield Seen.at(found, f"the defaults differ from those of `{signature}`")
    if _text(found.returns) != _text(wanted.returns):
        said = _text(found.returns) or "nothing"
        yield Seen.at(found, f"it is said to return {said}; it must be {_text(wanted.returns)}")


def _text(node: ast.AST | None) -> str:
    return ast.unparse(node) if node is not None else ""


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Names, order, defaults and annotations, one after the other."""

    def changed(change: Callable[[ast.FunctionDef], None]) -> ast.Module:
        copy = deepcopy(tree)
        change(train_of(copy))
        return ast.fix_missing_locations(copy)

    def rename(function: ast.FunctionDef) -> None:
        function.args.args[2].arg = "random_seed"

    def swap(function: ast.FunctionDef) -> None:
        function.args.args[0], function.args.args[1] = function.args.args[1], function.args.args[0]

    def bare(function: ast.FunctionDef) -> None:
        function.args.args[1].annotation = None

    def no_default(function: ast.FunctionDef) -> None:
        function.args.defaults.pop(0)

    def no_result(function: ast.FunctionDef) -> None:
        function.returns = None

    def more(function: ast.FunctionDef) -> None:
        function.args.kwarg = ast.arg("options")

    yield "seed is renamed", changed(rename)
    yield "two parameters are swapped", changed(swap)
    yield "an annotation is gone", changed(bare)
    yield "a default is gone", changed(no_default)
    yield "the result is not annotated", changed(no_result)
    yield "further keywords are taken", changed(more)


RULE = Rule(
    id="signature",
    group="reply",
    level={"*": "must"},
    text="Define exactly the signature given above: names, order, defaults and annotations.",
    find=find,
    examples=(
        Example("seed: int, budget", "seed, budget"),
        Example("model_dir: str = None", "model_dir: str = 'models'"),
    ),
    mutate=mutate,
    order=20,
)
