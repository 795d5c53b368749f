"""The Run step."""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from workbench import devices, results
from workbench.nouns import Report, Trial
from workbench.runs import Run
from workbench.ui.components import DataTable, Dialog, style
from workbench.ui.panels.going_on import GoingOn
from workbench.ui.panels.isolation import agreed, isolation_text
from workbench.ui.panels.painter import Figure, Painter, badge, facts, in_background, show, tiles
from workbench.ui.panels.panel import Panel, box, button, card, error_text

ENDED = ("finished", "stopped", "failed")
TONES = {"finished": "ok", "stopped": "warn", "failed": "bad", "paused": "warn", "": "neutral"}
TRIAL_TONES = {
    "best": "ok",
    "success": "neutral",
    "crashed": "bad",
    "timeout": "bad",
    "memory": "bad",
    "stopped": "warn",
}
LOG_LINES = 60


class RunPanel(Panel):
    """Start, watch and end a run; or watch one that was started elsewhere."""

    id = "run"
    title = "Run"

    def build(self) -> tuple[ipywidgets.Widget, ...]:  # noqa: D102 - of Panel
        self._lock = threading.RLock()
        self._starting = False
        self._drawn: tuple[object, ...] = ()
        self._figure: results.TrajectoryFigure | None = None

        self.run_button = button("Run", self.run, "awb-primary", "Start a run of this function")
        self.pause_button = button("Pause", self.pause_or_resume, tooltip="Let the trials in flight finish, then wait")
        self.stop_button = button("Stop", self.stop, "awb-danger", "Stop the run; what is done is kept")
        self.status = ipywidgets.HTML()
        self.error = ipywidgets.HTML()
        self.progress = ipywidgets.HTML()
        self.tiles = ipywidgets.HTML()
        self.axis = ipywidgets.ToggleButtons(
            options=[("Trials", "trials"), ("Time", "time"), ("Budget", "budget")],
            tooltips=["Cost by the number of trials", "Cost by elapsed time", "Cost by the budget spent"],
        )
        self.image = Figure()
        self.table = DataTable(
            label="trials",
            empty="No trial has finished yet.",
            sortable=True,
            sort_by="number",
            descending=True,
            max_height="360px",
        )
        self.tail = ipywidgets.HTML()
        self.best_text = ipywidgets.HTML()
        self.best = DataTable(
            label="best configuration",
            columns=[
                {"key": "name", "title": "hyperparameter", "type": "mono"},
                {"key": "value", "title": "value", "type": "mono"},
            ],
            empty="The best configuration stands here after the first trial that succeeds.",
        )
        self.place = ipywidgets.HTML()
        self.limits = ipywidgets.HTML()
        self.guard = ipywidgets.HTML()
        self.dialog = Dialog()
        self.going_on = GoingOn(self, self.dialog)
        self.empty = ipywidgets.HTML()

        columns = box(
            "awb-columns",
            box(
                "awb-main",
                card("Trajectory", self.axis, self.image),
                card("Trials", self.table),
                card("Log", self.tail),
            ),
            box(
                "awb-rail",
                card("Best configuration", self.best_text, self.best),
                self.going_on.card,
                card("Run", self.place),
                card("Limits", self.limits),
                card("Isolation", self.guard),
            ),
        )
        self.watched = ipywidgets.VBox([self.progress, self.tiles, columns])  # the grid itself cannot be hidden
        self.watched.add_class("awb-main")
        self.painter = Painter(self._paint)
        self.axis.observe(lambda change: self.painter.ask(), "value")
        self.observe(lambda change: self.painter.ask(), "shown")
        style().observe(lambda change: self.painter.ask(), "dark")
        self.follow(
            (
                *("current_run", "run_state", "run_version", "candidate", "dataset", "report"),
                *("checking", "generating", "scenario", "space_version", "facade", "contract"),
            ),
            self._news,
        )
        buttons = (self.run_button, self.pause_button, self.stop_button, self.going_on.resume_button)
        return (box("awb-toolbar", *buttons, self.status), self.error, self.empty, self.watched, self.dialog)

    # ------------------------------------------------------------------ what a click does

    def run(self) -> None:
        """Check first where that was not done, ask for a reason where a must rule fails, then start."""
        with self._lock:
            if self._starting:
                return
            self._starting = True
        self._show_buttons()
        in_background(self._start, self.toast)

    def _start(self) -> None:
        ask = None
        try:
            ask = self._begin()
        finally:
            self._starting = False
            self._show_buttons()
        if ask is not None:
            ask()  # only now: the answer may come at once, and begins anew

    def _begin(self) -> Callable[[], object] | None:
        """Start the run, or give what is to be asked first."""
        session = self.session
        if not session.isolation_agreed:
            return lambda: agreed(self, self.dialog, self.run)
        if session.candidate is not None and (session.report is None or not session.report.calls):
            session.check()
        report = session.report
        if report is not None and report.blocking:
            return lambda: self._ask_reason(report)
        session.run()
        return None

    def _ask_reason(self, report: Report) -> None:
        seen = dict.fromkeys(f"{f.rule}: {f.message}" for f in report.blocking)
        self.dialog.ask(
            "Run it although rules fail?",
            "The function breaks what it must keep:\n\n"
            + "\n\n".join(seen)
            + "\n\nIt runs in the guarded worker all the same. Your reason is kept with the run.",
            "Run anyway",
            lambda reason: self.session.run_async(override=reason),
            danger=True,
            input_label="Why should it run?",
        )

    def pause_or_resume(self) -> None:
        """Pause a run that goes on, resume one that is paused."""
        self.attempt(self.session.resume if self.session.run_state == "paused" else self.session.pause)

    def stop(self) -> None:
        """Stop the run; this takes up to a second, so it is done aside."""
        self.stop_button.disabled = True
        in_background(self.session.stop, self.toast)

    # ------------------------------------------------------------------ what is shown at once

    def _news(self) -> None:
        self._show_buttons()
        self.painter.ask()

    def _show_buttons(self) -> None:
        with self._lock:
            session = self.session
            run, state = session.current_run, session.run_state
            active = run is not None and state not in ENDED
            missing = _missing(session)
            busy = self._starting or session.checking or session.generating
            self.run_button.disabled = active or busy or bool(missing)
            again = run is not None and not active
            self.run_button.description = "Starting …" if self._starting else "Run again" if again else "Run"
            self.pause_button.disabled = not active or state == "starting"
            self.pause_button.description = "Resume" if state == "paused" else "Pause"
            self.stop_button.disabled = not active
            self.going_on.refresh()
            hint = "checking the function first" if session.checking and self._starting else missing if again else ""
            self.status.value = (badge(state, TONES.get(state, "info")) if run is not None else "") + (
                f' <span class="awb-hint">{html.escape(hint)}</span>' if hint else ""
            )
            said = "" if run is None else run.error if state in ENDED else run.waiting
            show(self.error, _ending(state, said))
            show(self.empty, "" if run is not None else _empty(missing))
            self.watched.layout.display = None if run is not None else "none"

    # ------------------------------------------------------------------ what is drawn aside

    def _paint(self) -> None:
        run = self.session.current_run
        if run is None or not self.shown:
            return
        trials, state = run.trials, self.session.run_state
        done, total = run.progress
        self.progress.value = _progress(done, total)
        elapsed = run.elapsed_s
        best = results.incumbent(trials)
        self.tiles.value = tiles(
            (
                ("trials", f"{done:,} / {total:,}"),
                ("best cost", number(best.cost) if best is not None else "–"),
                ("elapsed", duration(elapsed)),
                ("trials / min", f"{60 * done / elapsed:.3g}" if done and elapsed else "–"),
                ("device", "GPU" if _device() != "CPU" else "CPU"),
            )
        )
        self._paint_tables(trials, best)
        self.tail.value = _log(run.log_tail(LOG_LINES))
        self.place.value = _place(run)
        self.limits.value = _limits(run)
        self._paint_figure(run, trials)  # after the words: the first figure of a kernel takes seconds
        self.guard.value = isolation_text(self.session.isolation, run)
        if state not in ENDED:
            self.painter.ask()  # the time goes on without news

    def _paint_figure(self, run: Run, trials: tuple[Trial, ...]) -> None:
        dark, axis = style().dark, self.axis.value
        wanted = (run.folder, len(trials), axis, dark)
        if wanted == self._drawn:
            return
        if self._figure is None or not self._drawn or dark != self._drawn[-1]:
            self._figure = results.TrajectoryFigure(860, 320, dark=dark)
        if trials:
            self.image.draw(self._figure.update(trials, x=axis), results.alt_text(trials))
        else:
            self.image.draw(b"", "The trajectory begins with the first trial.")
        self._drawn = wanted

    def _paint_tables(self, trials: tuple[Trial, ...], best: Trial | None) -> None:
        columns = trial_columns(trials)
        if columns != self.table.columns:
            self.table.columns = columns
        self.table.update(trial_row(t, best) for t in trials)
        self.best.update(
            {"key": name, "name": name, "value": value_text(value)}
            for name, value in (best.config if best else {}).items()
        )
        self.best_text.value = best_sentence(best)


