"""Values at hand: arrays, tensors, Series and dicts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench import datasets
from workbench.nouns import Split

X = np.random.default_rng(0).normal(size=(30, 4))
Y = np.arange(30) % 3
FRAME = pd.DataFrame(X, columns=list("abcd"), index=range(100, 130))


@pytest.mark.parametrize(
    ("given", "columns", "target"),
    [
        ({"X": X, "y": Y}, ["x0", "x1", "x2", "x3"], "y"),
        ({"X": FRAME, "y": pd.Series(Y, name="kind")}, ["a", "b", "c", "d"], "kind"),
        ({"X": FRAME, "y": pd.Series(Y, name="a")}, ["a", "b", "c", "d"], "y"),
        ({"X": FRAME, "y": Y.reshape(-1, 1).tolist() and list(Y)}, ["a", "b", "c", "d"], "y"),
        ({"X": FRAME.rename(columns={"a": "y"}), "y": Y}, ["y", "b", "c", "d"], "target"),
        ({"X": FRAME["a"], "y": pd.DataFrame({"t": Y})}, ["a"], "t"),
    ],
)
def test_a_dict_with_features_and_target_is_a_dataset(given: dict[str, Any], columns: list[str], target: str) -> None:
    dataset = datasets.load(given)
    assert (list(dataset.X), dataset.target, dataset.rows) == (columns, target, 30)
    assert list(dataset.y) == list(Y)
    assert dataset.shape == ()


def test_the_test_part_of_a_dict_is_the_test_part() -> None:
    dataset = datasets.load({"X": X[:20], "y": Y[:20], "X_test": X[20:], "y_test": Y[20:]})
    assert dataset.X_test is not None
    assert (dataset.rows, len(dataset.X_test), dataset.split) == (20, 10, Split("given"))
    np.testing.assert_array_equal(dataset.X_test.to_numpy(), X[20:])
    other = datasets.load({"X": X[:20], "y": Y[:20], "X_test": X[20:], "y_test": Y[20:]}, test=0.5)
    assert (other.rows, other.test_share) == (15, 0.5)


def test_an_array_is_a_table_whose_target_is_one_of_its_columns() -> None:
    dataset = datasets.load(np.column_stack([X, Y]), target="x4", task="classification")
    assert (list(dataset.X), dataset.classes) == (["x0", "x1", "x2", "x3"], ("0", "1", "2"))


def test_images_are_flattened_and_their_shape_is_kept(tmp_path: Path) -> None:
    images = np.arange(30 * 4 * 4 * 3, dtype="uint8").reshape(30, 4, 4, 3)
    dataset = datasets.load({"X": images, "y": Y})
    assert (dataset.shape, dataset.features, str(dataset.X["x0"].dtype)) == ((4, 4, 3), 48, "uint8")
    np.testing.assert_array_equal(dataset.X.to_numpy().reshape(-1, *dataset.shape), images)
    assert "Each row is an array of the shape 4×4×3, flattened" in datasets.describe(dataset)
    datasets.save(dataset, tmp_path)
    assert datasets.open(tmp_path).shape == (4, 4, 3)
    assert datasets.load({"X": images, "y": Y}, drop=["x0"]).shape == ()


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"X": X}, "the dict has no 'y' (it holds 'X'); give a dict such as"),
        ({"X": X, "y": Y[:9]}, "X has 30 rows and y 9 values; they must have one value a row"),
        ({"X": X, "y": X}, "y has the shape (30, 4); it must hold one value a row, shape (n,)"),
        ({"X": X[:0], "y": Y[:0]}, "X is empty (shape (0, 4)); it needs rows and columns"),
        ({"X": "text", "y": Y}, "X is a str; it must be a DataFrame, an array or a tensor"),
        ({"X": X, "y": 3}, "y is an int; it must be a Series, an array, a tensor or a list"),
        ({"X": X, "y": Y, "X_test": X}, "the dict has only one of 'X_test' and 'y_test'; give both, or neither"),
        ({"X": X, "y": Y, "X_test": X[:, :2], "y_test": Y}, "X has 4 columns and X_test 2"),
        ({"X": np.zeros((5, 200, 200, 3)), "y": Y[:5]}, "each row of X holds 120,000 values"),
        (Y, "an array of shape (30,) is no table; give a dict such as"),
        (pd.Series(Y), "a Series of 30 values is no table; give a dict such as"),
    ],
)
def test_what_is_no_dataset_is_one_sentence(refusal: Callable[..., str], given: Any, text: str) -> None:
    said = refusal(datasets.load, given, target=None)
    assert said.startswith(text)
    assert "\n" not in said


def test_roles_of_variables() -> None:
    assert [datasets.role(v) for v in (FRAME, X, Y, pd.Series(Y), {"X": X, "y": Y}, {"a": 1}, "text", X[:0])] == [
        "table",
        "table",
        "target",
        "target",
        "dataset",
        None,
        None,
        None,
    ]


def test_tensors_are_read() -> None:
    torch = pytest.importorskip("torch")
    dataset = datasets.load({"X": torch.tensor(X, requires_grad=True), "y": torch.tensor(Y)})
    np.testing.assert_array_equal(dataset.X.to_numpy(), X)
    assert datasets.load({"X": torch.tensor(X, dtype=torch.bfloat16), "y": torch.tensor(Y)}).features == 4
    assert datasets.role(torch.zeros(3)) == "target"


def test_arrays_are_read_without_loading_torch() -> None:
    code = (
        "import sys, numpy as np\nfrom workbench import datasets\n"
        "datasets.load({'X': np.zeros((9, 2)) + np.arange(9)[:, None], 'y': np.arange(9) % 2})\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
