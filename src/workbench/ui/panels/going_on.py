"""Going on with the run that is shown: resuming one that ended before its time, and more trials for any."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from functools import partial

import ipywidgets

from workbench.nouns import RunError
from workbench.runs import Run
from workbench.ui.components import Dialog
from workbench.ui.panels.isolation import agreed
from workbench.ui.panels.painter import show
from workbench.ui.panels.panel import Field, Line, Panel, box, button, card


class GoingOn:
    """The button that resumes a run, and the card that asks for more trials.

    Parameters
    ----------
    panel : Panel
        Whose session it acts on.
    dialog : Dialog
        Where it is asked whether a run goes on with other versions of its libraries.
    """

    def __init__(self, panel: Panel, dialog: Dialog) -> None:
        self.panel, self.session, self.dialog = panel, panel.session, dialog
        self.busy = False
        self._lock = threading.RLock()
        self._folder: object = None
        self.resume_button = button(
            "Resume the run", self.resume, "", "Go on after the trials that it has; none is repeated"
        )
        self.trials = Field("More trials", ipywidgets.IntText(value=10), hint="How many, on top of those asked for")
        self.limit = Field(
            "New limit of the whole run (s)",
            ipywidgets.Text(continuous_update=False),
            hint="The time that it has taken counts; empty: as it is; none: no limit",
        )
        self.more_button = button("Run more trials", self.more, "", "The same run goes on, with what it has learned")
        self.said = ipywidgets.HTML()
        self.problem = Line()
        self.card = card(
            "Go on", self.said, self.trials, self.limit, box("awb-toolbar", self.more_button), self.problem
        )

    # ------------------------------------------------------------------ what a person does

    def resume(self) -> None:
        """Resume the run; where only versions of libraries have changed, ask first."""
        self._work(self._resume)

    def _resume(self) -> Callable[[], object] | None:
        """Resume it, or give what is to be asked first."""
        if not (versions := self._other_versions()):
            self.session.resume_run()
            return None
        return lambda: self._ask_versions(versions, lambda: self.session.resume_run(accept_changes=True))

    def _other_versions(self) -> str:
        """What is another version than when the trials were made; empty where nothing is, or more has changed."""
        run = self.session.current_run
        changes = run.changes() if run is not None and run.trials and not run.alive else ()
        return "" if any(c.part != "versions" for c in changes) else ", ".join(c.text for c in changes)

    def _ask_versions(self, changes: str, go_on: Callable[[], object], error: ipywidgets.Widget | None = None) -> None:
        def gone_on() -> None:
            go_on()

        self.dialog.ask(
            "Go on with other versions?",
            f"Since the trials of this run were made, {changes}.\n\n"
            "A configuration may cost something else now than it did then.",
            "Go on all the same",
            lambda _: self._work(gone_on, error),
        )

    def more(self) -> None:
        """Ask for more trials, with the new limit where one is typed."""
        self.problem.value = ""
        if self.panel.attempt(self._typed_limit, self.limit.error):
            self._work(self._more, self.problem)

    def _more(self) -> Callable[[], object] | None:
        """Ask for them, or give what is to be asked first."""
        trials, limit = self.trials.control.value, self._typed_limit()
        if not (versions := self._other_versions()):
            self._ask_for(trials, limit)
            return None
        return lambda: self._ask_versions(
            versions, lambda: self._ask_for(trials, limit, accept_changes=True), self.problem
        )

    def _ask_for(self, trials: int, limit: float | None, *, accept_changes: bool = False) -> None:
        self.session.more_trials(trials, wall_limit_s=limit, accept_changes=accept_changes)
        self.limit.control.value = ""

    def _typed_limit(self) -> float | None:
        typed = self.limit.control.value.strip()
        try:
            return None if not typed else math.inf if typed.lower() == "none" else float(typed)
        except ValueError:
            raise RunError(f"{typed!r} is no limit; give seconds, such as 600, or none") from None

    def _work(self, action: Callable[[], Callable[[], object] | None], error: ipywidgets.Widget | None = None) -> None:
        """One order at a time: two clicks are not twice as many trials. What an action gives is asked after it."""
        if self.busy:
            return
        self.busy = True
        self.refresh()

        def again() -> None:
            self._work(action, error)

        def once() -> None:
            ask: Callable[[], object] | None = partial(agreed, self.panel, self.dialog, again)
            try:
                if self.session.isolation_agreed:
                    ask = action()
            finally:
                self.busy = False
                self.refresh()
            if ask is not None:
                ask()  # only now: the answer may come at once, and is an order too

        self.panel.work(once, error)

    # ------------------------------------------------------------------ what is shown

    def refresh(self) -> None:
        """Show what can be done with the run at hand."""
        with self._lock:  # of two threads that show it, the later one has the last word
            self._refresh()

    def _refresh(self) -> None:
        run, state = self.session.current_run, self.session.run_state
        early = run is not None and state in ("stopped", "failed")
        self.resume_button.layout.display = None if early else "none"
        self.resume_button.disabled = self.more_button.disabled = self.busy
        if run is None:
            return
        if run.folder != self._folder:  # what was typed was meant for another
            self._folder, self.limit.control.value = run.folder, ""
            self.problem.value = self.limit.error.value = ""
        wall = run.about["scenario"]["wall_limit_s"]
        self.limit.layout.display = None if wall is not None else "none"
        self.limit.control.placeholder = "" if wall is None else f"{wall:g}"
        show(self.said, f'<div class="awb-hint">{_words(run, state)}</div>')


def _words(run: Run, state: str) -> str:
    done, total = run.progress
    if state == "finished" and done >= total:
        return f"The run has made its {done:,} trials. More of them go on where it ended."
    if state == "finished":
        return f"It ended after {done:,} of {total:,} trials. With a new limit it makes the rest and more."
    if state in ("stopped", "failed"):
        return f"{done:,} of {total:,} trials are made. Resuming makes the rest; more trials come on top of it."
    return "More trials can be asked for while it runs."
