"""Making run folders, and finding them again."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from workbench import datasets
from workbench.nouns import Candidate, Job, Prompt, Report, RunError
from workbench.runs import folder as files
from workbench.runs.run import Run

PACKAGES = ("automl-workbench", "smac", "ConfigSpace", "scikit-learn", "numpy", "pandas", "torch")


def create(
    job: Job,
    candidate: Candidate,
    *,
    prompt: Prompt | None = None,
    report: Report | None = None,
    root: str | Path = "runs",
    override: str = "",
) -> Run:
    """Write a run folder; nothing is started.

    Parameters
    ----------
    root : path
        Where run folders lie; it is made if it is not there.
    override : str
        Why failed must rules were passed over; it is kept in `job.json`.

    Raises
    ------
    RunError
        If the folder cannot be written; nothing is left of it then.
    """
    now = datetime.now()
    name = f"{now:%Y%m%d-%H%M%S}-{_slug(job.dataset.name)}-{job.facade}-{secrets.token_hex(2)}"
    path = Path(root) / name
    making = Path(root) / f".{name}"
    try:
        making.mkdir(parents=True)
        _fill(making, job, candidate, prompt, report, override, now)
        os.replace(making, path)
    except OSError as error:
        shutil.rmtree(making, ignore_errors=True)
        raise RunError(
            f"cannot write the run folder {path}: {error.strerror or error}; "
            "choose a folder that can be written to and has room"
        ) from error
    return Run(path)


def _fill(
    path: Path,
    job: Job,
    candidate: Candidate,
    prompt: Prompt | None,
    report: Report | None,
    override: str,
    now: datetime,
) -> None:
    (path / "models").mkdir()
    datasets.save(job.dataset, path / "data")
    files.write_json(path / "space.json", job.space.to_dict())
    files.write(path / "train.py", candidate.code)
    if prompt is not None:
        files.write(path / "prompt.md", prompt.text)
    if report is not None:
        files.write_json(path / "report.json", report.to_dict())
    made = {key: value for key, value in asdict(candidate).items() if key != "code"}
    about: dict[str, Any] = {
        "format": files.FORMAT,
        "created": now.isoformat(timespec="seconds"),
        "dataset": {
            "name": job.dataset.name,
            "source": job.dataset.source,
            "target": job.dataset.target,
            "task": job.dataset.task,
            "dropped": list(job.dataset.dropped),
            "test_share": job.dataset.test_share,
            "split": asdict(job.dataset.split) if job.dataset.split is not None else None,
            "types": dict(job.dataset.types),
            "holdout": asdict(job.dataset.holdout) if job.dataset.holdout is not None else None,
            "rows": job.dataset.rows,
            "features": job.dataset.features,
            "digest": job.dataset.digest,
        },
        "facade": job.facade,
        "contract": job.contract,
        "scenario": job.scenario.to_dict(),
        "plan": job.plan,
        "candidate": made,
        "override": override,
        "versions": {"python": platform.python_version(), **_versions()},
    }
    files.write_json(path / "job.json", about)


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _slug(name: str) -> str:
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower())
    return "-".join(part for part in plain.split("-") if part)[:40] or "table"


def open(path: str | Path) -> Run:
    """The run in a folder.

    Raises
    ------
    RunError
        If there is none.
    """
    return Run(path)


def count(root: str | Path = "runs") -> int:
    """How many runs lie under a folder; none of them is read."""
    return sum(not path.parent.name.startswith(".") for path in Path(root).glob("*/job.json"))


def find(root: str | Path = "runs") -> tuple[Run, ...]:
    """Every run under a folder, newest first; folders that are none are passed over."""
    found = []
    for path in Path(root).glob("*/job.json"):
        if path.parent.name.startswith("."):
            continue
        with suppress(RunError):
            found.append(Run(path.parent))
    return tuple(sorted(found, key=_age, reverse=True))


def _age(run: Run) -> tuple[str, int]:
    """When it was made: to the second as it says itself, within one as the file system says."""
    return str(run.about.get("created")), (run.folder / "job.json").stat().st_mtime_ns
