"""The real client against a real HTTP server on loopback: replies, failures, retries, cancelling."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
import time
import traceback

import pytest
from model_server import CODE, KEY, LISTED, REPLY, SILENCE_S, ModelServer

from workbench.generate import _stream
from workbench.generate.keys import HIDDEN, Secret
from workbench.generate.model import Model, ModelError, Usage, candidate, complete, list_models, settings_for
from workbench.nouns import GenerateError

PROMPT = "Write a function `train`."


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


def ask(server, model, key=None, **more):
    calls = {k: more.pop(k) for k in ("on_text", "on_retry", "cancel", "response_format") if k in more}
    return complete(PROMPT, Model(model, base_url=server.url, **more), key, **calls)


def fails(server, model, key=None, **more):
    with pytest.raises(ModelError) as caught:
        ask(server, model, key, **more)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_reply_streams_in_and_its_function_is_a_candidate(server):
    pieces = []
    done = ask(server, "good", on_text=pieces.append, temperature=0.2, seed=3, max_tokens=500)
    assert done.text == "".join(pieces) == REPLY
    assert done.whole
    assert done.usage == Usage(tokens_in=11, tokens_out=7, cached=4)
    assert (done.retries, done.left_out, done.cost) == (0, (), None)
    found = candidate(done, parent="abc")
    assert (found.code, found.origin, found.model, found.parent) == (CODE, "model", "good", "abc")
    assert (found.tokens_in, found.tokens_out, found.seconds, found.note) == (11, 7, done.seconds, "")
    (request,) = server.requests
    assert request["messages"] == [{"role": "user", "content": PROMPT}]
    assert (request["temperature"], request["seed"], request["max_tokens"]) == (0.2, 3, 500)


def test_what_is_not_set_is_not_sent(server):
    ask(server, "good")
    assert set(server.requests[0]) == {"model", "messages", "stream", "stream_options"}


def test_the_callbacks_come_in_the_calling_thread(server):
    threads = []

    def note(_):
        threads.append(threading.current_thread())

    ask(server, "busy_twice", on_text=note, on_retry=note)
    assert len(threads) >= 3
    assert set(threads) == {threading.current_thread()}


def test_a_callback_that_raises_ends_the_call_with_its_own_error(server):
    def stop(text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(server, "slow", on_text=stop)


def test_a_call_can_be_made_from_within_a_running_event_loop(server):
    async def cell():
        return ask(server, "good")

    assert asyncio.run(cell()).text == REPLY


def test_a_long_reply_comes_whole(server):
    done = ask(server, "large")
    assert len(done.text) > 200_000
    assert candidate(done).code.startswith(CODE)


def test_cancel_keeps_what_came_and_stops_the_stream(server):
    cancel, came, stopped = threading.Event(), threading.Event(), []

    def on_text(text):
        if not cancel.is_set():
            cancel.set()
            stopped.append(time.monotonic())
        came.set()

    done = ask(server, "slow", on_text=on_text, cancel=cancel)
    assert came.is_set()
    assert done.finish == "cancelled"
    assert not done.whole
    assert done.text.startswith("0 ")
    assert len(done.text) < 5000
    assert done.usage.estimated
    assert done.usage.tokens_in == Usage.estimate(PROMPT, "").tokens_in


@pytest.mark.parametrize("model", ["never", "stalls", "trickles"])
def test_cancel_ends_a_call_that_waits(server, model):
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    done = ask(server, model, cancel=cancel, timeout_s=60, stall_s=60)
    assert done.finish == "cancelled"
    assert done.seconds < SILENCE_S / 2


def test_cancel_ends_a_wait_between_attempts(server):
    cancel = threading.Event()
    done = ask(server, "busy_for_an_hour", cancel=cancel, on_retry=lambda r: cancel.set(), timeout_s=9000)
    assert (done.finish, done.text, done.retries) == ("cancelled", "", 1)


def test_a_call_that_is_cancelled_before_it_begins_sends_nothing_for_long(server):
    cancel = threading.Event()
    cancel.set()
    assert ask(server, "slow", cancel=cancel).finish == "cancelled"


def test_a_busy_server_is_asked_again_after_the_time_that_it_names(server):
    seen = []
    done = ask(server, "busy_twice", on_retry=seen.append)
    assert done.text == REPLY
    assert done.retries == server.count("busy_twice") - 1 == 2
    assert [(r.number, r.of, r.wait_s, r.reason) for r in seen] == [
        (1, 4, 0.03, "the server allows no more calls for now (429)"),
        (2, 4, 0.03, "the server allows no more calls for now (429)"),
    ]


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("fails_once", "the server fails (503)"),
        ("hangs_up_once", "the server ended the connection"),
        ("overloaded_once", "the server says 'overloaded'"),
    ],
)
def test_a_server_that_fails_once_is_asked_again(server, model, reason):
    seen = []
    done = ask(server, model, on_retry=seen.append)
    assert (done.text, done.retries) == (REPLY, 1)
    assert [r.reason for r in seen] == [reason]


def test_a_server_that_does_not_answer_is_asked_again(server):
    seen = []
    done = ask(server, "silent_once", on_retry=seen.append, stall_s=3.0)
    assert done.text == REPLY
    assert {r.reason for r in seen} == {"the server does not answer"}


@pytest.mark.parametrize(
    ("model", "kind", "sentence"),
    [
        ("busy", "rate", "{url} allows no more calls for now (429); wait a while, or use another model (3 attempts)"),
        ("no_credit", "quota", "the account at {url} has no credit left (429); add some or go elsewhere"),
        (
            "fails",
            "failing",
            "{url} fails (500): 'The server had an error'; try again later, or use another server (3 attempts)",
        ),
        ("cut_off", "cut_off", "the connection broke in the middle of the reply; try again"),
        ("ends_early", "cut_off", "the reply broke off before its end; try again"),
        (
            "malformed",
            "malformed",
            "the server sent an event that is no JSON; try again, or check that it is OpenAI-compatible",
        ),
        (
            "odd_events",
            "malformed",
            "the server sent an event that is no chat completion; try again, or check that it is OpenAI-compatible",
        ),
        (
            "refuses",
            "refusal",
            "refuses refused: 'I cannot help with that.'; reword the prompt, or choose another model",
        ),
        ("filtered", "refusal", "the server's filter stopped the reply; reword the prompt or change the model"),
        ("empty", "empty", "empty replied with nothing; try again, or raise the longest reply"),
        (
            "long",
            "length",
            "the reply was cut off after 40 tokens; raise the longest reply, or ask for less",
        ),
        (
            "endless",
            "too_long",
            "the reply has more than 1,000,000 characters and was stopped; "
            "set a longest reply, or choose another model",
        ),
        ("forbidden", "forbidden", "{url} forbids this (403): 'not in your region'; check what the key may do"),
        (
            "bounded",
            "model",
            "{url} has no model 'bounded'; it lists good, good-large, stalls",
        ),
        (
            "breaks_off",
            "failing",
            "the server broke the reply off: 'out of memory'; try again later, or choose another model",
        ),
        (
            "page",
            "not_a_server",
            "{url} does not answer as an OpenAI-compatible server; the address usually ends with /v1",
        ),
        (
            "other_events",
            "not_a_server",
            "{url} does not answer as an OpenAI-compatible server; the address usually ends with /v1",
        ),
    ],
)
def test_each_failure_has_a_sentence_of_its_own(server, model, kind, sentence):
    error = fails(server, model, retries=2, max_tokens=40)
    assert str(error) == sentence.format(url=server.url)
    assert error.kind == kind == error.completion.finish


def test_bytes_that_are_no_text_are_a_malformed_event(server):
    assert fails(server, "no_utf8").kind == "malformed"


@pytest.mark.parametrize("model", ["cut_off", "ends_early", "long"])
def test_what_came_before_a_failure_is_kept_and_marked(server, model):
    found = candidate(fails(server, model).completion)
    assert (found.code, found.note) == ("def train(cfg\n", "the reply is not whole")


def test_a_server_that_stalls_is_left_after_the_longest_silence(server):
    error = fails(server, "stalls", stall_s=3.0)
    assert str(error) == (
        "the server was silent for 3 s in its reply; try again, or allow a longer silence for a slow model"
    )
    assert error.completion.text == "def train"
    assert server.count("stalls") == 1


def test_a_server_that_gives_signs_of_life_and_no_reply_is_left_at_the_time_limit(server):
    error = fails(server, "trickles", timeout_s=1.0, stall_s=30)
    assert str(error) == (f"{server.url} did not answer within 1 s; try again, or allow more time for a slow model")
    assert error.kind == "timeout"


def test_a_reply_that_takes_too_long_is_kept_as_far_as_it_came(server):
    error = fails(server, "slow", timeout_s=4.0)
    assert str(error) == "the reply was not whole after 4 s; raise the time limit or ask for less"
    assert error.completion.text.startswith("0 1 ")


def test_a_wait_that_would_pass_the_time_limit_is_not_begun(server):
    error = fails(server, "busy_for_an_hour", timeout_s=30)
    assert str(error) == (
        f"{server.url} allows no more calls for now (429); wait a while, or use another model; "
        "to wait 3600 s would pass the time limit of 30 s"
    )
    assert server.count("busy_for_an_hour") == 1


def test_an_unknown_model_names_those_that_the_server_lists_the_nearest_first(server):
    error = fails(server, "good-larg")
    assert str(error) == f"{server.url} has no model 'good-larg'; it lists good-large, good, stalls"
    server.lists = False
    assert str(fails(server, "godo")) == (
        f"{server.url} has no model 'godo': 'The model `godo` does not exist'; see which it serves"
    )


def test_a_page_that_is_not_found_is_no_server(server):
    server.lists = False
    assert fails(server, "page_404").kind == "not_a_server"


def test_the_models_of_a_server_are_listed_in_its_order(server):
    assert list_models(settings_for("other", server.url)) == LISTED
    server.lists = False
    with pytest.raises(ModelError) as caught:
        list_models(settings_for("other", server.url))
    assert str(caught.value) == f"{server.url} lists no models; check the address, or write the model's name"


def test_where_nothing_listens_there_is_no_server():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ModelError) as caught:
        complete(PROMPT, Model("m", "ollama", url))
    assert str(caught.value) == (
        f"no server answers at {url}; start it, or correct the address. "
        "Start it with `ollama serve`, and fetch a model with `ollama pull`"
    )


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.6\r\n", b"220 mail ready\r\n\r\n"])
def test_a_server_of_another_protocol_is_no_server(greeting):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet():
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(greeting)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

        threading.Thread(target=greet, daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        with pytest.raises(ModelError) as caught:
            complete(PROMPT, Model("m", base_url=url, retries=0, stall_s=20))
    assert caught.value.kind in ("not_a_server", "failing")
    assert "OpenAI-compatible server" in str(caught.value)


def test_https_to_a_server_without_it_says_so(server):
    url = server.url.replace("http:", "https:")
    with pytest.raises(ModelError) as caught:
        complete(PROMPT, Model("good", base_url=url, retries=0))
    assert str(caught.value) == f"no secure connection to {url}; check whether it begins with http:// instead"


def test_a_parameter_that_the_server_does_not_know_is_left_out_and_said(server):
    seen = []
    done = ask(server, "picky", temperature=0.5, max_tokens=9, seed=1, on_retry=seen.append)
    assert done.text == REPLY
    assert done.left_out == ("temperature", "max_tokens", "stream_options")
    assert [r.reason for r in seen] == [f"the server does not know {name}" for name in done.left_out]
    assert server.requests[-1]["max_completion_tokens"] == 9
    assert server.requests[-1]["seed"] == 1
    assert done.retries == 0


def test_a_value_that_is_too_large_is_not_taken_for_an_unknown_parameter(server):
    server.lists = False
    assert str(fails(server, "bounded", max_tokens=9)) == (
        f"{server.url} refuses the request (400): 'max_tokens is too large: 9. This model takes at most 4.'; "
        "change what it names"
    )


def test_a_server_that_does_not_stream_is_read_too(server):
    done = ask(server, "plain")
    assert (done.text, done.usage) == (REPLY, Usage(11, 7, 4))


def test_code_in_the_thoughts_of_a_model_is_not_its_answer(server):
    assert candidate(ask(server, "thinks")).code == CODE


def test_the_key_reaches_the_server_and_a_wrong_one_is_named_as_such(server, monkeypatch):
    assert ask(server, "unlocked", Secret(KEY)).text == REPLY
    assert str(fails(server, "unlocked", Secret("sk-wrong"))) == (
        f"{server.url} does not accept the key (401); paste one of this server"
    )
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-from-the-environment")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-from-the-environment")
    assert str(fails(server, "unlocked")) == f"{server.url} wants a key (401); paste one"
    assert "from-the-environment" not in str(server.headers)


def test_a_preset_that_wants_a_key_says_where_it_would_come_from():
    with pytest.raises(ModelError) as caught:
        complete(PROMPT, Model("m", "openrouter"))
    assert str(caught.value) == ("OpenRouter wants a key; paste one, or set OPENROUTER_API_KEY before Jupyter starts")
    assert caught.value.kind == "no_key"


def test_a_proxy_for_the_world_does_not_stand_before_this_machine(server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert ask(server, "good").text == REPLY


MODELS = ("good", "unlocked", "echoes_in_error", "cut_off", "fails", "malformed", "stalls", "nonesuch", "empty")


@pytest.mark.parametrize("model", MODELS)
def test_the_key_is_in_no_log_message_traceback_or_result(server, model, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    secret = Secret(KEY)
    shown = []
    try:
        shown.append(repr(ask(server, model, secret, retries=1, stall_s=1.0, on_retry=shown.append)))
    except ModelError as error:
        assert error.__cause__ is None
        assert error.__context__ is None
        shown += [repr(vars(error)), str(error)]
        shown += traceback.format_exception(error)
        shown += traceback.TracebackException.from_exception(error, capture_locals=True).format()
        frames = [f.f_locals for f, _ in traceback.walk_tb(error.__traceback__)]
        held = [value for names in frames for value in names.values() if value is not server]
        shown += [repr(vars(value)) for value in held if hasattr(value, "__dict__")]
    shown += [record.getMessage() + repr(vars(record)) for record in caplog.records]
    shown += [repr(item) for item in shown]
    shown += list(capfd.readouterr())
    assert f"Bearer {KEY}" == server.headers[0]["authorization"]
    assert not [text for text in shown if isinstance(text, str) and KEY in text]


def test_a_reply_that_echoes_the_key_comes_without_it(server):
    pieces = []
    done = ask(server, "echoes", Secret(KEY), on_text=pieces.append)
    assert done.text == "".join(pieces) == f"you sent Bearer {HIDDEN}, Bearer {HIDDEN}!\n{REPLY}"
    assert not [piece for piece in pieces if KEY[:8] in piece]


def test_the_client_is_not_loaded_before_the_first_call():
    code = (
        "import sys, workbench.generate, workbench.generate.model, workbench.generate.keys, "
        "workbench.generate._stream; sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"model": " "}, "no model is named; choose one that the server lists"),
        ({"temperature": 2.5}, "the temperature is 2.5; give one from 0 to 2, or none"),
        ({"temperature": float("nan")}, "the temperature is nan; give one from 0 to 2, or none"),
        ({"max_tokens": 0}, "the longest reply is 0 tokens; give 1 or more, or none"),
        ({"timeout_s": 0}, "the time limit is 0 s; give more than 0"),
        ({"stall_s": float("inf")}, "the longest silence is inf s; give more than 0"),
        ({"retries": -1}, "the number of retries is -1; give 0 or more"),
        (
            {"provider": "openai", "base_url": "x"},
            "'x' is not the address of a server; write one such as https://api.openai.com/v1",
        ),
    ],
)
def test_settings_that_cannot_be_used_say_what_would(values, sentence):
    with pytest.raises(GenerateError) as caught:
        Model(**{"model": "m", "base_url": "http://localhost/v1", **values})
    assert str(caught.value) == sentence
