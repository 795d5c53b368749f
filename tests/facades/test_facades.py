"""The facades: what they say, what they build, and what they refuse."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from workbench import contracts, facades
from workbench.nouns import FacadeError, Hyperparameter, Instance, Scenario, Space

SPACE = Space((Hyperparameter("x", "float", 0.0, 1.0, default=0.5), Hyperparameter("n", "integer", 1, 9, default=3)))
BUDGETS = Scenario(n_trials=60, min_budget=1, max_budget=27)


def sentences(facade, contract="model", scenario=BUDGETS, space=SPACE):
    return {f.text: f.ok for f in facades.fits(facades.get(facade), contracts.get(contract), space, scenario)}


def test_every_facade_of_the_first_release_is_there_in_order():
    assert list(facades.facades()) == ["hpo", "blackbox", "multifidelity", "hyperband", "random", "ac"]
    assert facades.get("HyperbandFacade") is facades.get("hyperband")


def test_looking_at_facades_loads_no_smac():
    code = "import sys; from workbench import facades; facades.facades(); print('smac' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_an_unknown_facade_is_answered_with_those_that_there_are():
    with pytest.raises(FacadeError) as caught:
        facades.get("hp")
    assert str(caught.value) == ("no facade named 'hp'; there are: hpo, blackbox, multifidelity, hyperband, random, ac")


@pytest.mark.parametrize("facade", list(facades.facades()))
def test_each_builds_smac_s_own_facade_which_asks_and_is_told(facade, tmp_path, monkeypatch):
    import ConfigSpace
    import smac
    from smac.runhistory import TrialValue

    monkeypatch.setattr("builtins.input", lambda *words: pytest.fail("SMAC asked on standard input"))
    chosen = facades.get(facade)
    space = ConfigSpace.ConfigurationSpace({"x": (0.0, 1.0)}, seed=1)
    raced = {name: Instance(name, features=(float(i),)) for i, name in enumerate("ab")}
    more = (raced,) if chosen.needs_instances else ()
    built = chosen.build(space, dataclasses.replace(BUDGETS, n_trials=8), str(tmp_path), *more)
    assert type(built) is getattr(smac, chosen.smac_class)
    asked = []
    for _ in range(8):
        info = built.ask()
        asked.append(float(info.config["x"]))
        assert (info.budget is not None) == chosen.needs_budget
        assert (info.instance in raced) == chosen.needs_instances
        built.tell(info, TrialValue(cost=-((0.2 - info.config["x"]) ** 2), time=0.1))
    assert len(set(asked)) >= (2 if chosen.needs_budget else 3 if chosen.needs_instances else 7)
    assert list(tmp_path.rglob("runhistory.json"))


def test_the_brackets_are_those_that_smac_makes(tmp_path):
    import ConfigSpace
    from smac.intensifier.hyperband import Hyperband

    for low, high in ((1, 27), (1, 9), (10, 90), (2, 100), (0.1, 1.0), (1, 2)):
        scenario = dataclasses.replace(BUDGETS, min_budget=low, max_budget=high)
        space = ConfigSpace.ConfigurationSpace({"x": (0.0, 1.0)})
        built = facades.get("hyperband").build(space, scenario, str(tmp_path))
        intensifier = built.intensifier
        assert isinstance(intensifier, Hyperband)
        intensifier.__post_init__()  # what SMAC calls before the first configuration
        theirs = [
            list(zip(intensifier._n_configs_in_stage[i], intensifier._budgets_in_stage[i], strict=True))
            for i in range(intensifier._s_max + 1)
        ]
        ours = [
            [(r.configs, pytest.approx(r.budget)) for r in b]
            for b in facades.brackets(facades.get("hyperband"), scenario)
        ]
        assert theirs == ours


def test_a_facade_with_budgets_and_a_contract_without_do_not_fit_and_it_says_what_would():
    said = sentences("hyperband", "loss")
    assert said == {
        "Hyperband varies the budget, and train under the loss contract takes none; choose the model or metrics "
        "contract, or a facade without budgets (hpo, blackbox, random).": False
    }


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (
            None,
            None,
            "Hyperband needs budgets; give min_budget and max_budget (epochs, estimators, iterations or a share).",
        ),
        (1, None, "Hyperband needs budgets; give max_budget (epochs, estimators, iterations or a share)."),
        (9, 3, "min_budget 9 is not below max_budget 3; Hyperband needs room between them."),
        (3, 3, "min_budget 3 is not below max_budget 3; Hyperband needs room between them."),
    ],
)
def test_budgets_that_cannot_be_stop_the_run_with_one_sentence(low, high, sentence):
    scenario = dataclasses.replace(BUDGETS, min_budget=low, max_budget=high)
    assert sentences("hyperband", scenario=scenario)[sentence] is False
    with pytest.raises(FacadeError) as caught:
        facades.check(facades.get("hyperband"), contracts.get("model"), SPACE, scenario)
    assert str(caught.value) == sentence


def test_too_few_trials_for_a_bracket_is_said_and_does_not_stop():
    said = sentences("hyperband", scenario=dataclasses.replace(BUDGETS, n_trials=12))
    text = (
        "The first bracket takes 40 trials and there are 12: few or none will reach the full budget; "
        "69 trials finish every bracket once."
    )
    assert said[text] is True


def test_an_empty_space_is_refused():
    with pytest.raises(FacadeError, match=r"^The space has no hyperparameter; pick a preset or add one\.$"):
        facades.check(facades.get("hpo"), contracts.get("loss"), Space(), Scenario())


@pytest.mark.parametrize("facade", list(facades.facades()))
def test_a_suggested_scenario_always_fits(facade):
    scenario = facades.suggest_scenario(facades.get(facade), SPACE, None)
    facades.check(facades.get(facade), contracts.get("metrics"), SPACE, scenario)
