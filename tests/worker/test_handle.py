"""The worker as its owner uses it: polls, stops, limits, and an answer that nobody should trust."""

from __future__ import annotations

import json
import math
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import datasets
from workbench.nouns import Call, Hyperparameter, Limits, RunError, Space, TrialStatus
from workbench.worker import Reply, Worker
from workbench.worker.replies import read_reply

CODE = """
import os, random, sys, time
import numpy as np


def train(cfg, dataset, seed, budget=None, model_dir=None):
    if cfg["x"] == 0.0:
        while True:
            time.sleep(0.01)
    if cfg["x"] == 1.0:
        raise ValueError("x is one")
    print("out")
    print("err", file=sys.stderr)
    return {
        "loss": cfg["x"], "seed": seed, "budget": -1 if budget is None else budget, "rows": len(dataset["X"]),
        "numpy": np.random.rand(), "python": random.random(),
        "threads": float(os.environ["OMP_NUM_THREADS"]), "test": float("X_test" in dataset),
    }
"""
SPACE = Space((Hyperparameter("x", "float", 0.0, 1.0, default=0.5),))
HANGS, RAISES, FINE = Call({"x": 0.0}), Call({"x": 1.0}), Call({"x": 0.25})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handle") / "data"
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)), columns=["a", "b", "target"])
    datasets.save(datasets.make(frame, "target", task="regression", test_share=0.25), folder)
    return folder


@pytest.fixture(scope="module")
def worker(data: Path) -> Iterator[Worker]:
    sources = {"main": data, "other": data}
    with Worker(CODE, "metrics", SPACE, sources, data.parent / "models", Limits(wall_s=30.0), threads=3) as made:
        yield made


def settled(worker: Worker) -> Reply:
    while (reply := worker.poll(1.0)) is None:
        pass
    return reply


def test_a_call_gives_what_train_returned_and_printed(worker: Worker) -> None:
    reply = worker.call(Call({"x": 0.25}, seed=7, budget=3.5))
    assert (reply.status, reply.cost, reply.error, reply.traceback) == ("success", 0.25, "", "")
    assert (reply.metrics["seed"], reply.metrics["budget"], reply.metrics["rows"]) == (7, 3.5, 30)
    assert (reply.metrics["threads"], reply.metrics["test"]) == (3, 1)
    assert reply.output == "out\nerr\n"
    assert 0 < reply.seconds < 30


def test_an_error_is_one_sentence_and_a_traceback_of_the_code_alone(worker: Worker) -> None:
    reply = worker.call(RAISES)
    assert (reply.status, reply.cost, dict(reply.metrics)) == ("crashed", None, {})
    assert reply.error == "train raised ValueError: x is one"
    assert reply.traceback == (
        "Traceback (most recent call last):\n"
        '  File "train.py", line 11, in train\n'
        '    raise ValueError("x is one")\n'
        "ValueError: x is one"
    )


def test_a_function_that_seeds_nothing_draws_other_numbers_in_each_call(worker: Worker) -> None:
    replies = [worker.call(FINE) for _ in range(3)]
    assert len({r.metrics["numpy"] for r in replies}) == 3
    assert len({r.metrics["python"] for r in replies}) == 3


def test_each_of_several_datasets_can_be_used(worker: Worker) -> None:
    assert worker.call(Call({"x": 0.5}, data="other", variant={"rows": 9})).metrics["rows"] == 9


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (Call({"x": 7.0}), "preparing the call raised IllegalValueError"),
        (Call({"y": 0.5}), "preparing the call raised"),
        (Call({"x": 0.5}, data="none"), "preparing the call raised KeyError: 'none'"),
        (Call({"x": 0.5}, variant={"rows": "many"}), "preparing the call raised"),
    ],
)
def test_a_call_that_cannot_be_made_is_answered_too(worker: Worker, wrong: Call, sentence: str) -> None:
    reply = worker.call(wrong)
    assert reply.status == "crashed"
    assert reply.error.startswith(sentence)
    assert worker.call(FINE).cost == 0.25


def test_poll_answers_nothing_before_and_after_a_call_and_one_reply_for_it(worker: Worker) -> None:
    assert worker.poll() is None
    worker.start(FINE)
    assert settled(worker).cost == 0.25
    assert worker.poll() is None
    assert worker.poll(0.05) is None


def test_the_connection_is_readable_when_a_reply_is_there(worker: Worker) -> None:
    import select

    worker.start(FINE)
    assert select.select([worker.connection], [], [], 30.0)[0]
    assert settled(worker).cost == 0.25


def test_a_stop_comes_from_any_thread(worker: Worker) -> None:
    worker.start(HANGS)
    assert worker.poll(0.05) is None
    threading.Thread(target=worker.interrupt).start()
    reply = settled(worker)
    assert (reply.status, reply.error, reply.cost) == ("stopped", "the trial was stopped", None)


@pytest.mark.parametrize("repeat", range(5))
def test_a_stop_right_after_the_start_is_not_lost(worker: Worker, repeat: int) -> None:
    worker.start(HANGS)
    worker.interrupt()
    assert settled(worker).status == "stopped"


def test_a_stop_that_comes_too_late_or_for_nothing_stops_no_other_call(worker: Worker) -> None:
    worker.interrupt()
    assert worker.call(FINE).status == "success"
    worker.start(FINE)
    assert settled(worker).status == "success"
    worker.interrupt()
    worker.interrupt()
    assert worker.call(FINE).status == "success"


def test_a_call_begun_while_another_is_in_flight_ends_that_one_and_gets_its_own_reply(worker: Worker) -> None:
    worker.start(HANGS)
    worker.start(FINE)
    assert settled(worker).cost == 0.25
    assert worker.poll(0.05) is None


