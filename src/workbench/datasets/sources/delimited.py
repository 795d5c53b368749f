"""Text tables: comma, tab or semicolon between the fields, a header in the first line."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.datasets.paths import existing_file, has_suffix, stem
from workbench.datasets.source import Source, Table
from workbench.nouns import DatasetError

SUFFIXES = (".csv", ".tsv", ".tab", ".csv.gz", ".tsv.gz")
SEPARATORS = (",", ";", "\t", "|")

# A mark at the start of a file says its encoding; the longer ones first, UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"PAR1", "a Parquet file: name it .parquet"),
    (b"ARROW1", "a Feather file: name it .feather"),
    (b"PK\x03\x04", "a zip archive, as Excel and NumPy write them: name it .xlsx or .npz"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file: save it as .csv or .xlsx"),
    (b"\x1f\x8b", "compressed: name it .csv.gz"),
    (b"%PDF", "a PDF document: save its table as .csv"),
    (b"\x89PNG", "a picture: save the table itself as .csv"),
    (b"SQLite format 3", "an SQLite database: export the table as .csv"),
)


def _read(source: Any, encoding: str | None) -> Table:
    path = existing_file(source)
    text = _text(path, encoding)
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    if not first:
        raise DatasetError(f"{path.name!r} is empty ({path.stat().st_size} bytes); it needs a header and rows")
    separator = "\t" if path.name.lower().endswith((".tsv", ".tab", ".tsv.gz")) else _separator(first)
    names = _checked_header(path, text, separator)
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=separator, decimal=_decimal(text, separator), low_memory=False, skip_blank_lines=True
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OverflowError) as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{path.name!r} cannot be read as a table: {reason}; save it again as plain CSV") from error
    frame.columns = pd.Index(names)
    return Table(frame, stem(path), str(source))


def _text(path: Path, encoding: str | None) -> str:
    try:
        data = path.read_bytes()
        if path.name.lower().endswith(".gz"):
            data = gzip.decompress(data)
    except (OSError, EOFError, MemoryError) as error:
        raise DatasetError(f"{path.name!r} cannot be read ({error}); check that it is whole") from error
    chosen = encoding or next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        codecs.lookup(chosen)
    except LookupError as error:
        raise DatasetError(
            f"no encoding is named {chosen!r}; common ones are utf-8, cp1252, latin-1, utf-16"
        ) from error
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise DatasetError(f"{path.name!r} is not text but {what}")
    if not encoding and chosen == "utf-8" and (null := data.find(b"\x00")) >= 0:
        raise DatasetError(
            f"{path.name!r} is not text: byte {null} is a null byte; "
            "if it is UTF-16 text, encoding='utf-16' would read it, else save it as .csv"
        )
    try:
        return data.decode(chosen)
    except UnicodeError as error:
        raise DatasetError(_undecodable(path, data, chosen, error)) from error


def _undecodable(path: Path, data: bytes, chosen: str, error: UnicodeError) -> str:
    if not isinstance(error, UnicodeDecodeError):
        return f"{path.name!r} is not {chosen} text ({error}); give the encoding that it was saved in"
    byte, line = data[error.start], data.count(b"\n", 0, error.start) + 1
    what = f"{path.name!r} is not {_spelled(chosen)} text: byte 0x{byte:02x} at position {error.start} (line {line})"
    for other in ("utf-8", "cp1252", "latin-1"):
        if other == chosen:
            continue
        try:
            data.decode(other)
        except UnicodeDecodeError:
            continue
        if other == "utf-8":
            return f"{what}; encoding='utf-8' would read it"
        around = re.split(r"[\s,;|\"]", data[max(0, error.start - 15) : error.start].decode(other))[-1]
        after = re.split(r"[\s,;|\"]", data[error.start : error.start + 15].decode(other))[0]
        return f"{what}; encoding={other!r} would read it, there as {around + after!r}"
    return f"{what}; give the encoding that it was saved in"


def _spelled(encoding: str) -> str:
    return {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16"}.get(encoding, encoding)


def _separator(line: str) -> str:
    """The separator that splits the header into the most fields; the comma where they tie."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(SEPARATORS, key=lambda s: (bare.count(s), s == ","))


def _decimal(text: str, separator: str) -> str:
    """A comma where the fields are separated by something else and numbers are written with one."""
    sample = text[:50_000]
    if separator == "," or re.search(r"\d\.\d", sample):
        return "."
    return "," if re.search(r"(?:^|[;\t|\n])-?\d+,\d+(?:[;\t|\r\n]|$)", sample) else "."


def _checked_header(path: Path, text: str, separator: str) -> list[str]:
    """The names in the header, once every line is seen to have as many fields as it."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        header = next(row for row in rows if _filled(row))
        names = [name.strip() or f"column_{i + 1}" for i, name in enumerate(header)]
        if len(names) == 1:
            raise DatasetError(
                f"{path.name!r} has one column, {names[0]!r}; a table needs a target and at least one column to "
                "predict it from, with a comma, semicolon, tab or | between them"
            )
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            places = " and ".join(str(i + 1) for i, name in enumerate(names) if name == twice[0])
            raise DatasetError(
                f"{path.name!r} has several columns named {twice[0]!r} (columns {places}); give each its own name"
            )
        filled = 0
        for row in rows:
            if len(row) == len(header):
                filled += 1
            elif _filled(row):
                if any("\n" in field for field in row):
                    raise csv.Error("a quoted field runs over several lines")
                raise DatasetError(
                    f"line {rows.line_num} of {path.name!r} has {len(row)} field{'s' * (len(row) != 1)} "
                    f"where the header has {len(header)}; make every line as long as the header"
                )
    except csv.Error as error:
        raise DatasetError(
            f"line {rows.line_num} of {path.name!r} cannot be read ({error}); look for a quote that is never closed"
        ) from error
    if filled == 0:
        raise DatasetError(f"{path.name!r} has a header ({', '.join(names[:5])}) and no rows")
    return names


def _filled(row: list[str]) -> bool:
    """Whether a line holds anything: blank lines are no rows."""
    return len(row) > 1 or (len(row) == 1 and bool(row[0].strip()))


SOURCE = Source(
    id="delimited",
    title="CSV or TSV file",
    hint="titanic.csv",
    accepts=lambda source: has_suffix(source, SUFFIXES),
    read=_read,
    suffixes=SUFFIXES,
    order=10,
)
