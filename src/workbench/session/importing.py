"""A space out of text: JSON, YAML, or Python code, which is run in the isolated worker and never here."""

from __future__ import annotations

import json
import re
import secrets
import tempfile
from pathlib import Path

import pandas as pd

from workbench import datasets
from workbench.nouns import Call, Hyperparameter, Limits, Space, SpaceError
from workbench.space import from_json, from_yaml
from workbench.worker import Worker

MAX_CHARACTERS = 200_000
LIMITS = Limits(wall_s=30.0, memory_mb=1024, output_bytes=4_000_000)
_PYTHON = re.compile(r"^\s*(?:from\s+\S+\s+import|import\s+\w|def\s+\w|\w+\s*=[^=]|#\s*%%)", re.MULTILINE)

_RUNNER = """\
import json, sys, traceback

SNIPPET = {snippet!r}
MARK = {mark!r}
NAMES = ("space", "cs", "configspace", "config_space", "configuration_space")


def _space(scope):
    from ConfigSpace import ConfigurationSpace

    found = {{k: v for k, v in scope.items() if isinstance(v, ConfigurationSpace)}}
    for name in NAMES:
        if name in found:
            return found[name]
    if found:
        return list(found.values())[-1]
    for name, value in list(scope.items()):
        if callable(value) and "space" in name.lower() and getattr(value, "__module__", "") == "snippet":
            made = value()
            if isinstance(made, ConfigurationSpace):
                return made
    return None


def _plain(value):
    return value.item() if hasattr(value, "item") else list(value)


def train(cfg, dataset, seed, model_dir=None):
    scope = {{"__name__": "snippet"}}
    try:
        exec(compile(SNIPPET, "snippet", "exec"), scope)
        made = _space(scope)
        said = {{"error": "nothing"}} if made is None else {{"space": made.to_serialized_dict()}}
    except BaseException as error:
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "snippet"]
        line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else (lines or [None])[-1]
        said = {{"error": f"{{type(error).__name__}}: {{error}}", "line": line}}
    sys.stdout.write("\\n" + MARK + json.dumps(said, default=_plain) + "\\n")
    return 0.0
"""


def read_space(text: str) -> Space:
    """A space from text as people paste it: JSON or YAML (this workbench's or ConfigSpace's), or Python code.

    Code builds a `ConfigurationSpace` under any name, or has a function with `space` in its name that returns one. It
    runs in a guarded process of its own, for half a minute at most.

    Raises
    ------
    SpaceError
        If the text holds no space, or the code fails.
    """
    if not text.strip():
        raise SpaceError("nothing is pasted yet; paste JSON, YAML, or Python code that builds a ConfigurationSpace")
    if text.lstrip().startswith("{"):
        return from_json(text)
    if "ConfigurationSpace" in text or _PYTHON.search(text):
        return _from_python(text)
    return from_yaml(text)


def _from_python(text: str) -> Space:
    if len(text) > MAX_CHARACTERS:
        raise SpaceError(f"the code has {len(text):,} characters; at most {MAX_CHARACTERS:,} are run")
    mark = secrets.token_hex(16)
    code = _RUNNER.format(snippet=text, mark=mark)
    row = pd.DataFrame({"x": [0.0, 1.0] * 4, "y": [0, 1] * 4})
    needed = Space((Hyperparameter("x", "constant", default=0),))
    with tempfile.TemporaryDirectory(prefix="workbench-import-") as folder:
        place = Path(folder)
        datasets.save(datasets.make(row, "y", task="classification", name="none", source="none"), place / "main")
        with Worker(code, "loss", needed, {"main": place / "main"}, place / "out", LIMITS) as worker:
            reply = worker.call(Call({"x": 0}))
    if reply.status != "success":
        raise SpaceError(f"the code was not run to its end: {reply.error}")
    _, _, said = reply.output.rpartition(mark)
    try:
        found = json.loads(said.splitlines()[0])
    except (ValueError, IndexError) as error:
        raise SpaceError("the code wrote so much that its space was lost; leave its prints out") from error
    if found.get("error") == "nothing":
        raise SpaceError(
            "the code builds no ConfigurationSpace; give it one under a name, such as space = ConfigurationSpace(...)"
        )
    if "error" in found:
        where = f"line {found['line']}: " if found.get("line") else ""
        raise SpaceError(f"the code failed, {where}{found['error']}")
    return from_json(json.dumps(found["space"]))
