"""Conditions, or forbidden clauses, as a list of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from workbench.nouns import SpaceError
from workbench.ui.components import TableEditor
from workbench.ui.panels.panel import Field, Line, box, button, entry, error_text, sentence


class ClauseList(ipywidgets.VBox):
    """Texts that are edited in place, removed, and added by typing one more.

    A text that cannot be read stays where it was typed, with the reason; what it stood for stays in force.

    Parameters
    ----------
    noun, heading : str
        What one text is, such as `condition`, and what stands above them.
    example : str
        A text that shows how they are written.
    add, change, remove : callable
        What is done to the space: `add(text)`, `change(index, text)`, `remove(index)`.
    """

    def __init__(
        self,
        noun: str,
        heading: str,
        example: str,
        empty: str,
        add: Callable[[str], None],
        change: Callable[[int, str], None],
        remove: Callable[[int], None],
    ) -> None:
        self._add, self._change, self._remove = add, change, remove
        self.texts: tuple[str, ...] = ()
        self._typed: dict[int, tuple[str, str]] = {}
        self.list = TableEditor(
            label=f"{noun}s",
            columns=[{"key": "text", "title": heading, "type": "text", "mono": True}],
            name_field="text",
            row_noun=noun,
            empty=empty,
            can_add=False,
            can_duplicate=False,
        )
        self.list.on_event(self._on_event)
        self.new = Field(f"New {noun}", entry(example, self.add))
        self.new.layout.flex = "1 1 220px"
        self.add_button = button("Add", self.add, "", f"Add this {noun}")
        self.error = Line()
        row = box("awb-toolbar", self.new, self.add_button)
        row.layout.align_items = "flex-end"
        super().__init__([self.list, self.error, row])
        self.add_class("awb-main")

    def show(self, texts: Sequence[str], problems: Sequence[tuple[int | None, str]] = ()) -> None:
        """Show these texts; a problem is a position (None for all of them) and a sentence."""
        if tuple(texts) != self.texts:
            self.texts = tuple(texts)
            self._typed.clear()
        self._problems = problems
        self._refresh()

    def add(self) -> None:
        """Add what was typed below the list."""
        try:
            self._add(self.new.control.value)
        except SpaceError as error:
            self.new.error.value = error_text(sentence(str(error)))
        else:
            self.new.control.value = self.new.error.value = ""

    def _on_event(self, event: dict[str, Any]) -> None:
        index = int(event["row"])
        try:
            if event["event"] == "remove":
                self._remove(index)
            elif event["event"] == "edit" and event["value"] != self.texts[index]:
                self._typed[index] = (str(event["value"]), "")
                self._change(index, str(event["value"]))
            self._typed.pop(index, None)
        except SpaceError as error:
            self._typed[index] = (str(event.get("value", self.texts[index])), sentence(str(error)))
        self._refresh()

    def _refresh(self) -> None:
        shown = [self._typed.get(i, (text, ""))[0] for i, text in enumerate(self.texts)]
        wrong = [(i, error) for i, (_, error) in self._typed.items() if error]
        wrong += [(i, sentence(text)) for i, text in self._problems if i is not None]
        self.list.rows = [{"key": i, "text": text} for i, text in enumerate(shown)]
        self.list.errors = [{"row": str(i), "field": "text", "text": text} for i, text in wrong]
        self.error.value = error_text(" ".join(sentence(text) for i, text in self._problems if i is None))
