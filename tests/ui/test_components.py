"""Components without a browser: what they send and what they make of what comes back."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.ui import components
from workbench.ui.components import CodeEditor, DataTable, Dialog, Stepper, TableEditor, Toast, Upload, style
from workbench.ui.components.upload import _safe

HOME = Path(components.__file__).parent


def say(widget, content, buffers=()):
    """What a message from the browser does."""
    widget._handle_custom_msg(content, list(buffers))


def sent(widget, monkeypatch):
    """The custom messages and the names of the traits that the widget sends from now on."""
    messages, traits = [], []
    send_state = widget.send_state
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: messages.append(content))
    monkeypatch.setattr(widget, "send_state", lambda key=None: (traits.append(key), send_state(key)))
    return messages, traits


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_bundles_are_those_of_the_sources_or_make_js_is_due():
    build = json.loads((HOME / "static" / "build.json").read_text())
    js = HOME / "js"
    sources = {p.name: digest(p) for p in js.iterdir() if re.search(r"\.(js|mjs|css)$|^package(-lock)?\.json$", p.name)}
    assert sources == build["sources"], "the sources changed since the last `make js`"
    built = {p.name: digest(p) for p in (HOME / "static").iterdir() if p.name != "build.json"}
    assert built == build["built"], "a bundle was changed by hand; `make js` builds it from js/"


def test_the_bundles_and_the_lock_file_name_no_other_host():
    lock = (HOME / "js" / "package-lock.json").read_text()
    assert "http" not in lock
    for name in ("workbench.css", "table_editor.js", "upload.js", "stepper.js"):
        assert not re.search(r"https?://(?!www\.w3\.org)", (HOME / "static" / name).read_text())


def test_the_stylesheet_and_the_editor_library_are_sent_once_for_all():
    a, b = CodeEditor(), CodeEditor()
    assert a.library is b.library
    assert "_css" not in a.get_state()
    assert style() is style()
    assert len(a._esm) < 10_000


def test_a_closed_stylesheet_is_made_again():
    first = style()
    first.close()
    assert style() is not first
    assert style().comm is not None


def test_an_event_reaches_every_callback_until_it_is_removed():
    table, got = TableEditor(), []
    table.on_event(got.append)
    say(table, {"event": "add", "seq": 7})
    table.on_event(got.append, remove=True)
    say(table, {"event": "add", "seq": 8})
    assert got == [{"event": "add"}]


def test_a_message_that_is_no_event_is_nobodys_business():
    table, got = TableEditor(), []
    table.on_event(got.append)
    for content in ({}, {"event": 3}, "event", None, []):
        say(table, content)
    assert got == []


def test_an_edit_is_acknowledged_only_after_the_listeners_had_it():
    table, seen = TableEditor(), []
    table.on_event(lambda e: seen.append(table._acknowledged))
    say(table, {"event": "edit", "row": 1, "field": "low", "value": "3", "seq": 41})
    assert seen == [0]
    assert table._acknowledged == 41


def test_streamed_text_is_sent_once_each_and_whole_at_the_end(monkeypatch):
    editor = CodeEditor(value="a")
    messages, traits = sent(editor, monkeypatch)
    editor.append("b")
    editor.append("")
    editor.append("c")
    assert editor.value == "abc"
    assert messages == [{"do": "append", "text": "b"}, {"do": "append", "text": "c"}]
    assert "value" not in traits
    assert editor.streaming
    editor.finish()
    assert traits[-1] == "value"
    assert not editor.streaming


def test_what_a_person_types_arrives_in_value():
    editor = CodeEditor(value="a")
    editor.set_state({"value": "a = 1\n"})
    assert editor.value == "a = 1\n"


def test_going_to_a_line_asks_the_browser(monkeypatch):
    editor = CodeEditor(value="a\nb")
    messages, _ = sent(editor, monkeypatch)
    editor.goto(2)
    assert messages == [{"do": "goto", "line": 2, "column": 0, "focus": True}]


def test_a_growing_table_sends_only_what_is_new(monkeypatch):
    table = DataTable()
    table.rows = [{"key": i, "cost": 0.5} for i in range(10)]
    messages, traits = sent(table, monkeypatch)
    table.update([*table.rows, {"key": 10, "cost": 0.1}])
    assert messages == [{"do": "patch", "rows": [{"key": 10, "cost": 0.1}], "keys": None}]
    assert "rows" not in traits
    assert len(table.rows) == 11


def test_a_changed_and_a_removed_row_are_sent_with_the_order_of_all(monkeypatch):
    table = DataTable(rows=[{"key": i, "v": 0} for i in range(6)])
    messages, _ = sent(table, monkeypatch)
    table.update([{"key": 5, "v": 1}, *({"key": i, "v": 0} for i in range(4))])
    assert messages == [{"do": "patch", "rows": [{"key": 5, "v": 1}], "keys": [5, 0, 1, 2, 3]}]


def test_the_same_rows_again_send_nothing(monkeypatch):
    table = DataTable(rows=[{"key": 1, "v": [1, 2]}])
    messages, traits = sent(table, monkeypatch)
    table.update([{"key": 1, "v": [1, 2]}])
    assert (messages, traits) == ([], [])


def apply(rows, message):
    """What the browser does with a patch."""
    by_key = {r["key"]: r for r in rows} | {r["key"]: r for r in message["rows"]}
    return [by_key[k] for k in (list(by_key) if message["keys"] is None else message["keys"])]


tables = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), max_size=12, unique_by=lambda r: r[0])


@settings(deadline=None, max_examples=150)
@given(tables, tables)
def test_a_browser_that_follows_the_patches_shows_the_same_rows(before, after):
    table = DataTable(rows=[{"key": k, "v": v} for k, v in before])
    shown, messages = list(table.rows), []
    table.send = lambda content, buffers=None: messages.append(content)
    table.observe(lambda change: whole.append(change.new) if not table._quiet_thread else None, "rows")
    whole: list[list[dict]] = []
    wanted = [{"key": k, "v": v} for k, v in after]
    table.update(wanted)
    for rows in whole:
        shown = rows
    for message in messages:
        shown = apply(shown, message)
    assert shown == wanted == table.rows


def test_choosing_a_row_sets_it_and_tells():
    table, got = DataTable(rows=[{"key": "a"}], selectable=True), []
    table.on_event(got.append)
    say(table, {"event": "select", "row": "a"})
    assert table.selected == "a"
    assert got == [{"event": "select", "row": "a"}]


def test_a_dialog_calls_what_was_confirmed_once_and_a_cancelled_one_never():
    dialog, done = Dialog(), []
    dialog.ask("Delete?", "The run is lost.", "Delete", done.append, danger=True)
    assert (dialog.shown, dialog.danger, dialog.confirm_label) == (True, True, "Delete")
    say(dialog, {"event": "cancel"})
    say(dialog, {"event": "confirm", "text": ""})
    assert done == []
    assert not dialog.shown
    dialog.ask("Name?", "", "Save", done.append, input_label="Name")
    say(dialog, {"event": "confirm", "text": "mine"})
    assert done == ["mine"]


def test_a_question_asked_while_answering_stays_open():
    dialog = Dialog()
    dialog.ask("One?", "", "Yes", lambda _: dialog.ask("Two?", "", "Yes", lambda _: None))
    say(dialog, {"event": "confirm", "text": ""})
    assert (dialog.title, dialog.shown) == ("Two?", True)


def test_good_news_leaves_by_itself_and_an_error_stays():
    toast = Toast()
    toast.say("saved", "success")
    toast.say("lost", "error")
    assert [(m["text"], m["seconds"] > 0) for m in toast.messages] == [("saved", True), ("lost", False)]


def test_a_toast_keeps_five_and_says_the_same_thing_once():
    toast = Toast()
    for i in [0, 1, 1, 2, 3, 4, 5, 6]:
        last = toast.say(f"n{i}")
    assert [m["text"] for m in toast.messages] == ["n2", "n3", "n4", "n5", "n6"]
    say(toast, {"event": "dismiss", "id": last})
    assert len(toast.messages) == 4
    toast.dismiss()
    assert toast.messages == []


def test_the_step_that_a_person_chooses_is_selected():
    stepper = Stepper(steps=[{"id": "data", "title": "Data", "state": "ready", "text": ""}])
    stepper.set_state({"selected": "data"})
    assert stepper.selected == "data"


def send_file(upload: Upload, data: bytes, name: str = "table.csv", piece: int = 7, until: int | None = None) -> None:
    say(upload, {"event": "begin", "id": "u1", "name": name, "size": len(data)})
    for at in range(0, len(data) if until is None else until, piece):
        say(upload, {"event": "chunk", "id": "u1", "at": at}, [memoryview(data[at : at + piece])])


@pytest.mark.parametrize("size", [0, 1, 7, 100])
def test_a_file_in_pieces_arrives_whole(size, monkeypatch):
    upload, got = Upload(), []
    messages, _ = sent(upload, monkeypatch)
    upload.on_complete(lambda path, name: got.append((path.read_bytes(), name)))
    data = bytes(range(size))
    send_file(upload, data)
    assert got == [(data, "table.csv")]
    assert (upload.state, upload.progress, upload.size) == ("complete", 1.0, size)
    assert [m["received"] for m in messages] == [0, *range(7, size, 7), *([size] if size else [])]
    upload.close()


def folder_of(upload: Upload) -> Path:
    assert upload._folder is not None
    return upload._folder


def test_a_cancelled_upload_leaves_nothing_and_late_pieces_are_ignored(monkeypatch):
    upload, events = Upload(), []
    upload.on_event(events.append)
    send_file(upload, b"x" * 30, until=14)
    folder = folder_of(upload)
    messages, _ = sent(upload, monkeypatch)
    upload.cancel()
    assert messages == [{"do": "stop", "id": "u1"}]
    say(upload, {"event": "chunk", "id": "u1", "at": 14}, [memoryview(b"late")])
    assert not folder.exists()
    assert upload.state == "cancelled"
    assert events == [{"event": "cancel"}]


@pytest.mark.parametrize("end", ["close", "reset", "another", "kernel"])
def test_an_upload_that_stopped_halfway_leaves_no_part_behind(end):
    upload = Upload()
    send_file(upload, b"x" * 30, until=14)
    folder = folder_of(upload)
    assert list(folder.iterdir()) == [folder / "table.csv"]
    if end == "close":
        upload.close()
    elif end == "reset":
        upload.reset()
    elif end == "kernel":
        upload._forget()  # what the interpreter calls when it ends
    else:
        send_file(upload, b"other", name="b.csv")
        assert upload.path.read_bytes() == b"other"
    assert not folder.exists()
    upload.close()


def test_a_file_of_another_kind_is_refused_in_words():
    upload = Upload(accept=".csv, .parquet")
    say(upload, {"event": "begin", "id": "1", "name": "photo.PNG", "size": 3})
    assert upload.state == "error"
    assert upload.error == "photo.PNG is not one of .csv, .parquet; choose a file with such an ending."


def test_a_file_over_the_limit_is_refused_before_a_byte_is_sent():
    upload = Upload(max_bytes=1_000_000)
    say(upload, {"event": "begin", "id": "1", "name": "a.csv", "size": 3_000_000})
    assert upload.error == "a.csv has 3 MB, the limit is 1 MB; give its path instead."
    assert upload._folder is None


def test_pieces_out_of_order_end_the_upload():
    upload = Upload()
    say(upload, {"event": "begin", "id": "1", "name": "a.csv", "size": 10})
    say(upload, {"event": "chunk", "id": "1", "at": 5}, [memoryview(b"12345")])
    assert upload.error == "a.csv arrived out of order at byte 5; upload it again."
    assert upload._folder is None


def test_more_bytes_than_announced_end_the_upload():
    upload = Upload()
    say(upload, {"event": "begin", "id": "1", "name": "a.csv", "size": 3})
    say(upload, {"event": "chunk", "id": "1", "at": 0}, [memoryview(b"12345")])
    assert upload.error == "a.csv changed while it was read; upload it again."


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_name_of_a_file_leads_out_of_its_folder(name):
    safe = _safe(name)
    assert safe not in ("", ".", "..")
    assert not set(safe) & {"/", "\0"}
    assert "\\" not in safe


@pytest.mark.parametrize(
    ("name", "safe"), [("../../etc/passwd", "passwd"), ("C:\\a\\b.csv", "b.csv"), ("..", "upload")]
)
def test_a_path_for_a_name_keeps_its_last_part(name, safe):
    assert _safe(name) == safe
