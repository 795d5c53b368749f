"""The Prompt step."""

from __future__ import annotations

import html
import threading
from collections.abc import Mapping
from typing import Any

import ipywidgets

from workbench import prompts
from workbench.nouns import Prompt, PromptError
from workbench.ui.components import CodeEditor, DataTable
from workbench.ui.panels.painter import facts, show, tiles
from workbench.ui.panels.panel import Field, Panel, box, card

SHOWN_CHARACTERS = 90


class PromptPanel(Panel):
    """Read what the model is asked: filled, as a template, or what changed; and say how `train` should go about it."""

    id = "prompt"
    title = "Prompt"

    def build(self) -> tuple[ipywidgets.Widget, ...]:  # noqa: D102 - of Panel
        self._lock = threading.RLock()
        self._looked_at = ""
        self._before = ""

        self.view = ipywidgets.ToggleButtons(
            options=[("Filled", "filled"), ("Template", "template"), ("Changes", "changes")],
            tooltips=[
                "The prompt as it is sent, with what was filled in marked",
                "The text before anything is filled in",
                "What changed since this step was last looked at",
            ],
        )
        self.note = ipywidgets.HTML()
        self.editor = CodeEditor(label="prompt", language="markdown", read_only=True, wrap=True, max_height="720px")
        self.editor.on_event(self._mark_clicked)
        self.empty = ipywidgets.HTML()
        self.plan_hint = ipywidgets.HTML(
            '<div class="awb-hint">Which model, which preprocessing, how to validate. It becomes part of the prompt '
            "when you leave the box; the offline composer reads it too.</div>"
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

        self.view.observe(lambda change: self._show(), "value")
        self.observe(lambda change: self._show(), "shown")
        self.follow(("plan",), self._show_plan)
        self.follow(("prompt", "prompt_error", "contract"), self._show)
        return (
            box("awb-toolbar", self.view, self.note),
            box(
                "awb-columns",
                box(
                    "awb-main",
                    card("In your own words", Field("Plan", self.plan), self.plan_hint),
                    self.empty,
                    self.editor,
                ),
                box(
                    "awb-rail",
                    card("Size", self.size),
                    card("Placeholders", self.placeholders),
                    card("Template", self.about),
                ),
            ),
        )

    # ------------------------------------------------------------------ what a person does

    def _plan_typed(self, text: str) -> None:
        if text != self.session.plan:
            self.session.plan = text

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
            prompt = self.session.prompt
            if prompt is not None and self.shown and prompt.text != self._looked_at:
                self._before, self._looked_at = self._looked_at, prompt.text
            view = self.view.value
            text, problem = self._text(view, prompt)
            show(self.empty, _empty(problem) if problem else "")
            self.editor.layout.display = "none" if problem else None
            with self.editor.hold_sync():
                self.editor.diff = view == "changes" and bool(self._before)
                self.editor.original = self._before if view == "changes" else ""
                self.editor.value = text
                self.editor.marks = (
                    [{"start": s.start, "end": s.end, "name": s.name} for s in prompt.spans]
                    if prompt is not None and view == "filled"
                    else []
                )
            show(self.note, f'<span class="awb-hint">{_note(view, self._before, prompt)}</span>' if prompt else "")
            self.placeholders.update(_placeholders(prompt))
            self.size.value = _size(prompt)
            self.about.value = _about(prompt)

    def _text(self, view: str, prompt: Prompt | None) -> tuple[str, str]:
        """The text of a view, or why there is none."""
        if view == "template":
            try:
                return str(prompts.template_source(self.session.contract)), ""
            except PromptError as problem:
                return "", str(problem)
        return ("", self.session.prompt_error) if prompt is None else (prompt.text, "")


# ---------------------------------------------------------------------- words and HTML


def _empty(problem: str) -> str:
    return f'<div class="awb-empty"><b>No prompt yet:</b> {html.escape(problem)}.</div>'


def _note(view: str, before: str, prompt: Prompt | None) -> str:
    if view == "template":
        return "The text with its placeholders, as it lies in the template library."
    if view == "changes":
        return (
            "What changed since you last looked at this step."
            if before
            else "Nothing changed yet: this is the first prompt of the session."
        )
    return "What was filled in is marked; a click on it shows its placeholder." if prompt is not None else ""


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
