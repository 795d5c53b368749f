"""Variants of the prompt: which one is in force, those kept in a folder, and a template by its file."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable
from typing import Any

import ipywidgets

from workbench.session import Session
from workbench.ui.panels.panel import Field, Line, box, button, entry

Attempt = Callable[[Callable[[], Any], ipywidgets.Widget | None], bool]


class VariantCard(ipywidgets.VBox):
    """Choose, load, keep and leave a variant of the prompt.

    Parameters
    ----------
    session : Session
        Whose prompt it is.
    attempt : callable
        Does an action, and says what is wrong with it in the place that it is given.
    said : callable
        Is told what was done, in a sentence.
    """

    def __init__(self, session: Session, attempt: Attempt, said: Callable[[str], object]) -> None:
        self._session, self._attempt, self._said = session, attempt, said
        self._syncing = 0
        self.now = ipywidgets.HTML()
        self.kept = Field("Kept variants", ipywidgets.Dropdown(options=[("The library's words", "")]))
        self.kept.control.observe(lambda change: self._choose(change["new"]), ["value"])
        self.path = Field(
            "Template or variant file",
            entry("prompts/mine.md.j2", self.load),
            hint="A Jinja template (.j2), one with {placeholders}, or a variant as YAML",
        )
        self.load_button = button("Load file", self.load, "", "Ask with this template or variant")
        self.name = Field("Name", entry("terse", self.save))
        self.save_button = button("Save variant", self.save, "", "Keep what is asked now as a variant")
        self.where = Line("awb-hint")
        self.problem = Line()
        super().__init__(
            [
                self.now,
                self.kept,
                self.problem,
                self.path,
                box("awb-toolbar", self.load_button),
                self.name,
                box("awb-toolbar", self.save_button),
                self.where,
            ]
        )
        self.add_class("awb-main")

    def refresh(self) -> None:
        """Show what the session says now."""
        variant = self._session.variant
        kept = {v.digest: v for v in self._session.variants()}
        options = [("The library's words", "")] + [(f"{v.name} ({d})", d) for d, v in kept.items()]
        digest = variant.digest if variant is not None else ""
        if digest and digest not in kept:
            options.append((f"{variant.name}, not saved" if variant is not None else "", digest))
        self._syncing = threading.get_ident()
        try:
            if tuple(self.kept.control.options) != tuple(options):
                self.kept.control.options = options
            self.kept.control.value = digest
        finally:
            self._syncing = 0
        if variant is None:
            self.now.value = (
                '<div class="awb-hint">The rules speak in their own words, in the library\'s template.</div>'
            )
        else:
            source = f"own template, {variant.style}" if variant.text else "the library's template"
            self.now.value = (
                f'<div><span class="awb-mono">{html.escape(variant.name)}</span> '
                f'<span class="awb-badge">version {variant.digest}</span></div>'
                f'<div class="awb-hint">{source}; {len(variant.rules)} '
                f"rule{'s' if len(variant.rules) != 1 else ''} muted or reworded.</div>"
            )
        self.save_button.disabled = variant is None
        folder = html.escape(str(self._session.prompts_folder))
        self.where.value = f"Variants are kept in <code>{folder}</code>, each under its name and version."

    def load(self) -> None:
        """Ask with the file whose path was typed."""
        path = self.path.control.value.strip()
        if self._attempt(lambda: self._session.use_variant(path), self.path.error):
            self._said(f"The prompt is asked with {path}.")

    def save(self) -> None:
        """Keep the variant in force under the name that was typed."""
        made: list[Any] = []
        if self._attempt(
            lambda: made.append(self._session.save_variant(self.name.control.value)),
            self.name.error,
        ):
            self._said(f"Kept as {made[0]}.")
            self.refresh()

    def _choose(self, digest: str) -> None:
        if self._syncing == threading.get_ident():
            return
        chosen = next((v for v in self._session.variants() if v.digest == digest), None)
        if chosen is None and digest:
            return
        if not self._attempt(lambda: self._session.use_variant(chosen), self.problem):
            self.refresh()
