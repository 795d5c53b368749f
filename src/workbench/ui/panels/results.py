"""The Results step."""

from __future__ import annotations

import html
import math
import threading
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets

from workbench import results
from workbench.nouns import Trial
from workbench.runs import Run
from workbench.session.outcomes import comparable
from workbench.ui.components import CodeEditor, DataTable, style
from workbench.ui.panels.comparison import Comparison
from workbench.ui.panels.outcome import RUN_COLUMNS, about_html, models_html, run_row, space_of
from workbench.ui.panels.painter import Figure, Painter, show, tiles
from workbench.ui.panels.panel import Panel, box, button, card
from workbench.ui.panels.predictions import PredictionsView
from workbench.ui.panels.run import (
    ENDED,
    best_sentence,
    duration,
    number,
    trial_columns,
    trial_row,
    value_text,
)

_STAGES = tuple(int(1.5**i) for i in range(30))
NOTHING = "There is nothing to draw before a trial succeeds."


class ResultsPanel(Panel):
    """Every run of the runs folder: what came of it, how it compares, and how to use its model."""

    id = "results"
    title = "Results"

    def build(self) -> tuple[ipywidgets.Widget, ...]:  # noqa: D102 - of Panel
        self._lock = threading.RLock()
        self._runs: dict[str, Run] = {}
        self._compared: list[str] = []
        self._drawn: dict[str, object] = {}
        self._rows: dict[str, tuple[tuple[str, int], dict[str, Any]]] = {}
        self._models: tuple[object, tuple[Path, ...], Path | None] = (None, (), None)
        self._look = True
        self.painter = Painter(self._paint, interval_s=0.2)

        self.open_button = button("Open", self.attach, "awb-primary", "Show this run in the Run step, and follow it")
        self.compare_button = button(
            "Compare alike", self.compare, tooltip="Draw every run of the same data and contract over each other"
        )
        self.refresh_button = button("Refresh", self.refresh, "awb-quiet", "Read the runs folder again")
        self.status = ipywidgets.HTML()
        self.table = DataTable(
            label="runs",
            columns=RUN_COLUMNS,
            selectable=True,
            sortable=True,
            max_height="300px",
            empty="No run yet: start one in the Run step, and it stands here, in this session and in any later one.",
        )
        self.table.add_class("awb-nowrap")
        self.table.observe(lambda change: self.painter.ask(), "selected")
        self.table.on_event(self._ticked)
        self.comparison = Comparison(lambda: self.painter.ask())
        self.compared_card = card("Runs over each other", self.comparison)

        self.tiles = ipywidgets.HTML()
        self.failure = ipywidgets.HTML()
        self.axis = ipywidgets.ToggleButtons(options=[("Trials", "trials"), ("Time", "time"), ("Budget", "budget")])
        self.axis.observe(lambda change: self.painter.ask(), "value")
        self.trajectory = Figure()
        self.importance_note = ipywidgets.HTML()
        self.importance = DataTable(
            label="importance of hyperparameters",
            columns=[
                {"key": "name", "title": "hyperparameter", "type": "mono"},
                {"key": "share", "title": "alone", "align": "end", "hint": "its share of the cost's variance (fANOVA)"},
                {"key": "std", "title": "±", "align": "end", "hint": "standard deviation over the forest's trees"},
                {
                    "key": "permutation",
                    "title": "when shuffled",
                    "type": "number",
                    "digits": 3,
                    "hint": "drop in the forest's R² (permutation importance)",
                },
            ],
        )
        self.pairs = ipywidgets.HTML()
        self.budgets = DataTable(
            label="rank correlation between budgets",
            columns=[
                {"key": "low", "title": "budget", "type": "number"},
                {"key": "high", "title": "and budget", "type": "number"},
                {"key": "spearman", "title": "Spearman's ρ", "type": "number", "digits": 2},
                {"key": "n", "title": "configurations", "type": "number", "hint": "evaluated at both"},
            ],
        )
        self.budgets_card = card(
            "Rank correlation between budgets",
            ipywidgets.HTML(
                '<span class="awb-hint">Near 1, the low budget ranks configurations as the high one does. Only those '
                "promoted to both count, and they are alike: over the whole space it would be higher.</span>"
            ),
            self.budgets,
        )
        self.parallel = Figure()
        self.each = Figure()
        self.trials = DataTable(label="trials of this run", sortable=True, sort_by="cost", limit=100)
        self.best_text = ipywidgets.HTML()
        self.best = DataTable(
            label="best configuration of this run",
            columns=[
                {"key": "name", "title": "hyperparameter", "type": "mono"},
                {"key": "value", "title": "value", "type": "mono"},
            ],
            empty="No trial succeeded.",
        )
        self.models = ipywidgets.HTML()
        self.snippet = CodeEditor(label="how to load the model", language="python", read_only=True, wrap=True)
        self.predictions = PredictionsView(self.session, self.work)
        self.about = ipywidgets.HTML()
        self.exported = ipywidgets.HTML()
        self.export_buttons = [
            button(text, partial(self.export, form), "", hint)
            for form, text, hint in (
                ("report", "Report (HTML)", "One HTML file to read and to send"),
                ("script", "Script", "Python with SMAC's own ask and tell, without the workbench"),
                ("notebook", "Notebook", "The same as a notebook, without widgets"),
            )
        ]

        columns = box(
            "awb-columns",
            box(
                "awb-main",
                card("Trajectory", self.axis, self.trajectory),
                card("Model", self.models, self.snippet),
                card("Predictions", self.predictions),
                card("Importance", self.importance_note, self.importance, self.pairs),
                self.budgets_card,
                card("Parallel coordinates", self.parallel),
                card("Cost by each hyperparameter", self.each),
                card("Trials", self.trials),
            ),
            box(
                "awb-rail",
                card("Best configuration", self.best_text, self.best),
                card("Export", box("awb-toolbar", *self.export_buttons), self.exported),
                card("Run", self.about),
            ),
        )
        self.detail = ipywidgets.VBox([self.tiles, self.failure, columns])
        self.detail.add_class("awb-main")
        self.observe(lambda change: self.refresh(), "shown")
        style().observe(lambda change: self.painter.ask(), "dark")
        self._show_buttons()
        self.follow(("current_run", "run_state"), self.refresh)
        self.session.observe(lambda change: self.painter.ask(), "run_version")
        return (
            box("awb-toolbar", self.open_button, self.compare_button, self.refresh_button, self.status),
            card("Runs", self.table),
            self.compared_card,
            self.detail,
        )

    # ------------------------------------------------------------------ what a person does

    def refresh(self) -> None:
        """Read the runs folder again and draw what is chosen; done aside."""
        self._look = True
        self.painter.ask()

    def attach(self) -> None:
        """Make the chosen run the session's current one."""
        run = self.chosen
        if run is not None and self.attempt(lambda: self.session.attach(run.folder)):
            self.toast.say(f"{run.folder.name} is now the run of the Run step.", "success")

    def compare(self) -> None:
        """Draw every run of the chosen one's data and contract over each other; again, and none."""
        run = self.chosen
        if run is None:
            return
        alike = [name for name, other in self._runs.items() if comparable(run, other)]
        with self._lock:
            self._compared = [] if set(alike) == set(self._compared) else alike
        self.painter.ask()

    def _ticked(self, event: dict[str, Any]) -> None:
        if event["event"] != "tick":
            return
        with self._lock:
            others = [name for name in self._compared if name != event["row"]]
            self._compared = [*others, str(event["row"])] if event["value"] else others
        self.painter.ask()

    def export(self, form: str) -> None:
        """Write the chosen run as a report, a script or a notebook, aside; then say where it lies."""
        run = self.chosen
        if run is None:
            return

        def write() -> None:
            path = self.session.export(form, run=run)
            show(
                self.exported,
                f'<div class="awb-hint">Written:</div><div class="awb-mono">{html.escape(str(path))}</div>',
            )

        self.work(write, None, *self.export_buttons)

    @property
    def chosen(self) -> Run | None:
        """The run that is chosen in the table."""
        return self._runs.get(str(self.table.selected))

    @property
    def compared(self) -> tuple[str, ...]:
        """The folder names of the runs in the comparison."""
        return tuple(self._compared)

    # ------------------------------------------------------------------ what is drawn aside

    def _paint(self) -> None:
        if not self.shown:
            return
        self._read()
        self._show_buttons()
        over = [r for name, r in self._runs.items() if name in self._compared]
        self.compared_card.layout.display = None if over else "none"
        if over:
            self.comparison.update(over)
        run = self.chosen
        self.detail.layout.display = None if run is not None else "none"
        if run is None:
            return
        trials = run.trials
        best = results.incumbent(trials)
        self._paint_text(run, trials, best)
        self._paint_trajectory(run)
        self._paint_space(run, trials)

    def _read(self) -> None:
        """The runs as rows; the newest is chosen while none is."""
        found = self._runs
        if self._look:  # else there is only news of runs that are known
            self._look = False
            found = {run.folder.name: run for run in self.session.find_runs()}
        for run in found.values():
            if run.state not in ENDED:
                run.refresh()
        with self._lock:
            self._runs = found
            self._compared = [name for name in self._compared if name in found]
            compared = set(self._compared)
        if found and self.table.selected not in found:
            self.table.selected = next(iter(found))
        rows = []
        for name, run in found.items():
            said = (run.state, run.heard)
            before, row = self._rows.get(name, (None, {}))
            if run.state not in ENDED or said != before:
                self._rows[name] = said, (row := run_row(run))
            rows.append({**row, "compared": name in compared})
        self.table.update(rows)

    def _show_buttons(self) -> None:
        run, count = self.chosen, len(self._compared)
        current = self.session.current_run
        opened = run is not None and current is not None and current.folder.name == run.folder.name
        self.open_button.disabled = run is None or opened
        self.open_button.description = "Opened" if opened else "Open"
        self.compare_button.disabled = run is None
        text = "" if not count else f"{count} run{'s' if count > 1 else ''} drawn over each other"
        show(self.status, f'<span class="awb-hint">{text}</span>' if text else "")

    def _paint_text(self, run: Run, trials: tuple[Trial, ...], best: Trial | None) -> None:
        done, total = run.progress
        failed = sum(t.status != "success" for t in trials)
        self.tiles.value = tiles(
            (
                ("state", run.state),
                ("trials", f"{done:,} / {total:,}"),
                ("failed", f"{failed:,}"),
                ("best cost", number(best.cost) if best is not None else "–"),
                ("time", duration(run.elapsed_s)),
            )
        )
        tone = "bad" if run.state == "failed" else "info"
        show(
            self.failure,
            f'<div class="awb-note awb-note-{tone}">{html.escape(run.error)}</div>' if run.error else "",
        )
        self.best_text.value = best_sentence(best)
        config = best.config if best is not None else {}
        self.best.update({"key": name, "name": name, "value": value_text(value)} for name, value in config.items())
        columns = trial_columns(trials)
        if columns != self.trials.columns:
            self.trials.columns = columns
        self.trials.update(trial_row(t, best) for t in trials)
        files, model = self._model(run, trials, best)
        self.models.value = models_html(run, files, model)
        self.snippet.value = results.snippet(model, run) if model is not None else ""
        self.snippet.layout.display = None if model is not None else "none"
        self.predictions.show_run(run, model)
        self.about.value = about_html(run)

    def _model(self, run: Run, trials: tuple[Trial, ...], best: Trial | None) -> tuple[tuple[Path, ...], Path | None]:
        """The model files and the best trial's: looked for when there is a new best, not with every trial."""
        key = (run.folder, best.number if best is not None else 0, run.state, bool(trials))
        if self._models[0] != key:
            files = results.model_files(run)
            self._models = (key, files, results.model_of(best, files))
        return self._models[1], self._models[2]

    def _paint_trajectory(self, run: Run) -> None:
        trials = run.trials
        key = (run.folder.name, len(trials), self.axis.value, style().dark)
        if self._drawn.get("trajectory") == key:
            return
        self._drawn["trajectory"] = key
        if not trials:
            self.trajectory.draw(b"", "There is nothing to draw before a trial has ended.")
            return
        png = results.trajectory_png(trials, x=self.axis.value, dark=style().dark, width_px=860)
        self.trajectory.draw(png, results.alt_text(trials))

    def _paint_space(self, run: Run, trials: tuple[Trial, ...]) -> None:
        """What takes seconds: while a run goes on, only when it has half as many trials again."""
        dark = style().dark
        count = len(trials)
        if run.state not in ENDED:
            count = next((c for c in _STAGES if c >= count), count)
        key = (run.folder.name, count, run.state in ENDED, dark)
        if self._drawn.get("space") == key:
            return
        space = space_of(run)
        done = [t for t in trials if t.status == "success"]
        top = max((t.budget or 0.0 for t in done), default=0.0)
        done = [t for t in done if (t.budget or 0.0) == top]
        number_of = f"{len(done)} successful trial{'s' if len(done) != 1 else ''}" + (
            f" at budget {number(top)}" if top else ""
        )
        png = results.parallel_coordinates_png(trials, space, dark=dark, width_px=860) if done else b""
        text = (
            f"Parallel coordinates of {number_of}, coloured by the rank of their cost; the best one is drawn on top."
            if done
            else NOTHING
        )
        self.parallel.draw(png, text)
        png = results.hyperparameters_png(trials, space, dark=dark, width_px=860) if done else b""
        text = f"Cost of {number_of} by each hyperparameter; the best one is a diamond."
        self.each.draw(png, text if done else NOTHING)
        self.importance.layout.display = "none"  # until what it says is of this run
        show(self.importance_note, '<span class="awb-hint">Importance is being computed …</span>')
        self._paint_budgets(trials)
        told = results.importance(trials, space)
        show(self.importance_note, f'<span class="awb-hint">{html.escape(told.note)}</span>')
        self.importance.update(
            {
                "key": str(name),
                "name": str(name),
                "share": f"{100 * float(line['share']):.0f} %",
                "std": f"{100 * float(line['std']):.0f} %",
                "permutation": float(line["permutation"]),
            }
            for name, line in told.table.iterrows()
        )
        self.importance.layout.display = None if len(told.table) else "none"
        first = told.pairs.head(3)
        names = [" with ".join(map(str, pair)) for pair in first.index.to_list()]
        pairs = list(zip(names, first["share"], strict=True))
        said = ", ".join(f"{both} {100 * share:.0f} %" for both, share in pairs if share >= 0.01)
        text = f"Beyond that, two together explain: {said}." if said else ""
        show(self.pairs, f'<span class="awb-hint">{html.escape(text)}</span>' if text else "")
        self._drawn["space"] = key

    def _paint_budgets(self, trials: tuple[Trial, ...]) -> None:
        table = results.rank_correlation(trials)
        self.budgets_card.layout.display = None if len(table) else "none"
        self.budgets.update(
            {
                "key": f"{line['low']:g} {line['high']:g}",
                **{name: line[name] for name in ("low", "high", "n")},
                "spearman": None if math.isnan(line["spearman"]) else line["spearman"],
            }
            for line in table.to_dict("records")
        )
