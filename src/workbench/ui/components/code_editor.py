"""CodeMirror 6 as a widget."""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets
import traitlets

from workbench.ui.components.component import shared, static
from workbench.ui.components.typed_text import TypedText


class EditorLibrary(anywidget.AnyWidget):
    """The bundled CodeMirror: half a megabyte that all editors of a kernel share."""

    _esm = "export default {};"
    source = traitlets.Unicode(static("codemirror.js"), read_only=True).tag(sync=True)


class CodeEditor(TypedText):
    """Source code or text, with highlighting, line numbers, findings in the margin and filled spans.

    `value` follows the typing after a short pause, and at once when the editor loses the focus. Offsets and
    columns count characters as Python does.

    Events
    ------
    `{"event": "mark", "name": str}`
        A marked span was clicked.
    """

    _esm = static("code_editor.js")

    library = traitlets.Instance(EditorLibrary).tag(sync=True, **ipywidgets.widget_serialization)
    language = traitlets.Enum(["python", "markdown", "yaml", "json", "text"], default_value="python").tag(sync=True)
    read_only = traitlets.Bool(False).tag(sync=True)
    wrap = traitlets.Bool(False, help="Break long lines instead of scrolling.").tag(sync=True)
    height = traitlets.Unicode("", help="A CSS height; empty grows with the text up to `max_height`.").tag(sync=True)
    max_height = traitlets.Unicode("560px").tag(sync=True)
    placeholder = traitlets.Unicode("", help="Shown while the editor is empty.").tag(sync=True)
    diagnostics = traitlets.List(
        traitlets.Dict(),
        help="Dicts: `line` from 1, `column` from 0 or None for the whole line, `severity` (error, warning or info), "
        "`message`, `rule`.",
    ).tag(sync=True)
    marks = traitlets.List(
        traitlets.Dict(), help="Spans: dicts of `start`, `end`, `name`; optional `tone` (filled or missing)."
    ).tag(sync=True)
    diff = traitlets.Bool(False, help="Show what changed from `original` to `value`.").tag(sync=True)
    original = traitlets.Unicode("").tag(sync=True)
    streaming = traitlets.Bool(False, help="Text is arriving: shown as such, and not editable.").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**{"library": shared(EditorLibrary), **traits})

    def goto(self, line: int, column: int = 0, focus: bool = True) -> None:
        """Scroll to a line (from 1) and put the cursor there."""
        self.send({"do": "goto", "line": line, "column": column, "focus": focus})

    def append(self, text: str) -> None:
        """Add to the end, sending only what is new: for text that streams in; `finish` ends it."""
        if not text:
            return
        self.streaming = True
        self._set_as_shown(self.value + text)
        self.send({"do": "append", "text": text})

    def finish(self) -> None:
        """End the stream and send the whole text once, so that nothing lost on the way stays lost."""
        self.streaming = False
        self.send_state("value")
