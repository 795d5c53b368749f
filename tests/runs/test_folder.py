"""What is written into a run folder is whole or not there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.runs import folder


def test_a_file_is_replaced_in_one_step_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "control"
    folder.write(path, "run")
    folder.write(path, "stop, für immer")
    assert path.read_text(encoding="utf-8") == "stop, für immer"
    assert [p.name for p in tmp_path.iterdir()] == ["control"]


def test_a_file_that_cannot_be_replaced_keeps_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "control"
    folder.write(path, "run")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        folder.write(path, "stop")
    assert path.read_text() == "run"
    assert [p.name for p in tmp_path.iterdir()] == ["control"]


def test_events_are_read_back_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    reader = folder.EventReader(path)
    assert reader.news() == []
    events = folder.Events(path)
    events.append("state", state="running")
    events.append("trial", text="Zürich\nand two", number=1)
    assert reader.news() == [
        {"event": "state", "state": "running"},
        {"event": "trial", "text": "Zürich\nand two", "number": 1},
    ]
    assert reader.news() == []
    events.append("state", state="finished")
    assert reader.news() == [{"event": "state", "state": "finished"}]
    events.close()


def test_a_line_that_is_not_complete_is_read_when_it_is(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    line = json.dumps({"event": "trial", "number": 1}) + "\n"
    reader = folder.EventReader(path)
    path.write_text(line[:9])
    assert reader.news() == []
    path.write_text(line)
    assert reader.news() == [{"event": "trial", "number": 1}]


def test_a_torn_line_costs_no_other_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"event": "state"}\n{"event": "tri')
    events = folder.Events(path)
    events.append("state", state="running")
    events.close()
    assert folder.EventReader(path).news() == [{"event": "state"}, {"event": "state", "state": "running"}]


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abc"), st.text() | st.floats(allow_nan=False) | st.integers()), max_size=5
    )
)
def test_any_plain_values_come_back(tmp_path_factory: pytest.TempPathFactory, values: list[dict]) -> None:
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    events = folder.Events(path)
    for value in values:
        events.append("thing", **value)
    events.close()
    assert folder.EventReader(path).news() == [{"event": "thing", **value} for value in values]


@given(st.binary(max_size=200))
def test_any_rubbish_in_the_events_is_passed_over(tmp_path_factory: pytest.TempPathFactory, rubbish: bytes) -> None:
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    path.write_bytes(rubbish + b'\n{"event": "end"}\n')
    assert folder.EventReader(path).news()[-1] == {"event": "end"}
