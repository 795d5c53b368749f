"""The model answers `predict(X)` for what it was given."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import call, default_call, described, has_torch
from workbench.rules._mutation import Broken, at_top, loss_of, returns


def calls(case: Case) -> Mapping[str, Call]:
    """Models trained on frames, on tensors, and on labels that are strings."""
    found = {"a DataFrame": default_call(case)}
    if has_torch():
        found["a tensor"] = call(case, variant={"kind": "tensor"})
    if case.job.dataset.task == "classification":
        found["string labels"] = call(case, variant={"labels": "str"})
    return found


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """One prediction a row, in the form in which `y` came."""
    said: set[str] = set()
    for name, made in calls(case).items():
        facts = replies[name].facts.get("predict")
        if facts is None:
            continue
        for kind in ("given", "array", "one row"):
            answer = facts.get(kind)
            if answer is None:
                continue
            given = {"given": name, "array": "an array", "one row": "one row"}[kind]
            text = _wrong(case, answer, 1 if kind == "one row" else facts["rows"], str(facts.get("y type")))
            if text and text not in said:
                said.add(text)
                yield Seen("fail", f"predict for {given} {text} ({described(made)})", call=made)
    if all("predict" not in r.facts for r in replies.values()):
        yield Seen("unknown", "no model came back, so its predictions cannot be looked at")


def _wrong(case: Case, answer: Mapping[str, object], rows: int, y_type: str) -> str:
    if "error" in answer:
        return f"raises {answer['error']}"
    if answer["count"] != rows:
        return f"gives {answer['count']} predictions for {rows} rows"
    if case.job.dataset.task == "classification" and not answer["known"]:
        return f"gives {answer['head']}, which are no labels of y"
    if case.job.dataset.task == "regression" and answer["type"] not in ("float", "int"):
        return f"gives values of type {answer['type']}, where y has {y_type}"
    return ""


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """The model gives too few, other values, or takes one kind alone."""
    broken = """
class _Broken:
    def __init__(self, model): self.model = model
    def predict(self, X): return {0}
"""
    for what, code in (
        ("one prediction is missing", "self.model.predict(X)[:-1] if len(X) > 1 else []"),
        (
            "other values than labels",
            "[float(i) + 0.123 if self else 'a' for i in range(len(X))] if __CLASSES__ else ['a'] * len(X)",
        ),
        ("only frames are taken", "self.model.predict(X.iloc[:, :])"),
        ("a single number", "[self.model.predict(X)]"),
    ):
        code = code.replace("__CLASSES__", str(job.dataset.task == "classification"))
        wrapped = returns(tree, lambda v: f"({loss_of(v, 'model')}, _Broken({ast.unparse(v)}[1]))")
        yield what, at_top(wrapped, broken.format(code).strip())


RULE = Rule(
    id="predict",
    group="result",
    level={"model": "must"},
    text="The model answers `predict(X)` for a DataFrame, an array or a tensor, with one prediction a row, in "
    "the form in which `y` came. Wrap a network so that it does.",
    probe=Probe(calls, judge),
    examples=(Example("    return loss, model", "    return loss, model[-1]"),),
    mutate=mutate,
    order=420,
)
