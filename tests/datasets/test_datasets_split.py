"""The test part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import datasets
from workbench.datasets.split import rows_aside as rows_of_test
from workbench.nouns import DatasetError


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=6), st.floats(0.01, 0.99), st.integers(0, 5))
def test_each_class_gives_its_share_and_keeps_a_row(sizes: list[int], share: float, seed: int) -> None:
    y = pd.Series(np.repeat([f"c{k}" for k in range(len(sizes))], sizes)).sample(frac=1, random_state=seed)
    y = y.reset_index(drop=True)
    try:
        mask = rows_of_test(y, "classification", share, seed)
    except DatasetError:
        total = round(len(y) * share)
        assert total < 1 or total > len(y) - 2 or max(sizes) == 1
        return
    np.testing.assert_array_equal(mask, rows_of_test(y, "classification", share, seed))
    assert mask.any()
    for k, size in enumerate(sizes):
        taken = int(mask[y == f"c{k}"].sum())
        assert taken < size
        assert abs(taken - size * share) < 1 or taken == size - 1
    full = sum(min(int(s * share), s - 1) for s in sizes)
    assert full <= mask.sum() <= round(len(y) * share)


def test_a_regression_gives_the_share_exactly() -> None:
    y = pd.Series(np.arange(200.0))
    mask = rows_of_test(y, "regression", 0.25, 3)
    assert mask.sum() == 50
    assert (mask != rows_of_test(y, "regression", 0.25, 4)).any()


def test_the_two_parts_are_the_table_and_in_its_order() -> None:
    table = pd.DataFrame({"row": range(100), "y": ["a", "b", "b", "b"] * 25})
    dataset = datasets.make(table, "y", test_share=0.2, seed=1)
    assert dataset.X_test is not None
    assert dataset.y_test is not None
    train, test = dataset.X["row"], dataset.X_test["row"]
    assert train.is_monotonic_increasing
    assert test.is_monotonic_increasing
    assert sorted([*train, *test]) == list(range(100))
    assert dataset.y_test.value_counts().to_dict() == {"b": 15, "a": 5}
    assert dataset.y.tolist() == table["y"][train].tolist()
    assert dataset.X_test.index.tolist() == list(range(20))
    assert datasets.make(table, "y", test_share=0.2, seed=1).digest == dataset.digest
    assert datasets.make(table, "y", test_share=0.2, seed=2).digest != dataset.digest


def test_a_class_is_known_though_the_training_part_holds_its_only_row() -> None:
    table = pd.DataFrame({"x": range(30), "y": ["a"] * 29 + ["rare"]})
    dataset = datasets.make(table, "y", test_share=0.5)
    assert dataset.classes == ("a", "rare")
    assert "rare" in set(dataset.y)


def test_classes_of_one_row_leave_no_test_part(refusal: Callable[..., str]) -> None:
    table = pd.DataFrame({"x": range(6), "y": list("abcdef")})
    assert refusal(datasets.make, table, "y", test_share=0.4) == (
        "test_share=0.4 leaves the test part empty: every class has one row, kept for training"
    )


@pytest.mark.parametrize("share", [0, 0.0])
def test_no_share_is_no_test_part(share: float) -> None:
    dataset = datasets.make(pd.DataFrame({"x": range(6), "y": [0, 1] * 3}), "y", test_share=share)
    assert dataset.X_test is None
    assert dataset.y_test is None
