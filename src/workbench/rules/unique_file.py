"""Each configuration leaves a file of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import default_call, other_saved
from workbench.rules._mutation import Broken, edited
from workbench.rules.saves_model import model_files


def calls(case: Case) -> Mapping[str, Call]:
    """Two configurations into one folder."""
    return {"first": default_call(case), "second": other_saved(case)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """The second leaves a file beside that of the first."""
    first, second = replies["first"], replies["second"]
    if first.status != "success" or second.status != "success" or not model_files(first):
        return [Seen("unknown", "there are no two saved models to tell apart")]
    if model_files(second):
        return []
    text = f"a second configuration writes over {', '.join(model_files(first)[:2])} of the first"
    return [Seen("fail", text, call=calls(case)["second"])]


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """One name for every configuration."""

    def named(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "name"
            and "hexdigest" in ast.unparse(node.value)
        )

    def one(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Assign)
        node.value = ast.Constant("model")
        return node

    for broken in edited(tree, named, one):
        yield "one name for all", broken


RULE = Rule(
    id="unique-file",
    group="saved model",
    level={"*": "must", "metrics": "should"},
    text="Give each configuration a file of its own: a hash of the configuration, or a time, in the name.",
    probe=Probe(calls, judge),
    examples=(Example('"forest-" + hashlib.sha256(about.encode()).hexdigest()[:10]', '"forest"'),),
    mutate=mutate,
    order=450,
)
