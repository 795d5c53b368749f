"""Short messages that come and go."""

from __future__ import annotations

import threading
from itertools import count
from typing import Literal

import traitlets

from workbench.ui.components.component import Component, Event, static

KEPT = 5


class Toast(Component):
    """Messages in the corner: good news leaves by itself, a warning or an error waits to be dismissed."""

    _esm = static("toast.js")

    messages = traitlets.List(
        traitlets.Dict(), help="Dicts: `id`, `level` (info, success, warning or error), `text`, `seconds` (0: stays)."
    ).tag(sync=True)

    _ids = count(1)
    _saying = threading.RLock()

    def say(
        self, text: str, level: Literal["info", "success", "warning", "error"] = "info", seconds: float | None = None
    ) -> int:
        """Show a message; the last five are kept. Returns its id."""
        if seconds is None:
            seconds = 6.0 if level in ("info", "success") else 0.0
        message = next(self._ids)
        with self._saying:  # threads speak too: no message takes the place of another
            # the same words twice say nothing new
            others = [m for m in self.messages if (m["level"], m["text"]) != (level, text)]
            self.messages = [*others, {"id": message, "level": level, "text": text, "seconds": seconds}][-KEPT:]
        return message

    def dismiss(self, message: int | None = None) -> None:
        """Take a message away, or all."""
        with self._saying:
            self.messages = [m for m in self.messages if message is not None and m["id"] != message]

    def _on_event(self, event: Event, buffers: list[memoryview]) -> None:
        if event["event"] == "dismiss":
            self.dismiss(event["id"])
        super()._on_event(event, buffers)
