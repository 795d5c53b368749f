"""One panel for each step of the workbench, each a view on the session. They are imported when first shown."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from workbench.ui.panels.panel import Panel

TITLES = {
    "data": "Data",
    "space": "Space",
    "optimiser": "Optimiser",
    "prompt": "Prompt",
    "function": "Function",
    "run": "Run",
    "results": "Results",
}
"""The steps in their order."""


def panel_class(step: str) -> type[Panel]:
    """The panel of a step: `DataPanel` in `data.py`, and so on."""
    return cast("type[Panel]", getattr(import_module(f"{__name__}.{step}"), f"{step.capitalize()}Panel"))
