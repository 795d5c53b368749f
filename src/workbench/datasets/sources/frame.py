"""A table that is already in memory."""

from __future__ import annotations

from typing import Any

from workbench.datasets.source import Source, Table
from workbench.datasets.words import counted
from workbench.nouns import DatasetError


def _accepts(source: Any) -> bool:
    import pandas as pd

    return isinstance(source, pd.DataFrame)


def _read(source: Any, encoding: str | None) -> Table:
    if source.shape[1] == 0 or len(source) == 0:
        raise DatasetError(
            f"the DataFrame is empty ({counted(len(source), 'row')}, {counted(source.shape[1], 'column')})"
        )
    return Table(source.copy(), "table", "dataframe")


SOURCE = Source("frame", "DataFrame", "a DataFrame", _accepts, _read, order=90)
