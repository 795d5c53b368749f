"""The functions of the study of quality cost what they say, and its corrected p are Holm's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench import space

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.fixture
def functions(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from functions import FUNCTIONS

    return FUNCTIONS


def test_a_formula_costs_its_lowest_where_it_says_and_nowhere_less(functions):
    formulas = [f for f in functions.values() if f.lowest is not None]
    assert len(formulas) == 8
    for function in formulas:
        made = space.to_configspace(function.space, seed=1)
        assert function.cost(function.where) == pytest.approx(function.lowest, abs=1e-4)
        assert min(function.cost(dict(c)) for c in made.sample_configuration(300)) > function.lowest


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_train_function_on_real_data_costs_the_same_each_time_and_depends_on_the_configuration(functions):
    trained = [f for f in functions.values() if f.lowest is None]
    assert len(trained) == 3
    for function in trained:
        made = space.to_configspace(function.space, seed=2)
        configs = [made.get_default_configuration(), *made.sample_configuration(5)]
        costs = [function.cost(dict(c)) for c in configs]
        assert costs == [function.cost(dict(c)) for c in configs]
        assert len(set(costs)) > 2


def test_the_corrected_p_are_holms(functions, monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ.copy())  # the study sets the number of threads
    from quality import of_all

    assert of_all([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    corrected = of_all([0.2, float("nan"), 0.9])
    assert corrected[0] == 0.4
    assert corrected[1] != corrected[1], "what was not tested counts as no test"
