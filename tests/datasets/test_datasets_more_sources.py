"""ARFF files, folders of images, tables of openml.org."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from workbench import datasets

ARFF = (
    """% a comment
@RELATION 'a shop'
@attribute 'unit price' REAL
@attribute "note" string
@attribute day date 'yyyy-MM-dd'
@attribute colour {red, 'dark blue', green}
@data
1.5, 'it''s' , 2024-01-02, red
""".replace("''", "\\'")
    + "".join(f"{i}, \"a, b\", 2024-01-0{i}, 'dark blue'\n?, n{i}, ?, green\n" for i in range(3, 8))
)


def test_an_arff_file_keeps_its_types_quotes_and_gaps(tmp_path: Path) -> None:
    (tmp_path / "shop.arff").write_text(ARFF)
    dataset = datasets.load(tmp_path / "shop.arff")
    assert (dataset.name, dataset.target, dataset.classes) == ("a shop", "colour", ("dark blue", "green", "red"))
    assert str(dataset.X["unit price"].dtype) == "float64"
    assert dataset.X["day"].dtype.kind == "M"
    assert list(dataset.X["note"][:2]) == ["it's", "a, b"]
    assert dataset.X["unit price"].isna().sum() == 5


def test_a_sparse_arff_file_is_filled_and_a_packed_one_is_read(tmp_path: Path) -> None:
    text = "@relation s\n@attribute a numeric\n@attribute b numeric\n@attribute class {no,yes}\n@data\n"
    with gzip.open(tmp_path / "s.arff.gz", "wt") as file:
        file.write(text + "{0 3, 2 yes}\n{}\n" * 5)
    dataset = datasets.load(tmp_path / "s.arff.gz")
    assert dataset.X.to_numpy().tolist() == [[3, 0], [0, 0]] * 5
    assert list(dataset.y) == ["yes", "no"] * 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no @data; it is no ARFF file"),
        ("a,b\n1,2\n", "line 1 of 'b.arff' is none of @relation, @attribute, @data: 'a,b'"),
        ("@relation r\n@attribute a real\n", "has no @data; it is no ARFF file, or it was cut off"),
        ("@data\n1\n", "has no @attribute before @data"),
        ("@attribute a real\n@data\n", "has 1 attribute and no rows after @data"),
        ("@attribute a real\n@attribute b real\n@data\n1\n", "line 4 of 'b.arff' has 1 value for 2 attributes"),
        ("@attribute a relational\n@data\n1\n", "'relational' is no type that is read"),
        ("@attribute a {x,y\n@data\n1\n", "the list of values is not closed"),
        ("@attribute a real\n@data\nx\n", "the numeric attribute 'a' of 'b.arff' holds other values"),
        ("@attribute a string\n@data\n'x\n", "look for a quote that is not closed"),
        ("@attribute a real\n@attribute a real\n@data\n1,2\n", "several columns are named 'a'"),
        ("@attribute a real\n@data\n{7 1}\n", "names the attribute '7'; there are 1, from 0 on"),
    ],
)
def test_a_broken_arff_file_is_one_sentence(refusal: Callable[..., str], tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "b.arff").write_text(text)
    told = refusal(datasets.read_table, tmp_path / "b.arff")
    assert said in told
    assert "\n" not in told


def images(folder: Path, sizes: tuple[tuple[int, int], ...] = ((8, 6),), mode: str = "RGB") -> Path:
    from PIL import Image

    for name, shade in (("cat", 40), ("dog", 200)):
        (folder / name).mkdir(parents=True)
        for i in range(6):
            Image.new(mode, sizes[i % len(sizes)], (shade,) * 3 if mode == "RGB" else shade).save(
                folder / name / f"{i}.png"
            )
    return folder


def test_a_folder_of_images_is_a_dataset_of_pixels_with_their_shape(tmp_path: Path) -> None:
    dataset = datasets.load(images(tmp_path / "pets"))
    assert (dataset.name, dataset.target, dataset.classes) == ("pets", "class", ("cat", "dog"))
    assert (dataset.rows, dataset.shape, dataset.features) == (12, (6, 8, 3), 6 * 8 * 3)
    assert {str(t) for t in dataset.X.dtypes} == {"uint8"}
    assert sorted(np.unique(dataset.X.to_numpy())) == [40, 200]
    assert list(dataset.X)[:4] == ["r0c0.r", "r0c0.g", "r0c0.b", "r0c1.r"]


def test_grey_images_have_no_colours_uneven_ones_are_scaled_and_broken_ones_told_of(
    tmp_path: Path,
) -> None:
    folder = images(tmp_path / "grey", ((64, 32), (64, 32), (10, 10)), mode="L")
    (folder / "cat" / "broken.png").write_bytes(b"no image")
    (folder / "notes.txt").write_text("x")
    dataset = datasets.load(str(folder))
    assert (dataset.rows, dataset.shape) == (12, (16, 32))
    told = [n.text for n in dataset.profile.notices]
    assert "1 file could not be read as an image, such as 'broken.png'" in told
    assert "images of different sizes were scaled to 32×16 (width × height)" in told


def test_a_folder_without_classes_is_refused(refusal: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "is a directory, not a table" in refusal(datasets.load, tmp_path / "empty")
    folder = images(tmp_path / "one")
    for path in (folder / "dog").iterdir():
        path.unlink()
    assert "has images of one class alone, 'cat'" in refusal(datasets.load, folder)


DETAILS = {
    "name": "tiny",
    "description": "two columns",
    "version": "1",
    "format": "ARFF",
    "status": "active",
    "default_target_attribute": "class",
}
TINY = "@relation tiny\n@attribute a real\n@attribute class {x,y}\n@data\n" + "1,x\n2,y\n" * 6


class Server(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        features = [
            {
                "index": str(i),
                "name": n,
                "data_type": t,
                "is_target": "false",
                "is_ignore": "false",
                "is_row_identifier": "false",
                "number_of_missing_values": "0",
            }
            for i, (n, t) in enumerate((("a", "numeric"), ("class", "nominal")))
        ]
        about = {
            **DETAILS,
            "id": "7",
            "file_id": "9",
            "md5_checksum": hashlib.md5(TINY.encode()).hexdigest(),
            "url": f"http://{self.headers['Host']}/data/v1/download/9/tiny.arff",
        }
        answers = {
            "/api/v1/json/data/7": json.dumps({"data_set_description": about}),
            "/api/v1/json/data/features/7": json.dumps({"data_features": {"feature": features}}),
            "/api/v1/json/data/qualities/7": json.dumps({"data_qualities": {"quality": []}}),
            "/data/v1/download/9/tiny.arff": TINY,
        }
        found = answers.get(self.path)
        self.send_response(200 if found else 412)
        self.end_headers()
        self.wfile.write((found or json.dumps({"error": {"code": "111", "message": "Unknown dataset"}})).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def openml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ThreadingHTTPServer, list[str]]]:
    from sklearn.datasets import _openml

    class Asked(Server):
        asked: ClassVar[list[str]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    for name in ("_DATA_INFO", "_DATA_FEATURES", "_DATA_QUALITIES"):
        address = getattr(_openml, name).replace("https://www.openml.org", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(_openml, name, address)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr("workbench.datasets.sources.openml.PATIENCE_S", 0.01)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server, Asked.asked
    server.shutdown()
    server.server_close()


def test_a_table_of_openml_is_fetched_once_and_then_read_from_the_cache(
    openml: tuple[ThreadingHTTPServer, list[str]], refusal: Callable[..., str]
) -> None:
    server, asked = openml
    dataset = datasets.load("openml:7")
    assert (dataset.name, dataset.target, dataset.rows, dataset.source) == ("tiny", "class", 12, "openml:7")
    count = len(asked)
    assert count > 0
    server.shutdown()
    server.server_close()
    assert datasets.load("openml:7").digest == dataset.digest
    assert len(asked) == count
    said = refusal(datasets.load, "openml:8")
    assert said.startswith("openml.org cannot be reached (")
    assert said.endswith("and table 8 was not fetched before; go online once, or give a file")


def test_a_number_that_openml_has_not_is_one_sentence(
    openml: tuple[ThreadingHTTPServer, list[str]], refusal: Callable[..., str]
) -> None:
    assert "has no table with the number 8" in refusal(datasets.load, "openml:8")
    assert "'openml:iris' names no number" in refusal(datasets.load, "openml:iris")


def test_every_file_that_is_written_here_is_read_again(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": np.arange(12), "b": [f"t{i % 3}" for i in range(12)], "y": np.arange(12) % 2})
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_feather(tmp_path / "t.feather")
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    np.savez(tmp_path / "t.npz", X=frame[["a"]].to_numpy(), y=frame["y"].to_numpy())
    for ending in ("parquet", "feather", "xlsx", "npz"):
        assert list(datasets.load(tmp_path / f"t.{ending}", target="y").y) == list(frame["y"]), ending
