"""What the tests of the datasets share: refusals as text, and the real tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.nouns import DatasetError

REAL = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def refusal() -> Callable[..., str]:
    """Calls what must raise a `DatasetError`, and gives its whole message."""

    def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
        with pytest.raises(DatasetError) as caught:
            function(*args, **kwargs)
        return str(caught.value)

    return call


@pytest.fixture
def real() -> Path:
    """The folder of real tables; tests that need it are skipped where it is absent."""
    if not (REAL / "titanic.csv").is_file():
        pytest.skip("the real tables are not here")
    return REAL
