"""What is observed around a call: in a real child, and on its own where that says as much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench import datasets
from workbench.nouns import Call, Hyperparameter, Limits, Reply, Space
from workbench.worker import Worker, observe

CODE = """
import json, os
import numpy as np
from sklearn.tree import DecisionTreeClassifier

print("hello from the import")


class Model:
    def __init__(self, answer):
        self.answer = answer

    def predict(self, X):
        return self.answer(X)


def leave(X):
    raise SystemExit(3)


def refuse(X):
    if not hasattr(X, "columns"):
        raise TypeError("only frames")
    return [0] * len(X)


ANSWERS = {
    "zeros": lambda X: np.zeros(len(X), dtype=int),
    "short": lambda X: [0],
    "strange": lambda X: ["never seen"] * len(X),
    "columns": lambda X: np.zeros((len(X), 1), dtype=int),
    "rows": lambda X: [[1, 2]] * len(X),
    "nested": lambda X: [(1, [2])] * len(X),
    "nan": lambda X: [float("nan")] * len(X),
    "none": lambda X: None,
    "leave": leave,
    "frames": refuse,
}


def train(cfg, dataset, seed, budget=None, model_dir=None):
    X, y, what = dataset["X"], dataset["y"], cfg["what"]
    if what == "change x":
        X.iloc[0, 0] = 99.0
    elif what == "change y":
        y.iloc[0] = 1 - y.iloc[0]
    elif what == "rename":
        X.columns = ["q", "r"]
    elif what == "sort":
        X.sort_values("a", inplace=True)
    elif what == "replace":
        dataset["X"] = X.copy()
    elif what == "clear":
        dataset.clear()
    elif what == "lists":
        X["a"] = [[1]] * len(X)
    elif what == "raise":
        X.iloc[0, 0] = 99.0
        raise ValueError("after the change")
    elif what == "dict":
        return {"loss": 1.0, "accuracy": np.float32(0.5)}
    elif what == "fit":
        return 0.0, DecisionTreeClassifier(max_depth=2).fit(X[:30], y[:30])
    elif what == "save":
        os.makedirs(os.path.join(model_dir, "deep"), exist_ok=True)
        with open(os.path.join(model_dir, "deep", "model.bin"), "wb") as file:
            file.write(b"12345")
        with open(os.path.join(model_dir, "about.json"), "w") as file:
            json.dump({"loss": 1, "config": {"what": what}}, file)
    elif what == "grow":
        kept = np.ones(200 * 2**17)
    return 0.0, Model(ANSWERS.get(what, ANSWERS["zeros"]))
