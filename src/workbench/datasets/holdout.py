"""A sealed holdout: rows put aside before anything else, which no generated code ever sees.

The rows lie in a *vault*, a folder beside the run folders (`runs/.sealed`) that no worker may read: its guard lets it
read Python's own folders and its own output, nothing else. Each look at them is written down first, in the vault's
`looks.jsonl`; a score on rows that were looked at ten times is worth less than one on rows that were looked at once.

What this cannot do: the table that the rows came from still lies where it lay, and the person may look at that; a
built-in set comes with scikit-learn, which every worker may read; and where the system has no Landlock, a function
that knew the folder could read it (`workbench doctor` says what is in force).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.datasets import folder as files
from workbench.datasets.digest import digest
from workbench.nouns import Dataset, DatasetError, Profile, Sealed

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

VAULT = Path("runs") / ".sealed"


@dataclass(frozen=True)
class Look:
    """One look at a holdout: when (ISO 8601, local time) and for what."""

    at: str
    why: str


def vault_of(runs_folder: str | Path) -> Path:
    """Where the holdouts of the runs in a folder lie."""
    return Path(runs_folder) / VAULT.name


def rows_key(names: list[str], total: int, rows: np.ndarray[Any, Any]) -> str:
    """Which rows of a table these are, whatever its columns are read as; looks are counted by it."""
    head = json.dumps([names, total]).encode()
    return hashlib.sha256(head + rows.astype("<i8").tobytes()).hexdigest()


def seal(dataset: Dataset, X: pd.DataFrame, y: pd.Series, *, key: str, vault: str | Path = VAULT) -> Sealed:
    """Put rows away; sealing the same rows again changes nothing and keeps the count of looks.

    Parameters
    ----------
    dataset : Dataset
        What the rows were put aside from; its own rows are not written.
    X : DataFrame, shape (n, d)
    y : Series, shape (n,)
    key : str
        See `rows_key`.

    Raises
    ------
    DatasetError
        If the vault cannot be written.
    """
    vault = Path(vault)
    made = Sealed(len(X), digest(dataset.task, dataset.target, X, y, None))
    place = vault / made.digest
    if (place / "dataset.json").is_file():
        return made
    alone = replace(
        dataset, X=X, y=y, X_test=None, y_test=None, split=None, digest=made.digest, profile=Profile(()), holdout=None
    )
    making = vault / f".{made.digest}.{os.getpid()}"
    try:
        vault.mkdir(parents=True, exist_ok=True, mode=0o700)
        files.save(alone, making)
        (making / "rows.txt").write_text(key, encoding="ascii")
        making.chmod(0o700)
        making.replace(place)
    except OSError as error:
        shutil.rmtree(making, ignore_errors=True)
        if (place / "dataset.json").is_file():  # another process was faster with the same rows
            return made
        raise DatasetError(
            f"the holdout cannot be written to {str(vault)!r} ({error.strerror or error}); "
            "choose a runs folder that can be written to and has room"
        ) from error
    return made


def open(sealed: Sealed, why: str, *, vault: str | Path = VAULT) -> tuple[pd.DataFrame, pd.Series]:
    """The rows; the look is written down before they are read.

    Parameters
    ----------
    sealed : Sealed
        `dataset.holdout`.
    why : str
        What they are looked at for, such as the name of a run.

    Returns
    -------
    DataFrame of shape (n, d), Series of shape (n,)
        With the columns and types of the dataset's `X` and `y`.

    Raises
    ------
    DatasetError
        If they are not in this vault, are not what was sealed, or the look cannot be written down.
    """
    place = _place(sealed, vault)
    line = json.dumps(
        {"rows": _key(place), "digest": sealed.digest, "at": datetime.now().isoformat(timespec="seconds"), "why": why}
    )
    try:
        with (Path(vault) / "looks.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError as error:
        raise DatasetError(
            f"the look at the holdout cannot be written down in {str(vault)!r} ({error.strerror or error}), "
            "so it stays sealed; make the folder writable"
        ) from error
    found = files.open(place)
    if found.digest != sealed.digest:
        raise DatasetError(f"the holdout in {str(place)!r} is not the one that was sealed; put one aside again")
    return found.X, found.y


def looks(sealed: Sealed, *, vault: str | Path = VAULT) -> tuple[Look, ...]:
    """Every look at these rows so far, oldest first; what their columns were read as makes no difference.

    Raises
    ------
    DatasetError
        If they are not in this vault.
    """
    key = _key(_place(sealed, vault))
    path = Path(vault) / "looks.jsonl"
    if not path.is_file():
        return ()
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return tuple(Look(line["at"], line["why"]) for line in lines if line["rows"] == key)


def _place(sealed: Sealed, vault: str | Path) -> Path:
    place = Path(vault) / sealed.digest
    if not (place / "dataset.json").is_file():
        raise DatasetError(
            f"no holdout {sealed.digest[:12]} lies in {str(vault)!r}; put one aside again, or give its own runs folder"
        )
    return place


def _key(place: Path) -> str:
    try:
        return (place / "rows.txt").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return place.name
