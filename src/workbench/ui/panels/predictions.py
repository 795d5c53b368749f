"""Predictions of a run's model and its score on sealed rows, as the Results step shows them, each when asked for."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets

from workbench import results
from workbench.runs import Run
from workbench.session import Session
from workbench.ui.components import style
from workbench.ui.panels.painter import Figure, show
from workbench.ui.panels.panel import Line, box, button


class PredictionsView(ipywidgets.VBox):
    """Two buttons: what the model predicts, and what it is worth on the sealed holdout.

    Neither is done unasked: the first loads a model (in the guarded worker), the second is a look that is counted.
    `work(action, error)` does an action in a thread.
    """

    def __init__(self, session: Session, work: Callable[..., Any]) -> None:
        self.session = session
        self._work = work
        self._run: Run | None = None
        self._about: tuple[Path, Path | None] | None = None  # the run's folder, and the model that is asked
        self._busy = False
        self.predict_button = button("Predict", self.predict, "", "Load the model in the guarded worker and predict")
        self.seal_button = button(
            "Score on sealed rows", self.score, "", "One look at the sealed holdout; every look is counted"
        )
        self.error = Line()
        self.figure = Figure()
        self.sealed = ipywidgets.HTML()
        super().__init__(
            [box("awb-toolbar", self.predict_button, self.seal_button), self.error, self.sealed, self.figure]
        )
        self.show_run(None, None)

    def show_run(self, run: Run | None, model: Path | None) -> None:
        """Another run, or another model of it: what was said of the one before is gone."""
        about = None if run is None else (run.folder, model)
        if about is None or about != self._about:
            self.figure.value = self.error.value = ""
            show(self.sealed, "")
        self._run, self._about = run, about
        self._show_buttons()

    def _show_buttons(self) -> None:
        run, model = self._run, self._about[1] if self._about is not None else None
        holdout = (run.about["dataset"].get("holdout") or {}) if run is not None else {}
        self.predict_button.disabled = self._busy or model is None
        self.seal_button.disabled = self._busy or model is None or not holdout
        self.seal_button.layout.display = None if holdout else "none"

    def predict(self) -> None:
        """Draw what the model predicts."""
        run, about = self._run, self._about
        if run is None:
            return

        def draw() -> None:
            found = results.predictions(run)
            if self._about == about:
                png = results.predictions_png(found, dark=style().dark)
                self.figure.draw(png, results.predictions_text(found))

        self._ask(draw)

    def score(self) -> None:
        """Look at the sealed rows, and say what the model is worth there."""
        run, about = self._run, self._about
        if run is None:
            return

        def look() -> None:
            found = self.session.sealed_score(run)
            if self._about == about:
                tone = "info" if found.looks == 1 else "warn"
                show(self.sealed, f'<div class="awb-note awb-note-{tone}">{html.escape(found.text)}</div>')
                png = results.predictions_png(found.predictions, dark=style().dark)
                self.figure.draw(png, results.predictions_text(found.predictions))

        self._ask(look)

    def _ask(self, action: Callable[[], None]) -> None:
        """One at a time, however often the run is shown meanwhile: each look counts."""
        if self._busy:
            return
        self._busy = True
        self._show_buttons()

        def once() -> None:
            try:
                action()
            finally:
                self._busy = False
                self._show_buttons()

        self._work(once, self.error)
