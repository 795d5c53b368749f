"""SMAC's own facades with a single trial, and with several objectives."""

from __future__ import annotations

import dataclasses

import pytest

from workbench import contracts, facades
from workbench.nouns import Hyperparameter, Instance, Scenario, Space

ALL = ["hpo", "blackbox", "multifidelity", "hyperband", "random"]
SPACE = Space((Hyperparameter("x", "float", 0.0, 1.0, default=0.5), Hyperparameter("n", "integer", 1, 9, default=3)))
TWO = Scenario(n_trials=60, min_budget=1, max_budget=27, objectives=("loss", "f1"))


def built(facade, scenario, folder):
    import ConfigSpace

    space = ConfigSpace.ConfigurationSpace({"x": (0.0, 1.0)}, seed=1)
    chosen = facades.get(facade)
    more = (
        ({"a": Instance("a", features=(0.0,)), "b": Instance("b", features=(1.0,))},) if chosen.needs_instances else ()
    )
    return chosen.build(space, scenario, str(folder), *more)


def remarks(facade, scenario):
    return [f.text for f in facades.fits(facades.get(facade), contracts.get("metrics"), SPACE, scenario) if f.ok]


@pytest.mark.parametrize("facade", [*ALL, "ac"])
def test_one_trial_can_be_asked_for_and_told_and_more_after_it(facade, tmp_path):
    from smac.runhistory import TrialValue

    one = dataclasses.replace(TWO, n_trials=1, objectives=("loss",))
    smac_facade = built(facade, one, tmp_path)
    for _ in range(4):
        smac_facade.tell(smac_facade.ask(), TrialValue(cost=0.5, time=0.1))
    assert smac_facade.runhistory.finished == 4
    assert "One trial tries one configuration: nothing is searched before there are more." in remarks(facade, one)


@pytest.mark.parametrize("facade", ALL)
def test_each_facade_takes_two_objectives_and_says_what_weighs_them(facade, tmp_path):
    from smac.multi_objective.parego import ParEGO
    from smac.runhistory import TrialValue

    smac_facade = built(facade, TWO, tmp_path)
    for number in range(6):
        info = smac_facade.ask()
        smac_facade.tell(info, TrialValue(cost=[info.config["x"], 1.0 - 0.1 * number], time=0.1))
    assert smac_facade.runhistory.finished == 6
    text = next(t for t in remarks(facade, TWO) if "takes several objectives" in t)
    model = type(smac_facade._model).__name__ != "RandomModel"
    assert isinstance(smac_facade._multi_objective_algorithm, ParEGO)
    assert ("weighed by ParEGO" in text) == model
    assert ("by chance" in text) == (not model)
    assert ("next budget" in text) == facades.get(facade).needs_budget
