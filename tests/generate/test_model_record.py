"""The record of calls: several processes, hits, checks, export and replay; a writer that keeps it; JSON replies."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from model_server import CODE, KEY, REPLY, ModelServer

from workbench.generate import _stream
from workbench.generate.keys import Secret
from workbench.generate.model import Completion, Model, ModelError, Usage, candidate, complete, request_hash
from workbench.generate.prices import Budget, Price, Prices, Tally
from workbench.generate.record import Record, Recorded, Recording, default_path
from workbench.generate.structured import PROBE_SCHEMA, read_object
from workbench.generate.writer import Writer
from workbench.nouns import Candidate, Finding, GenerateError, Report

SETTINGS = Model("m", base_url="http://models.example.org/v1", temperature=0.3, seed=5)
PROMPT = "Write a function `train`."


@pytest.fixture(scope="module")
def serving():
    with ModelServer() as server:
        yield server


@pytest.fixture
def server(serving, monkeypatch):
    serving.requests.clear()
    monkeypatch.setattr(_stream, "FIRST_WAIT_S", 0.01)
    return serving


@pytest.fixture
def record(tmp_path):
    return Record(tmp_path / "deep" / "record.sqlite")


def done(text=REPLY, prompt=PROMPT, settings=SETTINGS, **more):
    values = {
        "usage": Usage(11, 7, 4),
        "seconds": 1.5,
        "finish": "stop",
        "cost": 0.25,
        "retries": 1,
        "left_out": ("seed",),
        "request": request_hash(prompt, settings),
        "model": settings.model,
        "server": settings.server,
    }
    return Completion(text, **{**values, **more})


def refused(call, *arguments, **more):
    with pytest.raises(GenerateError) as caught:
        call(*arguments, **more)
    return str(caught.value)


def test_a_call_is_kept_with_all_that_it_was(record):
    kept = record.add(done(), PROMPT, SETTINGS, variant="short")
    (call,) = record.calls()
    assert kept.call == call.id == 1
    assert (call.request, call.server, call.model) == (request_hash(PROMPT, SETTINGS), SETTINGS.url, "m")
    assert (call.variant, call.prompt, call.reply, call.seed) == ("short", PROMPT, REPLY, 5)
    assert call.parameters == {"temperature": 0.3, "seed": 5}
    assert (call.usage, call.seconds, call.cost, call.retries) == (Usage(11, 7, 4), 1.5, 0.25, 1)
    assert (call.outcome, call.left_out, call.hit_of, call.candidate, call.checks) == (
        "stop",
        ("seed",),
        None,
        None,
        None,
    )
    assert record.calls(variant="long") == ()
    assert len(record.calls(variant="short")) == 1


def test_the_outcome_of_the_checks_is_kept_with_the_call(record):
    kept = record.add(done(), PROMPT, SETTINGS)
    found = candidate(kept)
    findings = (
        Finding("seeded", "must", "fail", "x"),
        Finding("seeded", "must", "fail", "y"),
        Finding("prints", "should", "fail", "x"),
        Finding("saves-model", "must", "unknown", "x"),
        Finding("signature", "must", "pass", ""),
    )
    record.judge(kept.call, found, Report(found.digest, findings))
    (call,) = record.calls()
    assert call.candidate == found.digest
    assert call.checks == {"must": ["seeded"], "should": ["prints"], "unknown": ["saves-model"]}


def test_the_same_request_is_answered_from_the_record_and_marked_as_a_hit(record):
    assert record.lookup(PROMPT, SETTINGS) is None
    record.add(done("old"), PROMPT, SETTINGS)
    record.add(done(REPLY), PROMPT, SETTINGS)
    record.add(done("half", finish="cancelled"), PROMPT, SETTINGS)
    hit = record.lookup(PROMPT, SETTINGS)
    again = record.lookup(PROMPT, SETTINGS)
    assert (hit.text, hit.source, hit.server, again.text) == (REPLY, "record", SETTINGS.server, REPLY)
    assert candidate(hit).note == "answered from the record: no independent sample"
    assert [c.reply for c in record.calls()] == ["old", REPLY, "half"]
    assert [c.hit_of for c in record.calls(hits=True)] == [None, None, None, 2, 2]


@pytest.mark.parametrize(
    "other",
    [{"model": "n"}, {"temperature": 0.4}, {"seed": 6}, {"max_tokens": 9}, {"base_url": "http://other.example.org/v1"}],
)
def test_another_request_is_not_answered_by_it(record, other):
    record.add(done(), PROMPT, SETTINGS)
    assert record.lookup(PROMPT, replace(SETTINGS, **other)) is None
    assert record.lookup(PROMPT + " ", SETTINGS) is None
    assert record.lookup(PROMPT, SETTINGS, response_format={"type": "json_object"}) is None


def test_patience_is_no_part_of_a_request():
    assert request_hash(PROMPT, SETTINGS) == request_hash(PROMPT, replace(SETTINGS, timeout_s=5, stall_s=1, retries=0))


def test_several_processes_write_one_record_at_once(tmp_path):
    path = tmp_path / "record.sqlite"
    code = """
