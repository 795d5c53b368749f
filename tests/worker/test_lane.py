"""The lane: calls that the zygote only watches, and everything that has to come by way of the zygote all the same."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from waiting import LIMIT_S, until
from workbench import datasets
from workbench.nouns import Call, ContractError, Hyperparameter, Limits, Reply, Space
from workbench.worker import Worker
from workbench.worker.lane import Ends, Lane, unread

CODE = """
import json, os, signal, subprocess, sys, threading, time
import numpy as np

def on_lane(text):
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            where = os.readlink(f"/proc/self/fd/{descriptor}")
        except OSError:
            continue
        if where.endswith(".answers"):
            os.write(int(descriptor), text)


def quiet(X): pass
def prints(X): print("printed")
def prints_much(X): print("x" * 300_000)
def prints_before_it_sleeps(X): print("y" * 50_000); time.sleep(0.2)
def writes(X): os.write(1, b"written")
def child_prints(X): subprocess.run(["echo", "by a process"], check=True)
def fails(X): raise ValueError("no")
def dies(X): os.abort()
def hangs(X): time.sleep(600)
def grows(X): kept = [np.ones(20_000_000) for _ in range(40)]; time.sleep(600)
def noise(X): on_lane(b"noise")
def line(X): on_lane(b"noise\\n")
def forges(X): on_lane(json.dumps({"status": "success", "cost": -1.0, "token": "0" * 32}).encode() + b"\\n")
def floods(X): on_lane(b"x" * 60_000); on_lane(b"x" * 60_000)
def closes(X): os.closerange(3, 100)
def closes_output(X): os.close(1); os.close(2)
def in_place(X): X.iloc[:, :] = 0.0
def thread(X): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
def patched(X): json.dumps = lambda *a, **k: "{}"
def folder(X): os.chdir("/")
def process(X): subprocess.Popen(["sleep", "800"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
def file(X): open("left.txt", "w").write("left")
def many(X): return {f"metric {i:04}": 0.5 for i in range(3000)}


WHAT = [quiet, prints, prints_much, prints_before_it_sleeps, writes, child_prints, fails, dies, hangs, grows, noise,
        line, forges, floods, closes, closes_output, in_place, thread, patched, folder, process, file, many]


def train(cfg, dataset, seed, budget=None, model_dir=None):
    files = len(os.listdir("."))
    total = float(dataset["X"].to_numpy().sum())
    more = WHAT[int(cfg["number"])](dataset["X"]) or {}
    length = float(len(cfg["text"]))
    return {"loss": 1.0, "sum": total, "pid": float(os.getpid()), "files": float(files), "length": length, **more}
"""
NAMES = re.search(r"WHAT = \[(.*?)\]", CODE, re.DOTALL)
assert NAMES is not None
WHAT = [name.strip() for name in NAMES.group(1).split(",")]
LONG_TEXT = "t" * 6000
LIMITS = Limits(wall_s=LIMIT_S, memory_mb=1500, output_bytes=10_000)


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    place = tmp_path_factory.mktemp("lane")
    frame = pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0) ** 2, "label": np.arange(40) % 2})
    datasets.save(datasets.make(frame, "label", name="tiny"), place / "data")
    space = Space(
        (
            Hyperparameter("number", "integer", 0, 50, default=0),
            Hyperparameter("text", "categorical", choices=("short", LONG_TEXT), default="short"),
        )
    )
    with Worker(CODE, "metrics", space, {"main": place / "data"}, place / "models", LIMITS, reuse=True) as made:
        yield made


def called(worker: Worker, name: str, limits: Limits | None = None, text: str = "short") -> Reply:
    return worker.call(Call({"number": WHAT.index(name), "text": text}), limits)


def warm(worker: Worker) -> int:
    """A child that takes the next call on its lane; its process id."""
    replies = [called(worker, "quiet") for _ in range(3)]
    assert [r.status for r in replies] == ["success"] * 3, replies
    assert [r.facts["reused"] for r in replies[1:]] == [True] * 2
    return int(replies[-1].metrics["pid"])


@contextmanager
def held(pid: int) -> Iterator[None]:
    """A process that is stopped meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def lanes(worker: Worker) -> list[str]:
    return sorted(p.name for p in worker.temporary.parent.glob("lane-*"))


def test_a_call_on_the_lane_is_answered_without_the_zygote(worker: Worker) -> None:
    pid = warm(worker)
    assert worker.pid is not None
    until(lambda: unread(worker._out) > 0)  # the zygote's word on the last call lies there: no more is needed of it
    with held(worker.pid):
        reply = called(worker, "quiet")
    assert (reply.status, reply.metrics["pid"], reply.output) == ("success", pid, "")
    assert called(worker, "quiet").metrics["pid"] == pid


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("prints", "printed\n"),
        ("writes", "written"),
        ("child_prints", "by a process\n"),
        ("prints_before_it_sleeps", "y" * 5000 + "\n… 40,001 bytes left out …\n" + "y" * 4999 + "\n"),
    ],
)
def test_what_is_printed_comes_with_its_own_call_and_the_child_goes_on(worker: Worker, name: str, output: str) -> None:
    pid = warm(worker)
    replies = [called(worker, each) for each in (name, "quiet", name, "quiet")]
    assert [r.output for r in replies] == [output, "", output, ""]
    assert {r.metrics["pid"] for r in replies} == {pid}


def test_output_that_fills_the_pipe_is_read_before_the_call_is_over(worker: Worker) -> None:
    pid = warm(worker)
    reply = called(worker, "prints_much")
    assert (reply.status, reply.metrics["pid"]) == ("success", pid)
    assert "290,001 bytes left out" in reply.output
    assert called(worker, "quiet").output == ""


