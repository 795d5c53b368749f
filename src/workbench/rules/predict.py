"""The model answers `predict(X)` for what it was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.nouns import Call, Case, Probe, Reply, Rule, Seen
from workbench.rules._calls import call, default_call, described, has_torch


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


RULE = Rule(
    id="predict",
    group="result",
    level={"model": "must"},
    text="The model answers `predict(X)` for a DataFrame, an array or a tensor, with one prediction a row, in "
    "the form in which `y` came. Wrap a network so that it does.",
    probe=Probe(calls, judge),
    order=420,
)
