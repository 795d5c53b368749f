"""A dataset as plain files: `train.parquet`, `test.parquet` where there is a test part, `dataset.json`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.datasets.digest import digest
from workbench.datasets.words import counted
from workbench.nouns import Column, Dataset, DatasetError, Notice, Profile, Sealed, Split

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1


def save(dataset: Dataset, folder: Path | str) -> None:
    """Write the dataset into `folder`, which is made; `open` gives it back exactly."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write_table(dataset.X, dataset.y, folder / "train.parquet")
    if dataset.X_test is not None and dataset.y_test is not None:
        _write_table(dataset.X_test, dataset.y_test, folder / "test.parquet")
    else:
        (folder / "test.parquet").unlink(missing_ok=True)
    about = {
        "format": FORMAT,
        "name": dataset.name,
        "task": dataset.task,
        "target": dataset.target,
        "source": dataset.source,
        "digest": dataset.digest,
        "classes": list(dataset.classes),
        "dropped": list(dataset.dropped),
        "test_share": dataset.test_share,
        "split": asdict(dataset.split) if dataset.split is not None else None,
        "types": [list(pair) for pair in dataset.types],
        "shape": list(dataset.shape),
        "holdout": asdict(dataset.holdout) if dataset.holdout is not None else None,
        "has_test": dataset.X_test is not None,
        "columns": [_type(column) for _, column in dataset.X.items()] + [_type(dataset.y)],
        "profile": asdict(dataset.profile),
    }
    text = json.dumps(about, indent=1, ensure_ascii=False)
    _replace(folder / "dataset.json", text.encode("utf-8", "backslashreplace"))  # as JSON escapes half a pair


def open(folder: Path | str, *, check: bool = True) -> Dataset:
    """Read a dataset that `save` wrote.

    Parameters
    ----------
    folder : path
    check : bool
        Whether to compare the content with its digest.

    Raises
    ------
    DatasetError
        If a file is missing, cannot be read, or holds other data than was saved.
    """
    folder = Path(folder)
    path = folder / "dataset.json"
    if not path.is_file():
        raise DatasetError(f"{str(folder)!r} holds no dataset: it has no dataset.json; datasets.save writes one")
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        if about["format"] != FORMAT:
            raise DatasetError(f"{str(path)!r} has format {about['format']!r}; this version reads format {FORMAT}")
        X, y = _read_table(folder / "train.parquet", about)
        test = _read_table(folder / "test.parquet", about) if about["has_test"] else None
        dataset = Dataset(
            name=about["name"],
            X=X,
            y=y,
            task=about["task"],
            target=about["target"],
            source=about["source"],
            digest=about["digest"],
            profile=_profile(about["profile"]),
            X_test=test[0] if test else None,
            y_test=test[1] if test else None,
            classes=tuple(about["classes"]),
            dropped=tuple(about.get("dropped", ())),
            test_share=about.get("test_share", 0.0),
            split=Split(**about["split"]) if about.get("split") else None,
            types=tuple((name, kind) for name, kind in about.get("types", ())),
            shape=tuple(about.get("shape", ())),
            holdout=Sealed(**about["holdout"]) if about.get("holdout") else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"{str(path)!r} cannot be read ({type(error).__name__}: {error}); save it again") from error
    if check and (found := digest(dataset.task, dataset.target, X, y, test)) != dataset.digest:
        raise DatasetError(
            f"the data in {str(folder)!r} has changed since it was saved: its digest is {found[:12]}, "
            f"and dataset.json says {dataset.digest[:12]}; save it again"
        )
    return dataset


def _write_table(X: pd.DataFrame, y: pd.Series, path: Path) -> None:
    import io

    buffer = io.BytesIO()
    # columns by position: any names, and the target beside them
    table = X.set_axis([str(i) for i in range(X.shape[1])], axis=1)
    table[str(X.shape[1])] = y
    table = table.apply(lambda c: c.cat.codes if str(c.dtype) == "category" else c)
    table.to_parquet(buffer, index=False)
    _replace(path, buffer.getvalue())


def _read_table(path: Path, about: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.Series]:
    import pandas as pd
    import pyarrow

    try:
        table = pd.read_parquet(path)
    except (OSError, pyarrow.ArrowException) as error:
        reason = " ".join(str(error).split())[:120]
        raise DatasetError(f"{str(path)!r} cannot be read ({reason}); save the dataset again") from error
    if table.shape[1] != len(about["columns"]):
        held = counted(table.shape[1], "column")
        raise DatasetError(f"{str(path)!r} has {held}, dataset.json names {len(about['columns'])}; save it again")
    columns = [_typed(table[str(i)], kind) for i, kind in enumerate(about["columns"])]
    X = pd.DataFrame(dict(enumerate(columns[:-1])))
    X.columns = pd.Index([c["name"] for c in about["columns"][:-1]])
    return X, columns[-1].rename(about["columns"][-1]["name"])


def _type(column: pd.Series) -> dict[str, Any]:
    import pandas as pd

    kind: dict[str, Any] = {"name": str(column.name), "dtype": str(column.dtype)}
    if isinstance(column.dtype, pd.CategoricalDtype):
        categories = column.cat.categories
        kind |= {"categories": categories.tolist(), "of": str(categories.dtype), "ordered": bool(column.cat.ordered)}
    return kind


def _typed(column: pd.Series, kind: Mapping[str, Any]) -> pd.Series:
    """The column in its type: Parquet has no codes with unused categories, and reads a missing boolean as None."""
    import pandas as pd

    if kind["dtype"] == "category":
        categories = pd.Index(kind["categories"], dtype=kind["of"])
        values = pd.Categorical.from_codes(column.to_numpy(), categories=categories, ordered=kind["ordered"])
        return pd.Series(values)
    if kind["dtype"] == "object":
        return column.astype(object).where(column.notna(), float("nan"))
    return column.astype(kind["dtype"])


def _profile(data: Mapping[str, Any]) -> Profile:
    return Profile(
        columns=tuple(Column(**{**c, "histogram": tuple(c["histogram"])}) for c in data["columns"]),
        notices=tuple(Notice(**n) for n in data["notices"]),
        sampled=data["sampled"],
    )


def _replace(path: Path, data: bytes) -> None:
    """Write whole or not at all: a reader never sees half a file."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_bytes(data)
    new.replace(path)
