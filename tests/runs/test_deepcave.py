"""SMAC's output in a run folder opens in DeepCAVE, asked of DeepCAVE's own reader in its own environment.

DeepCAVE pins other versions (of Python too), so it is never installed beside the workbench; see docs/deepcave.md.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import jobs
import pytest

PYTHON = os.environ.get("DEEPCAVE_PYTHON", "")
READER = Path(__file__).with_name("deepcave_reader.py")

pytestmark = pytest.mark.skipif(
    not PYTHON, reason="DEEPCAVE_PYTHON names no Python with DeepCAVE (docs/deepcave.md says how to make one)"
)


@pytest.fixture(autouse=True)
def end_all() -> Iterator[None]:
    yield
    jobs.end_all()


def test_deepcave_reads_the_trials_of_each_facade_as_they_were(tmp_path: Path) -> None:
    fails_early = "if n == 9: raise ValueError('nine')"  # the default: the first trial of most facades
    runs = [jobs.ended(jobs.started(tmp_path, fails_early, facade=f, n_trials=8)) for f in ("hpo", "multifidelity")]
    folders = {str(next((run.folder / "smac").rglob("runhistory.json")).parent): run for run in runs}
    done = subprocess.run([PYTHON, str(READER), *folders], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    for folder, run in folders.items():
        read = seen[folder]
        assert read["valid"] is True
        assert read["objectives"] == ["cost", "Time"]
        assert len(read["trials"]) == len(run.trials) == 8
        real = [(t.config, t.budget, t.cost) for t in run.trials if t.cost is not None]
        assert 0 < len(real) < 8
        for config, budget, cost in real:
            assert any(
                t["config"] == pytest.approx(config)
                and t["budget"] == (budget or 0.0)
                and t["cost"] == pytest.approx(cost)
                for t in read["trials"]
            )
        assert max(t["cost"] for t in read["trials"]) > max(cost for _, _, cost in real)
        assert read["cost"] == pytest.approx(run.incumbent.cost)
        assert read["incumbent"] == pytest.approx(dict(run.incumbent.config))