# ---------------------------------------------------------------------- words and rows, also for the Results step


def number(value: float | None) -> str:
    """Four significant digits, a dash for None."""
    return "–" if value is None else f"{value:.4g}"


def value_text(value: object) -> str:
    """A hyperparameter's value as it is read."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def duration(seconds: float) -> str:
    """`8 s`, `3 min 20 s`, `2 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def best_sentence(best: Trial | None) -> str:
    """Cost, trial and metrics of the best trial as HTML; empty while there is none."""
    if best is None:
        return ""
    effort = f", {html.escape(best.effort)}" if best.effort else ""
    metrics = ", ".join(f"{name} {number(value)}" for name, value in best.metrics.items() if name != "loss")
    return f"Cost <b>{number(best.cost)}</b> <span class='awb-hint'>(trial {best.number}{effort})</span>" + (
        f"<div class='awb-hint'>{html.escape(metrics)}</div>" if metrics else ""
    )


def trial_columns(trials: tuple[Trial, ...]) -> list[dict[str, Any]]:
    """The columns of the trials table; a budget or an instance only where there is one."""
    budget = any(t.budget is not None for t in trials)
    instances = [t.instance for t in trials if t.instance is not None]
    over = instance_parts(instances[0])[0] if instances else ""
    return [
        {"key": "number", "title": "#", "type": "number", "width": "48px"},
        {"key": "status", "title": "status", "type": "badge", "tones": TRIAL_TONES, "width": "84px"},
        {"key": "cost", "title": "cost", "type": "number", "width": "84px"},
        *([{"key": "budget", "title": "budget", "type": "number", "width": "76px"}] if budget else []),
        *([{"key": "instance", "title": over, "width": "110px", "hint": "instance"}] if instances else []),
        {"key": "seconds", "title": "s", "type": "number", "digits": 3, "width": "64px", "hint": "seconds"},
        {"key": "config", "title": "configuration", "type": "mono", "sortable": False},
    ]


def instance_parts(name: str) -> tuple[str, str]:
    """What an instance is one of, and which: `site=a` and `seed 3` in two words."""
    what, _, which = name.partition("=" if "=" in name else " ")
    return what, which


def trial_row(trial: Trial, best: Trial | None) -> dict[str, Any]:
    """One row of the trials table; what failed says why instead of its configuration."""
    config = ", ".join(f"{name}={value_text(value)}" for name, value in trial.config.items())
    failed = trial.status != "success"
    is_best = best is not None and trial.number == best.number
    return {
        "key": trial.number,
        "number": trial.number,
        "status": "best" if is_best else trial.status,
        "cost": trial.cost,
        "budget": trial.budget,
        "instance": instance_parts(trial.instance or "")[1],
        "seconds": trial.seconds,
        "config": {"text": trial.error, "hint": config} if failed and trial.error else config,
        **({"tone": "bad"} if failed else {}),
    }


# ---------------------------------------------------------------------- HTML of this step alone


def _missing(session: Any) -> str:
    """What is not there yet that a run needs, in a sentence."""
    if session.dataset is None:
        return "Load a dataset in the Data step first."
    if len(session.space.space) == 0:
        return "Give the space a hyperparameter in the Space step first."
    if session.candidate is None:
        return "Have a function written in the Function step first."
    unfit = [f.text for f in session.fits() if not f.ok]
    return unfit[0] if unfit else ""


def _empty(missing: str) -> str:
    text = (
        html.escape(missing)
        if missing
        else "Press <b>Run</b>: SMAC tries configurations in a guarded process of its own, and this page follows. "
        "It goes on when you close the notebook; the Results step opens it again."
    )
    return f'<div class="awb-empty"><b>No run yet.</b> {text}</div>'


def _ending(state: str, sentence: str) -> str:
    if not sentence:
        return ""
    if state == "failed":
        return f'<div class="awb-note awb-note-bad">{error_text(f"The run failed: {sentence}")}</div>'
    return f'<div class="awb-note awb-note-info">{html.escape(sentence[:1].upper() + sentence[1:])}.</div>'


def _progress(done: int, total: int) -> str:
    share = 100 * done / total if total else 0
    return (
        f'<div class="awb-progress" role="progressbar" aria-label="trials done" aria-valuemin="0" '
        f'aria-valuemax="{total}" aria-valuenow="{done}"><i style="width: {share:.1f}%"></i></div>'
    )


def _log(text: str) -> str:
    if not text:
        return '<div class="awb-empty">Nothing is logged yet.</div>'
    # the outer box runs backwards: it stays at its end, where the news are
    return (
        '<div class="awb-log" role="region" aria-label="log" tabindex="0" '
        'style="display: flex; flex-direction: column-reverse">'
        f"<div>{html.escape(text)}</div></div>"
    )


def _place(run: Run) -> str:
    about = run.about
    override = str(about.get("override", ""))
    return facts(
        (
            ("Data", html.escape(f"{about['dataset']['name']}, target {about['dataset']['target']}")),
            ("Facade, contract", html.escape(f"{about['facade']}, {about['contract']}")),
            ("Folder", f'<span class="awb-mono">{html.escape(str(run.folder))}</span>'),
            *((("Run although rules failed", html.escape(override)),) if override else ()),
        )
    )


def _limits(run: Run) -> str:
    scenario = run.about["scenario"]
    wall = scenario["wall_limit_s"]
    return facts(
        (
            ("One trial", f"{scenario['trial_limit_s']:g} s, {scenario['memory_limit_mb']:,} MiB"),
            ("The whole run", "no limit of time" if wall is None else duration(wall)),
            ("At a time", _at_a_time(scenario)),
            ("Device", html.escape(_device())),
        )
    )


def _at_a_time(scenario: Mapping[str, Any]) -> str:
    ahead = ", the next one chosen meanwhile" if scenario.get("ask_ahead") else ""
    return f"{scenario['workers']} trial{'s' if scenario['workers'] != 1 else ''}{ahead}"


_device_seen: tuple[float, str] = (0.0, "")


def _device() -> str:
    """The GPUs with their memory, asked at most every five seconds."""
    global _device_seen
    at, text = _device_seen
    if not text or time.monotonic() - at > 5:
        text = devices.summary()
        _device_seen = (time.monotonic(), text)
    return text
