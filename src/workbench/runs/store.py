"""Making run folders, and finding them again."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from workbench import contracts, datasets, facades
from workbench.nouns import Candidate, Job, Prompt, Report, RunError, Scenario
from workbench.runs import folder as files
from workbench.runs.identity import identity
from workbench.runs.recall import trial_to_dict
from workbench.runs.reuse import Reuse, reusable
from workbench.runs.run import Run


def create(
    job: Job,
    candidate: Candidate,
    *,
    prompt: Prompt | None = None,
    report: Report | None = None,
    root: str | Path = "runs",
    override: str = "",
    reuse: Run | str | Path | None = None,
) -> Run:
    """Write a run folder; nothing is started.

    Parameters
    ----------
    root : path
        Where run folders lie; it is made if it is not there.
    override : str
        Why failed must rules were passed over; it is kept in `job.json`.
    reuse : Run or path, optional
        A run whose trials are taken over where they hold (see `workbench.runs.reuse`); those that the scenario asks
        for come on top of them, and so does its limit of time on what they took.

    Raises
    ------
    RunError
        If the folder cannot be written (nothing is left of it then), or no trial of `reuse` can hold.
    FacadeError
        If facade, contract, space and scenario do not go together.
    """
    facades.check(facades.get(job.facade), contracts.get(job.contract), job.space, job.scenario, job.dataset)
    known = None if reuse is None else reusable(reuse if isinstance(reuse, Run) else Run(reuse), job, candidate)
    now = datetime.now()
    name = f"{now:%Y%m%d-%H%M%S}-{_slug(job.dataset.name)}-{job.facade}-{secrets.token_hex(2)}"
    path = Path(root) / name
    making = Path(root) / f".{name}"
    try:
        making.mkdir(parents=True)
        _fill(making, job, candidate, prompt, report, override, now, known)
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
    known: Reuse | None,
) -> None:
    (path / "models").mkdir()
    datasets.save(job.dataset, path / "data")
    files.write_json(path / "space.json", job.space.to_dict())
    files.write(path / "train.py", candidate.code)
    if prompt is not None:
        files.write(path / "prompt.md", prompt.text)
    if report is not None:
        files.write_json(path / "report.json", report.to_dict())
    made_with = identity(job, candidate)
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
        "scenario": _on_top(job.scenario, known).to_dict(),
        "plan": job.plan,
        "candidate": made,
        "override": override,
        "versions": made_with["versions"],
        "identity": made_with,
        "planned": job.scenario.n_trials,
    }
    if known is not None:
        about["reused"] = {"run": known.run, "trials": len(known.kept), "text": known.text}
        _take_over(path, known)
    files.write_json(path / "job.json", about)


def _on_top(scenario: Scenario, known: Reuse | None) -> Scenario:
    """The numbers of the whole run: what is asked for comes on top of what is taken over, trials and time."""
    if known is None:
        return scenario
    taken = max((one.trial.start_s + one.trial.seconds for one in known.kept), default=0.0)
    limit = None if scenario.wall_limit_s is None else scenario.wall_limit_s + taken
    return replace(scenario, n_trials=scenario.n_trials + len(known.kept), wall_limit_s=limit)


def _take_over(path: Path, known: Reuse) -> None:
    """Begin the events with the trials of another run, in their order."""
    events = files.Events(path / "events.jsonl")
    for number, one in enumerate(known.kept, 1):
        trial = trial_to_dict(replace(one.trial, number=number))
        asked = {"seed": one.seed, "origin": one.origin}
        events.append("trial", **trial, smac=asked, reused={"run": known.run, "number": one.trial.number})
    events.close()


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


def find(root: str | Path = "runs", known: Mapping[str, Run] | None = None) -> tuple[Run, ...]:
    """Every run under a folder, newest first; folders that are none, or cannot be read, are passed over.

    Of a run that is `known`, by the name of its folder, only what is new is read.
    """
    found = []
    for path in Path(root).glob("*/job.json"):
        if path.parent.name.startswith("."):
            continue
        with suppress(RunError, OSError):
            run = (known or {}).get(path.parent.name)
            if run is None or run.folder != path.parent:  # a runs folder that was moved has the same names
                run = Run(path.parent)
            run.refresh()
            found.append((_age(run), run))
    return tuple(run for _, run in sorted(found, key=itemgetter(0), reverse=True))


def _age(run: Run) -> tuple[str, int]:
    """When it was made: to the second as it says itself, within one as the file system says."""
    return str(run.about.get("created")), (run.folder / "job.json").stat().st_mtime_ns
