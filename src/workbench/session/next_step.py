"""What comes next for a person: a step, and one sentence that says what to do there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.session.session import Session


def next_step(session: Session) -> tuple[str, str]:
    """The step to go to, and what is to be done in it: the first thing without which nothing later can happen."""
    if session.pending:
        return "data", "Choose the column that train shall predict."
    if session.dataset is None:
        return "data", "Load a table: a built-in set will do for a first look."
    if session.space.problems:
        return "space", "Mend what the space says is wrong; nothing can be sampled until then."
    if not len(session.space.space):
        return "space", "Apply a preset, or add the first hyperparameter."
    if unfit := [f for f in session.fits() if not f.ok]:
        return "optimiser", f"Choose what fits together: {unfit[0].text}"
    return _function(session) or _run(session)


def _function(session: Session) -> tuple[str, str] | None:
    if session.generating:
        return "function", "The function is being written."
    if session.checking:
        return "function", "The function is being checked; the run starts after that."
    if session.candidate is None:
        who = "the offline composer" if session.author == "offline" else session.author
        who = f"the {who}" if session.recording is not None else who
        return "function", f"Have the function written, by {who}."
    if session.report is None:
        return "function", "Check the function against the rule book."
    if number := len(session.report.blocking):
        stand = "finding stands" if number == 1 else "findings stand"
        return "function", f"{number} {stand} in the way: have the function repaired, or edit it."
    return None


def _run(session: Session) -> tuple[str, str]:
    run = session.current_run
    if run is None:
        return "run", "Start the run: its trajectory grows while you watch."
    if session.run_state == "failed":
        return "run", "The run failed: see why, then start it again."
    if session.run_state in ("finished", "stopped"):
        return "results", "See what the run found, and compare it with others."
    done, total = run.progress
    if session.run_state == "paused" and not run.waiting:
        return "run", f"The run is paused after {done:,} of {total:,} trials: resume it, or stop it."
    return "run", f"The run goes on: {done:,} of {total:,} trials."
