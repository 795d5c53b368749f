"""The raw table behind whatever a person gives: a path, `builtin:NAME`, a DataFrame."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import registry
from workbench.datasets.source import Source, Table
from workbench.nouns import DatasetError

if TYPE_CHECKING:
    import pandas as pd


def known_sources() -> dict[str, Source]:
    """Every source by id, in the order in which they are asked."""
    from workbench.datasets import sources as package

    return registry.discover(package, "SOURCE", Source).parts


def suffixes() -> tuple[str, ...]:
    """Every file suffix that can be read."""
    return tuple(suffix for source in known_sources().values() for suffix in source.suffixes)


def find_table(source: Any, encoding: str | None = None) -> Table:
    """The table, and what its source knows of it.

    Raises
    ------
    DatasetError
        If no source takes it, or the one that does cannot read it.
    """
    known = known_sources()
    if isinstance(source, os.PathLike):
        source = Path(os.fspath(source))
    if isinstance(source, str) and "://" in source:
        raise DatasetError(f"{source!r} is an address; download the file and give its path")
    for part in known.values():
        if part.accepts(source):
            return part.read(source, encoding)
    if isinstance(source, str) and not source.strip():
        raise DatasetError(f"no table was named; give {_hints(known)}")
    if isinstance(source, str | Path):
        from workbench.datasets.paths import existing_file

        path = existing_file(source)
        what = f"a file with the suffix {path.suffix!r}" if path.suffix else "a file without a suffix"
        raise DatasetError(f"{path.name!r} is {what}; these are read: {', '.join(suffixes())}")
    raise DatasetError(f"a table cannot come from a value of type {type(source).__name__}; give {_hints(known)}")


def read_table(source: Any, *, encoding: str | None = None) -> pd.DataFrame:
    """The raw table, before a target is chosen.

    Parameters
    ----------
    source : path, str or DataFrame
        A file that one of the sources reads, `builtin:NAME`, or a DataFrame (which is copied).
    encoding : str, optional
        Of text files. By default UTF-8, or what the mark at the start of the file says.

    Raises
    ------
    DatasetError
        One sentence for each way in which an input can be bad.
    """
    return find_table(source, encoding).frame


def _hints(known: dict[str, Source]) -> str:
    return ", ".join(part.hint for part in known.values())
