"""ARFF files, the format of Weka and OpenML: attributes with types, rows dense or sparse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from workbench.datasets.names import column_names
from workbench.datasets.paths import existing_file, has_suffix, stem
from workbench.datasets.source import Source, Table
from workbench.datasets.text import read_text
from workbench.datasets.words import counted, short
from workbench.nouns import DatasetError

SUFFIXES = (".arff", ".arff.gz")
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_ATTRIBUTE = re.compile(rf"@attribute\s+({_QUOTED}|\S+)\s+(.+)$", re.IGNORECASE)
_VALUE = re.compile(rf"\s*({_QUOTED}|[^,'\"]*?)\s*(?:,|$)")
_NUMBERS = ("numeric", "real", "integer")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def _read(source: Any, encoding: str | None) -> Table:
    path = existing_file(source)
    lines = iter(enumerate(read_text(path, encoding).splitlines(), 1))
    names, kinds, relation = _header(path.name, lines)
    column_names(names)
    columns: list[list[str | None]] = [[] for _ in names]
    for number, line in lines:
        bare = line.strip()
        if not bare or bare.startswith("%"):
            continue
        where = f"line {number} of {path.name!r}"
        for column, value in zip(columns, _row(bare, names, kinds, where), strict=True):
            column.append(value)
    if not columns[0]:
        raise DatasetError(f"{path.name!r} has {counted(len(names), 'attribute')} and no rows after @data")
    frame = pd.DataFrame({n: _column(n, kind, v, path.name) for n, kind, v in zip(names, kinds, columns, strict=True)})
    last = names[-1]
    nominal = isinstance(kinds[-1], list)
    # by custom the class is the last attribute, or the one of that name
    target = next((n for n in names if n.lower() == "class"), last if nominal else None)
    return Table(frame, relation or stem(path), str(source), target=target)


def _header(name: str, lines: Iterator[tuple[int, str]]) -> tuple[list[str], list[str | list[str]], str]:
    names: list[str] = []
    kinds: list[str | list[str]] = []
    relation = ""
    for number, line in lines:
        bare = line.strip()
        low = bare.lower()
        if low.startswith("@relation"):
            relation = _plain(bare[9:].strip())
        elif low.startswith("@attribute"):
            found = _ATTRIBUTE.match(bare)
            if not found:
                raise DatasetError(f"line {number} of {name!r} is no attribute: {short(bare)!r}")
            names.append(_plain(found[1]))
            kinds.append(_kind(found[2].strip(), f"line {number} of {name!r}"))
        elif low.startswith("@data"):
            if not names:
                raise DatasetError(f"{name!r} has no @attribute before @data; it is no ARFF file")
            return names, kinds, relation
        elif bare and not bare.startswith("%"):
            raise DatasetError(f"line {number} of {name!r} is none of @relation, @attribute, @data: {short(bare)!r}")
    raise DatasetError(f"{name!r} has no @data; it is no ARFF file, or it was cut off")


def _kind(text: str, where: str) -> str | list[str]:
    if text.startswith("{"):
        if not text.endswith("}"):
            raise DatasetError(f"{where}: the list of values is not closed with a brace")
        return [_plain(v) for v in _values(text[1:-1], where)]
    word = text.split()[0].lower()
    if word not in (*_NUMBERS, "string", "date"):
        raise DatasetError(f"{where}: {short(text)!r} is no type that is read; there are: numeric, string, date, {{…}}")
    return word


def _values(text: str, where: str) -> list[str]:
    """The fields of a line, quotes still around them."""
    found, at = [], 0
    while at <= len(text):
        field = _VALUE.match(text, at)
        if not field:
            raise DatasetError(
                f"{where} cannot be read from {short(text[at:])!r} on; look for a quote that is not closed"
            )
        found.append(field[1])
        if field.end() == len(text) and not field[0].endswith(","):
            break
        at = field.end()
    return found


def _plain(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), text[1:-1])
    return text


def _row(line: str, names: list[str], kinds: list[str | list[str]], where: str) -> list[str | None]:
    if line.startswith("{"):  # sparse: what is not named is 0, or the first value of the list
        row: list[str | None] = [k[0] if isinstance(k, list) else "0" if k in _NUMBERS else "" for k in kinds]
        for item in _values(line.strip("{} "), where) if line.strip("{} ") else ():
            index, _, value = item.partition(" ")
            if not index.isdigit() or int(index) >= len(names):
                raise DatasetError(f"{where} names the attribute {short(index)!r}; there are {len(names)}, from 0 on")
            row[int(index)] = None if value.strip() == "?" else _plain(value.strip())
        return row
    values = _values(line, where)
    if len(values) == len(names) + 1 and values[-1].startswith("{"):  # a weight of the row: not used
        values = values[:-1]
    if len(values) != len(names):
        raise DatasetError(f"{where} has {counted(len(values), 'value')} for {counted(len(names), 'attribute')}")
    return [None if v == "?" else _plain(v) for v in values]


def _column(name: str, kind: str | list[str], values: list[str | None], file: str) -> pd.Series:
    if isinstance(kind, list):
        # what the header says may come; other values are kept all the same
        categories = list(dict.fromkeys([*kind, *(v for v in values if v is not None)]))
        return pd.Series(pd.Categorical(values, categories=categories))
    if kind in _NUMBERS:
        try:
            return pd.Series(pd.to_numeric(pd.Series(values, dtype=object)))
        except (ValueError, TypeError) as error:
            raise DatasetError(f"the numeric attribute {name!r} of {file!r} holds other values: {error}") from error
    column = pd.Series(values, dtype="str")
    return pd.to_datetime(column, errors="coerce", format="mixed") if kind == "date" else column


SOURCE = Source(
    id="arff",
    title="ARFF file",
    hint="table.arff",
    accepts=lambda source: has_suffix(source, SUFFIXES),
    read=_read,
    suffixes=SUFFIXES,
    order=35,
)
