"""A line of text in which Enter means: do it with what stands here."""

from __future__ import annotations

import traitlets

from workbench.ui.components.component import Event, static
from workbench.ui.components.typed_text import TypedText


class TextBox(TypedText):
    """A text input whose Enter says what was typed.

    With ipywidgets' `Text`, Enter is a message without the text, and it may come before the text does: a text is held
    back while the one before it is worked on, and the first messages of a page go to another thread of the kernel.

    Events
    ------
    `{"event": "enter", "value": str}`
        Enter was pressed; `value` is set by then.
    """

    _esm = static("text_box.js")

    value = traitlets.Unicode("", help="What stands in it, as it is typed.").tag(sync=True)
    hint = traitlets.Unicode("", help="What the pointer is told.").tag(sync=True)
    placeholder = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)

    def _on_event(self, event: Event, buffers: list[memoryview]) -> None:
        if event["event"] == "enter" and isinstance(event.get("value"), str):
            self._set_as_shown(event["value"])
        super()._on_event(event, buffers)
