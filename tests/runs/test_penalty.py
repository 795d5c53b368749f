"""What a failed trial costs, and that SMAC then never takes one for the best."""

from __future__ import annotations

import math

import ConfigSpace
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


@pytest.mark.parametrize("offset", [0.0, 10.0, -10.0])
@pytest.mark.parametrize("facade", ["hpo", "random"])
def test_a_crash_does_not_become_smac_s_incumbent(tmp_path, facade: str, offset: float) -> None:
    """As the driver tells it: failed trials first, real costs far above or below the cost that they were given."""
    from workbench import facades
    from workbench.nouns import Scenario, Trial
    from workbench.runs.driver import Driver, Flight

    space = ConfigSpace.ConfigurationSpace({"x": (0.0, 1.0)}, seed=0)
    driver = Driver.__new__(Driver)
    driver.trials, driver.failed, driver._clock, driver._saved = [], [], 0.0, math.inf
    driver.facade = facades.get(facade).build(space, Scenario(n_trials=12), str(tmp_path))
    for number in range(1, 13):
        info = driver.facade.ask()
        crashed = number < 4 or number % 3 == 0
        cost = None if crashed else offset + float(info.config["x"])
        trial = Trial(number, dict(info.config), None, 0, "crashed" if crashed else "success", cost)
        driver.trials.append(trial)
        driver._tell(Flight(info, 0.0), trial)
    real = [t for t in driver.trials if t.cost is not None]
    (best,) = driver.facade.intensifier.get_incumbents()
    assert dict(best) == min(real, key=lambda t: t.cost).config
    told = {k.config_id: v.cost for k, v in driver.facade.runhistory.items()}
    for trial in driver.trials:
        cost = told[driver.facade.runhistory.config_ids[ConfigSpace.Configuration(space, dict(trial.config))]]
        assert cost == trial.cost if trial.cost is not None else cost > max(t.cost for t in real)
