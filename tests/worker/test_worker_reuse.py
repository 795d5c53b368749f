"""A child that goes on with the next call: when it may, and everything that must not come along with it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from workbench import datasets
from workbench.nouns import Call, Hyperparameter, Limits, Reply, Space
from workbench.worker import Worker

CODE = """
import json, os, random, signal, subprocess, sys, threading, time, warnings
import numpy as np
import pandas as pd

SEEN = []


def nothing(X): pass
def folder(X): os.chdir("/")
def variable(X): os.environ["LEFT"] = "1"
def handler(X): signal.signal(signal.SIGUSR1, lambda *_: None)
def timer(X): signal.setitimer(signal.ITIMER_REAL, 600)
def thread(X): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
def process(X): subprocess.Popen(["sleep", "700"])
def patched_json(X): json.dumps = lambda *a, **k: "{}"
def patched_numpy(X): np.mean = lambda *a, **k: 7.0
def patched_builtin(X): __builtins__["len"] = lambda _: 3
def patched_random(X): random.random = lambda: 0.5
def grown(X): sys.modules["kept"] = type(sys)("kept"); sys.modules["kept"].data = np.ones(16_000_000)
def opened(X): sys.modules["kept"] = type(sys)("kept"); sys.modules["kept"].file = open("/dev/null")
def failed(X): raise ValueError("no")
def long(X): time.sleep(1.1)
def in_place(X): X.iloc[:, :] = 0.0
def own_global(X): SEEN.append(1)
def ignored(X): warnings.filterwarnings("ignore"); sys.path.append("/left"); np.seterr(all="raise")
def seeded(X): random.seed(0); np.random.seed(0)


WHAT = [nothing, folder, variable, handler, timer, thread, process, patched_json, patched_numpy, patched_builtin,
        patched_random, grown, opened, failed, long, in_place, own_global, ignored, seeded]


def train(cfg, dataset, seed, model_dir=None):
    X = dataset["X"]
    print(json.dumps({
        "pid": os.getpid(), "sum": float(X.to_numpy().sum()), "mean": float(np.mean([1.0, 2.0])), "folder": os.getcwd(),
        "left": os.environ.get("LEFT"), "seen": len(SEEN), "path": "/left" in sys.path,
        "ignored": any(f[0] == "ignore" and f[2] is Warning for f in warnings.filters), "errors": np.geterr()["divide"],
        "drawn": [random.random(), np.random.random()], "handler": repr(signal.getsignal(signal.SIGUSR1)),
        "timer": signal.getitimer(signal.ITIMER_REAL)[0], "threads": threading.active_count(),
    }))
    WHAT[int(cfg["number"])](X)
    return 0.0
"""
NAMES = re.search(r"WHAT = \[(.*?)\]", CODE, re.DOTALL)
assert NAMES is not None
WHAT = [name.strip() for name in NAMES.group(1).split(",")]
REPLACED = ["folder", "variable", "handler", "timer", "thread", "process", "patched_json", "patched_numpy",
            "patched_builtin", "patched_random", "grown", "opened", "failed", "long"]  # fmt: skip
KEPT = ["nothing", "in_place", "own_global", "ignored", "seeded"]


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    folder = tmp_path_factory.mktemp("reuse")
    frame = pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0) ** 2, "label": np.arange(40) % 2})
    datasets.save(datasets.make(frame, "label", name="tiny"), folder / "data")
    space = Space((Hyperparameter("number", "integer", 0, 50, default=0),))
    limits = Limits(memory_mb=400)  # a quarter of it is less than what `grown` leaves
    with Worker(CODE, "loss", space, {"main": folder / "data"}, folder / "models", limits, reuse=True) as made:
        yield made


def called(worker: Worker, name: str, **how: object) -> Reply:
    return worker.call(Call({"number": WHAT.index(name)}, **how))  # type: ignore[arg-type]


def says(reply: Reply) -> dict[str, object]:
    import json

    found: dict[str, object] = json.loads(reply.output.splitlines()[0])
    return found


def test_short_calls_that_leave_nothing_are_answered_by_one_process(worker: Worker) -> None:
    called(worker, "nothing")
    replies = [called(worker, "nothing") for _ in range(4)]
    assert [r.status for r in replies] == ["success"] * 4
    assert [r.facts["reused"] for r in replies] == [True] * 4
    assert len({says(r)["pid"] for r in replies}) == 1


def test_what_the_first_call_of_a_process_leaves_in_memory_is_not_left_to_the_second(worker: Worker) -> None:
    called(worker, "failed")
    first = called(worker, "grown")
    assert (first.status, first.facts["reused"]) == ("success", False)
    assert called(worker, "nothing").facts["reused"] is False


@pytest.mark.parametrize("name", REPLACED)
def test_what_leaves_a_trace_is_followed_by_another_process_that_sees_nothing_of_it(worker: Worker, name: str) -> None:
    before = says(called(worker, "nothing"))
    reply = called(worker, name)
    assert reply.status == ("crashed" if name == "failed" else "success"), reply
    after = called(worker, "nothing")
    assert after.facts["reused"] is False
    found = says(after)
    assert found["pid"] not in (before["pid"], says(reply)["pid"])
    assert {k: v for k, v in found.items() if k not in ("pid", "drawn")} == {
        k: v for k, v in before.items() if k not in ("pid", "drawn")
    }


@pytest.mark.parametrize("name", KEPT)
def test_what_can_be_put_back_is_and_the_same_process_goes_on(worker: Worker, name: str) -> None:
    called(worker, "nothing")
    before = says(called(worker, "nothing"))
    called(worker, name)
    one, other = called(worker, "nothing"), called(worker, "nothing")
    assert one.facts["reused"] is True
    assert says(one)["pid"] == before["pid"]
    assert {k: v for k, v in says(one).items() if k != "drawn"} == {k: v for k, v in before.items() if k != "drawn"}
    assert says(one)["drawn"] != says(other)["drawn"], "every call draws its own random numbers"


def test_a_call_that_is_watched_has_a_process_of_its_own(worker: Worker) -> None:
    first = says(called(worker, "nothing"))
    watched = called(worker, "nothing", observe=("input",))
    after = called(worker, "nothing")
    assert "reused" not in watched.facts
    assert says(watched)["pid"] != first["pid"]
    assert after.facts["reused"] is False
    assert says(after)["pid"] not in (first["pid"], says(watched)["pid"])


def test_the_output_of_a_call_is_its_own(worker: Worker) -> None:
    outputs = [called(worker, "nothing").output for _ in range(5)]
    assert [o.count("\n") for o in outputs] == [1] * 5
