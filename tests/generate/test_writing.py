"""A session with a model: the real client, a server on loopback, the record in a file."""

from __future__ import annotations

import threading

import pytest
from model_server import CODE, KEY, LISTED, REPLY, ModelServer

from waiting import LIMIT_S
from workbench.generate import _stream
from workbench.generate.model import ModelError
from workbench.generate.record import Record
from workbench.nouns import GenerateError
from workbench.session import Session


@pytest.fixture(scope="module")
def serving():
    with ModelServer() as server:
        yield server


@pytest.fixture
def server(serving, monkeypatch):
    serving.requests.clear()
    serving.headers.clear()
    serving.lists = True
    monkeypatch.setattr(_stream, "FIRST_WAIT_S", 0.01)
    return serving


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    made = Session(tmp_path / "runs")
    made.load("builtin:iris")
    made.contract = "loss"
    return made


def fails(session, kind=GenerateError):
    with pytest.raises(kind) as caught:
        session.generate()
    assert "\n" not in str(caught.value)
    assert not session.generating
    return str(caught.value)


def test_the_composer_writes_while_no_model_is_chosen_and_leaves_no_record(session, tmp_path):
    assert session.author == "offline"
    assert session.generate().origin == "composer"
    assert session.completion is None
    assert not (tmp_path / "data").exists()


def test_a_chosen_model_is_sent_the_prompt_and_its_function_is_the_candidate(session, server):
    session.use_model("good", base_url=server.url, temperature=0.2, seed=4, max_tokens=900)
    found = session.generate()
    (request,) = server.requests
    assert request["messages"][0]["content"] == session.prompt.text
    assert (request["temperature"], request["seed"], request["max_tokens"]) == (0.2, 4, 900)
    assert (found.code, found.origin, found.model) == (CODE, "model", "good")
    assert (session.candidate, session.reply, session.author) == (found, REPLY, "good")
    session.use_composer()
    assert session.generate().origin == "composer"
    assert len(server.requests) == 1


def test_the_reply_is_seen_while_it_comes_and_cancel_keeps_what_came(session, server):
    session.use_model("slow", base_url=server.url)
    seen = []

    def look(change):
        seen.append(change["new"])
        if len(seen) == 3:
            session.cancel()

    session.observe(look, "reply")
    sentence = fails(session)
    assert sentence == "the call was stopped before a function came; what came is kept in reply"
    assert seen[2].startswith(seen[1])
    assert session.reply.startswith(seen[2])
    assert len(seen) < 60  # the server sends three thousand pieces
    assert session.completion.finish == "cancelled"
    assert session.candidate is None


def test_what_came_of_a_function_before_cancel_is_a_candidate_that_says_so_and_is_not_checked(session, server):
    session.use_model("half", base_url=server.url)
    session.observe(lambda change: session.cancel(), "reply")
    session.generate_async().join()
    assert session.candidate.code == "def train(cfg, dataset, seed, model_dir=None):\n    loss = 0.5\n"
    assert session.candidate.note == "the reply is not whole"
    assert session.report is None


def test_two_functions_are_not_written_at_once(session, server):
    session.use_model("stalls", base_url=server.url)
    came = threading.Event()
    session.observe(lambda change: came.set() if change["new"] else None, "reply")
    first = session.generate_async()
    assert came.wait(LIMIT_S)
    with pytest.raises(GenerateError) as caught:
        session.generate()
    assert str(caught.value) == "a function is being written; wait for it, or stop it with cancel()"
    session.cancel()
    first.join(LIMIT_S)
    assert not session.generating


def test_retries_are_seen_as_they_happen(session, server):
    session.use_model("busy_twice", base_url=server.url)
    seen = []
    session.observe(lambda change: seen.append(change["new"]), "retry")
    session.generate()
    assert [r.number for r in seen if r] == [1, 2]
    assert session.retry is None
    assert session.completion.retries == 2


def test_usage_is_summed_and_priced_by_the_person_s_table_and_a_budget_stops_further_calls(session, server, tmp_path):
    table = tmp_path / "config" / "automl-workbench" / "prices.yaml"
    table.parent.mkdir(parents=True)
    table.write_text("per_million_tokens: {'*': {good: {input: 1000000, cached: 0, output: 10}}}")
    session.use_model("good", base_url=server.url)
    session.generate()
    assert session.completion.cost == pytest.approx(7.00007)
    session.generate()
    spent = session.spent
    assert (spent.calls, spent.tokens_in, spent.tokens_out, spent.cached) == (2, 22, 14, 8)
    assert spent.cost == pytest.approx(14.00014)
    assert spent.seconds > 0
    session.set_budget(cost=14)
    assert fails(session, ModelError) == "14 USD of a budget of 14 are spent; raise it to call a model again"
    assert len(server.requests) == 2
    session.set_budget()
    session.generate()
    assert session.spent.calls == 3


