"""Every benchmark runs and prints its table; how long anything takes is not what is tested."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
BENCHMARKS = sorted(FOLDER.glob("*.py"))
MARKS = {
    "in_the_browser": [pytest.mark.browser],
    "gpu": [pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")],
}
MARKED = [pytest.param(p, marks=MARKS.get(p.stem, [])) for p in BENCHMARKS]


@pytest.mark.parametrize("path", MARKED, ids=lambda p: p.stem)
def test_a_benchmark_prints_a_table_with_numbers_in_every_row(path):
    done = subprocess.run([sys.executable, str(path), "--quick"], capture_output=True, text=True, timeout=800)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.strip()]
    assert len(rows) >= 3
    assert sum(any(c.isdigit() for c in row) for row in rows) >= 2


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda p: p.stem)
def test_a_benchmark_is_explained_in_the_readme_with_its_command(path):
    assert f"python benchmarks/{path.name}" in (FOLDER / "README.md").read_text(encoding="utf-8")
