"""The workbench's own parts of SMAC's thinking: the same forest, and a search that finds no worse points."""

from __future__ import annotations

import numpy as np
import pytest
import smac
from smac.acquisition.function import EI
from smac.acquisition.maximizer import LocalAndSortedRandomSearch
from smac.main.config_selector import ConfigSelector
from smac.model.gaussian_process.gaussian_process import GaussianProcess
from smac.model.random_forest.random_forest import RandomForest
from smac.runhistory import TrialValue
from smac.utils.configspace import convert_configurations_to_array

from workbench import facades, recipes, space
from workbench.facades._forest import Forest
from workbench.facades._process import Process
from workbench.facades._search import Search, _Columns
from workbench.facades._selector import Selector, retrain_after
from workbench.nouns import Clause, Condition, Forbidden, Hyperparameter, Scenario, Space

MIXED = Space(
    (
        Hyperparameter("rate", "float", 1e-4, 1.0, log=True),
        Hyperparameter("depth", "integer", 1, 30),
        Hyperparameter("kernel", "categorical", choices=("rbf", "poly", "linear")),
        Hyperparameter("degree", "integer", 2, 5),
        Hyperparameter("size", "ordinal", choices=(8, 16, 32, 64)),
        Hyperparameter("fixed", "constant", default=3),
    ),
    conditions=(Condition("degree", (Clause("kernel", "==", "poly"),)),),
    forbidden=(Forbidden((Clause("kernel", "==", "linear"), Clause("size", "==", 8))),),
)
TWO = Space((Hyperparameter("x", "float", -5.0, 10.0), Hyperparameter("y", "float", 0.0, 15.0)))
OPTIONS = {
    "n_trees": 10,
    "ratio_features": 1.0,
    "min_samples_split": 2,
    "min_samples_leaf": 1,
    "max_depth": 2**20,
    "n_jobs": 1,
    "log_y": True,
}


def tried(cs, number: int, seed: int = 0):
    cs.seed(seed)
    configs = cs.sample_configuration(number)
    X = convert_configurations_to_array(configs)
    cost = 0.05 + np.nansum((np.nan_to_num(X, nan=0.5) - 0.3) ** 2, axis=1)
    return configs, X, np.log(cost).reshape(-1, 1)


@pytest.mark.parametrize("log_y", [True, False])
@pytest.mark.parametrize(("rows", "spread"), [(2, 1.0), (40, 1.0), (150, 1.0), (60, 1e-5)])
def test_the_forest_is_smacs_to_the_last_bit(rows: int, spread: float, log_y: bool) -> None:
    cs = space.to_configspace(MIXED, seed=0)
    _, X, y = tried(cs, rows)
    y = -2 + spread * y
    options = {**OPTIONS, "log_y": log_y}
    ours, theirs = Forest(configspace=cs, seed=3, **options), RandomForest(configspace=cs, seed=3, **options)
    ours.train(X, y)
    theirs.train(X, y)
    _, others, _ = tried(cs, 200, seed=1)
    for asked in (others, others[:1], X):
        mean, variance = ours.predict_marginalized(asked)
        expected_mean, expected_variance = theirs.predict_marginalized(asked)
        assert np.array_equal(mean, expected_mean)
        assert np.allclose(variance, expected_variance, rtol=1e-12, atol=1e-15)
    assert np.isnan(others).any(), "no inactive hyperparameter was among them"
    members = [tree.n_node_samples[tree.children_left < 0].max() for tree in ours._trees]
    assert (max(members) > 8) == (spread < 1), "leaves of many rows come from costs that hardly differ"


def test_a_forest_of_other_options_is_smacs_own() -> None:
    cs = space.to_configspace(MIXED, seed=0)
    _, X, y = tried(cs, 30)
    options = {**OPTIONS, "bootstrapping": False, "ratio_features": 0.5}
    ours, theirs = Forest(configspace=cs, seed=3, **options), RandomForest(configspace=cs, seed=3, **options)
    assert np.array_equal(ours.train(X, y).predict(X)[0], theirs.train(X, y).predict(X)[0])


@pytest.mark.parametrize(("rows", "hyperparameters"), [(6, MIXED), (25, MIXED), (25, TWO)])
def test_the_gaussian_process_is_smacs_to_the_last_bit(rows: int, hyperparameters: Space) -> None:
    cs = space.to_configspace(hyperparameters, seed=0)
    _, X, y = tried(cs, rows)
    _, others, _ = tried(cs, 100, seed=1)
    told = []
    for kind in (Process, GaussianProcess):
        scenario = smac.Scenario(cs, seed=3)
        model = kind(configspace=cs, kernel=smac.BlackBoxFacade.get_kernel(scenario), normalize_y=True, seed=3)
        told.append([])
        for known in (rows - 1, rows):  # trained twice: the second goes on from the numbers of the first
            model.train(X[:known], y[:known])
            told[-1] += [model._hypers, *model.predict_marginalized(others)]
    assert all(np.array_equal(a, b) for a, b in zip(*told, strict=True))
    assert not np.array_equal(told[0][0], told[0][3])


