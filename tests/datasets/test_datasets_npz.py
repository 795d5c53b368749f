"""NumPy archives."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench import datasets
from workbench.nouns import DatasetError


def archive(path: Path, **arrays: Any) -> Path:
    np.savez_compressed(path, **arrays)
    return path


def test_x_and_y_make_a_dataset_without_a_target_being_named(tmp_path: Path) -> None:
    X, y = np.arange(60.0).reshape(20, 3), np.arange(20) % 2
    dataset = datasets.load(archive(tmp_path / "t.npz", X=X, y=y))
    assert (dataset.target, dataset.task, list(dataset.X)) == ("y", "classification", ["x0", "x1", "x2"])
    np.testing.assert_array_equal(dataset.X.to_numpy(), X)
    np.testing.assert_array_equal(dataset.y.to_numpy(), y)


@pytest.mark.parametrize("kind", [">f8", ">f4", ">i4", "u1", "?", "U3"])
def test_any_type_and_byte_order_is_read(tmp_path: Path, kind: str) -> None:
    X = np.array([[0, 1], [1, 0]] * 10).astype(kind)
    dataset = datasets.load(archive(tmp_path / "t.npz", X=X, y=np.arange(20) % 2))
    assert dataset.X.to_numpy().tolist() == X.tolist()
    assert all(t.byteorder in "=|" for t in dataset.X.dtypes if isinstance(t, np.dtype))


class OpenedError(Exception):
    pass


def explode() -> None:
    raise OpenedError


class Bomb:
    def __reduce__(self) -> Any:
        return explode, ()


def test_a_pickled_array_is_refused_and_never_opened(tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = archive(tmp_path / "t.npz", X=np.array([[Bomb()]], dtype=object), y=np.zeros(1))
    with pytest.raises(OpenedError):  # the bomb does go off where pickles are allowed
        np.load(path, allow_pickle=True)["X"]
    assert refusal(datasets.read_table, path) == (
        "'t.npz' cannot be read as a NumPy archive (Object arrays cannot be loaded when allow_pickle=False); "
        "write it with numpy.savez(path, X=X, y=y), numbers or text alone"
    )


@pytest.mark.parametrize(
    ("arrays", "text"),
    [
        ({"X": np.zeros((4, 2))}, "'t.npz' has no array 'y' (it holds X); write it with X=X, y=y"),
        ({}, "'t.npz' has no array 'X' (it holds nothing); write it with X=X, y=y"),
        (
            {"X": np.zeros(4), "y": np.zeros(4)},
            "'t.npz' holds X of shape (4,) and y of shape (4,); they must be (n, d) and (n,), "
            "or images of shape (n, height, width) or (n, height, width, 3)",
        ),
        (
            {"X": np.zeros((4, 2)), "y": np.zeros(3)},
            "'t.npz' holds X of shape (4, 2) and y of shape (3,); they must be (n, d) and (n,), "
            "or images of shape (n, height, width) or (n, height, width, 3)",
        ),
        ({"X": np.zeros((0, 2)), "y": np.zeros(0)}, "'t.npz' has 2 columns and no rows"),
    ],
)
def test_other_arrays_are_refused(
    tmp_path: Path, refusal: Callable[..., str], arrays: dict[str, Any], text: str
) -> None:
    assert refusal(datasets.read_table, archive(tmp_path / "t.npz", **arrays)) == text


def test_what_is_no_archive_is_one_sentence(tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = tmp_path / "t.npz"
    path.write_bytes(pickle.dumps(Bomb()))
    assert refusal(datasets.read_table, path) == (
        "'t.npz' is not a NumPy archive; write it with numpy.savez(path, X=X, y=y)"
    )


def test_a_damaged_archive_is_a_table_or_one_sentence(tmp_path: Path) -> None:
    whole = archive(tmp_path / "t.npz", X=np.random.default_rng(0).random((50, 4)), y=np.arange(50) % 2).read_bytes()
    path = tmp_path / "bad.npz"
    refused = 0
    for place in range(60, len(whole) - 60, 40):
        flipped = bytearray(whole)
        flipped[place] ^= 0x5A
        path.write_bytes(bytes(flipped))
        try:
            datasets.read_table(path)  # some bytes are of no consequence
        except DatasetError as error:
            refused += str(error).startswith("'bad.npz' cannot be read as a NumPy archive (")
    assert refused > 20


@pytest.mark.parametrize("colours_first", [False, True])
def test_images_become_rows_of_pixels_with_the_colours_of_each_side_by_side(tmp_path, colours_first):
    images = np.arange(5 * 4 * 4 * 3).reshape(5, 4, 4, 3)
    np.savez(tmp_path / "c.npz", X=images.transpose(0, 3, 1, 2) if colours_first else images, y=np.arange(5) % 2)
    loaded = datasets.load(str(tmp_path / "c.npz"), task="classification")
    assert loaded.X.shape == (5, 48)
    assert loaded.X.iloc[0].tolist() == list(range(48))
    np.savez(tmp_path / "g.npz", X=images[..., 0], y=np.arange(5) % 2)
    assert datasets.load(str(tmp_path / "g.npz"), task="classification").X.iloc[0].tolist() == list(range(0, 48, 3))
