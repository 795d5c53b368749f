"""The parts of a proposal in the Space and the Prompt step, without a browser."""

from __future__ import annotations

import pytest

from workbench.session import Session
from workbench.ui.components import Toast
from workbench.ui.panels.prompt import PromptPanel
from workbench.ui.panels.space import SpacePanel


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "runs")
    made.load("builtin:iris")
    return made


def hidden(widget):
    return widget.layout.display == "none"


def test_the_space_step_shows_the_proposed_space_accepts_it_and_puts_the_card_away(session):
    card = SpacePanel(session, Toast()).proposal
    assert hidden(card)
    session.propose()
    assert not hidden(card)
    assert "min_samples_leaf ends at 11" in card.view.text.value.replace("Min_", "min_")
    before = session.space.space
    card.view.accept.click()
    assert session.space.space == session.proposal.space != before
    assert session.proposal_states["space"] == "accepted"
    assert session.proposal_states["plan"] == "open", "that part only"
    assert hidden(card)


def test_the_prompt_step_edits_and_rejects_the_proposed_plan_only(session):
    session.propose()
    card = PromptPanel(session, Toast()).proposal
    assert "Put a quarter of the 150 rows aside" in card.view.text.value
    card.view.edit.click()
    card.view.editor.set_state({"value": "Use shallow trees.\nStop early."})
    card.view.keep.click()
    assert "Use shallow trees." in card.view.text.value
    assert session.plan == "", "nothing is in force before it is accepted"
    card.view.reject.click()
    assert hidden(card)
    assert session.plan == ""
    session.revise("plan", "Use shallow trees.")
    assert not hidden(card), "an edited part is open again"
    card.view.accept.click()
    assert session.plan == "1. Use shallow trees."
    assert "Use shallow trees." in session.prompt.text


def test_another_table_puts_the_cards_away(session):
    session.propose()
    cards = [SpacePanel(session, Toast()).proposal, PromptPanel(session, Toast()).proposal]
    assert not any(map(hidden, cards))
    session.load("builtin:wine")
    assert all(map(hidden, cards))
