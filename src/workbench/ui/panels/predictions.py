"""Predictions of a run's model and its score on sealed rows, as the Results step shows them, each when asked for."""

from __future__ import annotations

import html
from collections.abc import Callable
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
    `work(action, error, *busy)` does an action in a thread.
    """

    def __init__(self, session: Session, work: Callable[..., Any]) -> None:
        self.session = session
        self._work = work
        self._run: Run | None = None
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
        self.show_run(None, False)

    def show_run(self, run: Run | None, has_model: bool) -> None:
        """Another run: what was said of the one before is gone."""
        if run is None or self._run is None or run.folder != self._run.folder:
            self.figure.value = self.error.value = ""
            show(self.sealed, "")
        self._run = run
        holdout = (run.about["dataset"].get("holdout") or {}) if run is not None else {}
        self.predict_button.disabled = not has_model
        self.seal_button.disabled = not has_model or not holdout
        self.seal_button.layout.display = None if holdout else "none"

    def predict(self) -> None:
        """Draw what the model predicts."""
        run = self._run
        if run is None:
            return

        def draw() -> None:
            found = results.predictions(run)
            if self._run is run:
                png = results.predictions_png(found, dark=style().dark)
                self.figure.draw(png, results.predictions_text(found))

        self._work(draw, self.error, self.predict_button)

    def score(self) -> None:
        """Look at the sealed rows, and say what the model is worth there."""
        run = self._run
        if run is None:
            return

        def look() -> None:
            found = self.session.sealed_score(run)
            if self._run is run:
                tone = "info" if found.looks == 1 else "warn"
                show(self.sealed, f'<div class="awb-note awb-note-{tone}">{html.escape(found.text)}</div>')
                png = results.predictions_png(found.predictions, dark=style().dark)
                self.figure.draw(png, results.predictions_text(found.predictions))

        self._work(look, self.error, self.seal_button)
