"""Parts of a table by share, file, column and time, and the types that a person chooses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench import datasets
from workbench.nouns import Split

N = 60
TABLE = pd.DataFrame(
    {
        "n": np.arange(N) % 7,
        "fold": np.where(np.arange(N) % 4 == 0, "test", "train"),
        "day": pd.date_range("2024-01-01", periods=N).astype(str),
        "code": [str(i % 3) for i in range(N)],
        "label": ["a", "b"] * (N // 2),
    }
)


def test_a_part_by_column_is_found_by_its_usual_words_and_the_column_is_no_feature() -> None:
    dataset = datasets.make(TABLE, "label", test=Split("column", column="fold"))
    assert dataset.split == Split("column", column="fold", value="test")
    assert "fold" not in dataset.X
    assert dataset.X_test is not None
    assert (dataset.rows, len(dataset.X_test), dataset.test_share) == (45, 15, 0.0)
    assert str(dataset.split) == "the rows where 'fold' is 'test'"


def test_a_part_by_column_may_be_told_by_any_value() -> None:
    dataset = datasets.make(
        TABLE.assign(fold=np.arange(N) % 3), "label", test=Split("column", column="fold", value="2.0")
    )
    assert (dataset.rows, len(dataset.X_test if dataset.X_test is not None else ())) == (40, 20)


def test_the_latest_rows_are_put_aside_and_rows_of_one_moment_stay_together() -> None:
    dataset = datasets.make(TABLE, "label", test=Split("time", column="day", share=0.25), types={"day": "date"})
    assert dataset.X_test is not None
    assert dataset.X["day"].max() < dataset.X_test["day"].min()
    assert len(dataset.X_test) == 15
    together = datasets.make(
        TABLE.assign(hour=np.arange(N) // 20), "label", test=Split("time", column="hour", share=0.1)
    )
    assert together.X_test is not None
    assert len(together.X_test) == 20


def test_a_part_by_time_may_begin_at_a_moment() -> None:
    dataset = datasets.make(TABLE, "label", test=Split("time", column="day", value="2024-02-20"))
    assert dataset.X_test is not None
    assert len(dataset.X_test) == 10


def test_a_part_from_a_file_has_the_columns_and_types_of_the_table(tmp_path: Path) -> None:
    other = TABLE.head(6)[["label", "code", "n", "day", "fold"]].assign(extra=1)
    other.to_csv(tmp_path / "b.csv", index=False)
    dataset = datasets.make(TABLE.assign(code=TABLE["code"].astype(int)), "label", test=tmp_path / "b.csv")
    assert dataset.X_test is not None
    assert list(dataset.X_test) == list(dataset.X)
    assert (dataset.X_test.dtypes == dataset.X.dtypes).all()
    assert (dataset.rows, len(dataset.X_test)) == (N, 6)
    assert "'extra' of 'b.csv' is not in the table, and not used" in [n.text for n in dataset.profile.notices]


@pytest.mark.parametrize(
    ("test", "text"),
    [
        (
            Split("column", column="fld"),
            "no column is named 'fld', so no part can be put aside by it",
        ),
        (Split("column", column="label"), "'label' is the target, so it cannot tell the parts; choose another column"),
        (Split("column", column="fold", value="x"), "'fold' is never 'x'; it holds: test, train"),
        (Split("column", column="code", value=""), "'code'"),
        (Split("column"), "a part by column needs the name of a column"),
        (Split("file"), "a part by file needs the path of that file"),
        (Split("time", column="fold"), "60 rows of 'fold' tell no time, such as 'test'"),
        (Split("time", column="day", value="soon"), "'soon' is no moment of 'day'; give a date such as 2024-03-31"),
        (Split("time", column="day", value="1999-01-01"), "leaves no row to train on"),
        (Split("time", column="day", value="2099-01-01"), "leaves the test part empty"),
        (Split("given"), "no test part came with this table"),
        (0.999, "test_share=0.999 of 60 rows"),
        ("missing.csv", "there is no file 'missing.csv'"),
        (["a"], "a part cannot be put aside by ['a']; give a share, a file, or a Split"),
    ],
)
def test_a_part_that_cannot_be_is_one_sentence(refusal: Callable[..., str], test: Any, text: str) -> None:
    said = refusal(datasets.make, TABLE.assign(code=["x", "y", "z"] * 20), "label", test=test)
    assert text in said
    assert "\n" not in said


def test_a_file_without_the_columns_of_the_table_is_refused(refusal: Callable[..., str], tmp_path: Path) -> None:
    TABLE[["n", "label"]].to_csv(tmp_path / "b.csv", index=False)
    assert refusal(datasets.make, TABLE, "label", test=tmp_path / "b.csv") == (
        "'b.csv' has no columns 'fold', 'day', 'code'; a test part needs the columns of the table"
    )


def test_a_part_that_leaves_one_class_to_train_on_is_refused(refusal: Callable[..., str]) -> None:
    table = TABLE.assign(label=["a"] * 40 + ["b"] * 20)
    assert refusal(datasets.make, table, "label", test=Split("time", column="day", value="2024-02-10")).startswith(
        "all rows left to train on have one class, 'a'"
    )


def test_columns_are_read_as_a_person_says() -> None:
    types = {"n": "category", "code": "number", "day": "date", "fold": "text"}
    dataset = datasets.make(TABLE, "label", types=types)
    kinds = {c.name: (c.kind, c.dtype) for c in dataset.profile.columns}
    assert kinds["n"] == ("category", "category")
    assert list(dataset.X["n"].cat.categories) == ["0", "1", "2", "3", "4", "5", "6"]
    assert kinds["code"] == ("number", "int64")
    assert kinds["day"][0] == "date"
    assert kinds["fold"] == ("text", "str")
    assert dict(dataset.types) == types


def test_a_type_may_be_to_leave_the_column_out() -> None:
    dataset = datasets.make(TABLE, "label", types={"fold": "leave out", "n": "category"})
    assert (dataset.dropped, dataset.types) == (("fold",), (("n", "category"),))
    assert "fold" not in dataset.X


def test_cells_that_a_type_cannot_hold_become_missing_and_that_is_said() -> None:
    table = TABLE.assign(code=["3", "x", *["4"] * (N - 2)], day=["?", *TABLE["day"][1:]])
    dataset = datasets.make(table, "label", types={"code": "number", "day": "date"})
    assert dataset.X["code"].isna().sum() == dataset.X["day"].isna().sum() == 1
    told = [n.text for n in dataset.profile.notices]
    assert "1 value of 'code' cannot be read as a number and is missing now, such as 'x'" in told
    assert "1 value of 'day' cannot be read as a date and is missing now, such as '?'" in told


def test_dates_may_be_numbers_and_labels() -> None:
    table = TABLE.assign(day=pd.to_datetime(TABLE["day"]))
    assert datasets.make(table, "label", types={"day": "number"}).X["day"].iloc[0] == 19723
    assert datasets.make(table, "label", types={"day": "text"}).X["day"].iloc[0] == "2024-01-01"


def test_the_target_may_be_read_as_names_or_numbers(refusal: Callable[..., str]) -> None:
    names = datasets.make(TABLE, "n", types={"n": "category"})
    assert (names.task, names.classes[0], str(names.y.dtype)) == ("classification", "0", "str")
    numbers = datasets.make(TABLE.assign(t=[f"{i}.5" for i in range(N)]), "t", types={"t": "number"})
    assert (numbers.task, numbers.y.iloc[1]) == ("regression", 1.5)
    assert "the target 'n' cannot be read as 'date'" in refusal(datasets.make, TABLE, "n", types={"n": "date"})
    bad = TABLE.assign(t=["x", *[f"{i}.5" for i in range(N - 1)]])
    assert "a target needs a value in every row" in refusal(datasets.make, bad, "t", types={"t": "number"})


@pytest.mark.parametrize(
    ("types", "text"),
    [
        ({"fold": "numbers"}, "'fold' cannot be read as 'numbers'; there are: number, category, text, date, leave out"),
        ({"fodl": "text"}, "no column is named 'fodl', so its type cannot be chosen; did you mean 'fold'?"),
        ({"fold": "number"}, "'fold' cannot be read as a number: it holds values such as 'test'"),
        ({"n": "date"}, "'n' holds numbers such as 0, which are no dates; a date is written like 2024-03-31"),
        ({"label": "leave out"}, "'label' is the target, so it cannot be left out; choose another target first"),
    ],
)
def test_a_type_that_cannot_be_is_one_sentence(refusal: Callable[..., str], types: dict[str, str], text: str) -> None:
    assert refusal(datasets.make, TABLE, "label", types=types) == text


def test_infinite_values_become_missing_with_a_warning() -> None:
    table = TABLE.assign(x=[np.inf, -np.inf, *np.linspace(0, 1, N - 2)])
    dataset = datasets.make(table, "label")
    assert dataset.X["x"].isna().sum() == 2
    assert "2 infinite values of 'x' were made missing: most models refuse them" in [
        n.text for n in dataset.profile.notices if n.level == "warning"
    ]


def test_parts_and_types_are_kept_in_the_folder(tmp_path: Path) -> None:
    dataset = datasets.make(
        TABLE, "label", types={"n": "category"}, test=Split("column", column="fold"), holdout=0.2, vault=tmp_path / "v"
    )
    datasets.save(dataset, tmp_path / "d")
    again = datasets.open(tmp_path / "d")
    assert (again.split, again.types, again.holdout) == (dataset.split, dataset.types, dataset.holdout)
    assert again.digest == dataset.digest
