"""From a table and a target to a dataset, or to one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench import datasets
from workbench.nouns import Notice

N = 40
TABLE = pd.DataFrame(
    {
        "n": np.arange(N) % 7,
        "x": np.linspace(0, 1, N) ** 2,
        "text": [f"t{i % 5}" for i in range(N)],
        "label": [("a", "b", "c")[i * i % 3] for i in range(N)],
    }
)


def with_column(values: Any, name: str = "new") -> pd.DataFrame:
    return TABLE.assign(**{name: values})


def test_the_target_is_apart_and_the_table_unchanged() -> None:
    table = TABLE.copy()
    dataset = datasets.make(table, "label", name="small")
    pd.testing.assert_frame_equal(table, TABLE)
    pd.testing.assert_frame_equal(dataset.X, TABLE.drop(columns="label"))
    pd.testing.assert_series_equal(dataset.y, TABLE["label"])
    assert (dataset.name, dataset.task, dataset.classes, dataset.rows, dataset.features) == (
        "small",
        "classification",
        ("a", "b"),
        N,
        3,
    )
    dataset.X.loc[0, "n"] = 99
    assert table.loc[0, "n"] == 0


@pytest.mark.parametrize(
    ("values", "task", "dtype", "classes"),
    [
        (["u", "v"] * 20, "classification", "str", ("u", "v")),
        ([True, False] * 20, "classification", "bool", ("False", "True")),
        ([10, 9] * 20, "classification", "int64", ("9", "10")),
        ([1.0, 2.0, 3.0, 4.0] * 10, "classification", "int64", ("1", "2", "3", "4")),
        (np.array([0, 1] * 20, dtype="uint8"), "classification", "int64", ("0", "1")),
        (pd.Categorical(["v", "u"] * 20, categories=["w", "v", "u"]), "classification", "str", ("u", "v")),
        (pd.Categorical([3, 1] * 20), "classification", "int64", ("1", "3")),
        (np.arange(N), "regression", "int64", ()),
        (np.arange(N) / 3, "regression", "float64", ()),
        ([0.5, 1.5] * 20, "regression", "float64", ()),
    ],
)
def test_the_task_follows_from_the_target(values: Any, task: str, dtype: str, classes: tuple[str, ...]) -> None:
    dataset = datasets.make(with_column(values), "new")
    assert (dataset.task, str(dataset.y.dtype), dataset.classes) == (task, dtype, classes)
    assert datasets.guess_task(TABLE.assign(new=values)["new"]) == task


def test_a_task_may_be_asked_for() -> None:
    assert datasets.make(with_column([1, 2] * 20), "new", task="regression").classes == ()
    halves = datasets.make(with_column([0.5, 1.5] * 20), "new", types={"new": "category"})
    assert (halves.task, halves.classes, str(halves.y.dtype)) == ("classification", ("0.5", "1.5"), "str")


def test_fractions_are_no_classes_unless_they_are_read_as_names(refusal: Callable[..., str]) -> None:
    assert refusal(datasets.make, with_column([0.5, 1.5] * 20), "new", task="classification") == (
        "the target 'new' holds 0.5, and classes are whole numbers or names; use task='regression', "
        "or have it read as names with types={'new': 'category'}"
    )


def test_names_need_not_be_text() -> None:
    dataset = datasets.make(pd.DataFrame({0: range(10), ("a", 1): range(10), 2.5: [0, 1] * 5}), "2.5")
    assert list(dataset.X.columns) == ["0", "a_1"]
    assert dataset.target == "2.5"


def test_columns_may_be_left_out() -> None:
    assert list(datasets.make(TABLE, "label", drop=["n", "x"]).X) == ["text"]
    assert list(datasets.make(TABLE, "label", drop="text").X) == ["n", "x"]


def test_columns_without_a_value_are_dropped_with_a_notice() -> None:
    dataset = datasets.make(with_column([None] * N, "e1").assign(e2=np.nan), "label")
    assert list(dataset.X) == ["n", "x", "text"]
    assert dataset.profile.notices[0] == Notice("warning", "'e1', 'e2' have no value in any row and were dropped")
    one = datasets.make(with_column([None] * N, "e1"), "label").profile.notices[0]
    assert one == Notice("warning", "'e1' has no value in any row and was dropped", "e1")


def test_rows_without_a_target_are_dropped_with_a_notice() -> None:
    table = TABLE.copy()
    table.loc[[0, 5], "label"] = None
    dataset = datasets.make(table, "label")
    assert dataset.rows == N - 2
    assert dataset.X.index.tolist() == list(range(N - 2))
    assert dataset.profile.notices[0] == Notice("warning", "2 rows without a target were dropped", "label")


def test_a_column_that_a_dropped_row_filled_alone_is_dropped_too() -> None:
    table = with_column([1.0] + [None] * (N - 1))
    table.loc[0, "label"] = None
    assert [n.text for n in datasets.make(table, "label").profile.notices[:2]] == [
        "1 row without a target was dropped",
        "'new' has no value in any row and was dropped",
    ]


@pytest.mark.parametrize(
    ("table", "target", "text"),
    [
        (TABLE, "lable", "no column is named 'lable'; did you mean 'label'?"),
        (TABLE, "LABEL", "no column is named 'LABEL'; did you mean 'label'?"),
        (TABLE, "zzzzzz", "no column is named 'zzzzzz'; there are: n, x, text, label"),
        (
            pd.DataFrame([range(25)] * 6),
            "zzz",
            "no column is named 'zzz'; there are: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, "
            "19 and 5 more",
        ),
        (pd.DataFrame(), "y", "the table is empty (0 rows, 0 columns)"),
        (TABLE.iloc[:0], "label", "the table is empty (0 rows, 4 columns)"),
        (
            TABLE.iloc[:1],
            "label",
            "'table' has 1 row with a target; at least 5 are needed, to train on some and measure on others",
        ),
        (
            TABLE[["label"]],
            "label",
            "the table has one column, 'label'; a target needs at least one column to predict it from",
        ),
        (
            TABLE[["label"]].assign(a=None, b=np.nan),
            "label",
            "only the target 'label' is left: 'a', 'b' have no value in any row; "
            "a dataset needs at least one column with values",
        ),
        (
            with_column([None] * N),
            "new",
            "the target 'new' has no value in any of 40 rows; choose another column",
        ),
        (
            with_column(["same"] * N),
            "new",
            "the target 'new' has one class, 'same'; there is nothing to learn: choose another column",
        ),
        (
            with_column(["z" * 1000] * N),
            "new",
            f"the target 'new' has one class, '{'z' * 39}…'; there is nothing to learn: choose another column",
        ),
        (
            with_column([0.5] * N),
            "new",
            "the target 'new' has one value, '0.5'; there is nothing to learn: choose another column",
        ),
        (
            with_column([f"name {i}" for i in range(N)]),
            "new",
            "the target 'new' has 40 different values in 40 rows, too many to be classes; choose another column",
        ),
        (
            with_column([np.inf, *range(N - 1)]),
            "new",
            "the target 'new' holds infinite values; replace or remove those rows",
        ),
        (
            with_column(pd.date_range("2024-01-01", periods=N)),
            "new",
            "the target 'new' holds dates; choose a column of classes or numbers",
        ),
        (
            with_column([1j] * N),
            "new",
            "'new' holds complex numbers; split it into its real and imaginary parts",
        ),
        (
            pd.DataFrame([[1, 2, 3]] * 6, columns=["a", "b", "a"]),
            "b",
            "several columns are named 'a'; give each its own name",
        ),
        (
            pd.DataFrame([[1, 2]] * 6, columns=pd.Index(["a", "\ud800"], dtype=object)),
            "a",
            "the column name '\\ud800' is not valid Unicode; give it another name",
        ),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    refusal: Callable[..., str], table: pd.DataFrame, target: str, text: str
) -> None:
    assert refusal(datasets.make, table, target) == text


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"task": "clustering"},
            "no task is named 'clustering'; there are: classification, regression",
        ),
        (
            {"task": "regression"},
            "regression needs numbers, and the target 'label' holds values such as 'a'; "
            "use task='classification' or another column",
        ),
        ({"drop": ["tex"]}, "no column is named 'tex', so it cannot be left out; did you mean 'text'?"),
        ({"drop": ["label"]}, "'label' is the target, so it cannot be left out; choose another target first"),
        (
            {"drop": ["n", "x", "text"]},
            "only the target 'label' is left: 'n', 'x', 'text' were left out; "
            "a dataset needs at least one column with values",
        ),
        ({"test_share": 1.5}, "test_share is 1.5; it must be above 0 and below 1, such as 0.25"),
        ({"test_share": -0.2}, "test_share is -0.2; it must be above 0 and below 1, such as 0.25"),
        ({"test_share": float("nan")}, "test_share is nan; it must be above 0 and below 1, such as 0.25"),
        (
            {"test_share": 0.001},
            "test_share=0.001 of 40 rows makes a test part of 0; leave rows in both parts",
        ),
        (
            {"test_share": 0.99},
            "test_share=0.99 of 40 rows makes a test part of 40; leave rows in both parts",
        ),
    ],
)
def test_wrong_options_are_one_sentence(refusal: Callable[..., str], options: dict[str, Any], text: str) -> None:
    assert refusal(datasets.make, TABLE, "label", **options) == text


def test_numbers_that_are_too_many_to_be_classes_may_be_a_regression(refusal: Callable[..., str]) -> None:
    assert refusal(datasets.make, with_column(range(N)), "new", task="classification") == (
        "the target 'new' has 40 different values in 40 rows, too many to be classes; "
        "use task='regression' or another column"
    )


def test_the_one_obvious_target_need_not_be_named(refusal: Callable[..., str]) -> None:
    assert datasets.load(TABLE).target == "label"
    assert refusal(datasets.load, TABLE.assign(y=1)) == (
        "which column of 'dataframe' is the target? give target=, one of: n, x, text, label, y"
    )
    assert refusal(datasets.load, TABLE.drop(columns="label")) == (
        "which column of 'dataframe' is the target? give target=, one of: n, x, text"
    )


def test_a_loaded_file_says_where_it_came_from(tmp_path: Path) -> None:
    path = tmp_path / "small.csv.gz"
    TABLE.to_csv(path, index=False)
    dataset = datasets.load(path, target="label")
    assert (dataset.name, dataset.source) == ("small", str(path))
    assert datasets.load(path, name="other").name == "other"
    assert repr(dataset) == "Dataset('small', 40×3, classification of 'label')"


@pytest.mark.parametrize(
    ("name", "target", "task", "rows", "features", "classes"),
    [
        ("titanic", "survived", "classification", 891, 14, ("0", "1")),
        ("penguins", "species", "classification", 344, 6, ("Adelie", "Chinstrap", "Gentoo")),
        ("mpg", "mpg", "regression", 398, 8, ()),
        ("diamonds", "price", "regression", 53940, 9, ()),
    ],
)
def test_real_tables_load(
    real: Path, name: str, target: str, task: str, rows: int, features: int, classes: tuple[str, ...]
) -> None:
    dataset = datasets.load(real / f"{name}.csv", target=target)
    assert (dataset.task, dataset.rows, dataset.features, dataset.classes) == (task, rows, features, classes)


def test_the_bad_list_of_files_is_one_sentence_each(tmp_path: Path, refusal: Callable[..., str]) -> None:
    def csv(text: str) -> Path:
        (tmp_path / "t.csv").write_text(text)
        return tmp_path / "t.csv"

    assert refusal(datasets.load, csv("a,b\n" + "1,x\n2,x\n" * 5), target="b") == (
        "the target 'b' has one class, 'x'; there is nothing to learn: choose another column"
    )
    assert refusal(datasets.load, csv("a,b\n1,x\n"), target="b") == (
        "'t' has 1 row with a target; at least 5 are needed, to train on some and measure on others"
    )
    assert refusal(datasets.load, csv("c,b\n" + ",x\n,y\n" * 5), target="b") == (
        "only the target 'b' is left: 'c' has no value in any row; a dataset needs at least one column with values"
    )
    assert refusal(datasets.load, csv("age,class\n" + "1,x\n2,y\n" * 5), target="clas") == (
        "no column is named 'clas'; did you mean 'class'?"
    )
    usable = datasets.load(csv("a,c,b\n" + "1,,x\n2,,y\n" * 5), target="b")
    assert list(usable.X) == ["a"]
    assert usable.profile.notices[0].text == "'c' has no value in any row and was dropped"
