"""The Data step: a table, its target, and what is known of its columns."""

from __future__ import annotations

import html
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from workbench import datasets
from workbench.nouns import Column, Dataset, DatasetError, Split
from workbench.ui.components import DataTable, Upload
from workbench.ui.panels.data_parts import PartChoice, offer, variables
from workbench.ui.panels.panel import (
    Field,
    Line,
    Panel,
    box,
    button,
    card,
    empty_state,
    entry,
    error_text,
    note,
    notes,
    pairs,
    tiles,
)

if TYPE_CHECKING:
    pass

HEAD_ROWS, HEAD_COLUMNS = 8, 40

KIND_TONES = {"number": "info", "category": "neutral", "boolean": "neutral", "text": "warn", "date": "neutral"}


class DataPanel(Panel):
    """Where the table comes from, what is predicted, and what is known of the columns."""

    id = "data"
    title = "Data"

    def build(self) -> tuple[ipywidgets.Widget, ...]:  # noqa: D102 - of Panel
        self._headed: Any = None
        self._asked: Any = None
        self._told = ""
        self._lock = threading.RLock()
        self._choosing = threading.Lock()  # one choice is made at a time, and only the last one asked for
        self._choice = self._chosen = 0  # the last one asked for, the last one that was tried
        self._wanted: dict[str, Any] = {}  # choices that were asked for and not tried yet
        self._dropped: tuple[str, ...] = ()  # asked for last; the dataset follows, or it is taken back
        self._syncing = 0  # the thread that shows the session's state: what it sets in the inputs is no choice
        self._build_source()
        self._build_target()
        self.columns = DataTable(
            label="Columns of the table",
            columns=[
                {
                    "key": "use",
                    "title": "Use",
                    "type": "check",
                    "hint": "A column without a tick is left out: train never sees it",
                },
                {"key": "name", "title": "Column"},
                {"key": "kind", "title": "Kind", "type": "badge", "tones": KIND_TONES},
                {
                    "key": "type",
                    "title": "Read as",
                    "type": "choice",
                    "options": list(datasets.TYPES),
                    "hint": "What train gets the column as",
                },
                {"key": "missing", "title": "Missing", "align": "end", "hint": "Share of the rows without a value"},
                {"key": "unique", "title": "Unique", "type": "number", "hint": "Different values"},
                {"key": "low", "title": "Min", "type": "number"},
                {"key": "mean", "title": "Mean", "type": "number"},
                {"key": "high", "title": "Max", "type": "number"},
                {"key": "bars", "title": "Values", "type": "bars", "hint": "Ten equal bins, or the most frequent"},
                {"key": "top", "title": "Most frequent"},
            ],
            sortable=True,
            empty="Load a table and choose its target: the columns are described here.",
        )
        self.columns.on_event(self._ticked)
        self.columns_error = Line()
        self.head = DataTable(
            label="First rows of the table", max_height="300px", empty="The first rows of the table are shown here."
        )
        self.head_note = Line("awb-hint")
        for table in (self.columns, self.head):
            table.add_class("awb-nowrap")
        self.overview = ipywidgets.HTML()
        self.remarks = ipywidgets.Box()
        self.remarks.layout.display, self.remarks.layout.grid_gap = "grid", "8px"
        self.remarks.layout.grid_template_columns = "minmax(0, 1fr)"
        self._remarked: Any = None
        self.follow(["table", "table_name", "dataset", "source"], self._show)
        main = box(
            "awb-main",
            self.source_card,
            self.target_card,
            card("Columns", self.columns, self.columns_error),
            card("First rows", self.head, self.head_note),
        )
        rail = box("awb-rail", card("Overview", self.overview), card("Remarks", self.remarks))
        return (box("awb-columns", main, rail),)

    # ------------------------------------------------------------------ source

    def _build_source(self) -> None:
        self.kind = ipywidgets.ToggleButtons(
            options=[
                ("Built-in", "builtin"),
                ("File path", "path"),
                ("Upload", "upload"),
                ("Variable", "variable"),
                ("OpenML", "openml"),
            ],
            tooltips=[
                "A set that scikit-learn brings along",
                "A file on the machine of the kernel",
                "A file on your own machine",
                "A table, array, tensor or dict of this notebook",
                "A table of openml.org by its number; once fetched it is kept",
            ],
        )
        self.kind.layout.width = "auto"
        self.builtin = Field(
            "Built-in set", ipywidgets.Dropdown(options=[(t, i) for i, t in datasets.builtins()]), width="320px"
        )
        endings = ", ".join(datasets.suffixes())
        self.path = Field(
            "File path",
            entry("data/titanic.csv", self._load_chosen),
            hint=f"Read are: {endings}; a folder with images by class",
            width="420px",
        )
        self.openml = Field("OpenML number", entry("61", self._load_chosen), width="160px")
        self.variable = Field("Variable", ipywidgets.Dropdown(options=[]), width="320px")
        self.values = Field(
            "Target values",
            ipywidgets.Dropdown(options=[("a column of it", "")]),
            hint="A Series or an array with one value a row, where the target is no column of the table",
            width="240px",
        )
        self.variable.control.observe(lambda change: self._list_values(), ["value"])
        self.upload = Upload(
            label="Upload a table",
            accept=",".join(datasets.suffixes()),
            prompt="or drop it here",
            hint=endings,
        )
        self.upload.on_complete(self._uploaded)
        self.load_button = button("Load", self._load_chosen, "awb-primary", "Read the table")
        self.refresh_button = button("Refresh", self._list_variables, "", "Look for variables again")
        self.source_error = Line()
        self.source_hint = Line("awb-hint")
        self.source_row = box("awb-toolbar")
        self.source_row.layout.align_items = "flex-end"
        self.kind.observe(lambda change: self._show_source(), ["value"])
        self._show_source()
        self.source_card = card(
            "Source", box("awb-toolbar", self.kind), self.source_row, self.source_error, self.source_hint
        )

    def _show_source(self) -> None:
        self.source_error.value = ""
        chosen = self.kind.value
        if chosen == "variable":
            self._list_variables()
        self.source_row.children = {
            "builtin": (self.builtin, self.load_button),
            "path": (self.path, self.load_button),
            "upload": (self.upload,),
            "openml": (self.openml, self.load_button),
            "variable": (self.variable, self.values, self.refresh_button, self.load_button),
        }[chosen]

    def _uploaded(self, path: Path, filename: str) -> None:
        self._load(path)

    def _list_variables(self) -> None:
        names = sorted(name for name, (role, _) in variables().items() if role != "target")
        chosen = self.variable.control.value
        offer(self.variable.control, [(n, n) for n in names] or [("–", "")], chosen)
        self.variable.error.value = (
            "" if names else error_text("There is no table or array in the notebook yet; make one, then refresh.")
        )
        self._list_values()

    def _list_values(self) -> None:
        """What could be the target beside the chosen variable: as many values as it has rows."""
        found = variables()
        role, value = found.get(self.variable.control.value, ("", None))
        fitting = [n for n, (r, v) in found.items() if r == "target" and role == "table" and len(v) == len(value)]
        offer(
            self.values.control, [("a column of it", ""), *((n, n) for n in sorted(fitting))], self.values.control.value
        )

    def _load_chosen(self) -> None:
        """What the button Load does."""
        if self.kind.value == "builtin":
            self._load(f"builtin:{self.builtin.control.value}")
        elif self.kind.value == "openml":
            self._load(f"openml:{self.openml.control.value.strip().removeprefix('openml:')}")
        elif self.kind.value == "path":
            self._load(self.path.control.value.strip())
        else:
            self._load(self.variable.control.value, variable=True, values=self.values.control.value)

    def _load(self, source: str | Path | None, *, variable: bool = False, values: str = "") -> threading.Thread:
        def action() -> None:
            if isinstance(source, str) and source.startswith("builtin:"):
                self.session.load(source)
                return
            before = self.session.dataset
            if not variable:
                self.session.read(source or "")
                target = self.session.suggested_target
                if target and (before is None or before.source != self.session.source):
                    self.session.choose(target=target)
                    return
            else:
                found = variables()
                if str(source) not in found or (values and values not in found):
                    raise DatasetError(f"there is no variable {source!r} in the notebook; refresh the list")
                role, value = found[str(source)]
                if role == "dataset" or values:
                    whole = {"X": value, "y": found[values][1]} if values else value
                    self.session.load(whole, name=str(source))
                    return
                self.session.read(value, name=str(source))
            again = not variable and before is not None and before.source == self.session.source
            if again and self.session.choices is not None:
                self.session.choose()

        return self.work(action, self.source_error, self.load_button)

    # ------------------------------------------------------------------ target

    def _build_target(self) -> None:
        self.target = Field("Target", ipywidgets.Dropdown(options=[("–", "")]), width="240px")
        tasks = ipywidgets.Dropdown(options=[("–", "")])
        self.task = Field("Task", tasks, width="160px")
        self.test_part = PartChoice(
            "Test part",
            "Rows that no training sees; the metrics contract measures on them",
            lambda split: self._choose_part("test", split),
        )
        self.share = self.test_part.how
        self.holdout = PartChoice(
            "Sealed holdout",
            "Rows put aside before anything else: no generated code ever sees them, and every look is counted",
            lambda split: self._choose_part("holdout", split),
        )
        self.target_hint = Line("awb-hint")
        row = box("awb-toolbar", self.target, self.task, self.test_part, self.holdout)
        row.layout.align_items = "flex-start"
        self.target_card = card("What is predicted", row, self.target_hint)
        self.target.control.observe(lambda change: self._choose("target"), ["value"])
        self.task.control.observe(lambda change: self._choose("task"), ["value"])

    def _choose(self, changed: str) -> None:
        """A person changed the target or the task."""
        field = {"target": self.target, "task": self.task}[changed]
        if not self.target.control.value or self._syncing == threading.get_ident():
            return
        self._make(field.error, **{changed: field.control.value})

    def _choose_part(self, part: str, split: Split | None) -> None:
        if self.session.dataset is None or self._syncing == threading.get_ident():
            return
        self._make({"test": self.test_part, "holdout": self.holdout}[part].how.error, **{part: split})

    def _leave_out(self, column: str, out: bool = True) -> None:
        """A person takes the tick of a column away, or gives it back."""
        data = self.session.dataset
        if data is None or self.session.pending:
            return
        with self._lock:
            self._dropped = (*(c for c in self._dropped if c != column), *((column,) if out else ()))
            self.columns.update(_profile_rows(data, self._names(), self._dropped))
        self._make(self.columns_error, drop=self._dropped)

    def _read_as(self, column: str, kind: str) -> None:
        """A person chooses the type of a column; an empty one is what was found."""
        data = self.session.dataset
        if data is None or self.session.pending:
            return
        with self._lock:
            types = dict(self._wanted.get("types", data.types))
            types.pop(column, None)
        self._make(self.columns_error, types={**types, **({column: kind} if kind else {})})

    def _ticked(self, event: dict[str, Any]) -> None:
        if event["event"] == "tick":
            self._leave_out(str(event["row"]), not event["value"])
        elif event["event"] == "choose":
            self._read_as(str(event["row"]), str(event["value"]))

    def _make(self, error: ipywidgets.Widget, **changes: Any) -> threading.Thread:
        """Have the dataset made anew; choices that come while one is made are tried together, after it."""
        with self._lock:
            self._choice += 1
            self._wanted |= changes
            number, table = self._choice, self.session.table

        def action() -> None:
            with self._choosing:
                if number != self._choice:
                    return
                with self._lock:
                    wanted, self._wanted = self._wanted, {}
                self._chosen = number
                try:
                    if table is self.session.table:
                        self.session.choose(**wanted)
                        self._clear_errors()
                finally:
                    self._show()  # what was refused is taken back

        return self.work(action, error)

    def _clear_errors(self) -> None:
        for line in (self.target.error, self.task.error, self.share.error, self.holdout.how.error, self.columns_error):
            line.value = ""

    def _names(self) -> list[str]:
        """The table's columns, as a dataset calls them."""
        table = self.session.table
        return [] if table is None else [datasets.column_name(c) for c in table.columns]

    # ------------------------------------------------------------------ what the session says

    def _show(self) -> None:
        with self._lock:
            self._syncing = threading.get_ident()
            try:
                self._show_all()
            finally:
                self._syncing = 0

    def _show_all(self) -> None:
        data = self.session.dataset
        described = data if not self.session.pending else None
        if self._chosen == self._choice:
            self._dropped = described.dropped if described is not None else ()
        self._show_target(described)
        self.columns.update(_profile_rows(described, self._names(), self._dropped) if described is not None else ())
        self._show_head()
        self._show_rail(data)

    def _show_target(self, data: Dataset | None) -> None:
        if self._asked is not self.session.table:
            self._asked = self.session.table
            self._clear_errors()
            self.source_error.value = ""
        names = self._names()
        targets = [("Choose a column …" if names else "–", ""), *((n, n) for n in names)]
        tasks = [("Classification", "classification"), ("Regression", "regression")] if data else [("–", "")]
        offer(self.target.control, targets, data.target if data else "")
        offer(self.task.control, tasks, data.task if data else "")
        features = [n for n in names if data is not None and n != data.target]
        extra = getattr(self.session.table, "attrs", {}).get(datasets.Extra.KEY)
        given = isinstance(extra, datasets.Extra) and extra.test_rows > 0
        chosen = self.session.choices
        held = chosen.holdout if data is not None and chosen is not None else None
        self.test_part.show(data.split if data else None, features, given=given, enabled=data is not None)
        self.holdout.show(held, features, enabled=data is not None)
        self.target.control.disabled = not names
        self.task.control.disabled = data is None
        self.target_hint.value = (
            ""
            if data
            else "Choose the column that train shall predict."
            if names
            else "Load a table first; then choose the column that train shall predict."
        )

    def _show_head(self) -> None:
        table = self.session.table
        self._show_where()
        told = f"Read from {self.session.source}."
        if self.session.source == "dataframe":
            told = f"A variable of the notebook, called {self.session.table_name}."
        self.source_hint.value = html.escape(told) if self.session.source else ""
        if table is None:
            self.head.rows, self.head_note.value = [], ""
            return
        if self._headed is table:
            return
        self._headed = table
        shown = table.iloc[:HEAD_ROWS, :HEAD_COLUMNS]
        keys = [f"c{i}" for i in range(shown.shape[1])]
        self.head.columns = [
            {"key": k, "title": str(c), "type": "number" if _is_number(shown[c]) else "text", "sortable": False}
            for k, c in zip(keys, shown.columns, strict=True)
        ]
        self.head.rows = [
            {"key": i, **{k: _cell(v) for k, v in zip(keys, row, strict=True)}}
            for i, row in enumerate(shown.itertuples(index=False, name=None))
        ]
        columns = f", the first {HEAD_COLUMNS} of {table.shape[1]:,} columns" if table.shape[1] > HEAD_COLUMNS else ""
        self.head_note.value = f'<span class="awb-hint">The first {len(shown)} of {len(table):,} rows{columns}.</span>'

    def _show_where(self) -> None:
        """Let the chooser say what was loaded last, by a click or by code."""
        source = self.session.source
        if source == self._told:
            return
        self._told = source
        if source.startswith("builtin:"):
            name = source.removeprefix("builtin:")
            if name in dict(datasets.builtins()):
                self.kind.value, self.builtin.control.value = "builtin", name
        elif source.startswith("openml:"):
            self.kind.value, self.openml.control.value = "openml", source.removeprefix("openml:")
        elif source and source != "dataframe" and Path(source) != self.upload.path:
            self.kind.value, self.path.control.value = "path", source

    def _show_rail(self, data: Dataset | None) -> None:
        if data is None and self.session.table is None:
            self.overview.value = empty_state("No table yet", "Pick a built-in set, or give a file, and press Load.")
            self._remark([], "Missing values, constant columns and the like are told here.")
            return
        if data is None or self.session.pending:
            table = self.session.table
            assert table is not None
            self.overview.value = tiles([("rows", f"{len(table):,}"), ("columns", f"{table.shape[1]:,}")])
            force = f" Until then, {data.name} stays in force." if data is not None else ""
            self._remark([(note(f"Choose the target of this table.{force}", "warn", "to do"), "")])
            return
        self.overview.value = tiles(_facts(data)) + _details(data)
        features = {str(c) for c in data.X.columns} if data.features > 1 else set()
        self._remark(
            [
                (note(n.text, "warn", "warning"), n.column if n.column in features else "")
                if n.level == "warning"
                else (note(n.text, "info", "note"), "")
                for n in data.profile.notices
            ],
            "Nothing unusual was found.",
        )

    def _remark(self, told: list[tuple[str, str | None]], empty: str = "") -> None:
        """Remarks below each other, each with a button where a column may be left out."""
        if self._remarked == (told, empty):
            return
        self._remarked = (told, empty)
        made: list[ipywidgets.Widget] = [] if told else [ipywidgets.HTML(notes((), empty))]
        for text, column in told:
            made.append(ipywidgets.HTML(text))
            if column:
                leave_out = partial(self._leave_out, column)
                label = f"Leave out {column if len(column) <= 24 else f'{column[:23]}…'}"
                made.append(button(label, leave_out, "", f"Leave the column {column} out: train never sees it"))
                made[-1].layout.width, made[-1].layout.margin = "max-content", "0 0 4px 13px"
        before, self.remarks.children = self.remarks.children, tuple(made)
        for widget in before:
            widget.close()


