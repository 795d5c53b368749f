"""Configuration and scores lie beside the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.nouns import Call, Case, Probe, Reply, Rule, Seen
from workbench.rules._calls import default_call

SCORES = ("loss", "score", "cost", "metric", "accuracy", "f1", "rmse", "mse", "mae", "r2", "auc", "error", "valid")


def calls(case: Case) -> Mapping[str, Call]:
    """The call that saves."""
    return {"default": default_call(case)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """A readable JSON with the hyperparameters and a score."""
    reply = replies["default"]
    if reply.status != "success" or not reply.facts.get("files"):
        return [Seen("unknown", "nothing was saved")]
    kept = reply.facts.get("json", {})
    if not kept:
        return [
            Seen("fail", f"beside {', '.join(list(reply.facts['files'])[:2])} lies no JSON", call=default_call(case))
        ]
    unreadable = [f"{name}: {keys}" for name, keys in kept.items() if isinstance(keys, str)]
    if unreadable:
        return [Seen("fail", unreadable[0], call=default_call(case))]
    keys = {str(k) for listed in kept.values() for k in listed}
    missing = [n for n in default_call(case).config if n not in keys]
    if len(missing) > len(default_call(case).config) / 2:
        return [
            Seen(
                "fail",
                f"the JSON does not hold the configuration ({', '.join(missing[:4])} …)",
                call=default_call(case),
            )
        ]
    if not any(word in key.lower() for key in keys for word in SCORES):
        return [Seen("fail", "the JSON holds no score", call=default_call(case))]
    return []


RULE = Rule(
    id="metadata",
    group="saved model",
    level={"*": "should"},
    text="Write the configuration and the scores beside the model, as JSON.",
    probe=Probe(calls, judge),
    order=470,
)
