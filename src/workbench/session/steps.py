"""What each step of the workbench shows in its tab: a state, and a word or number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from workbench import facades
from workbench import runs as run_folders

if TYPE_CHECKING:
    from workbench.session.session import Session

StepState = Literal["empty", "ready", "warning", "error", "running"]


def step_states(session: Session) -> dict[str, tuple[StepState, str]]:
    """For each step its state, and a word or number for its tab."""
    states: dict[str, tuple[StepState, str]] = {}
    data = session.dataset
    if session.pending:
        states["data"] = ("warning", "pick a target")
    elif data is None:
        states["data"] = ("empty", "no table")
    else:
        warned = any(n.level == "warning" for n in data.profile.notices)
        states["data"] = ("warning" if warned else "ready", f"{data.rows:,}×{data.features}")
    problems = len(session.space.problems)
    count = len(session.space.space)
    if problems:
        states["space"] = ("error", f"{problems} problem{'s' if problems > 1 else ''}")
    else:
        states["space"] = ("ready", f"{count} hyperparameters") if count else ("empty", "no rows")
    unfit = [f for f in session.fits() if not f.ok] if count else []  # no row yet: the Space step says so
    title = facades.get(session.facade).title
    states["optimiser"] = ("error", "does not fit") if unfit else ("ready", title)
    states["prompt"] = (
        ("ready", f"~{session.prompt.tokens:,} tokens") if session.prompt is not None else ("empty", "not filled")
    )
    states["function"] = _function_state(session)
    states["run"] = _run_state(session)
    number = run_folders.count(session.runs_folder)
    states["results"] = ("ready", f"{number} run{'s' if number != 1 else ''}") if number else ("empty", "no runs")
    return states


def _function_state(session: Session) -> tuple[StepState, str]:
    if session.generating:
        return "running", "writing"
    if session.checking:
        return "running", "checking"
    if session.candidate is None:
        return "empty", "not written"
    if session.report is None:
        return "warning", "not checked"
    if session.report.blocking:
        number = len(session.report.blocking)
        return "error", f"{number} error{'s' if number > 1 else ''}"
    warned = session.report.count("fail")
    return ("warning", f"{warned} remark{'s' if warned > 1 else ''}") if warned else ("ready", "checks pass")


def _run_state(session: Session) -> tuple[StepState, str]:
    run = session.current_run
    if run is None:
        return "empty", "not started"
    done, total = run.progress
    text = f"{done} of {total} trials"
    if session.run_state == "failed":
        return "error", "failed"
    if session.run_state in ("finished", "stopped"):
        return "ready", text
    return "running", text
