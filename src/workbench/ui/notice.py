"""What was restored, told above the panels until it is dismissed; and where restoring makes sense."""

from __future__ import annotations

import os
from typing import Any

import ipywidgets

from workbench.ui.panels.panel import button, note


class Notice(ipywidgets.HBox):
    """The sentence in the trait `restored` of a workbench; nothing is shown while it is empty."""

    def __init__(self, workbench: Any) -> None:
        self.text = ipywidgets.HTML()
        self.text.layout.flex = "1 1 auto"
        self.layout.padding = "6px 16px 0"
        self.close_button = button("Dismiss", lambda: workbench.set_trait("restored", ""), "awb-quiet")
        super().__init__((self.text, self.close_button))

        def show() -> None:
            said = workbench.restored
            tone = "warn" if workbench.autosave is not None and workbench.autosave.warned else "info"
            self.text.value = f'<div role="status">{note(said, tone, "session")}</div>' if said else ""
            self.layout.display = None if said else "none"

        workbench.observe(lambda change: show(), ["restored"])
        show()


def in_notebook() -> bool:
    """Whether this is the kernel of a notebook that a person opens again; a page of Voila is each visitor's own."""
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and not os.environ.get("SERVER_SOFTWARE", "").startswith("voila")
