"""`train` returns exactly what the contract says."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Level, Probe, Reply, Rule, Seen
from workbench.rules._calls import default_call, described, refused
from workbench.rules._mutation import Broken, at_top, loss_of, returns, with_loss


def find(case: Case) -> Iterator[Seen]:
    """Each `return` of `train`, where its form alone shows that it cannot be right."""
    if case.train is None:
        return
    returns = [n for n in _own(case.train) if isinstance(n, ast.Return)]
    if not returns:
        yield Seen.at(case.train, "`train` never returns anything")
    for node in returns:
        value = node.value
        if value is None or (isinstance(value, ast.Constant) and value.value is None):
            yield Seen.at(node, "this `return` gives None")
        elif case.job.contract == "loss" and isinstance(value, ast.Tuple | ast.List | ast.Dict | ast.Set):
            yield Seen.at(node, "this `return` gives several values; the loss contract wants one number")
        elif case.job.contract == "model" and isinstance(value, ast.Tuple) and len(value.elts) != 2:
            yield Seen.at(node, f"this `return` gives {len(value.elts)} values; the model contract wants (loss, model)")
        elif case.job.contract == "model" and isinstance(value, ast.Constant | ast.Dict | ast.BinOp):
            yield Seen.at(node, "this `return` gives one value; the model contract wants (loss, model)")
        elif case.job.contract == "metrics" and _no_dict(value):
            yield Seen.at(node, "this `return` gives no dict; the metrics contract wants one with 'loss'")


def _no_dict(value: ast.expr) -> bool:
    """Whether an expression cannot be a dict; `scores | more` can."""
    if isinstance(value, ast.BinOp):
        return not isinstance(value.op, ast.BitOr)
    return isinstance(value, ast.Tuple | ast.List | ast.Constant)


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)


def calls(case: Case) -> Mapping[str, Call]:
    """The default configuration, once."""
    return {"default": default_call(case)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """The worker reads the result as the contract says; a loss must be a plain number besides."""
    call, reply = default_call(case), replies["default"]
    if refused(reply):
        return [Seen("fail", f"{reply.error} ({described(call)})", call=call)]
    if reply.status != "success":
        return [Seen("unknown", f"nothing came back that could be looked at: {reply.error}")]
    returned = reply.facts.get("returned", {})
    types = returned.get("types", {})
    if case.job.contract == "metrics":
        kinds = {f"the value of {name!r}": str(kind) for name, kind in dict(types).items()}
    elif case.job.contract == "model":
        kinds = {"the loss": str(types[0])} if types else {}
    else:
        kinds = {"the loss": str(returned.get("type"))}
    found = []
    for what, kind in kinds.items():
        if kind in ("float", "int", "float64"):  # numpy's float64 is a float
            continue
        level: Level | None = "should" if kind.startswith(("float", "int", "uint")) else None
        found.append(Seen("fail", f"{what} is of type {kind}; convert it with float(...)", call=call, level=level))
    return found


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Nothing, text, not a number, an array, or parts in another order."""
    yield "nothing is returned", returns(tree, lambda v: "None")
    yield "the loss is NaN", returns(tree, lambda v: with_loss(v, job.contract, "float('nan')"))
    yield "the loss is text", returns(tree, lambda v: with_loss(v, job.contract, f"str({loss_of(v, job.contract)})"))
    yield (
        "the loss is an array",
        at_top(
            returns(tree, lambda v: with_loss(v, job.contract, f"_np.asarray([{loss_of(v, job.contract)}])")),
            "import numpy as _np",
        ),
    )
    if job.contract == "model":
        yield "the model comes first", returns(tree, lambda v: f"({ast.unparse(v)})[::-1]")
        yield "the model is missing", returns(tree, lambda v: loss_of(v, job.contract))
    if job.contract == "metrics":
        yield "the loss alone", returns(tree, lambda v: loss_of(v, job.contract))
        yield (
            "no loss in the dict",
            returns(tree, lambda v: f"{{k: n for k, n in ({ast.unparse(v)}).items() if k != 'loss'}}"),
        )
    if job.contract == "loss":
        yield "a tuple", returns(tree, lambda v: f"({ast.unparse(v)}, None)")


RULE = Rule(
    id="return-type",
    group="result",
    level={"*": "must"},
    text={
        "loss": "Return the loss alone: one finite `float`, lower is better.",
        "model": "Return `(loss, model)`: a finite `float`, lower is better, and the fitted model.",
        "metrics": "Return a dict of finite numbers with the key `loss`, lower is better.",
    },
    find=find,
    probe=Probe(calls, judge),
    examples=(
        Example("    return loss, model", "    return model, loss"),
        Example("    return loss, model", "    return loss"),
    ),
    mutate=mutate,
    order=410,
)
