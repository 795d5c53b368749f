"""What is looked at around a call, in the child, by trusted code: each name gives plain values for `Reply.facts`.

============  ===========================================================================================
`returned`    the value's type, and its keys or length
`input`       whether the caller's data is as it was
`files`       what was written under `model_dir`, with sizes
`predict`     what the returned model answers for a frame, an array and a single row
`fits`        the estimators whose `fit` the code called, with the number of rows; and for each later `predict` or
              `score`, how many of its rows that estimator was fitted on (slows the call down)
`memory`      by how many MiB the process grew at its peak
============  ===========================================================================================
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from workbench.nouns import Call, Outcome
from workbench.worker import variants

PREDICT_ROWS = 40
MAX_FITS = 50
FITTING = ("fit", "partial_fit", "fit_transform")
WATCHED = (*FITTING, "predict", "predict_proba", "decision_function", "score")


def before(names: tuple[str, ...], data: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """What must be known before the call in order to observe after it."""
    known: dict[str, Any] = {}
    if "input" in names:
        known["input"] = {key: fingerprint(value) for key, value in data.items()}
    if "files" in names and call.model_dir is not None:
        known["files"] = set(files(Path(call.model_dir)))
    if "memory" in names:
        known["memory"] = _peak_mb()
    if "fits" in names:
        known["fits"], known["predicted"] = [], []
    if "predict" in names:
        known["predict"] = (deepcopy(data["X"][:PREDICT_ROWS]), set(_plain(list(data["y"]))))
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
        changed = {key for key, print_ in known["input"].items() if fingerprint(data.get(key)) != print_}
        facts["input"] = sorted(changed | (set(map(str, data)) - set(known["input"])))
    if "files" in names and call.model_dir is not None:
        folder = Path(call.model_dir)
        facts["files"] = {name: size for name, size in files(folder).items() if name not in known["files"]}
        facts["json"] = {name: _json_keys(folder / name) for name in facts["files"] if name.endswith(".json")}
    elif "files" in names:
        facts["files"] = files(Path.cwd())
    if "memory" in names:
        facts["memory"] = max(0.0, _peak_mb() - known["memory"])
    if "fits" in names:
        facts["fits"], facts["predicted"] = known["fits"], known["predicted"]
    if "predict" in names and outcome is not None and outcome.model is not None:
        facts["predict"] = _predictions(outcome.model, *known["predict"])
    return facts


@contextmanager
def watching(names: tuple[str, ...], known: Mapping[str, Any], filename: str) -> Iterator[None]:
    """Note the calls of `fit` that the generated code makes itself, where this is asked for."""
    if "fits" not in names:
        yield
        return
    fits: list[dict[str, Any]] = known["fits"]
    predicted: list[dict[str, Any]] = known["predicted"]
    fitted: dict[int, set[int]] = {}  # by estimator, the rows that it has seen
    kept: list[Any] = []  # estimators, so that no id is used twice

    def profile(frame: Any, event: str, argument: Any) -> None:
        code = frame.f_code
        if event != "call" or code.co_name not in WATCHED or frame.f_back is None:
            return
        back = frame.f_back
        while back is not None and back.f_code.co_filename.endswith(
            ("contextlib.py", "_set_output.py", "sklearn/base.py")
        ):
            back = back.f_back
        if back is not None and back.f_code.co_filename == filename and len(fits) + len(predicted) < MAX_FITS:
            local = frame.f_locals
            given = next((local[n] for n in ("X", "x", "raw_documents", "data") if n in local), None)
            estimator = local.get("self")
            rows = _row_hashes(given)
            kept.append(estimator)
            if code.co_name not in FITTING:
                seen = fitted.get(id(estimator))
                if seen is not None and rows:
                    overlap = sum(row in seen for row in rows)
                    predicted.append({"class": _class(estimator), "rows": len(rows), "fitted": overlap})
                return
            fitted.setdefault(id(estimator), set()).update(rows)
            fits.append({"class": _class(local.get("self")), "rows": _length(given), "call": code.co_name})

    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)


def _class(estimator: Any, depth: int = 0) -> str:
    """Its class; of a pipeline or a wrapper also what it ends in."""
    steps = getattr(estimator, "steps", None)
    inner = steps[-1][1] if isinstance(steps, list) and steps else getattr(estimator, "regressor", None)
    name = type(estimator).__name__
    return f"{name}({_class(inner, depth + 1)})" if inner is not None and depth < 3 else name


def _row_hashes(value: Any) -> list[int]:
    """A number for each row, equal for equal rows; none where there are no rows."""
    import numpy as np
    import pandas as pd

    if not isinstance(value, pd.DataFrame):
        array = np.asarray(value) if hasattr(value, "shape") else None
        if array is None or array.ndim != 2:
            return []
        value = pd.DataFrame(array)
    try:
        return [int(h) for h in pd.util.hash_pandas_object(value, index=False, categorize=False)]
    except (TypeError, ValueError):  # a cell that cannot be hashed
        return []


def _length(value: Any) -> int | None:
    shape = getattr(value, "shape", None)
    return int(shape[0]) if shape else None


def _peak_mb() -> float:
    """The largest resident size so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform.startswith("linux") else 1024 * 1024)


