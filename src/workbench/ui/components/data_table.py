"""A table to read."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any

import traitlets

from workbench.ui.components.component import Component, Event, static

Row = Mapping[str, Any]


class DataTable(Component):
    """Rows with sticky headings, sorting, badges and small histograms.

    `update` sends only the rows that are new or changed, by their `key`, so a table that grows while a run goes on
    may simply be given again. Setting `rows` sends all of them.

    Events
    ------
    `{"event": "select", "row": key}`
        A row was chosen, in a table with `selectable`.
    `{"event": "tick", "row": key, "column": key, "value": bool}`
        A person asks for a tick or takes it away; the box shows it once the rows say so.
    `{"event": "choose", "row": key, "column": key, "value": str}`
        A person chose from the list of a cell; the empty text is the first of the list.
    """

    _esm = static("data_table.js")

    columns = traitlets.List(
        traitlets.Dict(),
        help="Dicts: `key`, `title`, `type` (text, number, badge, bars, mono, check or choice); optional: `align` "
        "(start or end), `width` (CSS), `digits` (significant, of a number), `sortable` (default true), `hint`, and "
        "`tones`, from a badge's text to ok, warn, bad, info or neutral; `options`, the texts of a choice.",
    ).tag(sync=True)
    rows = traitlets.List(
        traitlets.Dict(),
        help="Dicts: `key` (unique) and a value for each column's key: text or number; a badge: text, or a dict of "
        "`text` and `tone`; bars: a list of numbers; a check: a boolean, or None for no box; a choice: a dict of "
        "`value` and `empty`, what the first of the list (an empty value) is called, or None for no list. A dict of "
        "`text` and `hint` has a tooltip. Optional: `tone` (bad or dim) for the whole row.",
    ).tag(sync=True)
    limit = traitlets.Int(500, help="Rows shown at once; a button shows the rest.").tag(sync=True)
    empty = traitlets.Unicode("Nothing here yet.").tag(sync=True)
    max_height = traitlets.Unicode("420px").tag(sync=True)
    sortable = traitlets.Bool(False).tag(sync=True)
    sort_by = traitlets.Unicode("", help="A column's key; empty keeps the order of `rows`.").tag(sync=True)
    descending = traitlets.Bool(False).tag(sync=True)
    selectable = traitlets.Bool(False).tag(sync=True)
    selected = traitlets.Any(None, help="The key of the chosen row, or None.").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._quiet_thread = 0
        self._lock = threading.RLock()
        super().__init__(**traits)

    def append(self, rows: Iterable[Row]) -> None:
        """Add rows at the end, sending only them."""
        new = [dict(r) for r in rows]
        if new:
            with self._lock:
                self._set_quietly([*self.rows, *new])
                self.send({"do": "patch", "rows": new, "keys": None})

    def update(self, rows: Iterable[Row]) -> None:
        """Show exactly these rows, sending only those that are new or changed."""
        with self._lock:
            self._update([dict(r) for r in rows])

    def _update(self, new: list[dict[str, Any]]) -> None:
        old = {r["key"]: r for r in self.rows}
        changed = [r for r in new if old.get(r["key"]) != r]
        if not old or len(changed) > len(new) / 2:
            self.rows = new
            return
        before, after = [r["key"] for r in self.rows], [r["key"] for r in new]
        if not changed and before == after:
            return
        self._set_quietly(new)
        keys = None if after[: len(before)] == before else after
        self.send({"do": "patch", "rows": changed, "keys": keys})

    def _set_quietly(self, rows: list[dict[str, Any]]) -> None:
        self._quiet_thread = threading.get_ident()
        try:
            self.rows = rows
        finally:
            self._quiet_thread = 0

    def _should_send_property(self, key: str, value: Any) -> bool:
        # the front end learns of these rows from the message that carries what changed
        if key == "rows" and self._quiet_thread == threading.get_ident():
            return False
        return bool(super()._should_send_property(key, value))

    def _on_event(self, event: Event, buffers: list[memoryview]) -> None:
        if event["event"] == "select":
            self.selected = event["row"]
        super()._on_event(event, buffers)
