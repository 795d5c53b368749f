"""Incumbents, in the order in which they were found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.nouns import Trial
from workbench.runs import incumbent, trajectory


def trials(*rows: tuple[float | None, float | None]) -> tuple[Trial, ...]:
    """One for each (cost, budget); no cost is a crash."""
    return tuple(
        Trial(i, {}, budget, 0, "crashed" if cost is None else "success", cost, start_s=2.0 * i, seconds=1.0)
        for i, (cost, budget) in enumerate(rows, start=1)
    )


def test_without_budgets_each_better_trial_is_a_point() -> None:
    points = trajectory(trials((3.0, None), (4.0, None), (2.0, None), (2.0, None), (None, None), (1.0, None)))
    assert [(p.number, p.cost, p.budget_spent, p.elapsed_s) for p in points] == [
        (1, 3.0, 1.0, 3.0),
        (3, 2.0, 3.0, 7.0),
        (6, 1.0, 6.0, 13.0),
    ]


def test_costs_are_compared_within_one_budget_and_a_higher_budget_takes_over() -> None:
    points = trajectory(trials((1.0, 1.0), (0.5, 1.0), (0.9, 3.0), (0.1, 1.0), (0.8, 3.0), (2.0, 9.0)))
    assert [(p.number, p.budget) for p in points] == [(1, 1.0), (2, 1.0), (3, 3.0), (5, 3.0), (6, 9.0)]
    assert [p.budget_spent for p in points] == [1.0, 2.0, 5.0, 9.0, 18.0]


def test_a_crash_is_never_an_incumbent_and_spends_its_budget() -> None:
    run = trials((None, 9.0), (5.0, 1.0))
    assert [(p.number, p.budget_spent) for p in trajectory(run)] == [(2, 10.0)]
    assert incumbent(run) == run[1]


@pytest.mark.parametrize("run", [(), trials((None, None), (None, None))])
def test_without_a_success_there_is_no_incumbent(run: tuple[Trial, ...]) -> None:
    assert trajectory(run) == ()
    assert incumbent(run) is None


@given(st.lists(st.tuples(st.none() | st.floats(-1e6, 1e6), st.none()), max_size=30))
def test_the_incumbent_is_the_first_of_the_best(rows: list[tuple[float | None, None]]) -> None:
    run = trials(*rows)
    costs = [cost for cost, _ in rows if cost is not None]
    found = incumbent(run)
    assert (found is None) == (not costs)
    if found is not None:
        assert found.cost == min(costs)
        assert found.number == 1 + next(i for i, (cost, _) in enumerate(rows) if cost == min(costs))