@pytest.mark.parametrize(
    ("name", "status", "sentence", "limits"),
    [
        ("fails", "crashed", "train raised ValueError: no", LIMITS),
        ("dies", "crashed", "died of signal 6 (SIGABRT)", LIMITS),
        ("hangs", "timeout", "train took longer than 0.5 s", Limits(wall_s=0.5)),
        ("grows", "memory", "over the limit of 600 MB", Limits(wall_s=LIMIT_S, memory_mb=600)),
        ("noise", "crashed", "train wrote into the worker's own pipe", LIMITS),
        ("line", "crashed", "train wrote into the worker's own pipe", LIMITS),
        ("forges", "crashed", "train wrote into the worker's own pipe", LIMITS),
        ("floods", "crashed", "train wrote into the worker's own pipe", LIMITS),
        ("closes", "crashed", "ended without a result (exit code 1)", LIMITS),
    ],
)
def test_what_goes_wrong_on_the_lane_is_answered_and_the_next_call_has_another_child(
    worker: Worker, name: str, status: str, sentence: str, limits: Limits
) -> None:
    pid, zygote = warm(worker), worker.pid
    reply = called(worker, name, limits)
    assert (reply.status, reply.cost) == (status, None)
    assert sentence in reply.error
    after = called(worker, "quiet")
    assert (after.status, after.cost, after.metrics["sum"]) == ("success", 1.0, 21320.0)
    assert after.metrics["pid"] != pid
    assert worker.pid == zygote, "the zygote itself goes on"
    assert len(lanes(worker)) <= 2, "what the dead child had is gone"


@pytest.mark.parametrize("name", ["thread", "patched", "folder", "process", "closes_output"])
def test_a_trace_that_was_left_on_the_lane_ends_the_child(worker: Worker, name: str) -> None:
    pid = warm(worker)
    reply = called(worker, name)
    assert (reply.status, reply.metrics["pid"]) == ("success", pid)
    if name != "closes_output":  # that harms nobody: what it prints is lost, no more
        assert called(worker, "quiet").metrics["pid"] != pid
    until(lambda: not [p for p in psutil.Process(worker.pid).children(recursive=True) if p.name() == "sleep"])


@pytest.mark.parametrize("name", ["in_place", "file"])
def test_what_one_call_does_to_its_data_and_files_the_next_does_not_see(worker: Worker, name: str) -> None:
    pid = warm(worker)
    called(worker, name)
    after = called(worker, "quiet")
    assert (after.metrics["pid"], after.metrics["sum"], after.metrics["files"]) == (pid, 21320.0, 0.0)


def test_a_stop_reaches_a_call_on_the_lane(worker: Worker) -> None:
    pid = warm(worker)
    worker.start(Call({"number": WHAT.index("hangs"), "text": "short"}))
    assert worker.poll(0.1) is None
    worker.interrupt()
    reply = None
    while reply is None:
        reply = worker.poll(1.0)
    assert (reply.status, reply.error) == ("stopped", "the trial was stopped")
    assert called(worker, "quiet").metrics["pid"] != pid


def test_a_zygote_that_dies_takes_the_call_on_the_lane_with_it(worker: Worker) -> None:
    pid = warm(worker)
    worker.start(Call({"number": WHAT.index("hangs"), "text": "short"}))
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    reply = None
    while reply is None:
        reply = worker.poll(1.0)
    assert reply.error == "the worker's own process was ended from outside; a new one was started"
    until(lambda: not psutil.pid_exists(pid))
    warm(worker)


def test_what_is_too_long_for_the_lane_goes_the_other_way(worker: Worker) -> None:
    warm(worker)
    long = called(worker, "quiet", text=LONG_TEXT)
    assert (long.status, long.metrics["length"]) == ("success", 6000.0)
    assert called(worker, "quiet").status == "success"
    warm(worker)
    many = called(worker, "many")
    assert (many.status, len(many.metrics)) == ("success", 3004)
    assert called(worker, "quiet").facts["reused"] is True


def test_an_answer_is_taken_when_all_of_it_is_there_and_nothing_else_is_taken_for_one(tmp_path: Path) -> None:
    ends = Ends.made(tmp_path, "lane-1")
    lane = Lane(tmp_path, "lane-1")
    assert lane.is_clean
    assert lane.answer("token") is None
    os.write(ends.answers, b'{"status": "success", "cost"')
    assert lane.answer("token") is None
    os.write(ends.answers, b': 0.5, "token": "token"}\n')
    assert lane.answer("token") == {"status": "success", "cost": 0.5}
    for wrong in (
        b'{"status": "success", "cost": 0.5, "token": "other"}\n',
        b'{"status": "crashed", "token": "token"}\n',
        b"[]\n",
        b"\xff\n",
        b"[" * 20_000 + b"\n",
        b"x" * 40_000,
    ):
        os.write(ends.answers, wrong)
        assert not lane.is_clean
        with pytest.raises(ContractError, match="no answer"):
            lane.answer("token")
    os.write(ends.answers, b"half of one")
    assert lane.answer("token") is None
    ends.close()
    with pytest.raises(EOFError):
        lane.answer("token")
    lane.close()


def test_a_lane_without_anybody_at_its_other_end_is_none(tmp_path: Path) -> None:
    ends = Ends.made(tmp_path, "lane-1")
    lane = Lane(tmp_path, "lane-1")
    assert lane.call({"call": 1})
    ends.close()
    assert not lane.call({"call": 1}), "who reads has gone"
    lane.close()
    with pytest.raises(OSError, match="No such device"):
        Lane(tmp_path, "lane-1")
    with pytest.raises(FileNotFoundError):
        Lane(tmp_path, "lane-2")