def _facts(data: Dataset) -> list[tuple[str, str]]:
    cells = data.rows * (data.features + 1)
    rows = min(data.rows, data.profile.sampled or data.rows)
    missing = sum(c.missing for c in data.profile.columns) / max(1, rows * len(data.profile.columns)) if cells else 0.0
    target = data.profile.columns[-1]
    last = (
        ("classes", f"{len(data.classes):,}")
        if data.task == "classification"
        else ("target range", f"{_short(target.low)} – {_short(target.high)}")
    )
    return [
        ("rows", f"{data.rows:,}"),
        ("columns", f"{data.features:,}"),
        ("missing", "0 %" if not missing else "under 0.1 %" if missing < 0.001 else f"{100 * missing:.2g} %"),
        last,
    ]


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _details(data: Dataset) -> str:
    test = f"{len(data.X_test):,} rows, {data.split or 'put aside'}" if data.X_test is not None else "none"
    classes = ", ".join(data.classes[:6]) + (" …" if len(data.classes) > 6 else "")
    facts = [("Task", data.task), ("Target", data.target), *([("Classes", classes)] if classes else [])]
    if data.dropped:
        facts.append(("Left out", ", ".join(data.dropped[:6]) + (" …" if len(data.dropped) > 6 else "")))
    facts.append(("Test part", test))
    if data.holdout is not None:
        facts.append(("Sealed holdout", f"{data.holdout.rows:,} rows, {data.holdout.digest[:12]}"))
    facts.append(("Digest", data.digest[:12]))
    return f'<div style="margin-top: 10px">{pairs(facts)}</div>'