def test_each_call_can_have_limits_of_its_own(worker: Worker) -> None:
    reply = worker.call(HANGS, Limits(wall_s=0.3))
    assert (reply.status, reply.error) == ("timeout", "train took longer than 0.3 s and was stopped")
    assert worker.call(FINE, Limits(output_bytes=4)).output == "ou\n… 4 bytes left out …\nr\n"


def test_what_a_call_leaves_of_output_is_bounded(data: Path) -> None:
    code = "def train(cfg, dataset, seed, model_dir=None):\n    print('ab' * 5_000_000, 'end')\n    return 0.0\n"
    with Worker(code, "loss", SPACE, {"main": data}, data.parent / "m") as worker:
        output = worker.call(FINE, Limits(output_bytes=1000)).output
    assert output.startswith("abab")
    assert output.endswith("end\n")
    assert "bytes left out" in output
    assert len(output) < 1100


def test_a_closed_worker_leaves_neither_process_nor_folder(data: Path) -> None:
    with Worker(CODE, "metrics", SPACE, {"main": data}, data.parent / "models"):
        pass  # the process that workers are forked from stays
    before = set(psutil.Process().children(recursive=True))
    worker = Worker(CODE, "metrics", SPACE, {"main": data}, data.parent / "models")
    temporary = worker.temporary.parent
    assert temporary.is_dir()
    worker.start(HANGS)
    worker.close()
    assert not temporary.exists()
    assert set(psutil.Process().children(recursive=True)) <= before
    worker.close()


def test_a_worker_without_its_data_says_why_it_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(RunError):
        Worker(CODE, "metrics", SPACE, {"main": tmp_path / "none"}, tmp_path / "models")
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(RunError) as caught:
        Worker(CODE, "metrics", SPACE, {"main": tmp_path / "none"}, tmp_path / "models")
    assert "the worker did not start: " in str(caught.value)
    assert f"{str(tmp_path / 'none')!r} holds no dataset" in str(caught.value)
    assert set(psutil.Process().children(recursive=True)) <= before


def test_the_environment_of_the_worker_is_clean(worker: Worker, monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    for name in ("OPENAI_API_KEY", "HTTPS_PROXY", "PYTHONPATH", "SSH_AUTH_SOCK", "AWS_PROFILE"):
        monkeypatch.setenv(name, "secret-value")
    says = (
        "import json, os\n\n\n"
        "def train(cfg, dataset, seed, budget=None, model_dir=None):\n"
        "    print(json.dumps(dict(os.environ)))\n"
        "    return {'loss': 0.0}\n"
    )
    with Worker(says, "metrics", SPACE, {"main": data}, data.parent / "models", threads=2) as worker:  # its own nursery
        assert worker.pid is not None
        outside = psutil.Process(worker.pid).environ()
        inside = worker.call(FINE).output
    assert outside["OMP_NUM_THREADS"] == outside["VECLIB_MAXIMUM_THREADS"] == "2"
    assert "secret-value" not in outside.values()
    assert "secret-value" not in inside
    assert f'"HOME": "{worker.temporary}"' in inside
    assert os.environ["HOME"] != outside["HOME"]


# ---------------------------------------------------------------- answers

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
replies = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from([*get_args(TrialStatus), "fine"]) | plain,
        "cost": st.floats() | st.integers() | plain,
        "metrics": st.dictionaries(st.text(max_size=5), st.floats() | plain, max_size=3) | plain,
        "seconds": st.floats() | plain,
        "error": st.text() | plain,
        "traceback": plain,
        "output": plain,
        "facts": plain,
    },
)


def assert_sound(reply: Reply) -> None:
    assert reply.status in get_args(TrialStatus)
    assert (reply.cost is not None) == (reply.status == "success") == (reply.error == "")
    assert reply.cost is None or (type(reply.cost) is float and math.isfinite(reply.cost))
    assert all(type(k) is str and math.isfinite(v) for k, v in reply.metrics.items())
    assert math.isfinite(reply.seconds)
    assert reply.seconds >= 0
    for text in (reply.error, reply.traceback, reply.output, *reply.metrics):
        text.encode()
    assert len(reply.error) <= 2000


@settings(max_examples=400, deadline=None)
@given(replies | plain)
def test_whatever_json_comes_back_is_a_sound_reply(answer: Any) -> None:
    assert_sound(read_reply(json.dumps(answer).encode()))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode(errors="surrogatepass")))
def test_whatever_bytes_come_back_are_a_sound_reply(line: bytes) -> None:
    reply = read_reply(line)
    assert_sound(reply)
    assert reply.status == "crashed"


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 200_000,
        b'{"status": "success", "cost": ' + b"9" * 4000 + b"}",
        b'{"status": "success", "cost": ' + b"9" * 6000 + b"}",
        b'{"status": "success", "cost": NaN}',
        b'{"status": "success", "cost": true}',
        b'{"status": "success"}',
        b'{"status": "success", "cost": 1, "metrics": {"a": Infinity}}',
        b'{"status": "success", "cost": 1, "seconds": 1e999}',
        b'{"status": ["success"], "cost": 1}',
        b"null",
        b"",
    ],
)
def test_a_hostile_answer_is_a_crashed_trial_with_a_sentence(line: bytes) -> None:
    reply = read_reply(line)
    assert_sound(reply)
    assert reply.status == "crashed"
    assert reply.error.startswith("the worker's answer could not be read (")
    assert reply.error.endswith("); the trial does not count")


def test_text_that_no_file_could_hold_is_replaced() -> None:
    reply = read_reply(json.dumps({"status": "crashed", "error": "a\ud800b", "output": "\udfff"}).encode())
    assert (reply.error, reply.output) == ("a?b", "?")
