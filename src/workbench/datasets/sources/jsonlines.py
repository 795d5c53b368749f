"""JSON lines: one object a line, its keys the columns."""

from __future__ import annotations

import json
from typing import Any

from workbench.datasets.paths import existing_file, has_suffix, stem
from workbench.datasets.source import Source, Table
from workbench.nouns import DatasetError

SUFFIXES = (".jsonl", ".ndjson")


def _read(source: Any, encoding: str | None) -> Table:
    import pandas as pd

    path = existing_file(source)
    records: list[dict[str, Any]] = []
    try:
        with path.open(encoding=encoding or "utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    records.append(_record(path.name, number, line))
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{path.name!r} is not {error.encoding} text: byte 0x{error.object[error.start]:02x} at position "
            f"{error.start} of what was read; JSON lines are UTF-8"
        ) from error
    except LookupError as error:
        raise DatasetError(f"no encoding is named {encoding!r}; JSON lines are utf-8") from error
    if not records:
        raise DatasetError(f"{path.name!r} is empty ({path.stat().st_size} bytes); it needs one object a line")
    return Table(pd.DataFrame.from_records(records), stem(path), str(source))


def _record(name: str, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise DatasetError(f"line {number} of {name!r} is not JSON ({error}); it needs one object a line") from error
    if not isinstance(value, dict):
        raise DatasetError(
            f"line {number} of {name!r} is a JSON {type(value).__name__}; it needs one object a line, "
            'such as {"age": 31, "label": "yes"}'
        )
    return value


SOURCE = Source(
    id="jsonlines",
    title="JSON lines file",
    hint="table.jsonl",
    accepts=lambda source: has_suffix(source, SUFFIXES),
    read=_read,
    suffixes=SUFFIXES,
    order=30,
)
