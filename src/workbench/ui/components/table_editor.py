"""A table of native inputs."""

from __future__ import annotations

import traitlets

from workbench.ui.components.component import Component, Event, static


class TableEditor(Component):
    """Rows that a person edits in place.

    The table shows what `rows` says and changes nothing by itself: an edit is an event, and whoever listens
    sets `rows` and `errors`. A cell being typed in keeps its text and the focus throughout.

    Events
    ------
    `{"event": "edit", "row": key, "field": column, "value": str | bool}`
        When a person pauses, leaves the cell or presses Enter.
    `{"event": "add"}`, `{"event": "remove", "row": key}`, `{"event": "duplicate", "row": key}`,
    `{"event": "move", "row": key, "by": -1 | 1}`
        The buttons; `move` also by Alt and an arrow key.
    """

    _esm = static("table_editor.js")

    columns = traitlets.List(
        traitlets.Dict(),
        help="Dicts: `key`, `title`, `type` (text, area of several lines, select, checkbox, or label, which is read "
        "only); optional: `options` of a select (values, or "
        "`[value, title]` pairs), `width` (CSS), `mono` (bool), `placeholder`, `hint` (shown as a tooltip).",
    ).tag(sync=True)
    rows = traitlets.List(
        traitlets.Dict(),
        help="Dicts: `key` (unique), a value for each column's key, and optionally `disabled`, the list of column keys "
        "that do not apply to this row.",
    ).tag(sync=True)
    errors = traitlets.List(
        traitlets.Dict(), help="Dicts: `row` (a key; an empty one is for the whole table), `field`, `text`."
    ).tag(sync=True)
    name_field = traitlets.Unicode("name", help="The column that names a row: `default of max_depth`.").tag(sync=True)
    row_noun = traitlets.Unicode("row", help="What one row is: `Add hyperparameter`.").tag(sync=True)
    empty = traitlets.Unicode("", help="What to do, shown while there are no rows.").tag(sync=True)
    can_add = traitlets.Bool(True).tag(sync=True)
    can_duplicate = traitlets.Bool(True).tag(sync=True)
    can_remove = traitlets.Bool(True).tag(sync=True)
    can_move = traitlets.Bool(False).tag(sync=True)
    read_only = traitlets.Bool(False).tag(sync=True)

    _acknowledged = traitlets.Int(0).tag(sync=True)

    def _on_event(self, event: Event, buffers: list[memoryview]) -> None:
        number = int(event.pop("seq", 0))
        super()._on_event(event, buffers)
        # what `rows` says is the answer to the edit only from here on; before, it would undo newer typing
        self._acknowledged = number

    def focus_cell(self, row: object, field: str) -> None:
        """Put the focus into a cell: for a row just added, or where an error is."""
        self.send({"do": "focus", "row": row, "field": field})
