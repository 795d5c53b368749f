"""Without a budget the function trains with its default effort."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import call, described
from workbench.rules._mutation import Broken, at_start, edited
from workbench.rules._source import flows, functions, names_in, walk

CONVERSIONS = ("int", "float", "round", "min", "max", "math.ceil", "math.floor", "range")


def find(case: Case) -> Iterator[Seen]:
    """A use of the budget as a number where nothing asks whether it is None."""
    carried = flows(case, "budget")
    if case.train is None or any(_asks(f, carried.get(f.name, set())) for f in functions(case.tree)):
        return
    names = carried.get("train", set()) & {"budget"}
    for node in walk(case.train):
        number = isinstance(node, ast.BinOp) or (isinstance(node, ast.Call) and ast.unparse(node.func) in CONVERSIONS)
        if number and names & _direct(node):
            yield Seen.at(
                node, f"`{ast.unparse(node)[:60]}` uses the budget as a number, and nothing tests it for None"
            )
            return


def _direct(node: ast.AST) -> set[str]:
    return {n.id for n in ast.iter_child_nodes(node) if isinstance(n, ast.Name)}


def _asks(function: ast.FunctionDef, carried: set[str]) -> bool:
    """Whether a function compares the budget with None, or takes it as true or false."""
    for node in walk(function):
        if isinstance(node, ast.Compare) and (
            any(isinstance(o, ast.Is | ast.IsNot) for o in node.ops)
            or any(isinstance(c, ast.Constant) and c.value is None for c in node.comparators)
        ):
            if names_in(node.left) & carried:
                return True
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance" and node.args:
            if names_in(node.args[0]) & carried:
                return True
        elif isinstance(node, ast.Match) and names_in(node.subject) & carried:
            return True
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            if isinstance(node.test, ast.Name) and node.test.id in carried:
                return True
            if isinstance(node.test, ast.UnaryOp) and names_in(node.test) & carried:
                return True
        elif isinstance(node, ast.BoolOp) and any(
            isinstance(v, ast.Name) and v.id in carried for v in node.values[:-1]
        ):
            return True
    return False


def calls(case: Case) -> Mapping[str, Call]:
    """The default configuration without a budget."""
    return {"none": call(case, budget=None)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Whether it trains."""
    reply, made = replies["none"], calls(case)["none"]
    if reply.status == "success":
        return []
    if reply.traceback and "NoneType" not in reply.error and not case.needs_budget:
        return [Seen("unknown", f"the call without a budget fails for another reason: {reply.error}")]
    return [Seen("fail", f"with budget=None: {reply.error} ({described(made)})", call=made, traceback=reply.traceback)]


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """The budget is used as a number at once."""
    yield "the budget is rounded at once", at_start(tree, "effort = round(budget)\nprint(effort)")
    yield "the budget is compared at once", at_start(tree, "if budget < 0:\n    raise ValueError(budget)")

    def tests(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.IfExp)
            and isinstance(node.test, ast.Compare)
            and "None" in ast.unparse(node.test)
            and ("budget" in ast.unparse(node.test))
        )

    def always(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.IfExp)
        return node.orelse

    for broken in edited(tree, tests, always):
        yield "the test for None is gone", broken


RULE = Rule(
    id="budget-none",
    group="budget",
    level={"model": "must", "metrics": "must"},
    text="With `budget=None`, train with a sensible default effort.",
    find=find,
    probe=Probe(calls, judge),
    examples=(
        Example(
            "50 if budget is None else max(1, min(500, round(float(budget))))", "max(1, min(500, round(float(budget))))"
        ),
    ),
    mutate=mutate,
    order=250,
)
