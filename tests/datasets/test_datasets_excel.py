"""Excel workbooks, where openpyxl is installed."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from workbench import datasets

installed = pytest.mark.skipif(find_spec("openpyxl") is None, reason="openpyxl is not installed")


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("another").append(["not", "read"])
    book.save(path)
    return path


@pytest.mark.skipif(find_spec("openpyxl") is not None, reason="openpyxl is installed")
def test_without_openpyxl_the_message_says_what_to_install(tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(b"anything")
    assert refusal(datasets.read_table, path) == (
        "'t.xlsx' needs openpyxl: pip install openpyxl, or save the sheet as CSV"
    )


@installed
def test_the_first_sheet_is_read_with_its_types(tmp_path: Path) -> None:
    rows = [["n", "text", None, "yes"], [1, "a", 0.5, True], [2, "b", None, False], [3, None, 1, True]] * 1
    rows += [[n, "a", 1.5, False] for n in range(4, 8)]
    path = workbook(tmp_path / "t.xlsx", rows)
    dataset = datasets.load(path, target="yes")
    assert [str(t) for t in dataset.X.dtypes] == ["int64", "str", "float64"]
    assert list(dataset.X.columns) == ["n", "text", "column_3"]
    assert str(dataset.y.dtype) == "bool"


@installed
def test_a_bad_sheet_is_one_sentence(tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = tmp_path / "t.xlsx"
    assert refusal(datasets.read_table, workbook(path, [["a", "b"]])) == (
        "the first sheet of 't.xlsx' has 1 row; it needs a header and rows"
    )
    assert refusal(datasets.read_table, workbook(path, [["a", "a"], [1, 2]])) == (
        "'t.xlsx' has several columns named 'a'; give each its own name"
    )
    path.write_bytes(b"PK\x03\x04 but no workbook")
    assert refusal(datasets.read_table, path) == (
        "'t.xlsx' cannot be read as a workbook (File is not a zip file); save the sheet as CSV"
    )
