"""JSON lines: one object a line, its keys the columns."""

from __future__ import annotations

import io
import json
from typing import Any

from workbench.datasets.columns import is_unicode
from workbench.datasets.paths import existing_file, has_suffix, stem
from workbench.datasets.source import Source, Table
from workbench.datasets.text import read_text
from workbench.nouns import DatasetError

SUFFIXES = (".jsonl", ".ndjson")


def _read(source: Any, encoding: str | None) -> Table:
    import pandas as pd

    path = existing_file(source)
    lines = io.StringIO(read_text(path, encoding))
    records = [_record(path.name, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not records:
        raise DatasetError(f"{path.name!r} is empty ({path.stat().st_size} bytes); it needs one object a line")
    frame = pd.DataFrame.from_records(records)
    if frame.shape[1] == 0:
        raise DatasetError(f"{path.name!r} holds objects without any key; the keys are the columns")
    return Table(frame, stem(path), str(source))


def _record(name: str, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"line {number} of {name!r} is not JSON ({error}); it needs one object a line") from error
    if "\\u" in line and not is_unicode(json.dumps(value, ensure_ascii=False)):
        raise DatasetError(f"line {number} of {name!r} holds text that is not valid Unicode; remove the lone surrogate")
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
