"""What is looked at around a call, in the child, by trusted code: each name gives plain values for `Reply.facts`.

============  ===========================================================================================
`returned`    the value's type, and its keys or length
`input`       whether the caller's data is as it was
`files`       what was written under `model_dir`, with sizes
`predict`     what the returned model answers for a frame, an array and a single row
============  ===========================================================================================
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.nouns import Call, Outcome
from workbench.worker import variants

PREDICT_ROWS = 40


def before(names: tuple[str, ...], data: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """What must be known before the call in order to observe after it."""
    known: dict[str, Any] = {}
    if "input" in names:
        known["input"] = {key: fingerprint(value) for key, value in data.items()}
    if "files" in names and call.model_dir is not None:
        known["files"] = set(files(Path(call.model_dir)))
    if "predict" in names:
        known["predict"] = (data["X"][:PREDICT_ROWS].copy(), set(_plain(list(data["y"]))))
    return known


def after(
    names: tuple[str, ...],
    known: Mapping[str, Any],
    data: Mapping[str, Any],
    call: Call,
    value: Any,
    outcome: Outcome | None,
) -> dict[str, Any]:
    """The facts, by name."""
    facts: dict[str, Any] = {}
    if "returned" in names:
        facts["returned"] = _returned(value)
    if "input" in names:
        facts["input"] = sorted(key for key, print_ in known["input"].items() if fingerprint(data.get(key)) != print_)
    if "files" in names and call.model_dir is not None:
        now = files(Path(call.model_dir))
        facts["files"] = {name: size for name, size in now.items() if name not in known["files"]}
    if "predict" in names and outcome is not None and outcome.model is not None:
        facts["predict"] = _predictions(outcome.model, *known["predict"])
    return facts


def fingerprint(value: Any) -> str:
    """A digest of a frame, series or array: values, kinds and names."""
    import numpy as np
    import pandas as pd

    if isinstance(value, pd.DataFrame | pd.Series):
        kinds = str(value.dtypes) + (str(list(value.columns)) if isinstance(value, pd.DataFrame) else str(value.name))
        content = pd.util.hash_pandas_object(value).to_numpy().tobytes()
        return hashlib.sha256(kinds.encode() + content).hexdigest()
    if isinstance(value, np.ndarray):
        content = value.tobytes() if value.dtype != object else repr(value.tolist()).encode()
        return hashlib.sha256(str((value.dtype, value.shape)).encode() + content).hexdigest()
    return f"{type(value).__name__}:{id(value)}"


def files(folder: Path) -> dict[str, int]:
    """Every file under a folder with its size in bytes; empty where there is no folder."""
    if not folder.is_dir():
        return {}
    return {str(p.relative_to(folder)): p.stat().st_size for p in sorted(folder.rglob("*")) if p.is_file()}


def _returned(value: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"type": type(value).__name__}
    if isinstance(value, Mapping):
        facts["keys"] = [str(k) for k in list(value)[:50]]
        facts["types"] = {str(k): type(v).__name__ for k, v in list(value.items())[:50]}
    elif isinstance(value, tuple | list):
        facts["types"] = [type(v).__name__ for v in value[:5]]
    return facts


def _predictions(model: Any, X: Any, labels: set[Any]) -> dict[str, Any]:
    """For each kind of input: how many predictions came, or what was raised; and whether they look like `y`."""
    facts: dict[str, Any] = {"rows": len(X)}
    kinds = {"given": X, "one row": X[:1]}
    if hasattr(X, "iloc"):
        kinds["array"] = variants.as_array(X) if not _has_text(X) else X.to_numpy()
    for kind, rows in kinds.items():
        try:
            predicted = list(model.predict(rows))
        except Exception as error:  # a model may raise anything; that is the fact
            facts[kind] = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
            continue
        values = _plain(predicted)
        facts[kind] = {"count": len(values), "known": all(v in labels for v in values), "type": _kind(values)}
        facts[kind]["head"] = [v if isinstance(v, int | float | str | bool) else repr(v)[:40] for v in values[:5]]
    facts["y type"] = _kind(list(labels))
    return facts


def _has_text(X: Any) -> bool:
    return any(str(kind) in ("object", "str", "string", "category") for kind in X.dtypes)


def _plain(values: list[Any]) -> list[Any]:
    return [
        v.item() if getattr(v, "shape", None) in ((), (1,)) and hasattr(v, "item") else _hashable(v) for v in values
    ]


def _hashable(value: Any) -> Any:
    return value if value.__hash__ is not None else repr(value)[:80]


def _kind(values: list[Any]) -> str:
    return type(values[0]).__name__ if values else "nothing"