import sys
from workbench.generate.model import Completion, Model, Usage, request_hash
from workbench.generate.record import Record
settings = Model("m", base_url="http://a/v1")
sys.stdin.readline()
record = Record(sys.argv[1])
for n in range(40):
    prompt = f"{sys.argv[2]} {n}"
    done = Completion("x", Usage(), 0.0, "stop", request_hash(prompt, settings), "m", "a")
    record.learn(settings, "turn", str(record.add(done, prompt, settings).call))
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(path), str(n)], stdin=subprocess.PIPE, text=True)
        for n in range(3)
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [(process.communicate(), process.returncode)[1] for process in processes] == [0, 0, 0]
    calls = Record(path).calls()
    assert sorted(c.prompt for c in calls) == sorted(f"{p} {n}" for p in range(3) for n in range(40))
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()


def test_several_threads_make_and_write_one_record_at_once(tmp_path):
    errors = []

    def work(n):
        try:
            record = Record(tmp_path / "record.sqlite")
            for _ in range(10):
                record.add(done(), f"{n}", SETTINGS)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(Record(tmp_path / "record.sqlite").calls()) == 60


@pytest.mark.skipif(os.name == "nt", reason="modes of files are those of POSIX")
def test_the_record_is_for_its_owner_alone_and_lies_with_the_data_of_applications(record, tmp_path, monkeypatch):
    assert record.path.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_path() == tmp_path / "automl-workbench" / "record.sqlite"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert default_path().is_absolute()


def test_a_file_that_is_no_record_is_said_to_be_none(tmp_path):
    path = tmp_path / "record.sqlite"
    path.write_text("not a database, but quite long enough to be read as a header of one" * 20, encoding="utf-8")
    assert (
        refused(Record, path)
        == f"cannot use the record {path}: file is not a database; move it away, or choose another"
    )
    assert "not a database" in path.read_text(encoding="utf-8")


