"""NumPy archives that hold an array `X` of shape (n, d), or images, and an array `y` of shape (n,)."""

from __future__ import annotations

import zipfile
import zlib
from typing import Any

from workbench.datasets.paths import existing_file, has_suffix, stem
from workbench.datasets.source import Source, Table
from workbench.datasets.words import counted
from workbench.nouns import DatasetError

SUFFIXES = (".npz",)


def _read(source: Any, encoding: str | None) -> Table:
    import numpy as np
    import pandas as pd

    path = existing_file(source)
    if not zipfile.is_zipfile(path):
        raise DatasetError(f"{path.name!r} is not a NumPy archive; write it with numpy.savez(path, X=X, y=y)")
    try:
        with np.load(path, allow_pickle=False) as archive:  # a pickle could run code
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())[:120]
        raise DatasetError(
            f"{path.name!r} cannot be read as a NumPy archive ({reason}); write it with "
            "numpy.savez(path, X=X, y=y), numbers or text alone"
        ) from error
    if missing := [name for name in ("X", "y") if name not in arrays]:
        held = ", ".join(arrays) or "nothing"
        raise DatasetError(f"{path.name!r} has no array {missing[0]!r} (it holds {held}); write it with X=X, y=y")
    X, y = arrays["X"], arrays["y"]
    if X.ndim in (3, 4) and X.dtype.kind in "biuf":
        X = _pixels(X)
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y):
        raise DatasetError(
            f"{path.name!r} holds X of shape {X.shape} and y of shape {y.shape}; they must be (n, d) and (n,), "
            "or images of shape (n, height, width) or (n, height, width, 3)"
        )
    if len(y) == 0:
        raise DatasetError(f"{path.name!r} has {counted(X.shape[1], 'column')} and no rows")
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])])
    frame["y"] = y
    return Table(frame, stem(path), str(source), target="y")


def _pixels(images: Any) -> Any:
    """One column for each pixel, row by row, the colours of a pixel side by side; colours that come first go last."""
    if images.ndim == 4 and images.shape[3] not in (1, 3) and images.shape[1] in (1, 3):
        images = images.transpose(0, 2, 3, 1)
    if images.ndim == 4 and images.shape[3] not in (1, 3):
        return images
    return images.reshape(len(images), -1)


SOURCE = Source(
    id="npz",
    title="NumPy archive with X and y",
    hint="arrays.npz",
    accepts=lambda source: has_suffix(source, SUFFIXES),
    read=_read,
    suffixes=SUFFIXES,
    order=40,
)
