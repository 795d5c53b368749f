"""The Data step: a table, its target, and what is known of its columns."""

from __future__ import annotations

import html
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from workbench import datasets
from workbench.nouns import Column, Dataset, DatasetError
from workbench.ui.components import DataTable, Upload
from workbench.ui.panels.panel import (
    Field,
    Line,
    Panel,
    box,
    button,
    card,
    empty_state,
    error_text,
    note,
    notes,
    on_enter,
    pairs,
    tiles,
)

if TYPE_CHECKING:
    import pandas as pd

HEAD_ROWS, HEAD_COLUMNS = 8, 40

SHARES = (0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5)

KIND_TONES = {"number": "info", "category": "neutral", "boolean": "neutral", "text": "warn", "date": "neutral"}


class DataPanel(Panel):
    """Where the table comes from, what is predicted, and what is known of the columns."""

    id = "data"
    title = "Data"

    def build(self) -> tuple[ipywidgets.Widget, ...]:  # noqa: D102 - of Panel
        self._used: Any = None  # the table that the dataset was made of
        self._seen: Dataset | None = None
        self._headed: Any = None
        self._asked: Any = None
        self._told = ""
        self._lock = threading.RLock()
        self._syncing = 0  # the thread that shows the session's state: what it sets in the inputs is no choice
        self._build_source()
        self._build_target()
        self.columns = DataTable(
            label="Columns of the table",
            columns=[
                {"key": "name", "title": "Column"},
                {"key": "kind", "title": "Kind", "type": "badge", "tones": KIND_TONES},
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
        self.head = DataTable(
            label="First rows of the table", max_height="300px", empty="The first rows of the table are shown here."
        )
        self.head_note = Line("awb-hint")
        for table in (self.columns, self.head):
            table.add_class("awb-nowrap")
        self.overview = ipywidgets.HTML()
        self.remarks = ipywidgets.HTML()
        self.follow(["table", "dataset", "source"], self._show)
        main = box(
            "awb-main",
            self.source_card,
            self.target_card,
            card("Columns", self.columns),
            card("First rows", self.head, self.head_note),
        )
        rail = box("awb-rail", card("Overview", self.overview), card("Remarks", self.remarks))
        return (box("awb-columns", main, rail),)

    # ------------------------------------------------------------------ source

    def _build_source(self) -> None:
        self.kind = ipywidgets.ToggleButtons(
            options=[("Built-in", "builtin"), ("File path", "path"), ("Upload", "upload"), ("Variable", "variable")],
            tooltips=[
                "A set that scikit-learn brings along",
                "A file on the machine of the kernel",
                "A file on your own machine",
                "A DataFrame of this notebook",
            ],
        )
        self.kind.layout.width = "auto"
        self.builtin = Field(
            "Built-in set", ipywidgets.Dropdown(options=[(t, i) for i, t in datasets.builtins()]), width="320px"
        )
        endings = ", ".join(datasets.suffixes())
        self.path = Field(
            "File path", ipywidgets.Text(placeholder="data/titanic.csv"), hint=f"Read are: {endings}", width="420px"
        )
        on_enter(self.path.control, self._load_chosen)
        self.variable = Field("DataFrame", ipywidgets.Dropdown(options=[]), width="320px")
        self.upload = Upload(
            label="Upload a table",
            accept=",".join(datasets.suffixes()),
            prompt="or drop it here",
            hint=endings,
        )
        self.upload.on_complete(self._uploaded)
        self.load_button = button("Load", self._load_chosen, "awb-primary", "Read the table")
        self.refresh_button = button("Refresh", self._list_variables, "", "Look for DataFrames again")
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
            "variable": (self.variable, self.refresh_button, self.load_button),
        }[chosen]

    def _uploaded(self, path: Path, filename: str) -> None:
        self._load(path)

    def _list_variables(self) -> None:
        names = sorted(_frames())
        chosen = self.variable.control.value
        self.variable.control.options = names
        self.variable.control.value = chosen if chosen in names else next(iter(names), None)
        self.variable.error.value = (
            "" if names else error_text("There is no DataFrame in the notebook yet; make one, then refresh.")
        )

    def _load_chosen(self) -> None:
        """What the button Load does."""
        if self.kind.value == "builtin":
            self._load(f"builtin:{self.builtin.control.value}")
        elif self.kind.value == "path":
            self._load(self.path.control.value.strip())
        else:
            self._load(self.variable.control.value, variable=True)

    def _load(self, source: str | Path | None, *, variable: bool = False) -> threading.Thread:
        def action() -> None:
            if isinstance(source, str) and source.startswith("builtin:"):
                self.session.load(source)
                return
            before = self.session.dataset
            if not variable:
                table = self.session.read(source or "")
            else:
                found = _frames().get(str(source))
                if found is None:
                    raise DatasetError(f"there is no DataFrame named {source!r} in the notebook; refresh the list")
                table = self.session.read(found)
            again = not variable and before is not None and before.source == self.session.source
            if before is not None and again and before.target in table.columns:
                self.session.choose_target(before.target, before.task, _share(before))

        return self.work(action, self.source_error, self.load_button)

    # ------------------------------------------------------------------ target

    def _build_target(self) -> None:
        self.target = Field("Target", ipywidgets.Dropdown(options=[("–", "")]), width="240px")
        tasks = ipywidgets.Dropdown(options=[("–", "")])
        self.task = Field("Task", tasks, width="160px")
        self.share = Field(
            "Test part",
            ipywidgets.Dropdown(options=[(_percent(s), s) for s in SHARES]),
            hint="Share of the rows that no training sees; the metrics contract measures on it",
            width="140px",
        )
        self.target_hint = Line("awb-hint")
        row = box("awb-toolbar", self.target, self.task, self.share)
        row.layout.align_items = "flex-start"
        self.target_card = card("What is predicted", row, self.target_hint)
        self.target.control.observe(lambda change: self._choose("target"), ["value"])
        self.task.control.observe(lambda change: self._choose("task"), ["value"])
        self.share.control.observe(lambda change: self._choose("share"), ["value"])

    def _choose(self, changed: str) -> None:
        """A person changed one of the three."""
        target, task, share = self.target.control.value, self.task.control.value, self.share.control.value
        if not target or self._syncing == threading.get_ident():
            return
        if changed == "target":
            task = None  # that of another target; it is guessed anew
        field = {"target": self.target, "task": self.task, "share": self.share}[changed]

        def action() -> None:
            self.session.choose_target(target, task, share)
            self._clear_errors()

        self.work(action, field.error)

    def _clear_errors(self) -> None:
        for field in (self.target, self.task, self.share):
            field.error.value = ""

    # ------------------------------------------------------------------ what the session says

    @property
    def _pending(self) -> bool:
        """Whether a table was read for which no target is chosen yet."""
        return self.session.table is not None and self.session.table is not self._used

    def _show(self) -> None:
        with self._lock:
            self._syncing = threading.get_ident()
            try:
                self._show_all()
            finally:
                self._syncing = 0

    def _show_all(self) -> None:
        data = self.session.dataset
        # `load` and `choose_target` set the table first, then the dataset that is made of it
        if data is not self._seen:
            self._seen, self._used = data, self.session.table
        described = data if not self._pending else None
        self._show_target(described)
        self.columns.update(_profile_rows(described) if described is not None else ())
        self._show_head()
        self._show_rail(data)

    def _show_target(self, data: Dataset | None) -> None:
        table = self.session.table
        if self._asked is not table:
            self._asked = table
            self._clear_errors()
        names = [] if table is None else [str(c) for c in table.columns]
        targets = [("Choose a column …" if names else "–", ""), *((n, n) for n in names)]
        tasks = [("Classification", "classification"), ("Regression", "regression")] if data else [("–", "")]
        _offer(self.target.control, targets, data.target if data else "")
        _offer(self.task.control, tasks, data.task if data else "")
        share = _share(data) if data else self.share.control.value
        _offer(self.share.control, [(_percent(s), s) for s in sorted({*SHARES, share})], share)
        self.target.control.disabled = not names
        self.task.control.disabled = self.share.control.disabled = data is None
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
        self.source_hint.value = f"Read from {html.escape(self.session.source)}." if self.session.source else ""
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
        elif source and source not in ("variable", "dataframe") and Path(source) != self.upload.path:
            self.kind.value, self.path.control.value = "path", source

    def _show_rail(self, data: Dataset | None) -> None:
        if data is None and self.session.table is None:
            self.overview.value = empty_state("No table yet", "Pick a built-in set, or give a file, and press Load.")
            self.remarks.value = notes((), "Missing values, constant columns and the like are told here.")
            return
        if data is None or self._pending:
            table = self.session.table
            assert table is not None
            self.overview.value = tiles([("rows", f"{len(table):,}"), ("columns", f"{table.shape[1]:,}")])
            force = f" Until then, {data.name} stays in force." if data is not None else ""
            self.remarks.value = notes([note(f"Choose the target of this table.{force}", "warn", "to do")])
            return
        self.overview.value = tiles(_facts(data)) + _details(data)
        self.remarks.value = notes(
            (
                note(n.text, "warn" if n.level == "warning" else "info", "warning" if n.level == "warning" else "note")
                for n in data.profile.notices
            ),
            "Nothing unusual was found.",
        )


def _frames() -> dict[str, pd.DataFrame]:
    """The DataFrames of the notebook by name; none where there is no notebook."""
    import pandas as pd
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    space = dict(shell.user_ns) if shell is not None else {}
    return {n: v for n, v in space.items() if isinstance(v, pd.DataFrame) and not n.startswith("_")}


def _share(data: Dataset) -> float:
    """The share of the test part, as it was asked for where that can be told."""
    if data.X_test is None:
        return 0.0
    rows = data.rows + len(data.X_test)
    return next((s for s in SHARES if round(rows * s) == len(data.X_test)), round(len(data.X_test) / rows, 4))


def _percent(share: float) -> str:
    return f"{100 * share:g} %" if share else "None"


def _offer(dropdown: ipywidgets.Dropdown, options: list[tuple[str, Any]], value: Any) -> None:
    """Set what can be chosen, and what is."""
    if tuple(dropdown.options) != tuple(options):
        dropdown.options = options
    dropdown.value = value


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
    test = f"{len(data.X_test):,} rows, put aside" if data.X_test is not None else "none"
    classes = ", ".join(data.classes[:6]) + (" …" if len(data.classes) > 6 else "")
    facts = [("Task", data.task), ("Target", data.target), *([("Classes", classes)] if classes else [])]
    facts += [("Test part", test), ("Digest", data.digest[:12])]
    return f'<div style="margin-top: 10px">{pairs(facts)}</div>'


def _profile_rows(data: Dataset) -> list[dict[str, Any]]:
    rows = min(data.rows, data.profile.sampled or data.rows)
    told = {n.column for n in data.profile.notices if n.level == "warning"}
    return [_profile_row(c, rows, c.name == data.target, c.name in told) for c in data.profile.columns]


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
