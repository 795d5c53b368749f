"""The space as text: written out live, and read in."""

from __future__ import annotations

import threading
from collections.abc import Callable

import ipywidgets

from workbench.nouns import Space, WorkbenchError
from workbench.session import Session
from workbench.space import to_configspace_json, to_configspace_yaml, to_json, to_python, to_yaml
from workbench.ui.components import CodeEditor
from workbench.ui.panels.panel import Field, Line, box, button, error_text, sentence

WRITERS: dict[str, tuple[str, str, Callable[[Space], str]]] = {
    "python": ("Python", "python", to_python),
    "json": ("JSON", "json", to_json),
    "yaml": ("YAML", "yaml", to_yaml),
    "configspace-json": ("ConfigSpace JSON", "json", to_configspace_json),
    "configspace-yaml": ("ConfigSpace YAML", "yaml", to_configspace_yaml),
}
"""By format: its title, its language, and what writes it."""


class Definition(ipywidgets.VBox):
    """The space as Python, JSON or YAML, and a place to paste one of them into. Python code runs in the worker.

    Parameters
    ----------
    session : Session
        Whose space is written, and replaced by what was pasted.
    later : callable
        Asks for `refresh` to be called, when there is time.
    """

    def __init__(self, session: Session, later: Callable[[], None]) -> None:
        self._session = session
        self.format = Field(
            "Format",
            ipywidgets.Dropdown(options=[(title, id) for id, (title, _, _) in WRITERS.items()], value="yaml"),
            width="180px",
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
            label="JSON, YAML or Python to import",
            language="yaml",
            max_height="320px",
            placeholder="Paste JSON or YAML here, as it is written below or as ConfigSpace writes it, or Python code "
            "that builds a ConfigurationSpace: it runs in a guarded process, not in this kernel.",
        )
        self.error = Line()
        self.open_button = button("Import …", self._toggle, "", "Replace the space by pasted JSON, YAML or Python")
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
        space = self._session.space.space
        _, language, write = WRITERS[self.format.control.value]
        text = write(space) if len(space) else ""
        self.editor.language, self.editor.value = language, text

    def take(self) -> threading.Thread:
        """Read what was pasted, in a thread (code is run), and put it in the place of the space."""
        thread = threading.Thread(target=self._take, name="workbench-import", daemon=True)
        self.import_button.disabled = True
        self.import_button.description = "Reading …"
        thread.start()
        return thread

    def _take(self) -> None:
        try:
            self._session.import_space(self.paste.value)
        except WorkbenchError as error:
            self.error.value = error_text(sentence(str(error)))
        except Exception as error:  # nobody above this thread would hear of it
            self.error.value = error_text(f"This failed unexpectedly: {type(error).__name__}: {error}")
        else:
            self.error.value = self.paste.value = ""
            self._toggle()
        finally:
            self.import_button.disabled = False
            self.import_button.description = "Replace the space"

    def _toggle(self) -> None:
        hidden = self.area.layout.display == "none"
        self.area.layout.display = None if hidden else "none"
        self.open_button.description = "Close import" if hidden else "Import …"
