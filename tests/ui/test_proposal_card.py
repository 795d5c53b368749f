"""The card for a proposal, without a browser: clicks and texts stand for a person."""

from __future__ import annotations

import threading

import pytest

from waiting import settled
from workbench.nouns import PARTS
from workbench.session import Session
from workbench.ui.panels.optimiser import OptimiserPanel


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "runs")
    made.load("builtin:iris")
    return made


@pytest.fixture
def card(session):
    return OptimiserPanel(session).proposal


def suggested(card):
    card.suggest.click()
    settled(lambda: card.panel.session.proposal is not None and not card.suggest.disabled)


def below(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from below(child)


def hidden(widget):
    return widget.layout.display == "none"


def test_before_a_suggestion_there_is_one_button_and_no_part(card):
    assert hidden(card.found)
    assert hidden(card.cancel)
    assert hidden(card.offline), "without a model there is one way to plan"
    assert "By rules" in card.status.value


def test_a_suggestion_shows_four_parts_with_reasons_and_differences_and_changes_nothing(session, card):
    before = session.facade, session.scenario, session.plan, session.space.space
    card.time.control.value = "90"
    suggested(card)
    assert not hidden(card.found)
    assert (session.facade, session.scenario, session.plan, session.space.space) == before
    assert "It is what you have." in card.parts["facade"].text.value
    assert "+wall_limit_s: 90" in card.parts["scenario"].text.value
    assert "<li>Put a quarter of the 150 rows aside" in card.parts["plan"].text.value
    assert "min_samples_leaf ends at 11 instead of 20" in card.parts["space"].text.value.replace("Min_", "min_")
    assert 'tabindex="0"' in card.parts["space"].text.value
    assert "without a model" in card.about.value


def test_every_button_has_a_name_of_its_own(card):
    suggested(card)
    for view in card.parts.values():
        view.edit.click()
    names = [w.description for w in below(card) if hasattr(w, "click")]
    assert len(set(names)) == len(names)
    assert {f"{verb} {what}" for verb in ("Accept", "Reject") for what in ("the facade", "the space")} <= set(names)
    labels = [view.editor.label for view in card.parts.values()]
    assert len(set(labels)) == len(PARTS)


def test_accept_puts_a_part_in_force_says_so_and_one_step_back_undoes_the_space(session, card):
    suggested(card)
    before = session.space.space
    card.parts["space"].accept.click()
    assert session.space.space == session.proposal.space
    assert "accepted" in card.parts["space"].text.value
    assert "It is what you have." in card.parts["space"].text.value
    assert "Undo in the Space step" in card.panel.toast.messages[-1]["text"]
    session.space.undo()
    assert session.space.space == before
    assert "It is what you have." not in card.parts["space"].text.value, "the difference follows the space"


def test_reject_leaves_what_is_in_force_and_the_rest_can_be_accepted_at_once(session, card):
    suggested(card)
    card.parts["plan"].reject.click()
    assert "rejected" in card.parts["plan"].text.value
    card.all.click()
    assert session.plan == ""
    assert session.space.space == session.proposal.space
    assert card.all.disabled


def test_an_edit_is_kept_and_accepted_and_a_wrong_one_is_told_below_it(session, card):
    suggested(card)
    view = card.parts["scenario"]
    view.edit.click()
    assert "n_trials: 50" in view.editor.value
    view.editor.set_state({"value": "n_trials: many"})
    view.keep.click()
    assert "it must be a number" in view.error.value
    view.editor.set_state({"value": "n_trials: 31"})
    view.keep.click()
    assert hidden(view.area)
    assert "+n_trials: 31" in view.text.value
    assert session.scenario.n_trials == 60
    view.accept.click()
    assert session.scenario.n_trials == 31


def test_an_edit_is_dropped_by_closing_it(session, card):
    suggested(card)
    view = card.parts["space"]
    view.edit.click()
    view.editor.set_state({"value": "hyperparameters: 3"})
    assert view.edit.description == "Close the edit of the space"
    before = session.proposal
    view.edit.click()
    assert hidden(view.area)
    assert session.proposal is before
    view.edit.click()
    assert "max_depth" in view.editor.value


@pytest.mark.parametrize(("typed", "told"), [("soon", "give seconds, as in 600"), ("-5", "give more than 0")])
def test_a_time_that_is_none_is_told_beside_it(session, card, typed, told):
    card.time.control.value = typed
    card.suggest.click()
    assert told in card.time.error.value
    assert session.proposal is None


def test_with_a_model_it_says_who_is_asked_and_offers_to_plan_offline(session, card):
    session.use_model("planner", base_url="http://127.0.0.1:9/v1")
    assert "By planner." in card.status.value
    assert not hidden(card.offline)
    card.offline.click()
    settled(lambda: session.proposal is not None)
    assert session.proposal.origin == "rules"


def test_a_proposal_that_code_makes_is_shown_and_html_in_it_is_text(session, card):
    session.propose()
    session.revise("plan", "<img src=x onerror=alert(1)> & more")
    assert "<img" not in card.parts["plan"].text.value
    assert "&lt;img" in card.parts["plan"].text.value


def test_another_table_takes_the_card_back_to_its_button(session, card):
    suggested(card)
    session.load("builtin:wine")
    assert hidden(card.found)


def said(editor, **event):
    """What the page sends of it."""
    editor._on_message(editor, event, [])


def test_a_click_that_overtakes_what_was_typed_before_it_keeps_what_was_typed(session, card):
    suggested(card)
    view = card.parts["plan"]
    view.edit.click()
    said(view.editor, event="typing")
    view.keep.click()
    assert not hidden(view.area), "the click waits for what was typed before it"
    typed = threading.Thread(target=said, args=(view.editor,), kwargs={"event": "typed", "value": "Scale the columns."})
    typed.start()
    typed.join()
    assert session.proposal_text("plan").strip() == "1. Scale the columns."
    assert hidden(view.area)
