"""Parquet and Feather files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from workbench import datasets

FRAME = pd.DataFrame(
    {
        "small": pd.Series([1, 2], dtype="int8"),
        "real": [0.5, None],
        "text": ["a", None],
        "kind": pd.Categorical(["u", "v"], categories=["v", "u"], ordered=True),
        "day": pd.to_datetime(["2024-01-31", None]).astype("datetime64[ms]"),
    }
)


@pytest.mark.parametrize("name", ["a.parquet", "a.pq", "a.PARQUET", "a.feather", "a.arrow"])
def test_every_type_comes_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    (FRAME.to_feather if path.suffix in (".feather", ".arrow") else FRAME.to_parquet)(path)
    pd.testing.assert_frame_equal(datasets.read_table(path), FRAME)


def test_a_named_index_is_a_column_unless_there_is_one_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key")).to_parquet(path)
    assert datasets.read_table(path).to_dict("list") == {"key": ["x", "y"], "a": [1, 2]}
    pd.DataFrame({"a": [1, 2]}, index=pd.Index([8, 9], name="a")).to_parquet(path)
    assert datasets.read_table(path)["a"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("t.parquet", b"", "'t.parquet' is empty (0 bytes)"),
        ("t.feather", b"", "'t.feather' is empty (0 bytes)"),
        (
            "t.feather",
            b"not a Feather file",
            "'t.feather' cannot be read as Feather (Not a Feather V1 or Arrow IPC file); write it again",
        ),
    ],
)
def test_a_broken_file_is_one_sentence(
    tmp_path: Path, refusal: Callable[..., str], name: str, data: bytes, text: str
) -> None:
    (tmp_path / name).write_bytes(data)
    assert refusal(datasets.read_table, tmp_path / name) == text


def test_a_file_cut_anywhere_is_one_sentence(tmp_path: Path, refusal: Callable[..., str]) -> None:
    FRAME.to_parquet(tmp_path / "whole.parquet")
    data = (tmp_path / "whole.parquet").read_bytes()
    path = tmp_path / "cut.parquet"
    for end in range(1, len(data), max(1, len(data) // 40)):
        path.write_bytes(data[:end])
        text = refusal(datasets.read_table, path)
        assert text.startswith("'cut.parquet' cannot be read as Parquet (")
        assert text.endswith("); write it again")


def test_a_table_without_rows_is_refused(tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = tmp_path / "t.parquet"
    FRAME.iloc[:0].to_parquet(path)
    assert refusal(datasets.read_table, path) == "'t.parquet' has 5 columns and no rows"
