"""JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from workbench import datasets


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_keys_are_columns_and_absent_ones_are_missing(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"a": 1, "b": "ü"}\n\n{"b": "y", "c": true}\r\n'.encode(encoding))
    table = datasets.read_table(path)
    assert table["a"].fillna(-1).tolist() == [1, -1]
    assert table["b"].tolist() == ["ü", "y"]
    assert table["c"].isna().tolist() == [True, False]
    assert table["c"][1] is True


def test_it_makes_a_dataset_as_the_same_csv_does(tmp_path: Path) -> None:
    rows = [{"n": i, "kind": "ab"[i % 2], "label": "yes" if i % 3 else "no"} for i in range(30)]
    (tmp_path / "a.ndjson").write_text("\n".join(json.dumps(r) for r in rows))
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv", index=False)
    assert datasets.load(tmp_path / "a.ndjson").digest == datasets.load(tmp_path / "a.csv").digest


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\n\n", "'t.jsonl' is empty (2 bytes); it needs one object a line"),
        (b"{}\n{}\n", "'t.jsonl' holds objects without any key; the keys are the columns"),
        (
            b'{"a": 1}\n[1, 2]\n',
            'line 2 of \'t.jsonl\' is a JSON list; it needs one object a line, such as {"age": 31, "label": "yes"}',
        ),
        (
            b'{"a": 1}\n\n{"a": \n',
            "line 3 of 't.jsonl' is not JSON (Expecting value: line 2 column 1 (char 7)); it needs one object a line",
        ),
        (
            b"[" * 100_000,
            "line 1 of 't.jsonl' is not JSON (maximum recursion depth exceeded while decoding a JSON array "
            "from a unicode string); it needs one object a line",
        ),
        (
            '{"a": "ü"}'.encode("latin-1"),
            "'t.jsonl' is not UTF-8 text: byte 0xfc at position 7 (line 1); encoding='cp1252' would read it, "
            "there as 'ü'",
        ),
        (
            b'{"a": "\\ud800"}\n',
            "line 1 of 't.jsonl' holds text that is not valid Unicode; remove the lone surrogate",
        ),
        (
            b'{"\\ud800": 1}\n',
            "line 1 of 't.jsonl' holds text that is not valid Unicode; remove the lone surrogate",
        ),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, refusal: Callable[..., str], data: bytes, text: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(data)
    assert refusal(datasets.read_table, path) == text


def test_a_pair_of_surrogates_is_one_character(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": "\\ud83d\\ude00", "b": 1}\n')
    assert datasets.read_table(path)["a"].tolist() == ["\U0001f600"]


def test_an_unknown_encoding_is_named(tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}\n')
    assert refusal(datasets.read_table, path, encoding="utf-99") == (
        "no encoding is named 'utf-99'; common ones are utf-8, cp1252, latin-1, utf-16"
    )


def test_a_nested_value_is_refused_when_its_column_is_used(tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1, "b": {"c": 2}, "y": 1}\n{"a": 1, "b": null, "y": 2}\n' * 5)
    assert refusal(datasets.load, path, target="y") == (
        "'b' holds a dict in row 0; a cell is a number, a text, a boolean or a date"
    )
    assert list(datasets.load(path, target="y", drop=["b"]).X) == ["a"]
