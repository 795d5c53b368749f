"""Paths that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from workbench import datasets
from workbench.datasets.paths import stem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("titanic.csv", "mpg.csv", "notes.txt"):
        (tmp_path / name).write_text("a,b\n1,2\n")
    return tmp_path


def test_a_file_that_is_not_there_names_the_nearest(folder: Path, refusal: Callable[..., str]) -> None:
    assert refusal(datasets.read_table, folder / "titanik.csv") == (
        f"there is no file 'titanik.csv' in {str(folder)!r}; the nearest name there: 'titanic.csv'"
    )


def test_a_file_that_nothing_is_like_says_what_is_there(folder: Path, refusal: Callable[..., str]) -> None:
    assert refusal(datasets.read_table, folder / "wholly-other.parquet") == (
        f"there is no file 'wholly-other.parquet' in {str(folder)!r}; it holds 'mpg.csv', 'titanic.csv'"
    )
    (folder / "empty").mkdir()
    assert refusal(datasets.read_table, folder / "empty" / "x.csv") == (
        f"there is no file 'x.csv' in {str(folder / 'empty')!r}; it holds no table"
    )


def test_a_folder_that_is_not_there_is_named(folder: Path, refusal: Callable[..., str]) -> None:
    (folder / "data").mkdir()
    assert refusal(datasets.read_table, folder / "dta" / "deep" / "x.csv") == (
        f"there is no folder 'dta' in {str(folder)!r}; the nearest name there: 'data'"
    )


def test_a_folder_is_no_table_and_its_tables_are_named(folder: Path, refusal: Callable[..., str]) -> None:
    assert refusal(datasets.read_table, folder) == (
        f"{str(folder)!r} is a directory, not a table; it holds 'mpg.csv', 'titanic.csv'"
    )
    for i in range(6):
        (folder / f"a{i}.csv").write_text("")
    assert refusal(datasets.read_table, folder) == (
        f"{str(folder)!r} is a directory, not a table; it holds 'a0.csv', 'a1.csv', 'a2.csv', 'a3.csv', 'a4.csv' "
        "and 3 more"
    )
    (folder / "like.csv").mkdir()
    assert refusal(datasets.read_table, folder / "like.csv") == (
        f"{str(folder / 'like.csv')!r} is a directory, not a table; it holds no table"
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a" * 5000 + ".csv", f"{'a' * 80!r} is not a path that can be opened (File name too long)"),
        (
            "~no-such-user-here/x.csv",
            "'~no-such-user-here/x.csv' is not a path that can be opened (Could not determine home directory.)",
        ),
    ],
)
def test_a_path_that_cannot_be_one_is_one_sentence(refusal: Callable[..., str], source: str, text: str) -> None:
    assert refusal(datasets.read_table, source) == text


def test_a_path_with_a_null_character_is_not_found(folder: Path, refusal: Callable[..., str]) -> None:
    assert refusal(datasets.read_table, f"{folder}/x\0.csv").startswith("there is no file 'x\\x00.csv' in ")


def test_the_home_folder_may_be_short(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    assert datasets.read_table("~/mpg.csv").to_dict("list") == {"a": [1], "b": [2]}


def test_a_name_is_without_its_suffixes() -> None:
    assert [stem(Path(n)) for n in ("a.csv", "b.csv.gz", ".csv")] == ["a", "b", ".csv"]
