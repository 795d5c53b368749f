"""A click is acted on once what was typed before it has come, whichever message comes first."""

import threading

import pytest

from waiting import until
from workbench.ui.components import CodeEditor
from workbench.ui.components.unsent import Unsent, unsent
from workbench.ui.panels.panel import button


@pytest.fixture
def done():
    return []


@pytest.fixture
def held():
    return Unsent()


def test_where_nobody_types_it_is_done_at_once(held, done):
    held.then(lambda: done.append(1))
    assert done == [1]


def test_it_waits_for_all_that_is_typed_and_keeps_the_order_of_the_clicks(held, done):
    held.begins("one")
    held.begins("other")
    held.then(lambda: done.append(1))
    held.then(lambda: done.append(2))
    held.ends("one")
    assert done == []
    held.ends("other")
    assert done == [1, 2]
    held.then(lambda: done.append(3))
    assert done == [1, 2, 3]


def test_a_click_that_fails_keeps_none_from_those_after_it(held, done):
    held.begins("one")
    held.then(lambda: [][0])
    held.then(lambda: done.append(2))
    with pytest.raises(IndexError):
        held.ends("one")
    assert done == [2]


def test_a_page_that_never_sends_the_rest_keeps_no_click_for_ever_and_no_second_one_at_all(held, done):
    held.begins("closed")
    held.then(lambda: done.append(threading.current_thread()), patience_s=0.05)
    assert done == []
    until(lambda: done)
    assert done[0] is not threading.main_thread()
    held.then(lambda: done.append(2))
    assert done[1:] == [2]


def test_what_was_done_in_time_is_not_done_again(held, done):
    held.begins("one")
    held.then(lambda: done.append(1), patience_s=0.05)
    held.ends("one")
    held.begins("one")
    held.then(lambda: done.append(2), patience_s=0.5)
    until(lambda: len(done) == 2)
    assert done == [1, 2]


def test_a_button_acts_on_what_was_typed_into_an_editor_before_and_the_page_is_not_told_its_own_text(monkeypatch, done):
    editor = CodeEditor(value="old")
    sent = []
    monkeypatch.setattr(editor, "send_state", lambda key=None: sent.append(key))
    run = button("Run", lambda: done.append(editor.value))
    editor._on_message(editor, {"event": "typing"}, [])
    run.click()
    assert done == []
    editor._on_message(editor, {"event": "typed", "value": "new"}, [])
    assert done == ["new"]
    assert sent == []
    editor.value = "of the kernel"
    assert sent == ["value"]


def test_what_an_observer_makes_of_typed_text_is_sent_to_the_page(monkeypatch):
    editor = CodeEditor(value="")
    sent = []
    monkeypatch.setattr(editor, "send_state", lambda key=None: sent.append(editor.value))
    editor.observe(lambda change: setattr(editor, "value", change["new"].upper()), "value")
    editor._on_message(editor, {"event": "typing"}, [])
    editor._on_message(editor, {"event": "typed", "value": "select"}, [])
    assert sent == ["SELECT"]


def test_an_editor_whose_observer_fails_holds_nobody_up(done):
    editor = CodeEditor(value="")

    def fail(change):
        raise ValueError("no")

    editor.observe(fail, "value")
    editor._on_message(editor, {"event": "typing"}, [])
    unsent.then(lambda: done.append(1))
    with pytest.raises(ValueError, match="no"):
        editor._on_message(editor, {"event": "typed", "value": "x"}, [])
    assert done == [1]
