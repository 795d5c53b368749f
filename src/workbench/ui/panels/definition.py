"""The space as text: written out live, and read in."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from workbench.nouns import Space, WorkbenchError
from workbench.space import from_json, from_yaml, to_json, to_python, to_yaml
from workbench.ui.components import CodeEditor
from workbench.ui.panels.panel import Field, Line, box, button, error_text, sentence

WRITERS: dict[str, Callable[[Space], str]] = {"python": to_python, "json": to_json, "yaml": to_yaml}


class Definition(ipywidgets.VBox):
    """The space as Python, JSON or YAML, and a place to paste JSON or YAML into.

    Parameters
    ----------
    read : callable
        Gives the space to write.
    replace : callable
        Is given the space that was pasted.
    later : callable
        Asks for `refresh` to be called, when there is time.
    """

    def __init__(self, read: Callable[[], Space], replace: Callable[[Space], None], later: Callable[[], None]) -> None:
        self._read, self._replace = read, replace
        self.format = Field(
            "Format",
            ipywidgets.Dropdown(options=[("Python", "python"), ("JSON", "json"), ("YAML", "yaml")], value="yaml"),
            width="140px",
        )
        self.format.control.observe(lambda change: later(), ["value"])
        self.editor = CodeEditor(
            label="The space as text",
            language="yaml",
            read_only=True,
            max_height="320px",
            placeholder="The space is written here once it has a row.",
        )
        self.paste = CodeEditor(
            label="JSON or YAML to import",
            language="yaml",
            max_height="320px",
            placeholder="Paste JSON or YAML here: as it is written above, or as ConfigSpace writes it.",
        )
        self.error = Line()
        self.open_button = button("Import …", self._toggle, "", "Replace the space by pasted JSON or YAML")
        self.import_button = button("Replace the space", self.take, "", "One step back undoes it")
        self.area = ipywidgets.VBox([self.paste, self.error, box("awb-toolbar", self.import_button)])
        self.area.add_class("awb-main")
        self.area.layout.display = "none"
        row = box("awb-toolbar", self.format, self.open_button)
        row.layout.align_items = "flex-end"
        super().__init__([row, self.area, self.editor])
        self.add_class("awb-main")

    def refresh(self) -> None:
        """Write the space anew."""
        space, form = self._read(), self.format.control.value
        text = WRITERS[form](space) if len(space) else ""
        self.editor.language, self.editor.value = form, text

    def take(self) -> None:
        """Read what was pasted and put it in the place of the space."""
        text = self.paste.value
        try:
            if not text.strip():
                self.error.value = error_text("Nothing is pasted yet; paste JSON or YAML above.")
                return
            space = from_json(text) if text.lstrip().startswith("{") else from_yaml(text)
            self._replace(space)
        except WorkbenchError as error:
            self.error.value = error_text(sentence(str(error)))
            return
        self.error.value = self.paste.value = ""
        self._toggle()

    def _toggle(self) -> None:
        hidden = self.area.layout.display == "none"
        self.area.layout.display = None if hidden else "none"
        self.open_button.description = "Close import" if hidden else "Import …"
