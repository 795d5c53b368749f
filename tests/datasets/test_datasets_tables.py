"""What a table may come from, and what is said of anything else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbench import datasets

HINTS = ", ".join(source.hint for source in datasets.known_sources().values())


def test_a_dataframe_is_copied() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    table = datasets.read_table(frame)
    table.loc[0, "a"] = 99
    assert frame["a"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (pd.DataFrame(), "the DataFrame is empty (0 rows, 0 columns)"),
        (pd.DataFrame({"a": []}), "the DataFrame is empty (0 rows, 1 column)"),
    ],
)
def test_an_empty_dataframe_is_refused(refusal: Callable[..., str], frame: pd.DataFrame, text: str) -> None:
    assert refusal(datasets.read_table, frame) == text


def test_anything_that_says_its_path_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")

    class Somewhere(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(tmp_path / "t.csv")

    assert datasets.read_table(Somewhere()).to_dict("list") == {"a": [1], "b": [2]}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", f"no table was named; give {HINTS}"),
        ("  ", f"no table was named; give {HINTS}"),
        (3, f"a table cannot come from a value of type int; give {HINTS}"),
        (None, f"a table cannot come from a value of type NoneType; give {HINTS}"),
        (
            "https://example.org/t.csv",
            "'https://example.org/t.csv' is an address; download the file and give its path",
        ),
    ],
)
def test_what_is_no_table_is_one_sentence(refusal: Callable[..., str], source: Any, text: str) -> None:
    assert refusal(datasets.read_table, source) == text


@pytest.mark.parametrize(
    ("name", "what"), [("t.txt", "a file with the suffix '.txt'"), ("table", "a file without a suffix")]
)
def test_a_file_of_another_kind_is_told_what_is_read(
    tmp_path: Path, refusal: Callable[..., str], name: str, what: str
) -> None:
    (tmp_path / name).write_text("a,b\n1,2\n")
    assert refusal(datasets.read_table, tmp_path / name) == (
        f"{name!r} is {what}; these are read: .csv, .tsv, .tab, .csv.gz, .tsv.gz, .parquet, .pq, .feather, .arrow, "
        ".jsonl, .ndjson, .arff, .arff.gz, .npz, .xlsx, .xlsm"
    )


def test_every_source_says_what_it_is() -> None:
    for name, source in datasets.known_sources().items():
        assert source.id == name
        assert source.title
        assert source.hint
        assert not source.suffixes or source.accepts(source.hint)
