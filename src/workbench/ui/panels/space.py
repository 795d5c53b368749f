"""The Space step: the hyperparameters as a table, and what follows from them."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import ipywidgets

from workbench.nouns import Hyperparameter, Space, SpaceError, Value
from workbench.space import (
    Row,
    condition_text,
    forbidden_text,
    parse_condition,
    parse_forbidden,
    sample,
)
from workbench.ui.components import DataTable, TableEditor
from workbench.ui.panels.clauses import ClauseList
from workbench.ui.panels.definition import Definition
from workbench.ui.panels.panel import (
    Field,
    Line,
    Panel,
    box,
    button,
    card,
    empty_state,
    note,
    notes,
    pairs,
    sentence,
    tiles,
)
from workbench.ui.panels.proposal import PartCard
from workbench.ui.throttle import Throttle

KINDS = ["float", "integer", "categorical", "ordinal", "constant"]

DRAWN = 100
"""So many configurations are drawn to see how many hyperparameters are active."""

TEN = 10
LATER_S = 0.4

SIDE_BY_SIDE = 38
"""Conditions and forbidden clauses stand side by side while no text is longer."""

COLUMNS: list[dict[str, Any]] = [
    {"key": "name", "title": "Name", "type": "text", "mono": True, "width": "26%"},
    {"key": "kind", "title": "Type", "type": "select", "options": KINDS, "width": "132px"},
    {
        "key": "range",
        "title": "Range / choices",
        "type": "text",
        "mono": True,
        "width": "28%",
        "hint": "Low and high end, or the choices, with commas",
    },
    {"key": "log", "title": "Log", "type": "checkbox", "hint": "Search the logarithm"},
    {"key": "default", "title": "Default", "type": "text", "mono": True, "hint": "Empty: the middle, or the first"},
]
PRIOR: dict[str, Any] = {
    "key": "prior",
    "title": "Prior",
    "type": "text",
    "mono": True,
    "hint": "Where good values are likely: normal(mean, deviation) or beta(a, b); empty: all alike. "
    "On a log scale the deviation is of the natural logarithm.",
}
WEIGHTS: dict[str, Any] = {
    "key": "weights",
    "title": "Weights",
    "type": "text",
    "mono": True,
    "hint": "How likely each choice is, with commas; empty: all alike",
}


class SpacePanel(Panel):
    """A space from a preset, edited as a table; conditions, forbidden clauses, the space as text."""

    id = "space"
    title = "Space"

    def build(self) -> tuple[ipywidgets.Widget, ...]:  # noqa: D102 - of Panel
        self._seed = 0
        self._lock = threading.RLock()
        self._syncing = 0
        later = Throttle(self._show_later, LATER_S, background=True)
        self._build_preset()
        self._build_table()
        self.conditions = ClauseList(
            "condition",
            "Active only when",
            'subsample active when loss == "log_loss"',
            "Every hyperparameter is always active.",
            lambda text: self.session.space.add_condition(text),
            self._change_condition,
            lambda index: self.session.space.remove_condition(index),
        )
        self.forbidden = ClauseList(
            "forbidden clause",
            "Never together",
            'max_depth == 6 and loss == "log_loss", or leaf >= split',
            "Every combination is allowed.",
            lambda text: self.session.space.add_forbidden(text),
            self._change_forbidden,
            lambda index: self.session.space.remove_forbidden(index),
        )
        self.clauses = box("awb-halves", card("Conditions", self.conditions), card("Forbidden clauses", self.forbidden))
        self.definition = Definition(self.session, later)
        self.overview = ipywidgets.HTML()
        self.sampled = ipywidgets.HTML()
        self.remarks = ipywidgets.HTML()
        self.another = button("Another", self.draw_another, "", "Draw another configuration")
        self.ten = button(
            "Sample ten configurations", self.draw_ten, "", "Draw ten, side by side, to see what it means"
        )
        self.drawn = DataTable(label="Ten sampled configurations", columns=[], max_height="420px", sortable=True)
        self.drawn.layout.display = "none"
        self.proposal = PartCard(self, "space")
        self.follow(["dataset"], self._show_presets)
        self.follow(["space_version"], self._show)
        self.follow(["space_version"], later)
        main = box(
            "awb-main",
            self.proposal,
            self.preset_card,
            card("Hyperparameters", self.toolbar, self.table),
            self.clauses,
            card("What it means", box("awb-toolbar", self.ten), self.drawn),
            card("As text", self.definition),
        )
        rail = box(
            "awb-rail",
            card("Overview", self.overview),
            card("Remarks", self.remarks),
            card("A sampled configuration", self.sampled, box("awb-toolbar", self.another)),
        )
        return (box("awb-columns", main, rail),)

    # ------------------------------------------------------------------ presets

    def _build_preset(self) -> None:
        self.preset = Field("Preset", ipywidgets.Dropdown(options=[]), width="320px")
        self.preset.control.observe(lambda change: self._show_summary(), ["value"])
        self.apply = button(
            "Apply",
            lambda: self.attempt(lambda: self.session.preset(self.preset.control.value), self.preset.error),
            "awb-primary",
            "Replace the space by this preset; Undo brings it back",
        )
        self.summary = Line("awb-hint")
        row = box("awb-toolbar", self.preset, self.apply)
        row.layout.align_items = "flex-end"
        self.preset_card = card("Start from", row, self.summary)

    def _show_presets(self) -> None:
        with self._lock:
            self._presets = {p.id: p for p in self.session.presets()}
            options = [(p.title, p.id) for p in self._presets.values()]
            used = next((p.id for p in self._presets.values() if p.space == self.session.space.space), None)
            kept = self.preset.control.value
            if tuple(self.preset.control.options) != tuple(options):
                self.preset.control.options = options
            self.preset.control.value = used or (kept if kept in self._presets else next(iter(self._presets), None))
            self._show_summary()

    def _show_summary(self) -> None:
        chosen = self._presets.get(self.preset.control.value)
        if chosen is None:
            self.summary.value = ""
            return
        count = len(chosen.space)
        draft = self.session.space
        used = " It is the space below." if chosen.space == draft.space and not draft.problems else ""
        self.apply.disabled = bool(used)
        self.summary.value = f"{chosen.summary} {count} hyperparameter{'s' if count != 1 else ''}.{used}"

    # ------------------------------------------------------------------ the table

    def _build_table(self) -> None:
        draft = self.session.space
        self.table = TableEditor(
            label="Hyperparameters",
            columns=COLUMNS,
            row_noun="hyperparameter",
            can_move=True,
            empty="The space is empty. Apply a preset above, or add a hyperparameter.",
        )
        self.table.on_event(self._on_event)
        self.undo = button("Undo", draft.undo, "", "Take the last step back")
        self.redo = button("Redo", draft.redo, "", "Do the undone step again")
        self.weights = ipywidgets.ToggleButton(
            description="Weights", tooltip="Say how likely each choice of a categorical hyperparameter is"
        )
        self.weights.observe(lambda change: self._show_columns(), ["value"])
        self.priors = ipywidgets.ToggleButton(
            description="Priors", tooltip="Say where in its range a number is likely to be good"
        )
        self.priors.observe(lambda change: self._show_columns(), ["value"])
        self.state = Line()
        self.toolbar = box("awb-toolbar", self.undo, self.redo, self.weights, self.priors, self.state)

    def _show_columns(self) -> None:
        more = [column for column, box in ((WEIGHTS, self.weights), (PRIOR, self.priors)) if box.value]
        self.table.columns = [*COLUMNS, *more]

    def _on_event(self, event: dict[str, Any]) -> None:
        draft = self.session.space
        actions = {
            "edit": lambda: draft.set(int(event["row"]), event["field"], event["value"]),
            "add": lambda: draft.add(),
            "duplicate": lambda: draft.duplicate(int(event["row"])),
            "remove": lambda: draft.remove(int(event["row"])),
            "move": lambda: draft.move(int(event["row"]), int(event["by"])),
        }
        if event["event"] in actions:
            self.attempt(actions[event["event"]])

    def _change_condition(self, index: int, text: str) -> None:
        space = self._sound_space()
        made = parse_condition(text, space)
        conditions = tuple(made if i == index else c for i, c in enumerate(space.conditions))
        self.session.space.replace(dataclasses.replace(space, conditions=conditions))

    def _change_forbidden(self, index: int, text: str) -> None:
        space = self._sound_space()
        made = parse_forbidden(text, space)
        forbidden = tuple(made if i == index else f for i, f in enumerate(space.forbidden))
        self.session.space.replace(dataclasses.replace(space, forbidden=forbidden))

    def _sound_space(self) -> Space:
        problems = [p for p in self.session.space.problems if p.field not in ("condition", "forbidden")]
        if problems:
            raise SpaceError(f"the table has a row that is not valid ({problems[0].text}); correct it first")
        draft = self.session.space
        return dataclasses.replace(draft.space, conditions=draft.conditions, forbidden=draft.forbidden)

    # ------------------------------------------------------------------ what the session says

    def _show(self) -> None:
        with self._lock:
            draft = self.session.space
            if any(row.weights for row in draft.rows):
                self.weights.value = True
            if any(row.prior for row in draft.rows):
                self.priors.value = True
            self.table.rows = [_cells(row) for row in draft.rows]
            self.table.errors = [
                {"row": p.row or "", "field": p.field, "text": sentence(p.text)}
                for p in draft.problems
                if p.field not in ("condition", "forbidden")
            ]
            self.undo.disabled, self.redo.disabled = not draft.can_undo, not draft.can_redo
            names = {str(r.key): r.name.strip() for r in draft.rows}
            children = [c.child for c in draft.conditions]
            wrong = []
            for p in draft.problems:
                if p.field == "condition":
                    child = names.get(p.row or "")
                    wrong.append((children.index(child) if child in children else None, p.text))
            self.conditions.show([condition_text(c) for c in draft.conditions], wrong)
            self.forbidden.show(
                [forbidden_text(f) for f in draft.forbidden],
                [(None, p.text) for p in draft.problems if p.field == "forbidden"],
            )
            long = max((len(t) for t in (*self.conditions.texts, *self.forbidden.texts)), default=0) > SIDE_BY_SIDE
            self.clauses.remove_class("awb-halves" if long else "awb-main")
            self.clauses.add_class("awb-main" if long else "awb-halves")
            self._show_remarks()
            self._show_summary()

    def _show_remarks(self) -> None:
        draft = self.session.space
        number = len(draft.problems)
        made = []
        if number:
            what = "One entry is" if number == 1 else f"{number} entries are"
            made.append(note(f"{what} not valid; the last valid space stays in force.", "bad", "error"))
        made += [note(p.text, "info", "note") for p in draft.remarks]
        self.remarks.value = notes(made, "Nothing to remark.")
        self.state.value = (
            f'<span class="awb-badge awb-badge-bad">{number} problem{"s" if number > 1 else ""}</span>'
            if number
            else '<span class="awb-badge awb-badge-ok">valid</span>'
            if len(draft)
            else ""
        )

    def draw_another(self) -> None:
        """Draw another configuration, in a thread."""
        self._seed += 1
        self.work(self._show_sample, None, self.another)

    def draw_ten(self) -> None:
        """Draw ten more configurations and show them below each other, in a thread."""
        self._seed += 1
        self.work(self._show_ten, None, self.ten)

    def _show_ten(self) -> None:
        space = self.session.space.space
        if not len(space):
            raise SpaceError("there is no hyperparameter to draw; apply a preset, or add a row to the table")
        drawn = sample(space, TEN, seed=self._seed)
        self.drawn.columns = [
            {"key": "number", "title": "#", "type": "number", "width": "36px"},
            *({"key": f"v{i}", "title": name, "type": "mono"} for i, name in enumerate(space.names)),
        ]
        self.drawn.rows = [
            {
                "key": n,
                "number": n,
                **{f"v{i}": _text(c[name]) if name in c else "–" for i, name in enumerate(space.names)},
            }
            for n, c in enumerate(drawn, 1)
        ]
        self.drawn.layout.display = None

    def _show_later(self) -> None:
        """What needs ConfigSpace: it takes a second to load, and some time for a large space."""
        self.definition.refresh()
        space = self.session.space.space
        if not len(space):
            self.overview.value = empty_state("No hyperparameter yet", "Apply a preset, or add a row to the table.")
            self.sampled.value = '<div class="awb-hint">A configuration is drawn once there is a row.</div>'
            self.another.disabled = True
            self.drawn.layout.display = "none"
            return
        self.another.disabled = False
        try:
            drawn = sample(space, DRAWN, seed=0)
        except Exception as error:  # ConfigSpace has many ways to say that next to everything is forbidden
            drawn = []
            self.toast.say(f"No configuration could be drawn: {error}", "warning")
        counts = [len(c) for c in drawn]
        active = (
            "–" if not counts else f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)}–{max(counts)}"
        )
        conditional = len({c.child for c in space.conditions})
        self.overview.value = tiles(
            [
                ("hyperparameters", f"{len(space)}"),
                ("conditional", f"{conditional}"),
                ("active at once", active),
                ("configurations", _size(space)),
            ]
        )
        self._show_sample()
        if self.drawn.layout.display != "none":
            self._show_ten()

    def _show_sample(self) -> None:
        space = self.session.space.space
        if len(space):
            drawn = sample(space, 1, seed=self._seed)[0]
            inactive = [n for n in space.names if n not in drawn]
            self.sampled.value = pairs((name, _text(value)) for name, value in drawn.items()) + (
                f'<div class="awb-hint" style="margin-top: 6px">{len(inactive)} not active</div>' if inactive else ""
            )


def _cells(row: Row) -> dict[str, Any]:
    cells: dict[str, Any] = dataclasses.asdict(row)
    off = []
    if row.kind not in ("integer", "float"):
        off += ["log", "prior"]
    if row.kind == "constant":
        off.append("range")
    if row.kind != "categorical":
        off.append("weights")
    return {**cells, "disabled": off}


def _text(value: Value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _size(space: Space) -> str:
    """How many configurations there are, conditions and forbidden clauses aside."""
    count = 1
    for h in space.hyperparameters:
        number = _values(h)
        if number is None:
            return "∞"
        count *= number
    return f"{count:,}" if count < 10_000_000 else f"{count:.1e}".replace("e+0", "e").replace("e+", "e")


def _values(h: Hyperparameter) -> int | None:
    if h.kind == "float":
        return None
    if h.kind == "integer" and h.low is not None and h.high is not None:
        return int(h.high) - int(h.low) + 1
    return max(1, len(h.choices))
