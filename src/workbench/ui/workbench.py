"""The workbench in a notebook: a session that can display itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import ipywidgets
import traitlets

from workbench import runs
from workbench.nouns import RunError
from workbench.session import Session
from workbench.session.autosave import Autosave
from workbench.ui.components import Stepper, Toast, style
from workbench.ui.notice import Notice, in_notebook
from workbench.ui.panels import TITLES, panel_class
from workbench.ui.panels.panel import Panel
from workbench.ui.throttle import Throttle
from workbench.worker import prepare

HEADER_INTERVAL_S = 0.25
"""The header is redrawn so often at most, however fast the news comes."""


class Workbench(Session):
    """A session whose seven steps are shown in the notebook.

    `wb` as the last line of a cell shows the whole workbench, `wb.panel.space` one step in a cell of its own. What a
    click does is a method, and what code sets, every view shows at once. No widget is made before one is shown.

    Parameters
    ----------
    runs_folder : path
        Where run folders are made; `runs` in the current folder unless told otherwise.
    fresh : bool, optional
        In a notebook the session is saved beside the runs folder, and the next `Workbench` there takes it back.
        True begins anew (what was saved is kept as `session.before.json`); False does the same as a notebook elsewhere.

    Examples
    --------
    >>> wb = Workbench()
    >>> wb.load("builtin:iris")
    Dataset('iris', 150×4, classification of 'species')
    >>> wb.step = "space"
    """

    step = traitlets.Enum(list(TITLES), default_value="data", help="The step that is shown.")
    restored = traitlets.Unicode("", help="What was restored and from when, in a sentence; empty once dismissed.")

    def __init__(self, runs_folder: str | Path = "runs", *, fresh: bool | None = None) -> None:
        super().__init__(runs_folder)
        self._shell: Shell | None = None
        self._toast: Toast | None = None
        self._building = threading.RLock()
        self.panel = Panels(self)
        self.observe(lambda change: self._prepare(prepare), ["dataset"])
        self.observe(lambda change: self._prepare(runs.prepare), ["candidate"])
        self.observe(lambda change: self._prepare(self._prepare_run), ["report"])
        self.autosave = Autosave(self) if fresh is not None or in_notebook() else None
        """What saves the session, None where it is not saved."""
        if self.autosave is not None:
            self.restored = self.autosave.begin(fresh=bool(fresh))

    @property
    def shell(self) -> Shell:
        """The widget of the whole workbench, made when it is first asked for."""
        with self._building:
            if self._shell is None or self._shell.comm is None:  # never made, or closed since
                self._shell = Shell(self, self.toast)
            return self._shell

    @property
    def toast(self) -> Toast:
        """Where all views of this session say what has no better place."""
        with self._building:
            if self._toast is None or self._toast.comm is None:
                if self._toast is None:
                    self.observe(lambda change: self._say(), ["message"])
                self._toast = Toast()
            return self._toast

    def _say(self) -> None:
        if self.message is not None:
            self.toast.say(self.message.text, self.message.level)

    @staticmethod
    def _prepare(begin: Callable[[], None]) -> None:
        """A check comes after a table, and a run after a function and its report: what is forked starts meanwhile."""
        with suppress(RunError):  # who checks or runs is told
            begin()

    def _prepare_run(self) -> None:
        if self.report is not None and self.candidate is not None and self.scenario.cluster is None:
            runs.prepare(self.candidate.code, runs.threads(self.scenario))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = self.shell._repr_mimebundle_(**kwargs)
        (bundle[0] if isinstance(bundle, tuple) else bundle)["text/plain"] = repr(self)
        return bundle


class Panels:
    """`wb.panel.data`, `wb.panel.space`, …: one step in a cell of its own, the same widget each time."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._made: dict[str, ipywidgets.VBox] = {}

    def __getattr__(self, step: str) -> ipywidgets.VBox:
        if step not in TITLES:
            raise AttributeError(f"there is no panel {step!r}; there are: {', '.join(TITLES)}")
        made = self._made.get(step)
        if made is None or made.comm is None:
            toast = self._workbench.toast
            made = _root([panel_class(step)(self._workbench, toast), toast, style()])
            self._made[step] = made
        return made

    def __dir__(self) -> list[str]:
        return list(TITLES)

    def __repr__(self) -> str:
        return f"<panels: {', '.join(TITLES)}>"


