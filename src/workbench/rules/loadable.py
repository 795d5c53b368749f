"""The file loads again in a fresh process, and predicts the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.nouns import Call, Case, Probe, Reply, Rule, Seen
from workbench.rules._calls import call, default_call
from workbench.rules.saves_model import model_files


def calls(case: Case) -> Mapping[str, Call]:
    """Save; then load in a process that trained nothing."""
    return {"saved": default_call(case), "loaded": call(case, load="default")}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """What loading gave for the file of the default configuration."""
    written = model_files(replies["saved"])
    loaded = replies["loaded"].facts.get("load", {})
    if not written:
        return [Seen("unknown", "no model was saved")]
    found = {name: loaded.get(name, {}) for name in written}
    errors = {name: f["error"] for name, f in found.items() if "error" in f}
    if errors:
        name, error = next(iter(errors.items()))
        return [Seen("fail", f"{name} does not load in a fresh process: {error}", call=default_call(case))]
    expected = replies["saved"].facts.get("predict", {}).get("values")
    answers = [f["predictions"] for f in found.values() if "predictions" in f]
    if answers and expected is not None and not any(_alike(a, expected) for a in answers):
        return [Seen("fail", "the loaded model predicts other than the one that was returned", call=default_call(case))]
    if not answers and not any("loaded" in f for f in found.values()):
        reasons = "; ".join(str(f.get("skipped", "")) for f in found.values())
        return [Seen("unknown", f"how to load {', '.join(written)} is not known here: {reasons}")]
    return []


def _alike(first: list[str], second: list[str]) -> bool:
    """Equal, or numbers that differ by rounding alone."""
    if len(first) != len(second):
        return False
    for a, b in zip(first, second, strict=True):
        if a == b:
            continue
        numbers = [
            t.replace(".", "", 1).replace("-", "", 1).replace("e", "", 1).replace("+", "").isdigit() for t in (a, b)
        ]
        if not all(numbers) or abs(float(a) - float(b)) > 1e-4 * max(1.0, abs(float(b))):
            return False
    return True


RULE = Rule(
    id="loadable",
    group="saved model",
    level={"*": "should"},
    text="The file must load in a fresh process and predict the same.",
    probe=Probe(calls, judge),
    order=460,
)
