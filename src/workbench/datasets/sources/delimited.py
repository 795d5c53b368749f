"""Text tables: comma, tab or semicolon between the fields, a header in the first line."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.datasets.paths import existing_file, has_suffix, stem
from workbench.datasets.source import Source, Table
from workbench.datasets.text import read_text
from workbench.datasets.words import listed
from workbench.nouns import DatasetError

SUFFIXES = (".csv", ".tsv", ".tab", ".csv.gz", ".tsv.gz")
SEPARATORS = (",", ";", "\t", "|")
_BLANK = " \t\r\n"
"""What pandas takes for nothing; str.strip() would take more."""


def _read(source: Any, encoding: str | None) -> Table:
    path = existing_file(source)
    text = read_text(path, encoding)
    first = next((line for line in io.StringIO(text) if line.strip(_BLANK)), "")
    if not first:
        raise DatasetError(f"{path.name!r} is empty ({path.stat().st_size} bytes); it needs a header and rows")
    separator = "\t" if path.name.lower().endswith((".tsv", ".tab", ".tsv.gz")) else _separator(first)
    names, rows = _checked(path, text, separator)
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=separator, decimal=_decimal(text, separator), low_memory=False, skip_blank_lines=True
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OverflowError) as error:
        reason = " ".join(str(error).split())
        if quote := re.search(r"EOF inside string starting at row (\d+)", reason):
            raise DatasetError(
                f"{path.name!r} has a quote in row {quote[1]} that is never closed; close it or remove it"
            ) from error
        raise DatasetError(f"{path.name!r} cannot be read as a table: {reason}; save it again as plain CSV") from error
    if frame.shape != (rows, len(names)):
        raise DatasetError(
            f"{path.name!r} can be read in two ways, as {rows:,} or {len(frame):,} rows; "
            "look for odd line ends and quotes, and save it again as plain CSV"
        )
    frame.columns = pd.Index(names)
    return Table(frame, stem(path), str(source))


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


def _checked(path: Path, text: str, separator: str) -> tuple[list[str], int]:
    """The names in the header and the number of rows, once every line is seen to have as many fields as it."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        header = next((row for row in rows if _filled(row)), [])
        if not header:
            raise DatasetError(f"{path.name!r} has no header: its first line holds no name; write the names there")
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
        raise DatasetError(f"{path.name!r} has a header ({listed(names, 5)}) and no rows")
    return names, filled


def _filled(row: list[str]) -> bool:
    """Whether a line holds anything: blank lines are no rows."""
    return len(row) > 1 or (len(row) == 1 and bool(row[0].strip(_BLANK)))


SOURCE = Source(
    id="delimited",
    title="CSV or TSV file",
    hint="titanic.csv",
    accepts=lambda source: has_suffix(source, SUFFIXES),
    read=_read,
    suffixes=SUFFIXES,
    order=10,
)
