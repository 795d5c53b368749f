"""The Prompt step."""

from __future__ import annotations

import html
import threading
from collections.abc import Mapping
from typing import Any

import ipywidgets

from workbench import prompts
from workbench.nouns import Prompt, PromptError, WorkbenchError
from workbench.ui.components import CodeEditor, DataTable
from workbench.ui.panels.markdown import markdown
from workbench.ui.panels.painter import facts, show, tiles
from workbench.ui.panels.panel import Field, Line, Panel, box, button, card, error_text
from workbench.ui.panels.proposal import PartCard
from workbench.ui.panels.rules import RuleList
from workbench.ui.panels.variants import VariantCard

SHOWN_CHARACTERS = 90
LAST = "What I last saw here"
NOTHING_YET = "Nothing changed yet since this step was first looked at; choose another prompt to compare with."


class PromptPanel(Panel):
    """Read what the model is asked: filled, as a template, or what changed; and say how `train` should go about it."""

    id = "prompt"
    title = "Prompt"

    def build(self) -> tuple[ipywidgets.Widget, ...]:  # noqa: D102 - of Panel
        self._lock = threading.RLock()
        self._looked_at = ""
        self._before = ""
        self._typed_over: prompts.Variant | None = None  # the variant that stays in force while a wrong text stands
        self._syncing = 0

        self.view = ipywidgets.ToggleButtons(
            options=[
                ("Filled", "filled"),
                ("Rendered", "rendered"),
                ("Template", "template"),
                ("Changes", "changes"),
                ("Rules", "rules"),
            ],
            tooltips=[
                "The prompt as it is sent, with what was filled in marked",
                "The prompt as a page to read",
                "The text before anything is filled in",
                "What it says otherwise than before, than the library, or than a kept variant",
                "Every rule of the prompt: spoken, muted or reworded",
            ],
        )
        self.view.layout.width = "auto"
        self.note = ipywidgets.HTML()
        self.editor = CodeEditor(label="prompt", language="markdown", read_only=True, wrap=True, max_height="720px")
        self.editor.on_event(self._mark_clicked)
        self.editor.observe(lambda change: self._template_typed(change["new"]), "value")
        self.own = button(
            "Make it my own", self._make_own, "", "Edit a copy of the library's template; the rules keep their places"
        )
        self.problem = Line()
        self.against = Field("Compare with", ipywidgets.Dropdown(options=[(LAST, "last")]), width="320px")
        self.against.control.observe(lambda change: self._show(), "value")
        self.rendered = ipywidgets.HTML()
        self.rules = RuleList(self.session, self.attempt)
        self.rule_card = card("Rules", self.rules)
        self.variants = VariantCard(self.session, self.attempt, lambda text: self.toast.say(text, "success"))
        self.empty = ipywidgets.HTML()
        self.plan_hint = ipywidgets.HTML(
            '<div class="awb-hint">Which model, which preprocessing, how to validate. It becomes part of the prompt '
            "when you leave the box; a model follows it, the offline composer goes by the space alone.</div>"
        )
        self.plan = ipywidgets.Textarea(
            placeholder="For example: scale the columns, and stop early on a validation part.",
            continuous_update=False,
            rows=3,
        )
        self.plan.value = self.session.plan
        self.plan.observe(lambda change: self._plan_typed(change["new"]), "value")
        self.size = ipywidgets.HTML()
        self.about = ipywidgets.HTML()
        self.placeholders = DataTable(
            label="placeholders",
            columns=[
                {"key": "name", "title": "placeholder", "type": "mono", "width": "124px"},
                {"key": "value", "title": "filled with"},
            ],
            selectable=True,
            max_height="420px",
            empty="Nothing was filled in.",
        )
        self.placeholders.on_event(self._placeholder_chosen)

        self.proposal = PartCard(self, "plan")
        self.view.observe(lambda change: self._show(), "value")
        self.observe(lambda change: self._show(), "shown")
        self.follow(("plan",), self._show_plan)
        self.follow(("prompt", "prompt_error", "contract", "variant"), self._show)
        return (
            box("awb-toolbar", self.view, self.note),
            box(
                "awb-columns",
                box(
                    "awb-main",
                    self.proposal,
                    card("In your own words", Field("Plan", self.plan), self.plan_hint),
                    self.empty,
                    box("awb-toolbar", self.own, self.against),
                    self.problem,
                    self.editor,
                    self.rendered,
                    self.rule_card,
                ),
                box(
                    "awb-rail",
                    card("Size", self.size),
                    card("Variant", self.variants),
                    card("Placeholders", self.placeholders),
                    card("Template", self.about),
                ),
            ),
        )

    # ------------------------------------------------------------------ what a person does

    def _plan_typed(self, text: str) -> None:
        if text != self.session.plan:
            self.session.plan = text

    def _make_own(self) -> None:
        if self.attempt(self.session.own_template):
            self.problem.value = ""

    def _template_typed(self, text: str) -> None:
        variant = self.session.variant
        if self._syncing == threading.get_ident() or self.editor.read_only or variant is None:
            return
        if self.view.value != "template" or text == variant.text:
            self.problem.value = ""
            return
        try:
            self.session.edit_template(text)
        except WorkbenchError as problem:
            self._typed_over = variant
            self.problem.value = error_text(f"{problem}. The last template that could be filled stays in force.")
        else:
            self.problem.value = ""

    def _mark_clicked(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "mark":
            self.placeholders.selected = event["name"]

    def _placeholder_chosen(self, event: Mapping[str, Any]) -> None:
        prompt = self.session.prompt
        if event["event"] != "select" or prompt is None:
            return
        self.view.value = "filled"
        start = next((s.start for s in prompt.spans if s.name == event["row"]), 0)
        self.editor.goto(prompt.text.count("\n", 0, start) + 1, focus=False)

    # ------------------------------------------------------------------ what is shown

    def _show_plan(self) -> None:
        if self.plan.value != self.session.plan:
            self.plan.value = self.session.plan

    def _show(self) -> None:
        with self._lock:
            if self._syncing == threading.get_ident():
                return
            self._syncing = threading.get_ident()
            try:
                self._show_all()
            finally:
                self._syncing = 0

    def _show_all(self) -> None:
        prompt, view = self.session.prompt, self.view.value
        if prompt is not None and self.shown and prompt.text != self._looked_at:
            self._before, self._looked_at = self._looked_at, prompt.text
        text, problem = self._text(view, prompt)
        in_editor = view in ("filled", "template", "changes") and not problem
        show(self.empty, _empty(problem) if problem and view != "rules" else "")
        _visible(self.editor, in_editor)
        _visible(self.rule_card, view == "rules")
        _visible(self.against, view == "changes")
        variant = self.session.variant
        editable = view == "template" and variant is not None and bool(variant.text)
        _visible(self.own, view == "template" and not editable)
        show(self.rendered, markdown(text) if view == "rendered" and not problem else "")
        self._show_against()
        if in_editor:
            self._show_in_editor(view, text, editable=editable)
        self.rules.refresh()
        self.variants.refresh()
        show(self.note, f'<span class="awb-hint">{_note(view, self.editor.original, prompt, editable=editable)}</span>')
        self.placeholders.update(_placeholders(prompt))
        self.size.value = _size(prompt)
        self.about.value = _about(prompt)

    def _show_in_editor(self, view: str, text: str, *, editable: bool) -> None:
        prompt, variant = self.session.prompt, self.session.variant
        other = self._other() if view == "changes" else ""
        if not (
            editable and self.problem.value and variant is self._typed_over
        ):  # what was typed, and cannot be filled, stays as it was typed
            self.problem.value = ""
        with self.editor.hold_sync():
            self.editor.read_only = not editable
            self.editor.diff = view == "changes" and bool(other)
            self.editor.original = other
            if not self.problem.value:
                self.editor.value = text
            self.editor.marks = (
                [{"start": s.start, "end": s.end, "name": s.name} for s in prompt.spans]
                if prompt is not None and view == "filled"
                else []
            )

    def _show_against(self) -> None:
        kept = [(f"{v.name} ({v.digest})", v.digest) for v in self.session.variants()]
        options = ((LAST, "last"), ("The library's words", ""), *kept)
        control = self.against.control
        if tuple(control.options) != options:
            chosen = control.value
            control.options = options
            control.value = chosen if chosen in {v for _, v in options} else "last"

    def _other(self) -> str:
        """The prompt that this one is compared with; empty where there is none."""
        self.against.error.value = ""
        chosen = self.against.control.value
        if chosen == "last":
            return self._before
        variant = next((v for v in self.session.variants() if v.digest == chosen), None)
        found: list[Prompt] = []
        self.attempt(lambda: found.append(self.session.filled(variant)), self.against.error)
        return found[0].text if found else ""

    def _text(self, view: str, prompt: Prompt | None) -> tuple[str, str]:
        """The text of a view, or why there is none."""
        if view == "template":
            variant = self.session.variant
            if variant is not None and variant.text:
                return variant.text, ""
            try:
                return str(prompts.template_source(self.session.contract)), ""
            except PromptError as problem:
                return "", str(problem)
        return ("", self.session.prompt_error) if prompt is None else (prompt.text, "")


# ---------------------------------------------------------------------- words and HTML


def _empty(problem: str) -> str:
    return f'<div class="awb-empty"><b>No prompt yet:</b> {html.escape(problem)}.</div>'


def _note(view: str, before: str, prompt: Prompt | None, *, editable: bool) -> str:
    if view == "template":
        if editable:
            return "Your own template: edit it here; it is filled with every pause in the typing."
        return "The text with its placeholders, as it lies in the template library."
    if view == "rules":
        return "Mute a rule, or say it in other words; the prompt follows at once."
    if prompt is None:
        return ""
    if view == "changes":
        return "What the prompt says now, against what it is compared with." if before else NOTHING_YET
    return "" if view == "rendered" else "What was filled in is marked; a click on it shows its placeholder."


def _visible(widget: ipywidgets.DOMWidget, visible: bool) -> None:
    widget.layout.display = None if visible else "none"


def _placeholders(prompt: Prompt | None) -> list[dict[str, Any]]:
    """One row a placeholder, in the order of the text."""
    if prompt is None:
        return []
    found: dict[str, list[str]] = {}
    for span in prompt.spans:
        found.setdefault(span.name, []).append(prompt.text[span.start : span.end])
    return [
        {"key": name, "name": name, "value": {"text": _short(values[0], len(values)), "hint": values[0][:600]}}
        for name, values in found.items()
    ]


def _short(value: str, times: int) -> str:
    plain = " ".join(value.split())
    shown = plain if len(plain) <= SHOWN_CHARACTERS else plain[: SHOWN_CHARACTERS - 1] + "…"
    return f"{shown} ({times} times)" if times > 1 else shown or "(empty)"


def _size(prompt: Prompt | None) -> str:
    if prompt is None:
        return tiles((("tokens", "–"), ("kB", "–")))
    what, sign = ("tokens", "") if prompt.tokens_exact else ("tokens, ± a fifth", "~")
    return tiles(((what, f"{sign}{prompt.tokens:,}"), ("kB", f"{len(prompt.text.encode()) / 1000:.1f}")))


def _about(prompt: Prompt | None) -> str:
    if prompt is None:
        return facts((("Name", "–"),))
    return facts(
        (
            ("Name", f'<span class="awb-mono">{html.escape(prompt.template)}</span>'),
            ("Digest of the template", f'<span class="awb-mono">{html.escape(prompt.template_digest)}</span>'),
            ("Digest of the filled prompt", f'<span class="awb-mono">{prompt.digest}</span>'),
        )
    )
