"""Paths to tables: a file that is there, or one sentence on what is there instead."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any

from workbench.nouns import DatasetError


def has_suffix(source: Any, suffixes: tuple[str, ...]) -> bool:
    """Whether `source` is a path that ends in one of the suffixes."""
    return isinstance(source, str | Path) and str(source).lower().endswith(suffixes)


def stem(path: Path) -> str:
    """The name of a file without any of its suffixes: `a.csv.gz` gives `a`."""
    return path.name.split(".")[0] or path.name


def existing_file(source: str | Path) -> Path:
    """The file at `source`.

    Raises
    ------
    DatasetError
        If nothing is there (with the nearest names that are), or if it is a directory or cannot be read.
    """
    try:
        path = Path(source).expanduser()
        is_file, is_folder, exists = path.is_file(), path.is_dir(), path.exists()
        if is_file:
            with path.open("rb"):
                return path
    except PermissionError as error:
        raise DatasetError(f"{str(source)!r} may not be read ({error.strerror}); change its permissions") from error
    except (OSError, ValueError, RuntimeError) as error:  # too long a name, a null character, an unknown ~user
        reason = error.strerror if isinstance(error, OSError) else error
        raise DatasetError(f"{str(source)[:80]!r} is not a path that can be opened ({reason})") from error
    if is_folder:
        raise DatasetError(f"{str(source)!r} is a directory, not a table{_inside(path)}")
    if exists:
        raise DatasetError(f"{str(source)!r} is neither a file nor a directory; give the path of a file")
    raise DatasetError(_nothing_at(path))


def _nothing_at(path: Path) -> str:
    missing, parent = path, path.absolute().parent
    while not parent.is_dir():
        missing, parent = parent, parent.parent
    what = "file" if missing == path else "folder"
    names = [p.name for p in parent.iterdir()] if os.access(parent, os.R_OK) else []
    near = difflib.get_close_matches(missing.name, names, n=3, cutoff=0.6)
    text = f"there is no {what} {missing.name!r} in {str(parent)!r}"
    if near:
        return f"{text}; the nearest name{'s' if len(near) > 1 else ''} there: {_listed(near)}"
    return text + (_inside(parent) if what == "file" else "")


def _inside(folder: Path) -> str:
    from workbench.datasets.tables import suffixes

    known = suffixes()
    if not os.access(folder, os.R_OK):
        return ""
    names = sorted(p.name for p in folder.iterdir() if p.name.lower().endswith(known))
    return f"; it holds {_listed(names[:5], more=len(names) - 5)}" if names else "; it holds no table"


def _listed(names: list[str], more: int = 0) -> str:
    text = ", ".join(repr(n) for n in names)
    return f"{text} and {more} more" if more > 0 else text
