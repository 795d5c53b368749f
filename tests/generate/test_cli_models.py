"""`workbench generate`, `models` and `recording`, as a person runs them, against a server on loopback."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress

import pytest
from model_server import CODE, LISTED, ModelServer

from waiting import LIMIT_S

JOB = ("--data", "builtin:iris", "--contract", "loss")


@pytest.fixture(scope="module")
def server():
    with ModelServer() as serving:
        yield serving


@pytest.fixture
def start(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def begin(*words):
        return subprocess.Popen(
            [sys.executable, "-m", "workbench.cli", *map(str, words)],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    return begin


@pytest.fixture
def workbench(start):
    def run(*words, code=0):
        process = start(*words)
        out, err = process.communicate(timeout=LIMIT_S)
        assert process.returncode == code, out + err
        return out, err

    return run


def test_the_models_of_a_server_are_listed(workbench, server):
    assert workbench("models", "--base-url", server.url)[0].split() == list(LISTED)
    assert workbench("models", code=2)[1] == "workbench: no server is named; give --provider ID, or --base-url URL\n"


def test_without_a_model_the_composer_writes(workbench):
    out, err = workbench("generate", *JOB, "--no-check")
    assert out == workbench("compose", *JOB)[0]
    assert err == ""


def test_a_model_writes_the_function_is_checked_and_all_of_it_is_recorded_and_replayed(workbench, server, tmp_path):
    model = ("--base-url", server.url, "--model", "busy_twice", "--record", "calls.sqlite")
    out, err = workbench("generate", *JOB, *model, "--repair", 1, "-o", "train.py", code=1)  # it breaks must rules
    assert (out, (tmp_path / "train.py").read_text()) == ("", CODE)
    lines = err.splitlines()
    assert lines[0].startswith("workbench: asked again (1 of 4) in 0 s: the server allows no more calls for now")
    assert lines[2].startswith("workbench: still failing after 1 round: ")
    assert lines[3].startswith("2 calls: 22 tokens in (8 cached), 14 out, ")
    assert "no price known" in lines[3]
    assert "signature" in err
    assert not (tmp_path / "data").exists()

    assert workbench("recording", "calls.jsonl", "--record", "calls.sqlite")[0] == "2 calls written to calls.jsonl\n"
    out, err = workbench("generate", *JOB, "--replay", "calls.jsonl", "--no-check")
    assert out == CODE
    assert err.splitlines()[0] == "replayed from a recording"
    said = workbench("recording", "other.jsonl", code=2)[1]
    assert said.startswith("workbench: there is no record ")


def test_ctrl_c_stops_the_call_and_what_came_of_the_function_is_written(start, server):
    process = start("generate", *JOB, "--base-url", server.url, "--model", "half")
    while not server.count("half"):
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
        assert process.returncode is None, process.communicate()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode in (1, 2), out + err
    assert "Traceback" not in err
    if process.returncode == 2:  # it was quicker than the first piece
        assert err == "workbench: the call was stopped before a function came; what came is kept in reply\n"
    else:
        assert out.startswith("def train(")
        assert "workbench: note: the reply is not whole" in err


def test_a_wrong_word_is_one_sentence(workbench, server):
    err = workbench("generate", *JOB, "--base-url", server.url, code=2)[1]
    assert err == ("workbench: the server has 3 models; name one with --model: good, good-large, stalls\n")
    err = workbench("generate", *JOB, "--provider", "olama", code=2)[1]
    assert err.startswith("workbench: no provider named 'olama'; there are: openai, azure, ollama")
    err = workbench("generate", *JOB, "--model", "good", code=2)[1]
    assert err == "workbench: no address of a server is given; write one such as http://localhost:8000/v1\n"
