"""The rules of the prompt: spoken, muted, or in other words."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable
from typing import Any

import ipywidgets

from workbench.session import Session
from workbench.ui.components import TableEditor
from workbench.ui.panels.painter import badge

COLUMNS: list[dict[str, Any]] = [
    {"key": "rule", "title": "Rule", "type": "label", "mono": True, "width": "20%"},
    {"key": "level", "title": "Weight", "type": "label", "width": "64px"},
    {"key": "said", "title": "In the prompt", "type": "select", "options": ["spoken", "muted"], "width": "132px"},
    {
        "key": "sentence",
        "title": "Sentence",
        "type": "area",
        "hint": "Other words for the rule; empty brings its own sentence back",
    },
]


class RuleList(ipywidgets.VBox):
    """Every rule that holds for the job, with its sentence to edit in place and a choice to mute it.

    Parameters
    ----------
    session : Session
        Whose rules these are.
    attempt : callable
        Does an action, and says what is wrong with it.
    """

    def __init__(self, session: Session, attempt: Callable[[Callable[[], Any]], bool]) -> None:
        self._session, self._attempt = session, attempt
        self.summary = ipywidgets.HTML()
        self.table = TableEditor(
            label="Rules of the prompt",
            columns=COLUMNS,
            name_field="rule",
            row_noun="rule",
            empty="No rule holds for this contract.",
            can_add=False,
            can_duplicate=False,
            can_remove=False,
        )
        self.table.on_event(self._on_event)
        super().__init__([self.summary, self.table])
        self.add_class("awb-main")

    def refresh(self) -> None:
        """Show what the session says now."""
        spoken = self._session.spoken_rules()
        self.table.rows = [
            {
                "key": r.id,
                "rule": r.id,
                "level": r.level,
                "said": r.state,
                "sentence": r.sentence,
                "disabled": ["sentence"] if r.state == "muted" else [],
            }
            for r in spoken
        ]
        count = Counter(r.state for r in spoken)
        made = [badge(f"{count['spoken']} spoken", "ok")]
        made += [badge(f"{count[s]} {s}", "warn") for s in ("muted", "reworded") if count[s]]
        unheard = [r.id for r in spoken if r.state != "muted" and not r.heard]
        said = ["Every rule is checked, whether it is spoken or not."]
        if count["muted"]:
            names = ", ".join(r.id for r in spoken if r.state == "muted")
            said = [f"Muted rules are still checked: {names}."]
        if unheard:
            said.append(f"The template in force has no place for {len(unheard)} of them.")
        self.summary.value = (
            f'<div style="display: flex; flex-wrap: wrap; gap: 6px">{"".join(made)}</div>'
            f'<div class="awb-hint" style="margin-top: 6px">{html.escape(" ".join(said))}</div>'
        )

    def _on_event(self, event: dict[str, Any]) -> None:
        rule = str(event.get("row", ""))
        if event["event"] != "edit":
            return
        if event["field"] == "said":
            muted = event["value"] == "muted"
            self._attempt(lambda: self._session.mute(rule) if muted else self._session.reword({rule: ""}))
        elif event["field"] == "sentence":
            self._attempt(lambda: self._session.reword({rule: str(event["value"])}))
        self.refresh()