def test_a_record_of_a_newer_workbench_is_left_alone(record):
    with sqlite3.connect(record.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert refused(Record, record.path) == (
        f"the record {record.path} is of a newer workbench; update this one, or move the file"
    )


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    assert refused(Record, tmp_path / "file" / "record.sqlite").startswith("cannot write the record ")


def test_a_recording_replays_offline_each_sample_in_its_turn(record, tmp_path):
    for text in ("first", "second"):
        record.add(done(f"```python\n{CODE}# {text}\n```"), PROMPT, SETTINGS)
    record.lookup(PROMPT, SETTINGS)
    record.add(done("", finish="empty"), PROMPT, SETTINGS, message="m replied with nothing")
    assert record.export(tmp_path / "calls.jsonl") == 3
    recording = Recording(tmp_path / "calls.jsonl")
    assert recording.calls == record.calls()
    first, second = recording.complete(PROMPT, SETTINGS), recording.complete(PROMPT, SETTINGS)
    found = candidate(first)
    assert (found.origin, found.code, found.note) == ("replay", f"{CODE}# first\n", "replayed from a recording")
    assert candidate(second).code == f"{CODE}# second\n"
    assert refused(recording.complete, PROMPT, SETTINGS) == (
        "the recording calls.jsonl holds 2 replies to this request, and all were given; open it again to begin anew"
    )
    assert Recording(tmp_path / "calls.jsonl").complete(PROMPT).text == first.text


def test_a_request_that_was_not_recorded_says_what_was(record, tmp_path):
    record.add(done(), PROMPT, SETTINGS)
    record.export(tmp_path / "calls.jsonl")
    recording = Recording(tmp_path / "calls.jsonl")
    assert refused(recording.complete, PROMPT, replace(SETTINGS, model="n")) == (
        "calls.jsonl has this prompt for m at http://models.example.org/v1, not for n; take its settings"
    )
    assert refused(recording.complete, "other", SETTINGS) == (
        "calls.jsonl has no reply to this prompt, but to 1 others; restore the prompt that was recorded"
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "calls.jsonl is empty; export a record to it"),
        ("{}", "calls.jsonl is no recording; export one from a record"),
        ("[1]", "calls.jsonl is no recording; export one from a record"),
        ("\x00", "calls.jsonl is no recording; export one from a record"),
        (
            '{"format": "automl-workbench recording", "version": 7}',
            "calls.jsonl is of version 7, this workbench reads 1; update it",
        ),
        (
            '{"format": "automl-workbench recording", "version": 1}\n{"id": 1}\n',
            "line 2 of calls.jsonl is no recording; export one from a record",
        ),
    ],
)
def test_a_file_that_is_no_recording_says_where(tmp_path, text, sentence):
    (tmp_path / "calls.jsonl").write_text(text, encoding="utf-8")
    assert refused(Recording, tmp_path / "calls.jsonl") == sentence


@hypothesis_settings(max_examples=20)
@given(prompt=st.text(), reply=st.text(), variant=st.text(alphabet="ab\u2028\n\x85", max_size=4))
def test_whatever_text_was_asked_and_came_is_kept_exported_and_read_again(tmp_path_factory, prompt, reply, variant):
    folder = tmp_path_factory.mktemp("record")
    record = Record(folder / "record.sqlite")
    record.add(done(reply, prompt), prompt, SETTINGS, variant=variant)
    record.export(folder / "calls.jsonl")
    (call,) = Recording(folder / "calls.jsonl").calls
    assert (call.prompt, call.reply, call.variant) == (prompt, reply, variant)
    assert Recorded.from_dict(json.loads(json.dumps(call.to_dict()))) == call


def test_half_a_character_does_not_lose_a_call(record):
    assert record.add(done("a\ud800b"), PROMPT + "\udfff", SETTINGS).call == 1
    assert record.calls()[0].reply == "a?b"


def test_a_writer_records_prices_and_sums_its_calls(server, record):
    settings = Model("good", base_url=server.url)
    tally = Tally(Prices("EUR", {settings.server: {"*": Price(1e6, 2e6, 5e5)}}))
    writer = Writer(record, tally)
    made = writer.complete(PROMPT, settings, variant="v")
    assert made.cost == 7 * 1 + 4 * 0.5 + 7 * 2
    assert (tally.spent.calls, tally.spent.cost, tally.spent.tokens_in) == (1, made.cost, 11)
    assert record.calls()[0].cost == made.cost
    pieces = []
    hit = writer.complete(PROMPT, settings, reuse=True, on_text=pieces.append)
    assert (hit.text, hit.source, pieces) == (REPLY, "record", [REPLY])
    assert server.count("good") == tally.spent.calls == 1
    assert writer.complete(PROMPT, settings).source == "model"
    assert server.count("good") == 2


def test_a_failed_call_is_recorded_with_its_sentence_and_counts(server, record):
    writer = Writer(record)
    with pytest.raises(ModelError) as caught:
        writer.complete(PROMPT, Model("cut_off", base_url=server.url))
    (call,) = record.calls()
    assert (call.outcome, call.reply, call.message) == ("cut_off", "def train(cfg", str(caught.value))
    assert caught.value.completion.call == call.id
    assert writer.tally.spent.calls == 1
    assert writer.complete(PROMPT, Model("good", base_url=server.url), reuse=True).text == REPLY


