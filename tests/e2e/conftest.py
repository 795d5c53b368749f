"""A real table for whole journeys, or one that resembles it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

TITANIC = Path(__file__).resolve().parents[3] / "shared" / "data" / "titanic.csv"


@pytest.fixture
def titanic(tmp_path: Path) -> Path:
    """The passengers of the Titanic where the file is at hand, else passengers that were made up."""
    path = tmp_path / "titanic.csv"
    if TITANIC.is_file():
        shutil.copy(TITANIC, path)
        return path
    chance = np.random.default_rng(0)
    rows = 891
    table = pd.DataFrame(
        {
            "pclass": chance.integers(1, 4, rows),
            "sex": chance.choice(["male", "female"], rows),
            "age": np.where(chance.random(rows) < 0.2, np.nan, chance.integers(1, 80, rows)),
            "fare": chance.lognormal(3, 1, rows).round(2),
        }
    )
    odds = np.where(table["sex"] == "female", 0.75, 0.2) - 0.05 * (table["pclass"] - 2)
    table.insert(0, "survived", (chance.random(rows) < odds).astype(int))
    table["alive"] = np.where(table["survived"] == 1, "yes", "no")
    table.to_csv(path, index=False)
    return path
