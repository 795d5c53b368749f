"""CSV and its relatives: separators, encodings, packing, and one sentence for each way to be broken."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench import datasets
from workbench.nouns import DatasetError

FRAME = pd.DataFrame({"width": [1.5, 2.25, 3.0], "kind": ["a", "b", "ü"], "n": [1, 2, 3]})


def written(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def message(path: Path, encoding: str | None = None) -> str:
    with pytest.raises(DatasetError) as caught:
        datasets.read_table(path, encoding=encoding)
    return str(caught.value)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_the_separator_is_found_in_the_header(tmp_path: Path, separator: str, line: str) -> None:
    path = written(tmp_path / "a.csv", FRAME.to_csv(index=False, sep=separator, lineterminator=line))
    pd.testing.assert_frame_equal(datasets.read_table(path), FRAME)


def test_a_separator_inside_quotes_does_not_count(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", '"x;y;z",b\n"1;2;3",4\n')
    pd.testing.assert_frame_equal(datasets.read_table(path), pd.DataFrame({"x;y;z": ["1;2;3"], "b": [4]}))


@pytest.mark.parametrize("name", ["a.tsv", "a.tab", "a.TSV", "a.tsv.gz"])
def test_a_tab_separated_file_may_hold_commas(tmp_path: Path, name: str) -> None:
    data = b"a,b\tc,d,e\n1,5\t2\n"
    path = written(tmp_path / name, gzip.compress(data) if name.endswith(".gz") else data)
    assert datasets.read_table(path).to_dict("list") == {"a,b": [1.5], "c,d,e": [2]}


def test_a_comma_is_the_decimal_point_where_the_separator_is_another(tmp_path: Path) -> None:
    assert datasets.read_table(written(tmp_path / "a.csv", "a;b\n1,5;x\n-2,25;y\n"))["a"].tolist() == [1.5, -2.25]
    assert datasets.read_table(written(tmp_path / "b.csv", "a;b\n1.5;1,2\n"))["b"].tolist() == ["1,2"]


@pytest.mark.parametrize("mark", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_the_mark_at_the_start_says_the_encoding(tmp_path: Path, mark: str) -> None:
    path = written(tmp_path / "a.csv", FRAME.to_csv(index=False).encode(mark))
    pd.testing.assert_frame_equal(datasets.read_table(path), FRAME)


@pytest.mark.parametrize(
    ("given", "saved"),
    [("utf-8", "utf-8-sig"), ("cp1252", "cp1252"), ("latin-1", "latin-1"), ("utf-16-le", "utf-16-le")],
)
def test_a_given_encoding_is_used_and_its_mark_is_no_part_of_a_name(tmp_path: Path, given: str, saved: str) -> None:
    path = written(tmp_path / "a.csv", FRAME.to_csv(index=False).encode(saved))
    pd.testing.assert_frame_equal(datasets.read_table(path, encoding=given), FRAME)


def test_a_packed_file_reads_as_the_plain_one(tmp_path: Path) -> None:
    plain = written(tmp_path / "a.csv", FRAME.to_csv(index=False))
    packed = written(tmp_path / "a.csv.gz", gzip.compress(plain.read_bytes()))
    pd.testing.assert_frame_equal(datasets.read_table(packed), datasets.read_table(plain))


def test_blank_lines_are_no_rows_and_a_nameless_column_gets_a_name(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "\n a ,,b\n1,2,3\n\n  \n4,5,6\n")
    assert datasets.read_table(path).to_dict("list") == {"a": [1, 4], "column_2": [2, 5], "b": [3, 6]}


def test_a_quoted_field_may_hold_line_ends_and_separators(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", 'a,b\n"one\ntwo, three",1\nx,2\n')
    assert datasets.read_table(path)["a"].tolist() == ["one\ntwo, three", "x"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "'t.csv' is empty (0 bytes); it needs a header and rows"),
        (b" \n\n  \n", "'t.csv' is empty (6 bytes); it needs a header and rows"),
        (b"a,b\n", "'t.csv' has a header (a, b) and no rows"),
        (b"a,b\n\n \n", "'t.csv' has a header (a, b) and no rows"),
        (
            b"a\n1\n2\n",
            "'t.csv' has one column, 'a'; a table needs a target and at least one column to predict it from, "
            "with a comma, semicolon, tab or | between them",
        ),
        (b"a,b,a\n1,2,3\n", "'t.csv' has several columns named 'a' (columns 1 and 3); give each its own name"),
        (
            b"a,b\n1,2\n1,2,3\n",
            "line 3 of 't.csv' has 3 fields where the header has 2; make every line as long as the header",
        ),
        (
            b"a,b\n1\n",
            "line 2 of 't.csv' has 1 field where the header has 2; make every line as long as the header",
        ),
        (b'a,b\n1,2\n1,"2\n3,4\n', "'t.csv' has a quote in row 2 that is never closed; close it or remove it"),
        (
            b'a,b\n"1,2\n3,4\n',
            "line 3 of 't.csv' cannot be read (a quoted field runs over several lines); "
            "look for a quote that is never closed",
        ),
        (
            b'a,b\n1,"' + b"z" * 200_000 + b'"\n',
            "line 2 of 't.csv' cannot be read (field larger than field limit (131072)); "
            "look for a quote that is never closed",
        ),
        (
            "a,b\nx,1\nÜber uns,2\n".encode("cp1252"),
            "'t.csv' is not UTF-8 text: byte 0xdc at position 8 (line 3); encoding='cp1252' would read it, "
            "there as 'Über'",
        ),
        (
            b"a,b\nx\x81y,1\n",
            "'t.csv' is not UTF-8 text: byte 0x81 at position 5 (line 2); encoding='latin-1' would read it, "
            "there as 'x\\x81y'",
        ),
        (
            "a,b\n1,2\n".encode("utf-16-le"),
            "'t.csv' is not text: byte 1 is a null byte; if it is UTF-16 text, encoding='utf-16-le' would read it, "
            "else save it as text",
        ),
        (
            "a,b\n1,2\n".encode("utf-16-be"),
            "'t.csv' is not text: byte 0 is a null byte; if it is UTF-16 text, encoding='utf-16-be' would read it, "
            "else save it as text",
        ),
        (b"PAR1\x15\x04", "'t.csv' is not text but a Parquet file: name it .parquet"),
        (b"ARROW1\x00\x00", "'t.csv' is not text but a Feather file: name it .feather"),
        (
            b"PK\x03\x04\x14",
            "'t.csv' is not text but a zip archive, as Excel and NumPy write them: name it .xlsx or .npz",
        ),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "'t.csv' is not text but compressed: name it .csv.gz"),
        (b"%PDF-1.7", "'t.csv' is not text but a PDF document: save its table as .csv"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, data: bytes, text: str) -> None:
    assert message(written(tmp_path / "t.csv", data)) == text


@pytest.mark.parametrize("encoding", ["utf-9", "hex", "a\0b"])
def test_an_encoding_that_is_none_is_named(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "t.csv", "a,b\n1,2\n")
    known = "common ones are utf-8, cp1252, latin-1, utf-16"
    assert message(path, encoding) == f"no encoding is named {encoding!r}; {known}"


def test_a_wrong_encoding_names_the_one_that_would_do(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "a,b\nü,1\n")
    assert message(path, "ascii") == (
        "'t.csv' is not ascii text: byte 0xc3 at position 4 (line 2); encoding='utf-8' would read it"
    )
    assert message(path, "utf-16") == (
        "'t.csv' is not UTF-16 text: byte 0x0a at position 8 (line 2); encoding='utf-8' would read it"
    )


def test_a_damaged_packed_file_is_one_sentence(tmp_path: Path) -> None:
    data = gzip.compress(FRAME.to_csv(index=False).encode() * 50)
    cut = written(tmp_path / "cut.csv.gz", data[:-12])
    assert message(cut) == (
        "'cut.csv.gz' cannot be read (Compressed file ended before the end-of-stream marker was reached); "
        "check that it is whole"
    )
    never = written(tmp_path / "never.csv.gz", "a,b\n1,2\n")
    assert message(never) == "'never.csv.gz' cannot be read (Not a gzipped file (b'a,')); check that it is whole"
    for place in range(10, len(data), 7):
        flipped = bytearray(data)
        flipped[place] ^= 0x5A
        text = message(written(tmp_path / "bad.csv.gz", bytes(flipped)))
        assert text.startswith("'bad.csv.gz' ")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.text('ab1,;\t|"\n\r .é', max_size=60).map(str.encode))
def test_whatever_a_csv_holds_is_a_table_or_one_sentence(tmp_path: Path, data: bytes) -> None:
    path = written(tmp_path / "any.csv", data)
    try:
        table = datasets.read_table(path)
    except DatasetError as error:
        assert str(error)
        assert "\n" not in str(error)
    else:
        assert table.shape[0] >= 1
        assert table.shape[1] >= 2
        assert len(set(table.columns)) == table.shape[1]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-(2**53), 2**53), min_size=1, max_size=6), st.data())
def test_a_table_comes_back_from_a_csv(tmp_path: Path, whole: list[int], data: st.DataObject) -> None:
    n = len(whole)
    rows = st.lists(st.floats(allow_infinity=False), min_size=n, max_size=n)
    texts = st.lists(
        st.text('abü,;|"\t', min_size=1).map(lambda t: f"t{t}"), min_size=n, max_size=n
    )  # a letter in front, else a text may be NA
    frame = pd.DataFrame({"whole": whole, "real": data.draw(rows), "text": data.draw(texts)})
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    back = datasets.read_table(path)
    assert back["whole"].tolist() == whole
    np.testing.assert_array_equal(back["real"].to_numpy(float), frame["real"].to_numpy())
    assert back["text"].tolist() == frame["text"].tolist()
