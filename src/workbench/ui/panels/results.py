"""The Results step."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets

from workbench import results
from workbench.nouns import Space, Trial
from workbench.runs import Run
from workbench.ui.components import CodeEditor, DataTable, style
from workbench.ui.panels.painter import Figure, Painter, facts, show, tiles
from workbench.ui.panels.panel import Panel, box, button, card
from workbench.ui.panels.run import (
    ENDED,
    TONES,
    best_sentence,
    duration,
    elapsed_s,
    number,
    trial_columns,
    trial_row,
    value_text,
)

MOST_COMPARED = 6
"""As many runs as the figure has colours and line styles."""
LETTERS = "ABCDEF"
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
        self._look = True
        self.painter = Painter(self._paint, interval_s=0.2)

        self.open_button = button("Open", self.attach, "awb-primary", "Show this run in the Run step, and follow it")
        self.compare_button = button("Compare", self.compare, tooltip="Draw this run's trajectory beside others")
        self.refresh_button = button("Refresh", self.refresh, "awb-quiet", "Read the runs folder again")
        self.status = ipywidgets.HTML()
        self.table = DataTable(
            label="runs",
            columns=[
                {
                    "key": "compared",
                    "title": "",
                    "type": "badge",
                    "width": "34px",
                    "hint": "its letter in the comparison",
                },
                {"key": "name", "title": "run", "width": "150px"},
                {"key": "state", "title": "state", "type": "badge"},
                {"key": "data", "title": "data"},
                {"key": "facade", "title": "facade"},
                {"key": "contract", "title": "contract"},
                {"key": "trials", "title": "trials", "type": "text", "align": "end"},
                {"key": "best", "title": "best cost", "type": "number"},
                {"key": "elapsed", "title": "time", "type": "text", "align": "end"},
            ],
            selectable=True,
            sortable=True,
            max_height="300px",
            empty="No run yet: start one in the Run step, and it stands here, in this session and in any later one.",
        )
        self.table.add_class("awb-nowrap")
        self.table.observe(lambda change: self.painter.ask(), "selected")

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
                {"key": "share", "title": "share", "align": "end"},
                {"key": "importance", "title": "importance", "type": "number", "digits": 3, "hint": "drop in R²"},
                {"key": "std", "title": "±", "type": "number", "digits": 2, "hint": "standard deviation"},
            ],
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
        self.about = ipywidgets.HTML()

        columns = box(
            "awb-columns",
            box(
                "awb-main",
                card("Trajectory", self.axis, self.trajectory),
                card("Model", self.models, self.snippet),
                card("Importance", self.importance_note, self.importance),
                card("Parallel coordinates", self.parallel),
                card("Cost by each hyperparameter", self.each),
                card("Trials", self.trials),
            ),
            box(
                "awb-rail",
                card("Best configuration", self.best_text, self.best),
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
        """Put the chosen run into the comparison, or take it out."""
        run = self.chosen
        if run is None:
            return
        with self._lock:
            name = run.folder.name
            if name in self._compared:
                self._compared.remove(name)
            elif len(self._compared) == MOST_COMPARED:
                self.toast.say(f"{MOST_COMPARED} runs are compared already; take one out first", "warning")
            else:
                self._compared.append(name)
        self.painter.ask()

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
            found = {run.folder.name: run for run in self.session.runs}
        for run in found.values():
            if run.state not in ENDED:
                run.refresh()
        with self._lock:
            self._runs = found
            self._compared = [name for name in self._compared if name in found]
            letters = dict(zip(self._compared, LETTERS, strict=False))
        if found and self.table.selected not in found:
            self.table.selected = next(iter(found))
        self.table.update(_row(run, letters.get(name, "")) for name, run in found.items())

    def _show_buttons(self) -> None:
        run, count = self.chosen, len(self._compared)
        current = self.session.current_run
        opened = run is not None and current is not None and current.folder.name == run.folder.name
        self.open_button.disabled = run is None or opened
        self.open_button.description = "Opened" if opened else "Open"
        self.compare_button.disabled = run is None
        inside = run is not None and run.folder.name in self._compared
        self.compare_button.description = "Take out of comparison" if inside else "Add to comparison"
        text = "" if not count else f"{count} run{'s' if count > 1 else ''} in the comparison"
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
                ("time", duration(elapsed_s(run, trials))),
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
        files = [p for p in run.models if p.suffix.lower() not in (".json", ".txt")]
        model = model_of(best, files)
        self.models.value = _models(run, files, model)
        self.snippet.value = snippet(model, run) if model is not None else ""
        self.snippet.layout.display = None if model is not None else "none"
        self.about.value = _about(run)

    def _paint_trajectory(self, run: Run) -> None:
        names = [name for name in self._compared if name in self._runs]
        if run.folder.name not in names:
            names.insert(0, run.folder.name)
        shown = {_label(self._runs[name], self._compared): self._runs[name].trials for name in names[:MOST_COMPARED]}
        key = (tuple((label, len(trials)) for label, trials in shown.items()), self.axis.value, style().dark)
        if self._drawn.get("trajectory") == key:
            return
        self._drawn["trajectory"] = key
        if not any(shown.values()):
            self.trajectory.draw(b"", "There is nothing to draw before a trial has ended.")
            return
        series: Any = shown if len(shown) > 1 else next(iter(shown.values()))
        png = results.trajectory_png(series, x=self.axis.value, dark=style().dark, width_px=860)
        texts = [results.alt_text(trials) for trials in shown.values()]
        if len(shown) > 1:
            texts = [f"{label}: {text}" for label, text in zip(shown, texts, strict=True)]
        self.trajectory.draw(png, " ".join(texts))

    def _paint_space(self, run: Run, trials: tuple[Trial, ...]) -> None:
        """What takes seconds: while a run goes on, only when it has half as many trials again."""
        dark = style().dark
        count = len(trials)
        if run.state not in ENDED:
            count = next((c for c in _STAGES if c >= count), count)
        key = (run.folder.name, count, run.state in ENDED, dark)
        if self._drawn.get("space") == key:
            return
        space = _space(run)
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
        told = results.importance(trials)
        show(self.importance_note, f'<span class="awb-hint">{html.escape(told.note)}</span>')
        self.importance.update(
            {
                "key": str(name),
                "name": str(name),
                "share": f"{100 * float(line['share']):.0f} %",
                "importance": float(line["importance"]),
                "std": float(line["std"]),
            }
            for name, line in told.table.iterrows()
        )
        self.importance.layout.display = None if len(told.table) else "none"
        self._drawn["space"] = key


# ---------------------------------------------------------------------- words, rows and HTML


def _row(run: Run, letter: str) -> dict[str, Any]:
    about, state = run.about, run.state
    done, total = run.progress
    best = run.incumbent
    return {
        "key": run.folder.name,
        "compared": {"text": letter, "tone": "info"},
        "name": {"text": _short(run), "hint": run.folder.name, "sort": run.folder.name},
        "data": about["dataset"]["name"],
        "facade": about["facade"],
        "contract": about["contract"],
        "trials": f"{done:,} / {total:,}",
        "best": best.cost if best is not None else None,
        "elapsed": {"text": duration(elapsed_s(run, run.trials)), "sort": elapsed_s(run, run.trials)},
        "state": {"text": state, "tone": TONES.get(state, "info")},
    }


def _short(run: Run) -> str:
    """A run's day, time, and the end of its folder's name."""
    created = datetime.fromisoformat(run.about["created"])
    return f"{created.day} {created:%b %H:%M} · {run.folder.name.rsplit('-', 1)[-1]}"


def _label(run: Run, compared: Sequence[str]) -> str:
    name = run.folder.name
    letter = f"{LETTERS[compared.index(name)]} " if name in compared else ""
    return f"{letter}{run.about['facade']} {name.rsplit('-', 1)[-1]}"


def _space(run: Run) -> Space | None:
    with suppress(OSError, ValueError, KeyError):
        return Space.from_dict(json.loads((run.folder / "space.json").read_text(encoding="utf-8")))
    return None


def model_of(best: Trial | None, files: Sequence[Path]) -> Path | None:
    """The model of the best trial where the JSON beside a model says so; else the newest, None without any."""
    for file in reversed(files if best is not None else ()):
        with suppress(OSError, ValueError, AttributeError):
            about = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
            same = best is not None and about.get("configuration") == dict(best.config)
            if best is not None and same and about.get("budget") in (None, best.budget):
                return file
    return files[-1] if files else None


def _models(run: Run, files: Sequence[Path], best: Path | None) -> str:
    if best is None:
        return '<div class="awb-empty">This run saved no model.</div>'
    count = f"one of {len(files):,} saved models" if len(files) > 1 else "the only saved model"
    return (
        f'<div class="awb-mono" style="overflow-wrap: anywhere">{html.escape(str(best.relative_to(run.folder)))}</div>'
        f'<div class="awb-hint">{best.stat().st_size / 1000:,.0f} kB, {count}. Loading a model runs what lies in its '
        "file: do that only where you would run the function itself.</div>"
    )


def _about(run: Run) -> str:
    about: Mapping[str, Any] = run.about
    data = about["dataset"]
    override = str(about.get("override", ""))
    return facts(
        (
            ("Started", html.escape(str(about["created"]).replace("T", " "))),
            ("Data", html.escape(f"{data['name']}, {data['rows']:,}×{data['features']}, target {data['target']}")),
            ("Function", f'{about["candidate"]["origin"]}, <span class="awb-mono">{run.candidate.digest}</span>'),
            ("Seed", str(about["scenario"]["seed"])),
            *((("Run although rules failed", html.escape(override)),) if override else ()),
            ("Folder", f'<span class="awb-mono">{html.escape(str(run.folder))}</span>'),
            (
                "Read it in Python",
                f'<span class="awb-mono">workbench.runs.open({html.escape(repr(str(run.folder)))}).frame()</span>',
            ),
        )
    )


def snippet(model: Path, run: Run) -> str:
    """How to load a saved model and predict with it, as Python; `workbench` is needed for the data alone."""
    path, data = str(model.resolve()), str(run.folder.resolve() / "data")
    suffix = model.suffix.lower()
    if suffix in (".joblib", ".pkl", ".pickle"):
        load = f"import joblib\n\nmodel = joblib.load(\n    {path!r}\n)\n"
    elif suffix in (".pt", ".pth"):
        load = f"import torch\n\nmodel = torch.load(\n    {path!r},\n    map_location='cpu',\n)\n"
    else:
        return f"from pathlib import Path\n\nmodel = Path(\n    {path!r}\n).read_bytes()\n"
    use = f"\nfrom workbench import datasets\n\ndataset = datasets.open(\n    {data!r}\n)\n"
    return f"{load}{use}model.predict(dataset.X)\n"
