"""What a failed trial costs, and that SMAC then never takes one for the best."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import jobs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.runs.penalty import UNKNOWN, penalty


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=20))
def test_a_penalty_is_finite_and_above_every_real_cost(costs: list[float]) -> None:
    assert math.isfinite(penalty(costs))
    assert all(penalty(costs) > cost for cost in costs)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_it_stays_finite_at_the_end_of_the_floats(costs: list[float]) -> None:
    assert math.isfinite(penalty(costs))
    assert all(penalty(costs) >= cost for cost in costs)


def test_it_follows_the_spread_of_the_costs() -> None:
    assert penalty([1.0, 3.0]) == 5.0
    assert penalty([-0.9, -0.5]) == pytest.approx(-0.1)
    assert penalty([2.0]) == 2.2
    assert penalty([0.0]) == 1e-6
    assert penalty([]) == UNKNOWN


@pytest.mark.parametrize(
    ("facade", "costs"),
    [
        ("hpo", (None, None, 12.0, 13.0, None, 11.0, 15.0)),
        ("random", (None, 0.5, None, 0.52, None, 0.56, 0.58)),  # each above what the first failed one was told
        ("random", (None, -7.0, None, -9.0, -8.0, None, -1.0)),
        ("random", (0.0, None, 0.0, None, 1e-7, 5e-6, None)),
    ],
)
def test_a_failed_trial_costs_more_than_every_real_one_and_is_no_incumbent(
    tmp_path: Path, facade: str, costs: tuple[float | None, ...]
) -> None:
    from workbench.nouns import Hyperparameter, Scenario, Space, Trial
    from workbench.runs.optimiser import Optimiser

    space = Space((Hyperparameter("x", "float", 0.0, 1.0, default=0.5),))
    job = dataclasses.replace(jobs.job(facade), space=space, scenario=Scenario(n_trials=len(costs)))
    optimiser = Optimiser(tmp_path, job, planned=len(costs), clock=0.0)
    trials = []
    for number, cost in enumerate(costs, start=1):
        info = optimiser.ask()
        trial = Trial(number, dict(info.config), None, 0, "crashed" if cost is None else "success", cost)
        trials.append(trial)
        optimiser.tell(info, trial)
        told = [value.cost for value in optimiser.facade.runhistory.values()]
        real = [c for c in costs[:number] if c is not None]
        failed = [t for t, c in zip(told, costs, strict=False) if c is None]
        assert [t for t, c in zip(told, costs, strict=False) if c is not None] == real
        assert all(math.isfinite(f) and f > max(real, default=-1.0) for f in failed)
        if real:
            (best,) = optimiser.facade.intensifier.get_incumbents()
            first = next(t for t in trials if t.cost == min(real))
            assert dict(best) == first.config