def test_an_interrupted_call_is_recorded_as_far_as_it_came_and_counts(server, record):
    def interrupt(text):
        raise KeyboardInterrupt

    writer = Writer(record)
    with pytest.raises(KeyboardInterrupt):
        writer.complete(PROMPT, Model("slow", base_url=server.url), on_text=interrupt)
    (call,) = record.calls()
    assert call.outcome == "cancelled"
    assert call.reply.startswith("0 ")
    assert call.usage.estimated
    assert (writer.tally.spent.calls, writer.tally.spent.tokens_in) == (1, call.usage.tokens_in)


def test_a_spent_budget_reaches_no_server_but_the_record_still_answers(server, record):
    settings = Model("good", base_url=server.url)
    writer = Writer(record, Tally(budget=Budget(calls=1)))
    writer.complete(PROMPT, settings)
    assert refused(writer.complete, PROMPT, settings) == (
        "the budget of 1 calls is spent; raise it to call a model again"
    )
    assert server.count("good") == 1
    assert writer.complete(PROMPT, settings, reuse=True).source == "record"


@pytest.mark.parametrize("model", ["unlocked", "echoes", "echoes_in_error"])
def test_the_key_is_in_no_file_of_the_record_or_the_export(server, record, tmp_path, model):
    with record._open():  # keeps the WAL file while the folder is searched
        try:
            Writer(record).complete(PROMPT, Model(model, base_url=server.url), Secret(KEY))
        except ModelError as error:
            assert KEY not in str(error)
        record.export(tmp_path / "calls.jsonl")
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert len(files) >= 2
        assert not [path for path in files if KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("model", "way", "asked"),
    [("schema", "schema", 1), ("json", "json", 2), ("block", "block", 2), ("ignores", "block", 2)],
)
def test_the_best_way_to_json_is_found_out_once_and_remembered(server, record, model, way, asked):
    settings = Model(model, base_url=server.url, max_tokens=1)
    assert Writer(record).way(settings) == way
    assert server.count(model) == asked
    again = Writer(Record(record.path))
    assert again.way(settings) == way
    assert server.count(model) == asked
    value, made = again.complete_object("What is 2 + 2?", PROBE_SCHEMA, settings, variant="sum")
    assert value == {"answer": 4}
    sent = server.requests[-1]
    assert sent.get("response_format", {}).get("type") == {"schema": "json_schema", "json": "json_object"}.get(way)
    assert ("JSON schema" in sent["messages"][0]["content"]) == (way != "schema")
    assert made.call == record.calls(variant="sum")[0].id


def test_prose_where_json_was_asked_is_refused(server):
    settings = Model("prose", base_url=server.url)
    assert refused(Writer().complete_object, "2 + 2?", PROBE_SCHEMA, settings) == (
        "the reply is no JSON object: its JSON breaks at line 1; ask again"
    )


def test_a_server_that_cannot_be_asked_teaches_nothing(server, record):
    with pytest.raises(ModelError):
        Writer(record).way(Model("busy", base_url=server.url, retries=0))
    assert record.knows(Model("busy", base_url=server.url), "json") is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the reply is no JSON object: it is empty; ask again"),
        ("[1]", "the reply is no JSON object: its JSON is a list; ask again"),
        ('{"a": NaN}', "the reply is no JSON object: its JSON has NaN, which is none; ask again"),
        ("[" * 100_000, "the reply is no JSON object: its JSON is nested too deeply; ask again"),
        ('```json\n{"a": 1}\n```\n```json\n{"a": 2}\n```\n', "the reply has 2 JSON objects; one is meant"),
    ],
)
def test_a_reply_without_one_json_object_is_refused(text, sentence):
    assert refused(read_object, text, "block") == sentence


@hypothesis_settings(max_examples=30)
@given(st.dictionaries(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5)))
def test_an_object_is_read_out_of_prose_as_it_was_written(value):
    text = f"Here:\n```json\n{json.dumps(value, indent=1)}\n```\nDone."
    assert read_object(text, "block") == read_object(json.dumps(value), "json") == value


def test_a_reply_of_the_plain_call_and_of_the_writer_have_the_same_hash(server, record):
    settings = Model("good", base_url=server.url, seed=1)
    made = Writer(record).complete(PROMPT, settings)
    assert complete(PROMPT, settings).request == made.request == record.calls()[0].request
    assert Candidate(CODE, "model").digest == candidate(made).digest
