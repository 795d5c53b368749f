"""The sealed holdout: apart from everything, counted, and out of a worker's reach."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench import datasets
from workbench.datasets import holdout
from workbench.nouns import Call, Dataset, Hyperparameter, Limits, Sealed, Space, Split
from workbench.worker import Worker, guard

N = 100
TABLE = pd.DataFrame({"row": np.arange(N) * 1.25, "other": np.arange(N) % 9, "label": ["a", "b"] * (N // 2)})
READS = """
import os
from pathlib import Path


def train(cfg, dataset, seed, budget=None, model_dir=None):
    place = Path(PLACE)
    refused = 0
    for attempt in (lambda: list(place.iterdir()), lambda: (place / "train.parquet").read_bytes(),
                    lambda: os.listdir(place.parent), lambda: (place / "train.parquet").rename(place / "x")):
        try:
            attempt()
        except PermissionError:
            refused += 1
    return {"loss": 0.0, "refused": refused, "rows": len(dataset["X"]), "parts": len(dataset),
            "seen": float(dataset["X"]["row"].isin(HELD).sum())}
"""


def made(vault: Path, **more: object) -> Dataset:
    return datasets.make(TABLE, "label", **{"holdout": 0.2, "vault": vault, **more})  # type: ignore[arg-type]


def sealed_in(dataset: Dataset) -> Sealed:
    assert dataset.holdout is not None
    return dataset.holdout


def test_a_holdout_is_put_aside_before_the_test_part_and_only_counted_by_the_dataset(tmp_path: Path) -> None:
    dataset = made(tmp_path, test=0.25)
    assert dataset.X_test is not None
    assert (sealed_in(dataset).rows, len(dataset.X_test), dataset.rows) == (20, 20, 60)
    X, y = holdout.open(sealed_in(dataset), "a test", vault=tmp_path)
    assert (X.shape, len(y), sorted(y.unique())) == ((20, 2), 20, ["a", "b"])
    parts = [set(part["row"]) for part in (dataset.X, dataset.X_test, X)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == N
    assert (X.dtypes == dataset.X.dtypes).all()
    assert all(c.high is None or c.high < N * 2 for c in dataset.profile.columns)
    assert sealed_in(made(tmp_path)) == sealed_in(dataset)


def test_every_look_is_counted_and_sealing_again_or_other_types_do_not_reset_that(tmp_path: Path) -> None:
    first = sealed_in(made(tmp_path))
    assert holdout.looks(first, vault=tmp_path) == ()
    holdout.open(first, "run one", vault=tmp_path)
    holdout.open(sealed_in(made(tmp_path)), "run two", vault=tmp_path)
    typed = sealed_in(made(tmp_path, types={"other": "category"}))
    assert typed.digest != first.digest
    holdout.open(typed, "run three", vault=tmp_path)
    assert [look.why for look in holdout.looks(first, vault=tmp_path)] == ["run one", "run two", "run three"]
    assert holdout.looks(sealed_in(made(tmp_path, seed=1)), vault=tmp_path) == ()


def test_a_holdout_may_be_a_file_or_the_latest_rows(tmp_path: Path) -> None:
    TABLE.tail(10).to_csv(tmp_path / "late.csv", index=False)
    by_file = made(tmp_path / "vault", holdout=tmp_path / "late.csv")
    assert (by_file.rows, sealed_in(by_file).rows) == (N, 10)
    by_time = made(tmp_path / "vault", holdout=Split("time", column="row", share=0.1))
    assert (by_time.rows, sealed_in(by_time).rows) == (90, 10)
    assert sealed_in(by_time).digest == sealed_in(by_file).digest


def test_a_refused_dataset_seals_nothing(tmp_path: Path, refusal: Callable[..., str]) -> None:
    said = refusal(made, tmp_path / "vault", test=Split("column", column="nowhere"))
    assert "no column is named 'nowhere'" in said
    assert not (tmp_path / "vault").exists()
    assert "holdout_share=0.999" in refusal(made, tmp_path / "vault", holdout=0.999)


def test_a_holdout_that_is_not_there_or_was_changed_is_one_sentence(
    tmp_path: Path, refusal: Callable[..., str]
) -> None:
    held = sealed_in(made(tmp_path / "vault"))
    assert "lies in" in refusal(holdout.open, held, "x", vault=tmp_path / "other")
    train = tmp_path / "vault" / held.digest / "train.parquet"
    frame = pd.read_parquet(train)
    frame.iloc[0, 0] = -1.0
    frame.to_parquet(train)
    assert "has changed since it was saved" in refusal(holdout.open, held, "x", vault=tmp_path / "vault")
    assert len(holdout.looks(held, vault=tmp_path / "vault")) == 1, "the look is written down before it is made"


def test_a_vault_that_cannot_be_written_is_one_sentence(tmp_path: Path, refusal: Callable[..., str]) -> None:
    (tmp_path / "vault").write_text("a file in the way")
    assert "the holdout cannot be written to" in refusal(made, tmp_path / "vault")


def test_a_folder_with_the_dataset_holds_no_row_of_the_holdout(tmp_path: Path) -> None:
    dataset = made(tmp_path / "vault", test=0.2)
    X, _ = holdout.open(sealed_in(dataset), "a test", vault=tmp_path / "vault")
    datasets.save(dataset, tmp_path / "run" / "data")
    kept = pd.concat([pd.read_parquet(p) for p in (tmp_path / "run" / "data").glob("*.parquet")])
    assert len(kept) == 80
    assert not kept["0"].isin(X["row"]).any()
    about = json.loads((tmp_path / "run" / "data" / "dataset.json").read_text())
    assert about["holdout"] == {"rows": 20, "digest": sealed_in(dataset).digest}


@pytest.mark.skipif(guard.landlock_abi() < 1, reason="this kernel has no Landlock")
def test_a_worker_is_refused_every_way_to_the_holdout_beside_its_run(tmp_path: Path) -> None:
    vault = holdout.vault_of(tmp_path / "runs")
    dataset = made(vault)
    held = sealed_in(dataset)
    X, _ = holdout.open(held, "a test", vault=vault)
    run = tmp_path / "runs" / "one"
    datasets.save(dataset, run / "data")
    code = READS.replace("PLACE", repr(str((vault / held.digest).resolve()))).replace("HELD", repr(list(X["row"])))
    space = Space((Hyperparameter("x", "float", 0.0, 1.0, default=0.5),))
    with Worker(code, "metrics", space, {"main": run / "data"}, run / "models", Limits(wall_s=60.0)) as worker:
        reply = worker.call(Call({"x": 0.5}))
    assert reply.status == "success", reply.error
    assert {k: v for k, v in reply.metrics.items() if k != "loss"} == {"refused": 4, "rows": 80, "parts": 2, "seen": 0}
