"""What makes a trial what it is: when it is the same, an old cost holds; when it is not, the difference in words."""

from __future__ import annotations

import ast
import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from workbench import facades
from workbench.nouns import Candidate, Job

PACKAGES = (
    "automl-workbench",
    "smac",
    "ConfigSpace",
    "scikit-learn",
    "numpy",
    "pandas",
    "torch",
    "lightgbm",
    "xgboost",
    "catboost",
)
SEARCH_ONLY = ("automl-workbench", "smac", "ConfigSpace")
"""Packages that choose configurations; what a configuration costs does not depend on them."""


@dataclass(frozen=True)
class Difference:
    """One part that is not the same; `of_trials` where an old cost would not be what a new trial costs."""

    part: str
    text: str
    of_trials: bool


def function_digest(code: str) -> str:
    """SHA-256 of what the source says to Python, its constants among it; comments and spacing do not count.

    Returns
    -------
    str
        The first 12 hexadecimal digits; of the text itself where it is no Python.
    """
    try:
        said = ast.dump(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError):
        said = code
    return _digest(said)


def versions() -> dict[str, str]:
    """Python and the packages that `train` may import, as they are installed here."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def identity(job: Job, candidate: Candidate) -> dict[str, Any]:
    """Everything that the cost of a trial, or the way of the search, depends on, as it is here and now.

    Returns
    -------
    dict
        JSON-serialisable, as it stands in `job.json` under `identity`.
    """
    scenario = job.scenario
    return {
        "function": function_digest(candidate.code),
        "data": job.dataset.digest,
        "contract": job.contract,
        "seed": scenario.seed,
        "limits": f"{scenario.trial_limit_s:g} s and {scenario.memory_limit_mb} MB a trial",
        "space": _digest(json.dumps(job.space.to_dict(), sort_keys=True)),
        "facade": job.facade,
        "budgets": ""
        if scenario.min_budget is None or scenario.max_budget is None
        else f"{scenario.min_budget:g} to {scenario.max_budget:g}",
        "objectives": ", ".join(scenario.objectives),
        "instances": str(scenario.instances or "") if facades.get(job.facade).needs_instances else "",
        "versions": versions(),
    }


def of_folder(folder: Path, about: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The identity that a run folder was made with, and the one that its files and this Python have now.

    Parameters
    ----------
    about : mapping
        What its `job.json` holds.
    """
    kept = about.get("identity") or {"data": about["dataset"]["digest"], "versions": about["versions"]}
    space = json.loads((folder / "space.json").read_text(encoding="utf-8"))
    data = json.loads((folder / "data" / "dataset.json").read_text(encoding="utf-8"))
    now = {
        **kept,
        "function": function_digest((folder / "train.py").read_text(encoding="utf-8")),
        "space": _digest(json.dumps(space, sort_keys=True)),
        "data": data["digest"],
        "contract": about["contract"],
        "facade": about["facade"],
        "seed": about["scenario"]["seed"],
        "versions": versions(),
    }
    return kept, now


_WORDS = {
    "function": "the function has changed",
    "data": "the data have changed",
    "contract": "the contract was {old} and is {new}",
    "seed": "the seed was {old} and is {new}",
    "limits": "the limits were {old} and are {new}",
    "space": "the space has changed",
    "facade": "the facade was {old} and is {new}",
    "budgets": "the budgets were {old} and are {new}",
    "objectives": "the objectives were {old} and are {new}",
    "instances": "the instances were {old} and are {new}",
}
_OF_TRIALS = ("function", "data", "contract", "seed")


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What is not the same in two identities, what trials depend on first; a part that one of them lacks is equal."""
    found = [
        Difference(part, words.format(old=_or_none(old[part]), new=_or_none(new[part])), part in _OF_TRIALS)
        for part, words in _WORDS.items()
        if part in old and part in new and old[part] != new[part]
    ]
    before, now = old.get("versions", {}), new.get("versions", {})
    for name in sorted({*before, *now}):
        was, is_ = before.get(name, "not installed"), now.get(name, "not installed")
        if _release(was) != _release(is_):
            text = f"{'Python' if name == 'python' else name} was {was} and is {is_}"
            found.append(Difference("versions", text, name not in SEARCH_ONLY))
    return tuple(sorted(found, key=lambda d: not d.of_trials))


def _or_none(value: Any) -> Any:
    return "none" if value == "" else value


def in_words(found: tuple[Difference, ...]) -> str:
    """All of them in one clause."""
    return ", ".join(d.text for d in found)


def _release(version: str) -> tuple[str, ...]:
    """The first two numbers: a third is for corrections, which do not make a cost another."""
    return tuple(version.split(".")[:2])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12]