def _profile_rows(data: Dataset, names: list[str], dropped: tuple[str, ...]) -> list[dict[str, Any]]:
    """The columns in the order of the table, those left out among them, the target last."""
    rows = min(data.rows, data.profile.sampled or data.rows)
    told = {n.column for n in data.profile.notices if n.level == "warning"}
    types = dict(data.types)
    known = {
        c.name: {
            **_profile_row(c, rows, c.name == data.target, c.name in told),
            "type": {"value": types.get(c.name, ""), "empty": "as found" if c.name in types else c.kind},
        }
        for c in data.profile.columns
    }
    listed = {*known, *dropped, *data.dropped}  # one that is asked for again has no profile until it is back
    ordered = [n for n in names or list(known) if n != data.target and n in listed]
    return [
        {**known.get(n, {"key": n, "name": n}), "use": True} if n not in dropped else _left_out(n) for n in ordered
    ] + [{**known[data.target], "use": None}]


def _left_out(name: str) -> dict[str, Any]:
    return {"key": name, "use": False, "name": name, "kind": {"text": "left out", "tone": "neutral"}, "tone": "dim"}


def _profile_row(column: Column, rows: int, target: bool, told: bool) -> dict[str, Any]:
    share = column.missing / rows if rows else 0.0
    missing = "0 %" if not share else "<0.1 %" if share < 0.001 else f"{100 * share:.2g} %"
    name = f"{column.name} (target)" if target else column.name
    return {
        "key": column.name,
        "name": {"text": f"⚠ {name}", "hint": "See the remarks"} if told else name,
        "kind": {"text": column.kind, "tone": KIND_TONES[column.kind]},
        "missing": {"text": missing, "hint": f"{column.missing:,} of {rows:,} rows, {column.dtype}", "sort": share},
        "unique": column.unique,
        "low": column.low,
        "mean": column.mean,
        "high": column.high,
        "bars": list(column.histogram),
        "top": column.top or "",
    }


def _is_number(column: Any) -> bool:
    from pandas.api import types

    dtype = getattr(column, "dtype", None)
    return dtype is not None and types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype)


def _cell(value: Any) -> float | int | str | None:
    """A value of a table as JSON can carry it."""
    import pandas as pd

    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    plain = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        text = str(plain)
        return text if len(text) <= 48 else f"{text[:47]}…"
    return plain if abs(plain) < 2**53 else str(plain)
