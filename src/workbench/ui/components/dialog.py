"""A question that must be answered first."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from workbench.ui.components.component import Component, Event, static


class Dialog(Component):
    """A native modal dialog: put it anywhere into the layout, it takes no room.

    Events
    ------
    `{"event": "confirm", "text": str}`, `{"event": "cancel"}`
        `text` is what was typed where `ask` was given an `input_label`.
    """

    _esm = static("dialog.js")

    shown = traitlets.Bool(False).tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    text = traitlets.Unicode("", help="Plain text; an empty line begins a paragraph.").tag(sync=True)
    confirm_label = traitlets.Unicode("OK").tag(sync=True)
    cancel_label = traitlets.Unicode("Cancel").tag(sync=True)
    danger = traitlets.Bool(False).tag(sync=True)
    input_label = traitlets.Unicode("", help="Asks for a text too, which must not be empty.").tag(sync=True)

    _on_confirm: Callable[[str], object] | None = None

    def ask(
        self,
        title: str,
        text: str,
        confirm: str,
        on_confirm: Callable[[str], object],
        *,
        danger: bool = False,
        input_label: str = "",
        cancel: str = "Cancel",
    ) -> None:
        """Show the dialog; `on_confirm(text)` is called when a person agrees; `cancel` is the other button."""
        self._on_confirm = on_confirm
        with self.hold_sync():
            self.title, self.text, self.confirm_label, self.cancel_label = title, text, confirm, cancel
            self.danger, self.input_label, self.shown = danger, input_label, True

    def _on_event(self, event: Event, buffers: list[memoryview]) -> None:
        self.shown = False
        confirmed, self._on_confirm = self._on_confirm, None
        super()._on_event(event, buffers)
        if event["event"] == "confirm" and confirmed is not None:
            confirmed(str(event.get("text", "")))