def test_every_call_is_recorded_with_what_came_of_the_checks(session, server):
    session.use_model("good", base_url=server.url)
    session.generate()
    session.check(probe=False)
    session.use_model("fails", base_url=server.url, retries=0)
    fails(session, ModelError)
    good, failed = Record().calls()
    assert (good.prompt, good.variant, good.reply) == (session.prompt.text, "plain", REPLY)
    assert good.candidate == session.candidate.digest
    assert "signature" in good.checks["must"]
    assert (failed.outcome, failed.checks) == ("failing", None)


def test_a_reading_does_not_take_the_place_of_what_calls_have_shown(session, server):
    session.use_model("good", base_url=server.url)
    session.generate()
    session.check()
    (called,) = Record().calls()
    session.check(probe=False)
    assert Record().calls()[0].checks == called.checks


def test_the_same_request_is_answered_from_the_record_on_demand(session, server):
    session.use_model("numbered", base_url=server.url)
    first = session.generate()
    session.reuse = True
    again = session.generate()
    assert (again.code, again.note) == (first.code, "answered from the record: no independent sample")
    assert session.completion.source == "record"
    assert (session.spent.calls, len(server.requests), len(Record().calls())) == (1, 1, 1)
    session.reuse = False
    assert session.generate().code != first.code


def test_an_exported_recording_is_replayed_without_a_server(session, server, tmp_path):
    session.use_model("good", base_url=server.url)
    session.generate()
    session.writer.record.export(tmp_path / "calls.jsonl")
    other = Session(tmp_path / "runs")
    other.load("builtin:iris")
    other.contract = "loss"
    other.use_recording(tmp_path / "calls.jsonl")
    found = other.generate()
    assert (found.code, found.origin) == (CODE, "replay")
    assert other.author == "replay of calls.jsonl"
    assert other.spent.calls == 0
    assert len(server.requests) == 1


def test_the_server_lists_its_models_and_a_key_goes_to_its_own_server_alone(session, server):
    session.give_key(KEY, base_url=server.url)
    assert session.key_source(base_url=server.url) == "given in this session"
    assert session.list_models(base_url=server.url) == LISTED
    session.use_model("unlocked", base_url=server.url)
    session.generate()
    assert server.headers[-1]["authorization"] == f"Bearer {KEY}"
    with ModelServer() as other:
        session.use_model("good", base_url=other.url)
        session.generate()
        assert KEY not in other.headers[-1]["authorization"]
    assert KEY not in repr(session) + repr(vars(session))


# ---------------------------------------------------------------- wrong entries: one sentence each


def test_a_server_that_is_not_one(session, server):
    session.use_model("page", base_url=server.url)
    assert fails(session) == (
        f"{server.url} does not answer as an OpenAI-compatible server; the address usually ends with /v1"
    )


def test_a_model_that_does_not_exist(session, server):
    session.use_model("goood", base_url=server.url)
    assert fails(session) == f"{server.url} has no model 'goood'; it lists good, good-large, stalls"


def test_a_reply_without_code(session, server):
    session.use_model("prose", base_url=server.url)
    assert fails(session) == ("the reply has no code that defines train; press Generate again, or choose another model")
    assert session.reply == "four"


def test_a_reply_for_another_contract_is_kept_and_said(session, server):
    session.contract = "model"
    session.use_model("good", base_url=server.url)
    found = session.generate()
    said = (
        "the reply is for the contract 'loss' (train returns float), not for 'model' ((loss, model)); "
        "choose that contract, or have it written again"
    )
    assert (found.note, session.message.level, session.message.text) == (said, "warning", said)
    assert session.candidate is found


def test_a_wrong_choice_of_model_leaves_the_one_before(session, server):
    session.use_model("good", base_url=server.url)
    for wrong in ({"model": " "}, {"model": "a", "provider": "openia"}, {"model": "a", "temperature": 3}):
        with pytest.raises(GenerateError):
            session.use_model(**{"base_url": server.url, **wrong})
    assert session.author == "good"