def trained(cs, seed: int):
    configs, X, y = tried(cs, 30, seed)
    model = Forest(configspace=cs, seed=seed, **OPTIONS)
    model.train(X, y)
    function = EI(log=True)
    best = X[int(np.argmin(y))]
    function.update(model=model, eta=float(y.min()), incumbent_array=best, num_data=len(X), X=X)
    return configs, function


def test_what_the_search_hands_on_is_valid_unlike_and_best_first() -> None:
    cs = space.to_configspace(MIXED, seed=0)
    configs, function = trained(cs, 0)
    search = Search(cs, challengers=500, seed=0)
    search.acquisition_function = function
    found = search._maximize(configs, 500)
    assert len(found) >= 20
    assert len({c for _, c in found}) == len(found)
    for value, config in found:
        config.check_valid_configuration()
        assert value == pytest.approx(float(function([config])[0, 0]))
    climbed = [value for value, c in found if "Local" in c.origin]
    assert climbed == sorted(climbed, reverse=True)
    assert climbed[0] >= max(value for value, c in found if "Random" in c.origin)


def test_the_search_finds_points_as_good_as_smacs_own() -> None:
    ours, theirs = [], []
    for seed in range(6):
        searched = (recipes.presets("classification")[0].space, MIXED, TWO)[seed % 3]
        cs = space.to_configspace(searched, seed=seed)
        configs, function = trained(cs, seed)
        for values, search in (
            (ours, Search(cs, challengers=1000, seed=seed)),
            (theirs, LocalAndSortedRandomSearch(cs, challengers=1000, seed=seed)),
        ):
            search.acquisition_function = function
            values.append(max(float(np.max(value)) for value, _ in search._maximize(configs, 1000)))
    assert np.mean(ours) >= 0.98 * np.mean(theirs), (ours, theirs)


def test_the_search_goes_the_same_way_with_the_same_seed() -> None:
    cs = space.to_configspace(MIXED, seed=0)
    configs, function = trained(cs, 0)
    both = []
    for _ in range(2):
        search = Search(cs, challengers=300, seed=5)
        search.acquisition_function = function
        both.append([dict(c) for _, c in search._maximize(configs, 300)])
    assert both[0] == both[1]


def test_a_neighbour_differs_in_one_active_hyperparameter_and_is_legal() -> None:
    cs = space.to_configspace(MIXED, seed=0)
    columns, random = _Columns(cs), np.random.RandomState(0)
    rows = columns.draw(50, random)
    around = columns.neighbours(rows, 8, random)
    changed = around != np.repeat(rows, 8, axis=0)
    assert changed.sum(axis=1).max() == 1
    assert changed.any(axis=1).mean() > 0.7, "an integer near its own value may be drawn again, most are others"
    assert not np.isnan(columns.masked(around))[changed].any() or changed[:, cs.index_of["kernel"]].any()
    for i, hyperparameter in enumerate(cs.values()):
        assert all(hyperparameter.legal_vector(around[:, i]))


def test_a_space_of_one_point_is_searched_too() -> None:
    cs = space.to_configspace(Space((Hyperparameter("only", "constant", default=1),)), seed=0)
    columns = _Columns(cs)
    rows = columns.draw(2, np.random.RandomState(0))
    assert np.array_equal(columns.neighbours(rows, 3, np.random.RandomState(0)), np.repeat(rows, 3, axis=0))


def test_the_model_is_trained_after_each_trial_at_first_and_less_often_the_more_it_knows() -> None:
    assert [retrain_after(n) for n in (0, 1, 20, 99, 100, 199, 400, 5000)] == [1, 1, 1, 1, 2, 3, 8, 8]


@pytest.mark.parametrize("name", ["hpo", "multifidelity"])
def test_after_each_trial_the_model_knows_all_of_them(name: str, tmp_path) -> None:
    scenario = Scenario(n_trials=24, seed=1, min_budget=1.0, max_budget=9.0)
    made = facades.get(name).build(space.to_configspace(MIXED, seed=1), scenario, str(tmp_path))
    selector, seen, known = made._config_selector, [], []
    train = selector._model.train
    selector._model.train = lambda X, Y: seen.append(len(X)) or train(X, Y)
    for number in range(24):
        info = made.ask()
        known.append(len(seen))
        made.tell(info, TrialValue(cost=float(np.nansum(info.config.get_array()[:2]) + 0.1 * number), time=0.0))
    assert seen == sorted(set(seen)), "no training without a new trial"
    if name == "hpo":
        asked_of_the_model = 24 - known.count(0)
        assert seen == list(range(24 - asked_of_the_model, 24)), "one training for each that the model proposes"


def test_the_best_of_what_is_known_is_the_one_that_smac_takes() -> None:
    cs = space.to_configspace(MIXED, seed=0)
    _, X, y = tried(cs, 40)
    model = Forest(configspace=cs, seed=0, **OPTIONS)
    model.train(X, y)
    found = []
    for kind in (Selector, ConfigSelector):
        selector = object.__new__(kind)
        selector._model, selector._predict_x_best = model, True
        found.append(selector._get_x_best(X))
    (ours, cost), (theirs, expected) = found
    assert np.array_equal(ours, theirs, equal_nan=True)
    assert cost == pytest.approx(expected, rel=1e-12)
