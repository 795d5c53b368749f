"""What a saved model predicts, in the guarded child: a model file is generated code as much as the function is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.nouns import Call
from workbench.worker.observe import known_format, load_model

MOST_CLASSES = 50


def predicted(call: Call, datasets: Mapping[str, Any]) -> dict[str, Any]:
    """Load the model of `call.predict` and have it predict some rows; the target is never given to it.

    Returns
    -------
    dict
        `values` (one for each row, plain) and, where the model has them for at most fifty classes, `classes` and
        `probability` (a list for each row); or `error`, a sentence.
    """
    asked = dict(call.predict or {})
    path = Path(str(asked["file"]))
    if not known_format(path):
        return {"error": f"no way is known here to load {path.suffix or 'a file without an ending'}"}
    X = datasets[call.data].X.iloc[int(asked["start"]) : int(asked["stop"])].reset_index(drop=True)
    try:
        model = load_model(path)
        if not callable(getattr(model, "predict", None)):
            return {"error": f"the file holds a {type(model).__name__}, which has no predict"}
        facts: dict[str, Any] = {"values": [_plain(v) for v in model.predict(X)]}
    except BaseException as error:  # a stranger's file and classes may raise anything
        return {"error": f"{type(error).__name__}: {str(error)[:300]}"}
    try:
        classes = [_plain(c) for c in model.classes_]
        if len(classes) <= MOST_CLASSES:
            table = [[round(float(p), 6) for p in row] for row in model.predict_proba(X)]
            facts |= {"classes": classes, "probability": table}
    except BaseException:  # many models have no probabilities, some only claim to
        return {"values": facts["values"]}
    return facts


def _plain(value: Any) -> Any:
    """A number, text or truth value as JSON has it."""
    if getattr(value, "shape", None) in ((), (1,)) and hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, int | float | str | bool) else repr(value)[:80]
