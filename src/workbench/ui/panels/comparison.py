"""Runs over each other, as the Results step shows them: medians and bands over seeds, and the incumbents."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from workbench import results
from workbench.runs import Run
from workbench.ui.components import DataTable, style
from workbench.ui.panels.painter import Figure, show

MOST_GROUPS = 6
"""As many as the figure has colours and line styles."""


class Comparison(ipywidgets.VBox):
    """The figure and the table of the runs that are ticked; `changed` is called when another axis is chosen."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.axis = ipywidgets.ToggleButtons(
            options=[("Trials", "trials"), ("Time", "time"), ("Budget", "budget")],
            tooltips=["Cost by the number of trials", "Cost by elapsed time", "Cost by the budget spent"],
        )
        self.axis.observe(lambda change: changed(), "value")
        self.remarks = ipywidgets.HTML()
        self.figure = Figure()
        self.table = DataTable(
            label="incumbents of the compared runs",
            columns=[
                {"key": "label", "title": "runs that differ in the seed alone"},
                {"key": "runs", "title": "runs", "type": "number"},
                {"key": "median", "title": "median cost", "type": "number", "hint": "of the incumbents, over the runs"},
                {"key": "low", "title": "lowest", "type": "number"},
                {"key": "high", "title": "highest", "type": "number"},
                {"key": "trials", "title": "trials", "type": "number", "hint": "median over the runs"},
                {"key": "seconds", "title": "s", "type": "number", "digits": 3, "hint": "seconds, median over runs"},
                {"key": "config", "title": "best configuration", "type": "mono"},
            ],
        )
        self._drawn: object = None
        super().__init__([self.axis, self.remarks, self.figure, self.table])
        self.add_class("awb-main")

    def update(self, runs: Sequence[Run]) -> None:
        """Draw these runs, unless nothing has changed since the last time."""
        key = (tuple((r.folder.name, len(r.trials)) for r in runs), self.axis.value, style().dark)
        if key == self._drawn:
            return
        self._drawn = key
        made = results.groups(runs)
        said = list(results.remarks(made))
        if len(made) > MOST_GROUPS:
            said.insert(0, f"The first {MOST_GROUPS} of {len(made)} groups are drawn; take some runs out.")
        notes = "".join(f'<div class="awb-note awb-note-warn">{html.escape(text)}</div>' for text in said)
        show(self.remarks, notes)
        made = made[:MOST_GROUPS]
        png = results.bands_png(made, x=self.axis.value, dark=style().dark)
        self.figure.draw(png, results.bands_text(made, self.axis.value))
        self.table.update(_rows(made))


def _rows(made: Sequence[results.Group]) -> list[dict[str, Any]]:
    table = results.comparison_table(made)
    rows: list[dict[str, Any]] = []
    for label, line in table.iterrows():
        config = ", ".join(
            f"{str(n).removeprefix('cfg.')}={f'{v:.6g}' if isinstance(v, float) else v}"
            for n, v in line.items()
            if str(n).startswith("cfg.") and v == v
        )
        numbers = {n: None if line[n] != line[n] else float(line[n]) for n in ("median", "low", "high")}
        rows.append(
            {
                "key": str(label),
                "label": str(label),
                "runs": int(line["runs"]),
                **numbers,
                "trials": float(line["trials"]),
                "seconds": float(line["seconds"]),
                "config": {"text": config, "hint": str(line["best_run"])},
            }
        )
    return rows
