"""The digest: the same for the same content, wherever and however it was read; another for any change."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import datasets

N = 24
TABLE = pd.DataFrame(
    {
        "n": np.arange(N, dtype="int64"),
        "x": np.linspace(0, 1, N),
        "text": [f"t{i % 5}" for i in range(N)],
        "yes": [i % 3 == 0 for i in range(N)],
        "maybe": pd.Series([True, None, False] * 8, dtype="object"),
        "kind": pd.Categorical(["u", "v", None] * 8, categories=["w", "v", "u"]),
        "day": pd.date_range("2024-01-01", periods=N),
        "label": ["a", "b"] * 12,
    }
)


def digest(table: pd.DataFrame, target: str = "label", **options: Any) -> str:
    return datasets.make(table, target, **options).digest


def test_it_is_64_hexadecimal_digits() -> None:
    assert len(digest(TABLE)) == 64
    assert set(digest(TABLE)) <= set("0123456789abcdef")


def test_another_process_with_another_hash_seed_finds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    TABLE.to_parquet(path)
    code = (
        "import sys; from workbench import datasets\n"
        "d = datasets.load(sys.argv[1], target='label', test_share=0.25, seed=4)\n"
        "print(d.digest)"
    )
    expected = datasets.load(path, target="label", test_share=0.25, seed=4).digest
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    assert run.stdout.strip() == expected


def test_the_name_and_the_source_do_not_matter(tmp_path: Path) -> None:
    plain = TABLE[["n", "x", "text", "yes", "label"]]
    plain.to_csv(tmp_path / "a.csv", index=False)
    plain.to_csv(tmp_path / "b.tsv.gz", index=False, sep="\t")
    plain.to_parquet(tmp_path / "c.parquet")
    plain.to_feather(tmp_path / "d.feather")
    rows = [json.dumps(row) for row in plain.to_dict("records")]
    (tmp_path / "e.jsonl").write_text("\n".join(rows))
    found = {p.name: datasets.load(p, target="label").digest for p in tmp_path.iterdir()}
    assert len(found) == 5
    assert set(found.values()) == {digest(plain)}


def test_reading_a_real_table_twice_gives_one_digest(real: Path) -> None:
    first = datasets.load(real / "titanic.csv", target="survived")
    assert datasets.load(real / "titanic.csv", target="survived").digest == first.digest


def test_the_way_a_column_is_stored_does_not_matter() -> None:
    expected = digest(TABLE)
    assert digest(TABLE.assign(text=TABLE["text"].astype("string[pyarrow]"))) == expected
    assert digest(TABLE.assign(text=TABLE["text"].astype("object"))) == expected
    assert digest(TABLE.assign(n=TABLE["n"].astype("Int64"))) == expected
    assert digest(TABLE.assign(x=TABLE["x"].astype(">f8"))) == expected
    assert digest(TABLE.assign(maybe=TABLE["maybe"].astype("boolean"))) == expected
    assert digest(TABLE.set_index(pd.Index(range(100, 100 + N)))) == expected
    assert digest(TABLE.assign(x=np.asfortranarray(TABLE[["x", "x"]].to_numpy())[:, 0])) == expected


def test_zeros_and_missing_values_have_one_form() -> None:
    x = np.array([0.0, np.nan] * 12)
    odd = np.array([0x7FF8000000000001], dtype="uint64").view("float64")[0]  # another NaN
    assert digest(TABLE.assign(x=x)) == digest(TABLE.assign(x=[-0.0, odd] * 12))
    assert digest(TABLE.assign(x=x)) != digest(TABLE.assign(x=[0.0, 0.0] * 12))


def changed(column: str, values: Any) -> Callable[[], pd.DataFrame]:
    return lambda: TABLE.assign(**{column: values})


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(changed("n", TABLE["n"] + 1), id="a number"),
        pytest.param(changed("n", TABLE["n"].astype("int32")), id="its width"),
        pytest.param(changed("n", TABLE["n"].astype("float64")), id="its type"),
        pytest.param(changed("n", TABLE["n"].astype("str")), id="numbers as text"),
        pytest.param(changed("x", np.nextafter(TABLE["x"].to_numpy(), 2)), id="the last bit"),
        pytest.param(changed("text", TABLE["text"].replace("t4", "t4 ")), id="a space"),
        pytest.param(changed("text", TABLE["text"].replace("t4", None)), id="a missing text"),
        pytest.param(changed("text", TABLE["text"].replace("t4", "nan")), id="the text nan"),
        pytest.param(changed("text", TABLE["text"].astype("category")), id="text as categories"),
        pytest.param(changed("yes", ~TABLE["yes"]), id="a boolean"),
        pytest.param(changed("maybe", TABLE["maybe"].fillna(False).astype("object")), id="a missing boolean"),
        pytest.param(changed("kind", TABLE["kind"].cat.as_ordered()), id="an order"),
        pytest.param(changed("kind", TABLE["kind"].cat.remove_unused_categories()), id="an unused category"),
        pytest.param(changed("kind", TABLE["kind"].cat.reorder_categories(["u", "v", "w"])), id="their order"),
        pytest.param(changed("day", TABLE["day"] + pd.Timedelta("1us")), id="a microsecond"),
        pytest.param(changed("day", TABLE["day"].dt.tz_localize("UTC")), id="a time zone"),
        pytest.param(changed("label", ["b", "a"] * 12), id="the target"),
        pytest.param(lambda: TABLE.rename(columns={"n": "m"}), id="a name"),
        pytest.param(lambda: TABLE[["x", "n", *TABLE.columns[2:]]], id="the order of columns"),
        pytest.param(lambda: TABLE.iloc[::-1], id="the order of rows"),
        pytest.param(lambda: TABLE.iloc[:-1], id="a row"),
        pytest.param(lambda: TABLE.drop(columns="n"), id="a column"),
    ],
)
def test_any_change_is_another_digest(change: Callable[[], pd.DataFrame]) -> None:
    assert digest(change()) != digest(TABLE)


def test_categories_of_numbers_and_of_texts_differ() -> None:
    numbers = TABLE.assign(kind=pd.Categorical([1, 2] * 12))
    texts = TABLE.assign(kind=pd.Categorical(["1", "2"] * 12))
    assert digest(numbers) != digest(texts)


def test_what_is_asked_of_the_table_matters_too() -> None:
    table = TABLE.assign(goal=[1, 2] * 12)
    found = [
        digest(table, "goal"),
        digest(table, "goal", task="regression"),
        digest(table, "label"),
        digest(table, "goal", test_share=0.25),
        digest(table, "goal", test_share=0.5),
        digest(table, "goal", test_share=0.25, seed=1),
    ]
    assert len(set(found)) == len(found)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, N - 1), st.sampled_from(["n", "x", "text", "yes", "day"]), st.data())
def test_any_changed_cell_is_another_digest(row: int, column: str, data: st.DataObject) -> None:
    values = {
        "n": st.integers(-(2**63), 2**63 - 1),
        "x": st.floats(allow_nan=False),
        "text": st.text(st.characters(codec="utf-8")),
        "yes": st.booleans(),
        "day": st.datetimes(),
    }
    value = data.draw(values[column])
    table = TABLE.copy()
    table.loc[row, column] = value
    same = table.loc[row, column] == TABLE.loc[row, column]
    assert (digest(table) == digest(TABLE)) == same
