"""A dataset as plain files, and back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench import datasets
from workbench.nouns import Dataset, DatasetError

KINDS = (
    *("int8", "int64", "uint64", "Int16", "float32", "float64", "bool", "boolean", "str", "object", "string[pyarrow]"),
    *("category", "datetime64[s]", "datetime64[ns]", "zone", "dates", "mixed", "timedelta64[ms]"),
)
texts = st.text(st.characters(codec="utf-8"), max_size=6)


def listed(values: st.SearchStrategy[Any], n: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=n, max_size=n)


def whole(kind: str) -> st.SearchStrategy[int]:
    return st.integers(int(np.iinfo(kind).min), int(np.iinfo(kind).max))


@st.composite
def categories(draw: st.DrawFn, n: int) -> pd.Series:
    some = st.one_of(
        st.lists(texts, min_size=1, max_size=4, unique=True),
        st.lists(whole("int64"), min_size=1, max_size=4, unique=True),
        st.lists(st.floats(allow_nan=False), min_size=1, max_size=4, unique=True),
        st.lists(st.booleans() | st.datetimes() | texts, min_size=1, max_size=4, unique=True),
    )
    own = draw(some)
    codes = draw(listed(st.integers(-1, len(own) - 1), n))
    return pd.Series(pd.Categorical.from_codes(codes, own, ordered=draw(st.booleans())))


@st.composite
def columns(draw: st.DrawFn, n: int) -> pd.Series:
    """A column of any type that a dataset can be made from."""
    kind = draw(st.sampled_from(KINDS))
    if kind == "category":
        return draw(categories(n))
    if kind == "float32":
        return pd.Series(draw(listed(st.floats(width=32), n)), dtype=kind)
    if kind == "float64":
        return pd.Series(draw(listed(st.floats(), n)), dtype=kind)
    if kind == "bool":
        return pd.Series(draw(listed(st.booleans(), n)), dtype=kind)
    if kind == "boolean":
        return pd.Series(draw(listed(st.none() | st.booleans(), n)), dtype=kind)
    if kind in ("str", "string[pyarrow]", "object"):
        return pd.Series(draw(listed(st.none() | texts, n)), dtype=kind)
    if kind == "mixed":
        return pd.Series(draw(listed(st.none() | texts | st.booleans() | st.floats() | st.integers(), n)), dtype=object)
    if kind == "dates":
        return pd.Series(draw(listed(st.none() | st.dates(), n)), dtype=object)
    if kind.startswith(("datetime", "timedelta", "zone")):
        seconds = np.array(draw(listed(st.integers(-(2**32), 2**32), n)))
        if kind == "zone":
            zone = draw(st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]))
            return pd.Series(seconds.astype("datetime64[s]")).dt.tz_localize("UTC").dt.tz_convert(zone)
        return pd.Series(seconds.astype(f"{kind.split('[')[0]}[s]").astype(kind))
    if kind == "Int16":
        return pd.Series(draw(listed(st.none() | whole("int16"), n)), dtype=kind)
    return pd.Series(draw(listed(whole(kind), n)), dtype=kind)


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, float]:
    n = draw(st.integers(6, 20))
    target = pd.Series(np.arange(n) % 2, dtype="int64")
    choices = st.sampled_from(
        [target, target.astype("str"), target.astype(bool), target.astype("category"), pd.Series(np.arange(n) / 3)]
    )
    names = draw(st.lists(texts.filter(lambda t: t != "goal"), min_size=1, max_size=4, unique=True))
    frame = pd.DataFrame({name: draw(columns(n)) for name in names})
    return frame.assign(goal=draw(choices)), draw(st.sampled_from([0.0, 0.3]))


def assert_same(back: Dataset, dataset: Dataset) -> None:
    for name in ("name", "task", "target", "source", "digest", "classes", "profile"):
        assert getattr(back, name) == getattr(dataset, name)
    for ours, theirs in ((back.X, dataset.X), (back.X_test, dataset.X_test)):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            pd.testing.assert_frame_equal(ours, theirs)
    for ours, theirs in ((back.y, dataset.y), (back.y_test, dataset.y_test)):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            pd.testing.assert_series_equal(ours, theirs)


@settings(
    max_examples=70,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tables())
def test_whatever_can_be_made_is_kept_exactly(tmp_path: Path, case: tuple[pd.DataFrame, float]) -> None:
    table, share = case
    try:
        dataset = datasets.make(table, "goal", test_share=share, name="a name", source="b/c.csv")
    except DatasetError as error:
        assert "has no value in any row" in str(error)  # all of its columns were empty
        return
    assert datasets.describe(dataset)
    datasets.save(dataset, tmp_path / "data")
    assert_same(datasets.open(tmp_path / "data"), dataset)


@pytest.mark.parametrize(
    ("name", "target", "share"),
    [("titanic", "survived", 0.25), ("penguins", "species", 0.0), ("mpg", "mpg", 0.1), ("diamonds", "price", 0.0)],
)
def test_real_tables_are_kept_exactly(tmp_path: Path, real: Path, name: str, target: str, share: float) -> None:
    dataset = datasets.load(real / f"{name}.csv", target=target, test_share=share)
    datasets.save(dataset, tmp_path)
    assert_same(datasets.open(tmp_path), dataset)


@pytest.fixture
def small() -> Dataset:
    return datasets.make(pd.DataFrame({"n": range(20), "y": ["a", "b"] * 10}), "y", test_share=0.2)


def test_the_files_are_those_that_are_named_and_no_others(tmp_path: Path, small: Dataset) -> None:
    datasets.save(small, tmp_path / "deep" / "data")
    assert sorted(os.listdir(tmp_path / "deep" / "data")) == ["dataset.json", "test.parquet", "train.parquet"]
    assert json.loads((tmp_path / "deep" / "data" / "dataset.json").read_text())["digest"] == small.digest


def test_saving_over_another_dataset_leaves_nothing_of_it(tmp_path: Path, small: Dataset) -> None:
    datasets.save(small, tmp_path)
    other = datasets.make(pd.DataFrame({"m": range(9), "z": range(9)}), "z")
    datasets.save(other, tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["dataset.json", "train.parquet"]
    assert_same(datasets.open(tmp_path), other)


def test_a_folder_without_a_dataset_is_one_sentence(tmp_path: Path, refusal: Callable[..., str]) -> None:
    assert refusal(datasets.open, tmp_path) == (
        f"{str(tmp_path)!r} holds no dataset: it has no dataset.json; datasets.save writes one"
    )


def test_changed_data_is_noticed_and_may_be_read_all_the_same(
    tmp_path: Path, small: Dataset, refusal: Callable[..., str]
) -> None:
    datasets.save(small, tmp_path)
    for part in ("train.parquet", "test.parquet"):
        kept = (tmp_path / part).read_bytes()
        table = pd.read_parquet(tmp_path / part)
        table.loc[0, "0"] += 1
        table.to_parquet(tmp_path / part)
        text = refusal(datasets.open, tmp_path)
        assert text.startswith(f"the data in {str(tmp_path)!r} has changed since it was saved: its digest is ")
        assert text.endswith(f", and dataset.json says {small.digest[:12]}; save it again")
        assert datasets.open(tmp_path, check=False).digest == small.digest
        (tmp_path / part).write_bytes(kept)
    assert_same(datasets.open(tmp_path), small)


def test_a_part_that_is_gone_or_cut_is_one_sentence(
    tmp_path: Path, small: Dataset, refusal: Callable[..., str]
) -> None:
    datasets.save(small, tmp_path)
    path = tmp_path / "train.parquet"
    data = path.read_bytes()
    path.write_bytes(data[:100])
    assert refusal(datasets.open, tmp_path).startswith(f"{str(path)!r} cannot be read (")
    path.unlink()
    text = refusal(datasets.open, tmp_path)
    assert text.startswith(f"{str(path)!r} cannot be read (")
    assert text.endswith("); save the dataset again")
    pd.DataFrame({"0": [1]}).to_parquet(path)
    assert refusal(datasets.open, tmp_path) == f"{str(path)!r} has 1 column, dataset.json names 2; save it again"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
        ("[]", "TypeError: list indices must be integers or slices, not str"),
        ("{}", "KeyError: 'format'"),
        ('{"format": 1}', "KeyError: 'columns'"),
    ],
)
def test_a_broken_dataset_json_is_one_sentence(
    tmp_path: Path, small: Dataset, refusal: Callable[..., str], text: str, reason: str
) -> None:
    datasets.save(small, tmp_path)
    path = tmp_path / "dataset.json"
    path.write_text(text)
    assert refusal(datasets.open, tmp_path) == f"{str(path)!r} cannot be read ({reason}); save it again"


def test_a_format_of_another_version_is_named(tmp_path: Path, small: Dataset, refusal: Callable[..., str]) -> None:
    datasets.save(small, tmp_path)
    path = tmp_path / "dataset.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    assert refusal(datasets.open, tmp_path) == f"{str(path)!r} has format 2; this version reads format 1"


def test_any_byte_that_changes_is_noticed_or_harmless(tmp_path: Path, small: Dataset) -> None:
    datasets.save(small, tmp_path)
    path = tmp_path / "train.parquet"
    data = path.read_bytes()
    noticed = 0
    for place in range(0, len(data), 29):
        flipped = bytearray(data)
        flipped[place] ^= 0x41
        path.write_bytes(bytes(flipped))
        try:
            back = datasets.open(tmp_path)
        except DatasetError:
            noticed += 1
        else:
            assert_same(back, small)
    assert noticed > 5
