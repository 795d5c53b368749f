"""What of a session is kept when its kernel ends, as JSON, and how it is taken back; a key is no part of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.generate.model import Model
from workbench.nouns import Candidate, DatasetError, Report, Scenario, Split, WorkbenchError
from workbench.prompts import Variant
from workbench.session.choices import Choices

if TYPE_CHECKING:
    from workbench.session.session import Session

logger = logging.getLogger(__name__)

FORMAT = 1
TRAITS = (
    *("table", "dataset", "space_version", "facade", "contract", "scenario", "plan", "variant", "plan_variant"),
    *("repair_variant", "candidate", "candidates", "report", "model", "recording", "reuse", "budget", "current_run"),
)
"""The traits whose changes are worth a new file."""


def snapshot(session: Session) -> dict[str, Any]:
    """Everything that `restore` takes back, JSON-serialisable; tables are named by where they came from."""
    run, report, candidate = session.current_run, session.report, session.candidate
    named = run.folder.name if run is not None and run.folder.parent == session.runs_folder else None
    return {
        "format": FORMAT,
        "data": _data(session),
        "space": session.space.to_dict(),
        "preset": session._preset,
        "facade": session.facade,
        "contract": session.contract,
        "scenario": session.scenario.to_dict(),
        "touched": sorted(session._touched),
        "plan": session.plan,
        **{n: _variant(getattr(session, n)) for n in ("variant", "plan_variant", "repair_variant")},
        "candidates": [asdict(c) for c in session.candidates],
        "candidate": candidate.digest if candidate is not None else None,
        "examined": sorted(session._examined),
        "report": report.to_dict() if report is not None else None,
        "model": asdict(session.model) if session.model is not None else None,
        "recording": str(session.recording.path.resolve()) if session.recording is not None else None,
        "reuse": session.reuse,
        "budget": asdict(session.budget),
        "run": None if run is None else named or str(run.folder.resolve()),
        "step": getattr(session, "step", None),
    }


def _data(session: Session) -> dict[str, Any] | None:
    if session.table is None:
        return None
    choices, dataset = session.choices, session.dataset
    pending = session.pending or dataset is None
    return {
        "source": session.source,
        "name": session.table_name,
        "choices": None if pending or choices is None else asdict(choices),
        "digest": None if pending or dataset is None else dataset.digest,
    }


def _variant(variant: Variant | None) -> dict[str, Any] | None:
    return None if variant is None else {**asdict(variant), "rules": dict(variant.rules)}


@dataclass
class Restored:
    """What came back, in a few words each, and a sentence for each part that did not."""

    parts: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def restore(session: Session, data: Mapping[str, Any]) -> Restored:
    """Take back what `snapshot` gave, part by part: one that cannot be is left out and told of; nothing is raised."""
    found = Restored()

    def part(name: str, action: Callable[[], str]) -> None:
        try:
            if said := action():
                found.parts.append(said)
        except WorkbenchError as error:
            found.lost.append(f"{name}: {error}")
        except Exception as error:  # what was written by hand, or by another version, can be anything
            logger.info("the saved %s was not restored", name, exc_info=True)
            found.lost.append(f"{name}: what was saved cannot be read ({type(error).__name__}: {error})")

    part("the table", lambda: _restore_data(session, data.get("data"), found))
    part("the space", lambda: _restore_space(session, data))
    part("the optimiser", lambda: _restore_optimiser(session, data))
    part("the prompt", lambda: _restore_prompt(session, data))
    part("the model", lambda: _restore_model(session, data))
    part("the function", lambda: _restore_candidates(session, data))
    part("the report", lambda: _restore_report(session, data, found))
    part("the run", lambda: _restore_run(session, data.get("run")))
    if data.get("step") and session.has_trait("step"):
        with suppress(Exception):  # a step that is no more
            session.set_trait("step", data["step"])
    return found


def _restore_data(session: Session, saved: Mapping[str, Any] | None, found: Restored) -> str:
    if saved is None:
        return ""
    source = str(saved["source"])
    if not source.startswith(("builtin:", "openml:")) and not Path(source).exists():
        if Path(source).is_absolute() or Path(source).suffix:
            raise DatasetError(f"{source} is not there any more; load the table from where it is now")
        raise DatasetError("it was a value of the notebook; load it again, as in wb.load(df, target='y')")
    choices = saved.get("choices")
    if choices is None:
        session.read(source, name=saved.get("name"))
        return f"the table {session.table_name}, with no target yet"
    parts = {n: Split(**choices[n]) if choices.get(n) else None for n in ("test", "holdout")}
    made = Choices(
        str(choices["target"]),
        choices.get("task"),
        tuple(choices.get("drop", ())),
        tuple((str(name), kind) for name, kind in choices.get("types", ())),
        parts["test"],
        parts["holdout"],
    )
    session.read(source, name=saved.get("name"))
    dataset = session._make(made)
    if saved.get("digest") not in (None, dataset.digest):
        found.lost.append(f"the table as it was: {source} has other content now")
    return f"{dataset.name} ({dataset.rows:,}×{dataset.features})"


def _restore_space(session: Session, data: Mapping[str, Any]) -> str:
    session.space.restore(data["space"])
    preset = {p.id: p for p in session.presets()}.get(str(data.get("preset")))
    session._preset = preset.id if preset is not None else None
    count = len(session.space.rows)
    return f"{count} hyperparameter{'s' if count != 1 else ''}" if count else ""


def _restore_optimiser(session: Session, data: Mapping[str, Any]) -> str:
    session.contract, session.facade = data["contract"], data["facade"]
    scenario = Scenario.from_dict(data["scenario"])
    session.set_scenario(**{name: getattr(scenario, name) for name in scenario.to_dict()})
    session._touched = {str(name) for name in data.get("touched", ())}
    session.plan = str(data.get("plan", ""))
    return f"the facade {session.facade}"


def _restore_prompt(session: Session, data: Mapping[str, Any]) -> str:
    for name in ("variant", "plan_variant", "repair_variant"):
        if data.get(name):
            session.set_trait(name, Variant(**data[name]))
    return f"the prompt {session.variant.name!r}" if session.variant is not None else ""


def _restore_model(session: Session, data: Mapping[str, Any]) -> str:
    session.reuse = bool(data.get("reuse", False))
    session.set_budget(**(data.get("budget") or {}))
    if data.get("model"):
        session.model = Model(**data["model"])
    if data.get("recording"):
        session.use_recording(data["recording"])
    return f"the model {session.author}" if session.author != "offline" else ""


def _restore_candidates(session: Session, data: Mapping[str, Any]) -> str:
    candidates = tuple(Candidate(**c) for c in data.get("candidates", ()))
    session.candidates = candidates
    session._examined = {str(d) for d in data.get("examined", ())}
    if data.get("candidate"):
        session.choose_candidate(str(data["candidate"]))
    count = len(candidates)
    return f"{count} version{'s' if count != 1 else ''} of train" if count else ""


def _restore_report(session: Session, data: Mapping[str, Any], found: Restored) -> str:
    """A report says something only of the function and the job that it was made of."""
    if data.get("report") and not found.lost and session.candidate is not None:
        report = Report.from_dict(data["report"])
        if report.candidate == session.candidate.digest:
            session.report = report
    return ""


def _restore_run(session: Session, name: str | None) -> str:
    if not name:
        return ""
    run = session.attach(name)
    return f"the run {run.folder.name} ({run.state})"


def when(moment: str) -> str:
    """A saved moment in words: `21:05`, with its day where that is not today."""
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return "an unknown time"
    today = then.date() == datetime.now(then.tzinfo).date()
    return f"{then:%H:%M}" if today else f"{then:%H:%M} on {then.day} {then:%B %Y}"
