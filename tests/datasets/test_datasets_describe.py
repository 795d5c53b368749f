"""A dataset in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from workbench import datasets

N = 100
RNG = np.random.default_rng(3)
TABLE = pd.DataFrame(
    {
        "width": np.linspace(-1234567, 1234567, N),
        "kind": ["u", "v", "v", None] * 25,
        "yes": RNG.integers(0, 2, N).astype(bool),
        "day": pd.date_range("2024-01-01", periods=N),
        "note": [f"secret {i}" for i in range(N)],
        "many": [f"value {i % 15}" for i in range(N)],
        "label": ["no", "yes", "no", "no", "yes"] * 20,
    }
)


def test_every_kind_of_column_reads_well() -> None:
    table = TABLE.assign(width=RNG.permutation(TABLE["width"]), yes=[True, False, False, True, False] * 20)
    dataset = datasets.make(table, "label", name="things", test_share=0.2)
    words = datasets.describe(dataset)
    assert words.split("\n\nRemarks:")[0] == (
        "things: classification of the column 'label'.\n"
        "80 rows, 6 feature columns: 1 numeric, 2 categorical, 1 boolean, 1 text, 1 date.\n"
        "A separate test part of 20 rows with the same columns.\n"
        f"1 feature column with missing values.\n"
        "\n"
        "Target:\n"
        "- 2 classes, labels are strings (str): 'no' (60 %), 'yes' (40 %)\n"
        "\n"
        "Feature columns:\n"
        f"- 'width': number (float64), {dataset.X['width'].min():,.4g} to {dataset.X['width'].max():.4g}, "
        f"mean {dataset.X['width'].mean():.4g}\n"
        f"- 'kind': category (str), 'v', 'u', {dataset.X['kind'].isna().sum()} missing\n"
        "- 'yes': boolean (bool), 2 different values, most often 'False'\n"
        f"- 'day': date (datetime64[us]), {dataset.X['day'].min():%Y-%m-%d} to {dataset.X['day'].max():%Y-%m-%d}\n"
        "- 'note': text (str), 80 different values\n"
        f"- 'many': category (str), 15 different values, most often {dataset.profile.columns[5].top!r}"
    )


def test_the_values_of_single_rows_do_not_appear() -> None:
    assert "secret" not in datasets.describe(datasets.make(TABLE, "label"))


def test_a_regression_and_what_is_missing_read_well(real: Path) -> None:
    words = datasets.describe(datasets.load(real / "mpg.csv", target="mpg"))
    assert words == (
        "mpg: regression of the column 'mpg'.\n"
        "398 rows, 8 feature columns: 6 numeric, 1 categorical, 1 text.\n"
        "No separate test part.\n"
        "1 feature column with missing values.\n"
        "\n"
        "Target:\n"
        "- numbers (float64), 9 to 46.6, mean 23.51\n"
        "\n"
        "Feature columns:\n"
        "- 'cylinders': number (int64), 3 to 8, mean 5.455\n"
        "- 'displacement': number (float64), 68 to 455, mean 193.4\n"
        "- 'horsepower': number (float64), 46 to 230, mean 104.5, 6 missing\n"
        "- 'weight': number (int64), 1,613 to 5,140, mean 2970\n"
        "- 'acceleration': number (float64), 8 to 24.8, mean 15.57\n"
        "- 'model_year': number (int64), 70 to 82, mean 76.01\n"
        "- 'origin': category (str), 'usa', 'japan', 'europe'\n"
        "- 'name': text (str), 305 different values\n"
        "\n"
        "Remarks:\n"
        "- 'name' has 305 different values in 398 rows: like a name or an identifier, or free text\n"
        "- 'horsepower' is missing in 6 of 398 rows (1.51 %)"
    )


def target_line(values: object) -> str:
    dataset = datasets.make(pd.DataFrame({"x": RNG.random(len(values)), "y": values}), "y")  # type: ignore[arg-type]
    lines = datasets.describe(dataset).splitlines()
    return lines[lines.index("Target:") + 1]


def test_labels_are_said_as_they_are_in_the_data() -> None:
    assert target_line([0, 1] * 30) == "- 2 classes, labels are whole numbers (int64): 0 (50 %), 1 (50 %)"
    assert target_line([True, False] * 30) == "- 2 classes, labels are booleans (bool): False (50 %), True (50 %)"
    assert target_line(["0", "1"] * 30) == "- 2 classes, labels are strings (str): '0' (50 %), '1' (50 %)"
    assert target_line([f"c{i % 25:02}" for i in range(100)]) == (
        "- 25 classes, labels are strings (str), such as 'c00'"
    )


def test_a_wide_table_is_cut_and_counted() -> None:
    frame = pd.DataFrame({f"c{i}": RNG.random(60) for i in range(100)}).assign(k=["p", "q", "r"] * 20, y=[0, 1] * 30)
    words = datasets.describe(datasets.make(frame, "y"))
    assert "- 'c59': number" in words
    assert "- 'c60': number" not in words
    assert "- and 41 more: 40 numeric, 1 categorical" in words


def test_numbers_are_short_and_a_zero_has_no_sign() -> None:
    frame = pd.DataFrame({"a": [-0.0, 1e-12, 5e20] * 4, "b": [-0.0, 1.0, -1.0] * 4, "y": [0, 1] * 6})
    words = datasets.describe(datasets.make(frame, "y"))
    assert "- 'a': number (float64), 0 to 5e+20, mean 1.667e+20" in words
    assert "- 'b': number (float64), -1 to 1, mean 0\n" in words


def test_long_values_are_cut() -> None:
    frame = pd.DataFrame({"a": ["w" * 300, "z" * 300, "z" * 300] * 20, "x": RNG.random(60), "y": [0, 1] * 30})
    assert f"- 'a': category (str), 2 different values, most often {'z' * 40!r}" in datasets.describe(
        datasets.make(frame, "y")
    )
