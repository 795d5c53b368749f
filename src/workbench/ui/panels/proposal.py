"""A card for what the planner proposes: each part with its reasons and its difference, to accept, edit or reject."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial

import ipywidgets

from workbench import facades
from workbench.nouns import PARTS, Part, Proposal
from workbench.session import Session
from workbench.ui.components import CodeEditor
from workbench.ui.panels.painter import show
from workbench.ui.panels.panel import Field, Line, Panel, box, button, entry, note, notes, sentence

TITLES: dict[Part, str] = {"facade": "Facade", "scenario": "Scenario", "plan": "Plan for train", "space": "Space"}
NAMES: dict[Part, str] = {"facade": "the facade", "scenario": "the numbers", "plan": "the plan", "space": "the space"}
DONE = {
    "facade": "The facade is in use.",
    "scenario": "The numbers are in use.",
    "plan": "The plan is part of the prompt now.",
    "space": "The space is in use; Undo in the Space step brings yours back.",
}
TONES = {"open": "info", "accepted": "ok", "rejected": ""}
FOLLOWED = ["proposal", "proposal_states", "proposing", "facade", "scenario", "plan", "space_version"]


class PartView(ipywidgets.VBox):
    """One part of a proposal.

    Parameters
    ----------
    panel : Panel
        Where it stands: it says what goes wrong.
    part : Part
        Which one.
    """

    def __init__(self, panel: Panel, part: Part) -> None:
        self.panel, self.part = panel, part
        name = NAMES[part]
        self.text = ipywidgets.HTML()
        self.accept = button(f"Accept {name}", self._accept, "", DONE[part])
        self.edit = button(f"Edit {name}", self._toggle, "", f"Change {name} before accepting")
        self.reject = button(f"Reject {name}", self._reject, "awb-quiet", "What you have stays")
        self.editor: CodeEditor | None = None
        self._edited = ""  # the proposed text that an open editor began with
        self.error = Line()
        self.keep = button(f"Keep the edit of {name}", self._keep, "", "The difference is shown anew; accept it then")
        self.area = ipywidgets.VBox()
        self.area.add_class("awb-main")
        self.area.layout.display = "none"
        super().__init__([self.text, box("awb-toolbar", self.accept, self.edit, self.reject), self.area])
        self.add_class("awb-main")

    @property
    def session(self) -> Session:
        """What it acts on."""
        return self.panel.session

    def refresh(self, proposal: Proposal, state: str) -> None:
        """Show the part as it is proposed, and what it would change."""
        if self._edited and self._edited != self.session.proposal_text(self.part):
            self.close_editor()  # what was opened is not proposed any more
        difference = self.session.proposal_diff(self.part)
        badge = f'<span class="awb-badge awb-badge-{TONES[state]}">{state}</span>' if state else ""
        parts = [f'<h4 class="awb-card-title">{TITLES[self.part]} {badge}</h4>']
        if state != "rejected":
            parts.append(_BODIES[self.part](proposal))
            if difference and self.part in ("facade", "space"):  # the others have their reasons in them
                parts.append(notes(note(reason) for reason in self.session.proposal_reasons(self.part)))
            new_plan = self.part == "plan" and not self.session.plan.strip()
            parts.append(_hint("You have no plan yet.") if new_plan else _diff(difference, self.part))
        show(self.text, "".join(parts))

    def close_editor(self) -> None:
        """Drop what was typed."""
        self.area.layout.display = "none"
        self.error.value = self._edited = ""
        self.edit.description = f"Edit {NAMES[self.part]}"

    def _accept(self) -> None:
        if self.panel.attempt(lambda: self.session.accept(self.part)):
            self.close_editor()
            self.panel.toast.say(DONE[self.part], "success")

    def _reject(self) -> None:
        if self.panel.attempt(lambda: self.session.reject(self.part)):
            self.close_editor()

    def _toggle(self) -> None:
        if self.area.layout.display != "none":
            self.close_editor()
            return
        if self.editor is None:  # an editor is made when somebody wants to edit
            languages = {"plan": "markdown", "facade": "text"}
            self.editor = CodeEditor(
                label=f"{NAMES[self.part]} as proposed, to edit",
                language=languages.get(self.part, "yaml"),
                wrap=True,
                max_height="320px",
            )
            self.area.children = [
                ipywidgets.HTML(f'<div class="awb-hint">{_HINTS[self.part]}</div>'),
                self.editor,
                self.error,
                box("awb-toolbar", self.keep),
            ]
        self.editor.value = self._edited = self.session.proposal_text(self.part)
        self.area.layout.display = None
        self.edit.description = f"Close the edit of {NAMES[self.part]}"

    def _keep(self) -> None:
        if self.editor is None:
            return
        text = self.editor.value
        if self.panel.attempt(lambda: self.session.revise(self.part, text), self.error):
            self.close_editor()


class PartCard(ipywidgets.VBox):
    """One part of the proposal in the step that it belongs to, while it is neither accepted nor rejected.

    Parameters
    ----------
    panel : Panel
        Where it stands.
    part : Part
        Which one.
    """

    def __init__(self, panel: Panel, part: Part) -> None:
        self.panel, self.part = panel, part
        self.view = PartView(panel, part)
        self.about = ipywidgets.HTML()
        heading = ipywidgets.HTML('<h3 class="awb-card-title">Suggestion</h3>')
        super().__init__([heading, self.about, self.view])
        self.add_class("awb-card")
        panel.observe(lambda change: self._show(), "shown")
        panel.follow(FOLLOWED, self._show)

    def _show(self) -> None:
        proposal = self.panel.session.proposal
        state = self.panel.session.proposal_states.get(self.part, "open")
        open_ = proposal is not None and state == "open"
        self.layout.display = None if open_ else "none"
        if proposal is None or not open_:
            self.view.close_editor()
            return
        if not self.panel.shown:
            return
        self.view.refresh(proposal, state)
        show(self.about, f'<div class="awb-hint">{_who(proposal)} Its other parts stand in the Optimiser step.</div>')


class ProposalCard(ipywidgets.VBox):
    """The button that asks for a proposal, and the proposal part by part.

    Parameters
    ----------
    panel : Panel
        Where it stands.
    """

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        session = panel.session
        self.time = Field(
            "Time for the run (s)",
            entry("limit of the run", self._suggest),
            hint="How long the whole run may take; empty: the limit of the run, else ten minutes",
            width="180px",
        )
        self.suggest = button(
            "Suggest",
            self._suggest,
            "awb-primary",
            "Propose a facade, numbers, a plan and a space; nothing changes yet",
        )
        self.offline = button("Suggest offline", partial(self._suggest, offline=True), "", "Plan by rules, no model")
        self.cancel = button("Cancel the suggestion", session.cancel_proposal, "", "Stop asking the model")
        self.all = button("Accept all that is open", self._accept_all, "", "Every part that is not rejected")
        self.status = ipywidgets.HTML()
        self.parts = {part: PartView(panel, part) for part in PARTS}
        self.about = ipywidgets.HTML()
        self.found = ipywidgets.VBox([self.about, *self.parts.values(), box("awb-toolbar", self.all)])
        self.found.add_class("awb-main")
        row = box("awb-toolbar", self.time, self.suggest, self.offline, self.cancel, self.status)
        row.layout.align_items = "flex-end"
        heading = ipywidgets.HTML('<h3 class="awb-card-title">Suggestion</h3>')
        super().__init__([heading, row, self.found])
        self.add_class("awb-card")
        panel.observe(lambda change: self._show(), "shown")
        panel.follow([*FOLLOWED, "model", "recording"], self._show)

    # ------------------------------------------------------------------ what a person does

    def _suggest(self, *, offline: bool = False) -> None:
        typed = self.time.control.value.strip()
        self.panel.attempt(lambda: self.panel.session.propose_async(_seconds(typed), offline=offline), self.time.error)

    def _accept_all(self) -> None:
        if self.panel.attempt(self.panel.session.accept):
            self.panel.toast.say("All that was open is in use.", "success")

    # ------------------------------------------------------------------ what is shown

    def _show(self) -> None:
        if not self.panel.shown:
            return
        session = self.panel.session
        by_model = session.model is not None or session.recording is not None
        self.suggest.disabled = self.offline.disabled = session.proposing
        self.offline.layout.display = None if by_model else "none"
        self.cancel.layout.display = None if session.proposing and by_model else "none"
        author = html.escape(session.author) if by_model else "rules, from size, types, space and time"
        doing = f"Asking {author} …" if session.proposing else f"By {author}."
        show(self.status, f'<span class="awb-hint" role="status">{doing}</span>')
        proposal = session.proposal
        self.found.layout.display = None if proposal is not None else "none"
        if proposal is None:
            for view in self.parts.values():
                view.close_editor()
            return
        states = session.proposal_states
        for part, view in self.parts.items():
            view.refresh(proposal, states.get(part, "open"))
        self.all.disabled = "open" not in states.values()
        remarks = [note(sentence(r)) for r in proposal.remarks]
        show(self.about, f'<div class="awb-hint">{_who(proposal)} Nothing is in use before you accept it.</div>'
                         + (notes(remarks) if remarks else ""))  # fmt: skip


# ---------------------------------------------------------------------- words and HTML


def _who(proposal: Proposal) -> str:
    """Who proposes, as HTML."""
    return html.escape(f"Proposed by {proposal.model}." if proposal.model else "Proposed by rules, without a model.")


def _seconds(typed: str) -> float | str | None:
    """The time that was typed; a text that is none as it is: the session says what is wrong with it."""
    if not typed:
        return None
    try:
        return float(typed)
    except ValueError:
        return typed


def _facade_body(proposal: Proposal) -> str:
    facade = facades.get(proposal.facade)
    return (
        f'<div><b>{html.escape(facade.title)}</b> <span class="awb-badge">{html.escape(facade.smac_class)}</span></div>'
    )


def _scenario_body(proposal: Proposal) -> str:
    rows = (
        f"<b>{n.name} {'none' if n.value is None else f'{n.value:.15g}'}</b> {html.escape(n.reason)}"
        for n in proposal.scenario
    )
    return f'<ul class="awb-list">{"".join(f"<li>{row}</li>" for row in rows)}</ul>'


def _plan_body(proposal: Proposal) -> str:
    steps = "".join(f"<li>{html.escape(step)}</li>" for step in proposal.plan)
    return f'<ol style="margin: 0; padding-left: 22px">{steps}</ol>'


def _space_body(proposal: Proposal) -> str:
    count = len(proposal.space)
    title = f"{html.escape(proposal.space.name)}, " if proposal.space.name else ""
    return f"<div><b>{title}{count} hyperparameter{'s' if count != 1 else ''}</b></div>"


_BODIES: dict[Part, Callable[[Proposal], str]] = {
    "facade": _facade_body,
    "scenario": _scenario_body,
    "plan": _plan_body,
    "space": _space_body,
}
_HINTS: dict[Part, str] = {
    "facade": f"One of {', '.join(facades.facades())}.",
    "scenario": "One number a line, as in <code>n_trials: 40</code>; <code>none</code> for no limit.",
    "plan": "One step a line.",
    "space": "YAML or JSON, as the Space step writes it.",
}


def _hint(text: str) -> str:
    return f'<div class="awb-hint" style="margin-top: 6px">{text}</div>'


def _diff(text: str, part: Part) -> str:
    """A unified diff whose lines say by sign and by colour what goes and what comes."""
    if not text:
        return _hint("It is what you have.")
    tones = {"+": "ok", "-": "bad"}
    lines = []
    for line in text.splitlines()[2:]:
        if line.startswith("@@"):
            continue
        tone = tones.get(line[:1])
        tint = f' style="background: color-mix(in srgb, var(--awb-{tone}) 16%, transparent)"' if tone else ""
        lines.append(f"<div{tint}>{html.escape(line)}</div>")
    label = f"What {NAMES[part]} would change: minus is yours, plus is proposed"
    return (
        f'<div class="awb-code-line" role="region" tabindex="0" aria-label="{label}" '
        f'style="margin-top: 6px; max-height: 260px; overflow: auto">{"".join(lines)}</div>'
    )
