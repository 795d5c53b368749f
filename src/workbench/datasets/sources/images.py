"""A folder of images: one folder for each class, in it the images of that class."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.datasets.source import Extra, Source, Table
from workbench.datasets.words import counted
from workbench.nouns import DatasetError, Notice

if TYPE_CHECKING:
    import numpy as np

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
SIDE = 32
"""Larger images are scaled so that no side is longer."""
MAX_IMAGES = 200_000


def _classes(folder: Path) -> dict[str, list[Path]]:
    found = {}
    for inside in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")):
        images = sorted(p for p in inside.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
        if images:
            found[inside.name] = images
    return found


def _accepts(source: Any) -> bool:
    if not isinstance(source, str | Path) or not str(source).strip():
        return False
    try:
        folder = Path(source).expanduser()
        return folder.is_dir() and bool(_classes(folder))
    except (OSError, ValueError, RuntimeError):
        return False


def _read(source: Any, encoding: str | None) -> Table:
    import numpy as np
    import pandas as pd

    folder = Path(source).expanduser()
    classes = _classes(folder)
    if len(classes) < 2:
        only = next(iter(classes))
        raise DatasetError(f"{folder.name!r} has images of one class alone, {only!r}; make one folder for each class")
    paths = [path for images in classes.values() for path in images]
    if len(paths) > MAX_IMAGES:
        raise DatasetError(f"{folder.name!r} has {len(paths):,} images; at most {MAX_IMAGES:,} are read")
    sizes, colours, broken = Counter[tuple[int, int]](), False, []
    good = []
    for path in paths:
        seen = _size(path)
        if seen is None:
            broken.append(path.name)
            continue
        sizes[seen[0]] += 1
        colours |= seen[1]
        good.append(path)
    if not good:
        raise DatasetError(f"none of the {len(paths):,} images in {folder.name!r} can be read")
    width, height = sizes.most_common(1)[0][0]
    scale = min(1.0, SIDE / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = np.stack([_pixels(path, size, colours) for path in good])
    notices = []
    if broken:
        text = f"{counted(len(broken), 'file')} could not be read as an image, such as {broken[0]!r}"
        notices.append(Notice("warning", text))
    if set(sizes) != {size}:
        what = "images of different sizes" if len(sizes) > 1 else f"images of {width}×{height}"
        notices.append(Notice("info", f"{what} were scaled to {size[0]}×{size[1]} (width × height)"))
    shape = (size[1], size[0], 3) if colours else (size[1], size[0])
    frame = pd.DataFrame(pixels.reshape(len(good), -1), columns=_names(shape))
    frame["class"] = pd.Series([path.parent.name for path in good], dtype="str")
    frame.attrs = {Extra.KEY: Extra(shape=shape, notices=tuple(notices))}
    return Table(frame, folder.resolve().name, str(source), target="class", task="classification")


def _names(shape: tuple[int, ...]) -> list[str]:
    """`r3c5` is the pixel in row 3 and column 5; `r3c5.g` its green."""
    places = [f"r{row}c{column}" for row in range(shape[0]) for column in range(shape[1])]
    return [f"{place}.{colour}" for place in places for colour in "rgb"] if len(shape) == 3 else places


def _size(path: Path) -> tuple[tuple[int, int], bool] | None:
    """Width and height, and whether it has colours; None where it is no image."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return (image.width, image.height), image.mode not in ("1", "L", "LA", "I", "I;16", "F")
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _pixels(path: Path, size: tuple[int, int], colours: bool) -> np.ndarray[Any, Any]:
    """The image in this size, values from 0 to 255, shape (height, width) or (height, width, 3)."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as image:
            plain = image.convert("RGB" if colours else "L")
            return np.asarray(plain if plain.size == size else plain.resize(size), dtype="uint8")
    except (OSError, ValueError) as error:
        raise DatasetError(f"{str(path)!r} is cut off or broken ({error}); remove it") from error


SOURCE = Source("images", "Folder of images by class", "a folder of images by class", _accepts, _read, order=8)
