"""Everything that the offline composer writes keeps every rule: random jobs, read, and some of them called.

`WORKBENCH_EXAMPLES=20` looks at twenty times as many; `benchmarks/composed.py` does the same and prints a table.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

MORE = int(os.environ.get("WORKBENCH_EXAMPLES", "1"))
PATH = Path(__file__).resolve().parents[2] / "benchmarks" / "composed.py"
SPEC = importlib.util.spec_from_file_location("benchmark_composed", PATH)
assert SPEC is not None
assert SPEC.loader is not None
drawn = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(drawn)


@settings(
    max_examples=30 * MORE,
    derandomize=MORE == 1,
    deadline=None,
    phases=[Phase.generate],  # a smaller seed is no simpler job
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.integers(0, 2**40))
def test_what_is_composed_for_any_job_breaks_no_rule_that_can_be_read_off(seed):
    job = drawn.draw_job(Random(seed))
    assert drawn.examine(job, probe=False).wrong == (), drawn.described(job)


@pytest.mark.parametrize("number", range(MORE))
def test_what_is_composed_keeps_every_must_and_should_rule_when_it_is_called(number):
    job = drawn.draw_job(Random(f"called {number}"), () if number else ("decision_tree", "ridge", "knn"))
    result = drawn.examine(job, probe=True)
    assert result.wrong == (), drawn.described(job)
    assert result.undecided == ()
    assert result.calls > 15