class Shell(ipywidgets.VBox):
    """The header with its steps, and the panel of the one that is chosen."""

    def __init__(self, workbench: Workbench, toast: Toast) -> None:
        self.workbench = workbench
        self.toast = toast
        self.panels: dict[str, Panel] = {}
        self.stepper = Stepper(selected=workbench.step)
        self.notice = Notice(workbench)
        self._making = threading.RLock()
        super().__init__()
        self.add_class("awb")
        self.add_class("awb-root")
        traitlets.link((workbench, "step"), (self.stepper, "selected"))
        workbench.observe(lambda change: self._show(), ["step"])
        self._show()
        refresh = Throttle(self._refresh, HEADER_INTERVAL_S)
        workbench.observe(
            lambda change: refresh(),
            [n for n in Session.class_trait_names() if n not in ("plan", "message", "source", "candidates", "reply")],
        )
        refresh()

    def _show(self) -> None:
        """Show the panel of the chosen step, and make it if this is the first time."""
        with self._making:
            step = self.workbench.step
            if step not in self.panels:
                self.panels[step] = panel_class(step)(self.workbench, self.toast)
            for name, panel in self.panels.items():
                panel.shown = name == step
                panel.layout.display = None if name == step else "none"
            self.children = (self.stepper, self.notice, *self.panels.values(), self.toast, style())

    def _refresh(self) -> None:
        wb = self.workbench
        self.stepper.steps = [
            {"id": step, "title": TITLES[step], "state": state, "text": text}
            for step, (state, text) in wb.step_states().items()
        ]
        self.stepper.next = dict(zip(("step", "text"), wb.next_step(), strict=True))
        self.stepper.chips = _chips(wb)
        self.stepper.status = _status(wb)


def _root(children: list[ipywidgets.Widget]) -> ipywidgets.VBox:
    made = ipywidgets.VBox(children)
    made.add_class("awb")
    made.add_class("awb-root")
    return made


def _chips(wb: Session) -> list[dict[str, str]]:
    data = wb.dataset
    device = wb.device()
    count = len(wb.space.space)
    return [
        {"label": "data", "text": data.name, "detail": f"{data.rows:,}×{data.features}", "hint": data.source}
        if data is not None
        else {"label": "data", "text": "–", "hint": "No dataset yet"},
        {"label": "space", "text": str(count) if count else "–", "hint": f"{count} hyperparameters"},
        _model_chip(wb),
        {"label": "GPU", "text": "–" if device == "CPU" else device, "hint": "No GPU" if device == "CPU" else device},
    ]


def _model_chip(wb: Session) -> dict[str, str]:
    if wb.recording is not None:
        return {"label": "model", "text": "replay", "hint": f"Replies of {wb.recording.path.name} are given again"}
    if wb.model is None:
        return {
            "label": "model",
            "text": "offline",
            "hint": "The offline composer writes the function; no model is asked",
        }
    return {"label": "model", "text": wb.model.model, "hint": f"{wb.model.model} at {wb.model.url}"}


def _status(wb: Session) -> dict[str, str]:
    if wb.generating:
        return {"text": "writing", "tone": "info"}
    if wb.checking:
        return {"text": "checking", "tone": "info"}
    if not wb.run_state:
        return {"text": "idle", "tone": "neutral"}
    tone = {"finished": "ok", "failed": "bad", "stopped": "warn"}.get(wb.run_state, "info")
    return {"text": wb.run_state, "tone": tone}
