"""Text that a person types, and that counts before any click after it."""

from __future__ import annotations

import threading
from typing import Any

import traitlets

from workbench.ui.components.component import Component, Event
from workbench.ui.components.unsent import unsent


class TypedText(Component):
    """A component whose `value` is typed by a person.

    The page says when somebody begins to type, and after a pause, or when the focus leaves, what was typed: as messages
    of their own, because a trait is held back while the one before it is worked on. In between, clicks wait. These
    messages are no events for callbacks.
    """

    value = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._quiet_thread, self._shown = 0, ""
        super().__init__(**traits)

    def _set_as_shown(self, text: str) -> None:
        """Take a text that the page shows, or learns of in another way: it is not sent."""
        self._quiet_thread, self._shown = threading.get_ident(), text
        try:
            self.value = text
        finally:
            self._quiet_thread, self._shown = 0, ""

    def _on_event(self, event: Event, buffers: list[memoryview]) -> None:
        if event["event"] == "typing":
            unsent.begins(self.model_id)
        elif event["event"] == "typed":
            try:
                self._set_as_shown(str(event["value"]))
            finally:
                unsent.ends(self.model_id)
        else:
            super()._on_event(event, buffers)

    def _should_send_property(self, key: str, value: Any) -> bool:
        if key == "value" and value == self._shown and self._quiet_thread == threading.get_ident():
            return False
        return bool(super()._should_send_property(key, value))
