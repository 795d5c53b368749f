"""Drift between the parts: told of where it is, and not where it is chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench import datasets
from workbench.nouns import Dataset, Split

N = 200
R = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "same": R.normal(size=N),
        "grows": np.arange(N) + R.normal(size=N),
        "colour": np.where(np.arange(N) < 150, R.choice(["a", "b"], N), "c"),
        "gone": np.where(np.arange(N) < 150, R.normal(size=N), np.nan),
        "day": pd.date_range("2024-01-01", periods=N),
        "label": np.where(R.random(N) < 0.5, "u", "v"),
    }
)


def told(dataset: Dataset) -> list[str]:
    return [n.text for n in dataset.profile.notices if "drift" in n.text or "never seen" in n.text]


def test_columns_that_lie_elsewhere_in_the_latest_rows_are_told_of_but_not_the_time_itself() -> None:
    found = told(datasets.make(TABLE, "label", test=Split("time", column="day", share=0.25)))
    assert {text.split()[0] for text in found} == {"'grows'", "'colour'", "'gone'"}
    assert any(t.startswith("'colour' drifts: 100 % of it lies elsewhere in the test part") for t in found)


@pytest.mark.parametrize("seed", range(5))
def test_of_rows_drawn_at_random_nothing_is_said(seed: int) -> None:
    assert told(datasets.make(TABLE, "label", test_share=0.2, seed=seed)) == []


def test_a_class_that_only_the_test_part_has_is_told_of() -> None:
    table = TABLE.assign(label=[*TABLE["label"][:-20], *["new"] * 20])
    found = told(datasets.make(table, "label", test=Split("time", column="day", share=0.25)))
    assert found[0].startswith("a class of the test part never seen in training: 'new'")


def test_small_parts_and_many_columns_do_not_flood_the_remarks() -> None:
    assert told(datasets.make(TABLE, "label", test=Split("time", column="day", share=0.1))) == []
    wide = pd.DataFrame({f"c{i}": np.arange(N) for i in range(9)}).assign(label=TABLE["label"], t=np.arange(N))
    found = told(datasets.make(wide, "label", test=Split("time", column="t", share=0.25)))
    assert len(found) == 6
    assert found[-1].startswith("4 more columns drift between the parts")
