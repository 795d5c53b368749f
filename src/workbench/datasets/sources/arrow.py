"""Parquet and Feather files, which keep the type of every column."""

from __future__ import annotations

from typing import Any

from workbench.datasets.paths import existing_file, has_suffix, stem
from workbench.datasets.source import Source, Table
from workbench.datasets.words import counted
from workbench.nouns import DatasetError

SUFFIXES = (".parquet", ".pq", ".feather", ".arrow")


def _read(source: Any, encoding: str | None) -> Table:
    import pandas as pd
    import pyarrow

    path = existing_file(source)
    if path.stat().st_size == 0:
        raise DatasetError(f"{path.name!r} is empty (0 bytes)")
    parquet = path.name.lower().endswith((".parquet", ".pq"))
    try:
        frame = pd.read_parquet(path) if parquet else pd.read_feather(path)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        kind = "Parquet" if parquet else "Feather"
        reason = " ".join(str(error).split())[:120]
        raise DatasetError(f"{path.name!r} cannot be read as {kind} ({reason}); write it again") from error
    if frame.index.name is not None and frame.index.name not in frame.columns:
        frame = frame.reset_index()
    if len(frame) == 0:
        raise DatasetError(f"{path.name!r} has {counted(frame.shape[1], 'column')} and no rows")
    return Table(frame, stem(path), str(source))


SOURCE = Source(
    id="arrow",
    title="Parquet or Feather file",
    hint="table.parquet",
    accepts=lambda source: has_suffix(source, SUFFIXES),
    read=_read,
    suffixes=SUFFIXES,
    order=20,
)