def _json_keys(path: Path) -> list[str] | str:
    """The names of everything in a JSON file, two levels deep; a sentence where it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return f"it cannot be read as JSON: {error}"
    if not isinstance(data, dict):
        return "it holds no JSON object"
    inner = [key for value in data.values() if isinstance(value, dict) for key in value]
    return [str(key) for key in (*data, *inner)][:100]


def loaded(call: Call, datasets: Mapping[str, Any], contract: Any) -> dict[str, Any]:
    """Load each model file under `call.load` in this process, which has not trained it.

    Returns
    -------
    dict
        By file name: `{"predictions": [...]}`, `{"loaded": type}` for what has no `predict`, `{"error": sentence}`, or
        `{"skipped": reason}` for a format that is not known here.
    """
    assert call.load is not None
    folder = Path(call.load)
    X = variants.apply(datasets[call.data], call.variant, with_test=contract.takes_test)["X"][:PREDICT_ROWS]
    return {name: _load_one(folder / name, X) for name in files(folder) if not name.endswith((".json", ".txt", ".md"))}


def known_format(path: Path) -> bool:
    """Whether a way is known here to load such a file."""
    return path.suffix in (".joblib", ".pkl", ".pickle", ".pt", ".pth")


def load_model(path: Path) -> Any:
    """What lies in a model file; of a dict that holds a model, the model. A stranger's file may raise anything."""
    if path.suffix in (".pt", ".pth"):
        import torch

        model = torch.load(path, map_location="cpu", weights_only=False)
    else:
        import joblib

        model = joblib.load(path)
    if isinstance(model, dict):
        model = next((v for v in model.values() if callable(getattr(v, "predict", None))), model)
    return model


def _load_one(path: Path, X: Any) -> dict[str, Any]:
    if not known_format(path):
        return {"skipped": f"no way is known here to load {path.suffix or 'a file without an ending'}"}
    try:
        model = load_model(path)
        if not callable(getattr(model, "predict", None)):
            return {"loaded": type(model).__name__}
        return {"predictions": [repr(v) for v in _plain(list(model.predict(X)))]}
    except BaseException as error:  # a stranger's file and classes may raise anything; that is the fact
        return {"error": f"{type(error).__name__}: {str(error)[:300]}"}


def fingerprint(value: Any) -> str:
    """A digest of a frame, series or array: values, kinds and names."""
    import numpy as np
    import pandas as pd

    if isinstance(value, pd.DataFrame | pd.Series):
        kinds = str(value.dtypes) + (str(list(value.columns)) if isinstance(value, pd.DataFrame) else str(value.name))
        try:
            content = pd.util.hash_pandas_object(value).to_numpy().tobytes()
        except TypeError:  # lists in the cells
            content = repr(value.to_numpy(dtype=object).tolist()).encode()
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
        except BaseException as error:  # a model may raise anything, exit too; that is the fact
            facts[kind] = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
            continue
        values = _plain(predicted)
        facts[kind] = {"count": len(values), "known": all(v in labels for v in values), "type": _kind(values)}
        if kind == "given":
            facts["values"] = [repr(v) for v in values]
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
    try:
        hash(value)
    except TypeError:
        return repr(value)[:80]
    return value


def _kind(values: list[Any]) -> str:
    return type(values[0]).__name__ if values else "nothing"
