"""The first sheet of an Excel workbook, where openpyxl is installed."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from typing import Any

from workbench.datasets.paths import existing_file, has_suffix, stem
from workbench.datasets.source import Source, Table
from workbench.nouns import DatasetError

SUFFIXES = (".xlsx", ".xlsm")


def _read(source: Any, encoding: str | None) -> Table:
    import pandas as pd

    path = existing_file(source)
    if find_spec("openpyxl") is None:
        raise DatasetError(f"{path.name!r} needs openpyxl: pip install openpyxl, or save the sheet as CSV")
    try:
        rows = pd.read_excel(path, engine="openpyxl", header=None)
    except Exception as error:  # a broken workbook makes openpyxl, zipfile and the XML parser raise what they like
        reason = " ".join(str(error).split())[:120]
        raise DatasetError(f"{path.name!r} cannot be read as a workbook ({reason}); save the sheet as CSV") from error
    if len(rows) < 2:
        raise DatasetError(
            f"the first sheet of {path.name!r} has {len(rows)} row{'s' * (len(rows) != 1)}; it needs a header and rows"
        )
    names = [str(v).strip() if pd.notna(v) else f"column_{i + 1}" for i, v in enumerate(rows.iloc[0])]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise DatasetError(f"{path.name!r} has several columns named {twice[0]!r}; give each its own name")
    frame = rows.iloc[1:].reset_index(drop=True).infer_objects()
    frame.columns = pd.Index(names)
    return Table(frame, stem(path), str(source))


SOURCE = Source(
    id="excel",
    title="Excel workbook (first sheet)",
    hint="table.xlsx",
    accepts=lambda source: has_suffix(source, SUFFIXES),
    read=_read,
    suffixes=SUFFIXES,
    order=50,
)
