"""The Data step."""

from __future__ import annotations

import ipywidgets

from workbench.ui.panels.panel import Panel, card


class DataPanel(Panel):
    """Where the table comes from, what is predicted, and what is known of the columns."""

    id = "data"
    title = "Data"

    def build(self) -> tuple[ipywidgets.Widget, ...]:  # noqa: D102 - of Panel
        return (card("Source"),)
