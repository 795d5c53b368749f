"""What is known of each column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import datasets
from workbench.datasets.profile import SAMPLE, describe_column
from workbench.nouns import Column, Notice


def series(values: Any, dtype: Any = None) -> pd.Series:
    return pd.Series(values, dtype=dtype, name="a")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (
            series([0, 1, 2, 10, 10]),
            Column("a", "number", "int64", 0, 4, 0.0, 4.6, 10.0, None, (1, 1, 1, 0, 0, 0, 0, 0, 0, 2)),
        ),
        (series([1.5, None, 1.5]), Column("a", "number", "float64", 1, 1, 1.5, 1.5, 1.5, None, (2,))),
        (series([np.inf, -np.inf]), Column("a", "number", "float64", 0, 2)),
        (series([np.inf, 1.0, 2.0]), Column("a", "number", "float64", 0, 3, 1.0, 1.5, 2.0, None, (1, *[0] * 8, 1))),
        (
            series(["u", "v", "v", None]),
            Column("a", "category", "str", 1, 2, top="v", histogram=(2, 1)),
        ),
        (
            series(pd.Categorical(["v"] * 3, categories=["u", "v"])),
            Column("a", "category", "category", 0, 1, top="v", histogram=(3, 0)),
        ),
        (series([True, False, True]), Column("a", "boolean", "bool", 0, 2, top="True", histogram=(2, 1))),
        (
            series([True, np.nan, True], "object"),
            Column("a", "boolean", "bool with missing values", 1, 1, top="True", histogram=(2,)),
        ),
        (
            series(pd.to_datetime(["2024-01-31", None, "2023-05-01"])).astype("datetime64[s]"),
            Column("a", "date", "datetime64[s]", 1, 2, top="2023-05-01 to 2024-01-31"),
        ),
        (
            series(np.array(["0001-01-01T05:00", "0001-01-01T06:00"], dtype="datetime64[s]")),
            Column("a", "date", "datetime64[s]", 0, 2, top="0001-01-01"),
        ),
        (
            series(["z" * 500] * 3),
            Column("a", "category", "str", 0, 1, top="z" * 99 + "…", histogram=(3,)),
        ),
        (series([None, None], "str"), Column("a", "category", "str", 2, 0)),
        (series([None, None], "float64"), Column("a", "number", "float64", 2, 0)),
        (series([None, None], "datetime64[s]"), Column("a", "date", "datetime64[s]", 2, 0)),
    ],
)
def test_a_column_is_described(column: pd.Series, expected: Column) -> None:
    assert describe_column(column) == expected


def test_text_that_hardly_repeats_is_text_and_other_text_is_a_category() -> None:
    assert describe_column(series([f"t{i}" for i in range(40)])).kind == "text"
    assert describe_column(series([f"t{i % 20}" for i in range(40)])).kind == "category"
    assert describe_column(series([f"t{i}" for i in range(20)])).kind == "category"
    assert describe_column(series([f"t{i % 21}" for i in range(40)])).kind == "text"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(width=64), min_size=1, max_size=30))
def test_any_numbers_have_a_sound_description(values: list[float]) -> None:
    c = describe_column(series(values, "float64"))
    finite = [v for v in values if np.isfinite(v)]
    assert c.missing == sum(np.isnan(v) for v in values)
    assert sum(c.histogram) == len(finite)
    if finite:
        assert (c.low, c.high) == (min(finite), max(finite))
        assert len(c.histogram) == (1 if c.low == c.high else 10)
        if c.low != c.high:
            assert c.histogram[0] > 0
            assert c.histogram[-1] > 0
    else:
        assert (c.low, c.mean, c.high) == (None, None, None)


def test_the_target_is_the_last_column_and_the_task_is_guessed() -> None:
    X = pd.DataFrame({"u": range(60), "v": ["x", "y", "z"] * 20})
    y = pd.Series([0, 1] * 30, name="goal")
    found = datasets.profile(X, y)
    assert [c.name for c in found.columns] == ["u", "v", "goal"]
    assert found.sampled is None
    assert found == datasets.profile(X, y, task="classification")


def test_a_large_table_is_profiled_on_a_part_the_same_each_time() -> None:
    n = SAMPLE + 1000
    X = pd.DataFrame({"u": np.arange(n) % 1000, "v": np.linspace(0, 1, n)})
    y = pd.Series(np.sin(np.arange(n)), name="goal")
    found = datasets.profile(X, y)
    assert found.sampled == SAMPLE
    assert found.notices[0] == Notice("info", "profiled on 100,000 of 101,000 rows, drawn at random")
    assert sum(found.columns[0].histogram) == SAMPLE
    assert datasets.profile(X, y) == found