"""

WHAT = (
    "nothing", "change x", "change y", "rename", "sort", "replace", "clear", "lists", "raise", "dict", "fit", "save",
    "grow", "zeros", "short", "strange", "columns", "rows", "nested", "nan", "none", "leave", "frames",
)  # fmt: skip


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    folder = tmp_path_factory.mktemp("observe")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=50), "b": rng.normal(size=50), "label": [0, 1] * 25})
    datasets.save(datasets.make(frame, "label"), folder / "data")
    space = Space((Hyperparameter("what", "categorical", choices=WHAT, default="nothing"),))
    with Worker(CODE, "model", space, {"main": folder / "data"}, folder / "models", Limits(wall_s=60.0)) as worker:
        yield worker


def call(worker: Worker, what: str, *names: str, model_dir: Path | None = None) -> Reply:
    return worker.call(Call({"what": what}, observe=names, model_dir=str(model_dir) if model_dir else None))


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("nothing", []),
        ("replace", []),
        ("change x", ["X"]),
        ("change y", ["y"]),
        ("rename", ["X"]),
        ("sort", ["X"]),
        ("raise", ["X"]),
        ("clear", ["X", "y"]),
        ("lists", ["X"]),
    ],
)
def test_a_change_of_the_caller_s_data_is_seen(worker: Worker, what: str, changed: list[str]) -> None:
    reply = call(worker, what, "input")
    assert reply.status == ("crashed" if what == "raise" else "success"), reply
    assert reply.facts["input"] == changed


def test_without_a_name_nothing_is_observed_but_the_memory_s_peak(worker: Worker) -> None:
    assert set(call(worker, "nothing").facts) == {"peak_mb"}


def test_what_was_returned_is_told_by_type(worker: Worker) -> None:
    reply = call(worker, "nothing", "returned")
    assert reply.facts["returned"] == {"type": "tuple", "types": ["float", "Model"]}
    wrong = call(worker, "dict", "returned")
    assert wrong.status == "crashed"
    assert wrong.facts["returned"] == {
        "type": "dict",
        "keys": ["loss", "accuracy"],
        "types": {"loss": "float", "accuracy": "float32"},
    }


def test_new_files_are_told_with_their_sizes(worker: Worker) -> None:
    folder = worker.writable / "trial"
    folder.mkdir()
    (folder / "old.bin").write_bytes(b"1")
    facts = call(worker, "save", "files", model_dir=folder).facts
    assert facts["files"] == {"about.json": 39, "deep/model.bin": 5}
    assert facts["json"] == {"about.json": ["loss", "config", "what"]}
    assert call(worker, "save", "files", model_dir=folder).facts["files"] == {}


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("zeros", {"count": 40, "known": True, "type": "int", "head": [0] * 5}),
        ("short", {"count": 1, "known": True, "type": "int", "head": [0]}),
        ("strange", {"count": 40, "known": False, "type": "str", "head": ["never seen"] * 5}),
        ("columns", {"count": 40, "known": True, "type": "int", "head": [0] * 5}),
        ("rows", {"count": 40, "known": False, "type": "str", "head": ["[1, 2]"] * 5}),
        ("nested", {"count": 40, "known": False, "type": "str", "head": ["(1, [2])"] * 5}),
        ("none", {"error": "TypeError: 'NoneType' object is not iterable"}),
        ("leave", {"error": "SystemExit: 3"}),
    ],
)
def test_what_the_model_predicts_is_told_for_the_table(worker: Worker, what: str, expected: dict) -> None:
    reply = call(worker, what, "predict")
    assert reply.status == "success", reply
    assert reply.facts["predict"]["rows"] == 40
    assert reply.facts["predict"]["given"] == expected
    assert reply.facts["predict"]["y type"] == "int"


def test_a_prediction_that_is_no_number_does_not_lose_the_reply(worker: Worker) -> None:
    given = call(worker, "nan", "predict").facts["predict"]["given"]
    assert (given["count"], given["known"]) == (40, False)
    assert all(np.isnan(value) for value in given["head"])


def test_each_kind_of_input_is_tried_alone(worker: Worker) -> None:
    facts = call(worker, "frames", "predict").facts["predict"]
    assert facts["given"]["count"] == 40
    assert facts["one row"]["count"] == 1
    assert facts["array"] == {"error": "TypeError: only frames"}


def test_a_fit_by_the_function_is_told_with_its_rows(worker: Worker) -> None:
    facts = call(worker, "fit", "fits").facts
    assert {"class": "DecisionTreeClassifier", "rows": 30, "call": "fit"} in facts["fits"]
    assert call(worker, "nothing", "fits").facts["fits"] == []


def test_growth_is_told_in_mebibytes(worker: Worker) -> None:
    assert call(worker, "grow", "memory").facts["memory"] > 150
    assert call(worker, "nothing", "memory").facts["memory"] < 100


def test_what_is_printed_on_import_is_told(worker: Worker) -> None:
    assert call(worker, "nothing", "returned").facts["import output"] == "hello from the import\n"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [2, 1]})),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1.0, 2.0]})),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"b": [1, 2]})),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]}, index=[1, 0])),
        (pd.Series(["x", None]), pd.Series(["x", "y"])),
        (pd.Series([1, 2], name="a"), pd.Series([1, 2], name="b")),
        (np.zeros(4), np.zeros((2, 2))),
        (np.zeros(4), np.zeros(4, dtype=int)),
        (np.array(["x", 1], dtype=object), np.array(["x", 2], dtype=object)),
    ],
)
def test_a_fingerprint_tells_tables_apart_and_copies_not(one: object, two: object) -> None:
    assert observe.fingerprint(one) != observe.fingerprint(two)
    assert observe.fingerprint(one) == observe.fingerprint(one.copy())
