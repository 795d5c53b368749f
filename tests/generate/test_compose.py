"""What the offline composer writes: read, run in this process, and thrown at every kind of space."""

from __future__ import annotations

import ast
import dataclasses
import json

import joblib
import numpy as np
import pandas as pd
import pytest
from composed import EVERY_PRESET, LABELS, PRESETS, TASKS, corner, job, loaded, preset, quietly, table, trained
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench import check, contracts, datasets, recipes, space
from workbench.generate import compose
from workbench.nouns import Clause, Condition, GenerateError, Hyperparameter, Space, SpaceError
from workbench.recipes import PREPROCESSING

CONTRACTS = tuple(contracts.contracts())
FOREST, TREE, NEIGHBOURS = "random_forest", "decision_tree", "knn"


def row(name, low=None, high=None, default=None, **more):
    """A row: an integer or float by its ends, a categorical by its choices, a constant by its default."""
    kind = "categorical" if "choices" in more else "constant" if low is None else "float"
    kind = "integer" if isinstance(low, int) and isinstance(high, int) else kind
    return Hyperparameter(name, more.pop("kind", kind), low=low, high=high, default=default, **more)


def refused(*rows, task="classification", conditions=()):
    with pytest.raises(GenerateError) as caught:
        compose(job(Space(rows, conditions), task))
    return str(caught.value)


# ---------------------------------------------------------------- the text


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize(("task", "preset_id"), EVERY_PRESET)
def test_the_code_of_every_preset_is_tidy_and_breaks_no_must_rule_that_can_be_read_off(task, preset_id, contract):
    made = job(preset(task, preset_id), task, contract)
    candidate = compose(made)
    assert ast.get_docstring(ast.parse(candidate.code))
    assert max(map(len, candidate.code.splitlines())) <= 120
    assert candidate.code.endswith("\n")
    assert not candidate.code.endswith("\n\n")
    assert compose(made).code == candidate.code
    assert candidate.origin == "composer"
    assert check.check(candidate.code, made, probe=False).blocking == ()


def test_long_lists_and_long_names_of_families_are_broken_into_lines():
    names = ("SVC", "LogisticRegression", "KNeighborsClassifier", "DecisionTreeClassifier", "RandomForestClassifier")
    algorithm = row("which of the families is to be tried", choices=names, default="SVC")
    many = row("min_samples_leaf", kind="ordinal", choices=tuple(range(1, 90)))
    made = job(Space((algorithm, many)))
    assert max(map(len, compose(made).code.splitlines())) <= 120
    trained(made, {algorithm.name: "DecisionTreeClassifier", "min_samples_leaf": 89}, budget=1.0)


# ---------------------------------------------------------------- every preset


@pytest.mark.parametrize(("task", "preset_id"), PRESETS)
def test_every_preset_trains_at_its_default_its_corners_and_at_random_and_predicts_any_kind(task, preset_id):
    made = job(preset(task, preset_id), task)
    X = made.dataset.X
    assert X.isna().any().any()
    random = space.sample(made.space, 2, seed=1)
    for config in (space.default(made.space), corner(made.space, 0), corner(made.space, -1), *random):
        _, model = trained(made, config, budget=1.0)
        with quietly():
            of_frame, of_array = model.predict(X), model.predict(X.to_numpy())
            of_row = model.predict(X.iloc[[3]])
        assert of_frame.shape == of_array.shape == (len(X),)
        assert of_row.shape == (1,)
        if task == "classification":
            assert set(of_frame) <= LABELS
            assert list(of_array) == list(of_frame)
            assert of_row[0] == of_frame[3]
        else:
            assert of_array == pytest.approx(of_frame)
            assert of_row[0] == pytest.approx(of_frame[3])


@pytest.mark.parametrize("contract", [c for c in CONTRACTS if c != "model"])
@pytest.mark.parametrize("preset_id", ["svm_preprocessing", "several"])
@pytest.mark.parametrize("task", TASKS)
def test_every_contract_is_kept_at_the_default_at_the_corners_and_at_random(task, preset_id, contract):
    made = job(preset(task, preset_id), task, contract)
    random = space.sample(made.space, 1, seed=2)
    for config in (space.default(made.space), corner(made.space, 0), corner(made.space, -1), *random):
        result = trained(made, config, **({"budget": 1.0} if contracts.get(contract).takes_budget else {}))
        if contract == "metrics":
            assert set(result) == {"loss", *contracts.metric_keys(task)}


def test_the_same_seed_gives_the_same_loss_again():
    made = job(preset("classification", FOREST), contract="loss")
    config = space.default(made.space)
    assert trained(made, config) == trained(made, config)


# ---------------------------------------------------------------- budgets


@pytest.mark.parametrize(("budget", "trees"), [(None, 100), (0.5, 6), (3.7, 41), (9.0, 100), (27.0, 100)])
def test_a_budget_is_a_part_of_the_trees(budget, trees):
    _, model = trained(job(Space((row("max_depth", 1, 3, 2),))), {"max_depth": 2}, budget=budget)
    assert len(model[-1].estimators_) == trees


def test_budgets_that_count_steps_are_the_steps():
    made = job(Space((row("n_layers", 1, 2, 1),)), max_budget=27.0)
    for budget, epochs in ((1.0, 1), (3.7, 4), (27.0, 27)):
        _, model = trained(made, {"n_layers": 1}, budget=budget)
        assert model[-1].max_iter == epochs


@pytest.mark.parametrize(("budget", "rows"), [(None, 90), (0.5, 20), (3.7, 37), (9.0, 90)])
def test_a_budget_is_a_share_of_the_rows_where_training_has_no_steps(budget, rows):
    _, model = trained(job(Space((row("n_neighbors", 1, 3, 1),))), {"n_neighbors": 1}, budget=budget)
    assert model[-1].n_samples_fit_ == rows
    assert "rare" in model.classes_


@pytest.mark.parametrize(("budget", "rows"), [(0.25, 22), (1.0, 90)])
def test_a_largest_budget_below_one_is_a_share_of_all_rows(budget, rows):
    made = job(Space((row("n_neighbors", 1, 3, 1),)), min_budget=0.1, max_budget=0.9)
    assert "FULL_BUDGET = 1.0" in compose(made).code
    _, model = trained(made, {"n_neighbors": 1}, budget=budget)
    assert model[-1].n_samples_fit_ == rows


@pytest.mark.parametrize("budget", [None, 0.5, 3.7, 9.0])
@pytest.mark.parametrize("family", ["linear", "random_forest"])
def test_in_a_space_of_several_families_each_takes_the_budget_in_its_own_way(family, budget):
    config = {k: v for k, v in space.default(preset("classification", "several")).items() if k == "algorithm"}
    made = job(Space((row("algorithm", choices=("linear", "random_forest"), default="linear"),)))
    _, model = trained(made, {**config, "algorithm": family}, budget=budget)
    steps = {"linear": 0, "random_forest": {None: 100, 0.5: 6, 3.7: 41, 9.0: 100}[budget]}[family]
    assert len(getattr(model[-1], "estimators_", ())) == steps


# ---------------------------------------------------------------- data


@pytest.mark.parametrize("labels", [["yes", "no"], [3, 7], [True, False], [1.0, 2.0]])
def test_predictions_have_the_form_of_the_labels(labels):
    made = job(Space((row("max_depth", 1, 3, 2),)))
    y = pd.Series(np.array(labels)[np.arange(120) % 2])
    _, model = trained(made, {"max_depth": 2}, {"X": made.dataset.X, "y": y}, budget=1.0)
    predicted = model.predict(made.dataset.X)
    assert set(predicted.tolist()) <= set(labels)
    assert predicted.dtype == np.asarray(y).dtype


@pytest.mark.parametrize("task", TASKS)
def test_arrays_lists_and_tensors_are_taken_as_tables_are(task):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    made = job(Space((row("max_depth", 1, 3, 2),)), task)
    X, y = made.dataset.X[["x", "count"]], made.dataset.y
    y = pd.Series(pd.factorize(y)[0]) if task == "classification" else y
    kinds = [
        (X, y),
        (X.to_numpy(), y.to_numpy()),
        (X.to_numpy(dtype=object), y.to_list()),
        (torch.tensor(X.to_numpy()), torch.tensor(y.to_numpy())),
    ]
    losses = [trained(made, {"max_depth": 2}, {"X": a, "y": b}, budget=1.0)[0] for a, b in kinds]
    assert losses == pytest.approx([losses[0]] * 4)


def test_a_class_of_one_row_is_trained_on_and_never_measured():
    made = job(preset("classification", TREE))
    assert (made.dataset.y == "rare").sum() == 1
    _, model = trained(made, space.default(made.space))
    assert "rare" in model.classes_


def test_a_category_that_was_never_seen_and_a_gap_where_there_was_none_are_predicted():
    made = job(preset("classification", "svm_preprocessing"))
    _, model = trained(made, space.default(made.space))
    X = made.dataset.X.head(4).copy()
    X["kind"] = "new"
    X.loc[:, "count"] = X["count"].astype(float)
    X["count"] = [np.nan, 1.0, np.nan, 2.0]
    with quietly():
        assert set(model.predict(X)) <= LABELS


@pytest.mark.parametrize("column", ["x", "kind", "flag", "when"])
@pytest.mark.parametrize("task", TASKS)
def test_one_column_of_any_kind_is_enough(task, column):
    made = job(preset(task, "svm_preprocessing"), task)
    data = {"X": made.dataset.X[[column]], "y": made.dataset.y}
    for config in (corner(made.space, 0), corner(made.space, -1)):
        trained(made, config, data)


def test_columns_that_are_alike_keep_one_feature_at_least():
    made = job(Space((row("feature_share", 0.2, 1.0), row("C", 0.1, 1.0))))
    same = pd.DataFrame({f"x{i}": np.arange(120) % 5 for i in range(3)})
    _, model = trained(made, {"feature_share": 0.2, "C": 1.0}, {"X": same, "y": made.dataset.y})
    assert model[-1].n_features_in_ >= 1


@pytest.mark.parametrize(("task", "y"), [("classification", ["a", "a", "b", "b"]), ("regression", [1.0, 2, 3, 4])])
def test_four_rows_are_enough(task, y):
    for preset_id in (FOREST, NEIGHBOURS):
        made = job(preset(task, preset_id), task)
        data = {"X": pd.DataFrame({"x": [1.0, 2, 3, 4]}), "y": y}
        trained(made, space.default(made.space), data, budget=1.0)


@pytest.mark.parametrize(
    ("task", "X", "y", "message"),
    [
        (
            "classification",
            np.zeros((3, 1)),
            [0, 1],
            "X has 3 rows and y has shape (2,); y must have one value for each row of X",
        ),
        (
            "classification",
            np.zeros((3, 1)),
            ["a", "b", "c"],
            "3 rows of 3 classes cannot be split; give two classes of two rows each",
        ),
        (
            "classification",
            np.zeros((3, 1)),
            ["a", "a", "a"],
            "3 rows of 1 classes cannot be split; give two classes of two rows each",
        ),
        ("regression", np.zeros((3, 1)), [1.0, 2.0, 3.0], "3 rows cannot be split; at least 4 are needed"),
    ],
)
def test_data_that_cannot_be_trained_on_is_refused_in_a_sentence(task, X, y, message):
    made = job(preset(task, TREE), task)
    with pytest.raises(ValueError) as caught:
        trained(made, space.default(made.space), {"X": X, "y": y})
    assert str(caught.value) == message


@pytest.mark.parametrize("task", TASKS)
def test_with_a_test_part_the_metrics_are_those_of_the_test_part(task):
    made = job(preset(task, TREE), task, "metrics")
    X, y = made.dataset.X, made.dataset.y
    config = space.default(made.space)
    own = trained(made, config, {"X": X, "y": y, "X_test": X, "y_test": y})
    other = y.replace({"yes": "no", "no": "yes"}) if task == "classification" else 1000 - y
    wrong = trained(made, config, {"X": X, "y": y, "X_test": X, "y_test": other})
    assert own["loss"] < 0.5 * y.std() if task == "regression" else own["loss"] < 0.2
    assert wrong["loss"] > own["loss"] + 0.2


def test_the_data_is_as_it_was_afterwards():
    made = job(preset("classification", "svm_preprocessing"))
    before = datasets.digest("classification", "target", made.dataset.X, made.dataset.y, None)
    trained(made, space.default(made.space))
    assert datasets.digest("classification", "target", made.dataset.X, made.dataset.y, None) == before


def test_a_saved_model_loads_again_and_tells_where_it_came_from(tmp_path):
    made = job(preset("classification", FOREST))
    config = space.default(made.space)
    loss, model = trained(made, config, budget=3.7, model_dir=str(tmp_path / "new" / "folder"))
    trained(made, corner(made.space, 0), budget=3.7, model_dir=str(tmp_path / "new" / "folder"))
    assert len(list((tmp_path / "new" / "folder").iterdir())) == 4
    stories = {p: json.loads(p.read_text()) for p in (tmp_path / "new" / "folder").glob("*.json")}
    path, story = next((p, s) for p, s in stories.items() if s["configuration"] == config)
    assert (story["seed"], story["budget"], story["scores"]["loss"]) == (0, 3.7, loss)
    again = joblib.load(path.with_suffix(".joblib"))
    assert list(again.predict(made.dataset.X)) == list(model.predict(made.dataset.X))


# ---------------------------------------------------------------- spaces that people write


def arguments(made, config, **more):
    """The model that a configuration gives, by its parameters."""
    _, model = trained(made, config, budget=1.0, **more)
    return model[-1].get_params()


def test_names_may_be_aliases_have_prefixes_and_any_case():
    rows = (row("N_Trees", 2, 9), row("rf__Max_Depth", 1, 4), row("RandomForestClassifier:min_leaf", 1, 5))
    config = {"N_Trees": 5, "rf__Max_Depth": 3, "RandomForestClassifier:min_leaf": 2}
    found = arguments(job(Space(rows), max_budget=1.0), config)
    assert (found["n_estimators"], found["max_depth"], found["min_samples_leaf"]) == (5, 3, 2)


def test_numbers_become_the_kind_that_the_model_takes():
    rows = (
        row("max_depth", 1.2, 4.9),
        row("min_samples_leaf", kind="ordinal", choices=(2.0, 4.0)),
        row("max_features", choices=("sqrt", 1, 0.5)),
        row("ccp_alpha", choices=(0, 1)),
    )
    config = {"max_depth": 2.6, "min_samples_leaf": 4.0, "max_features": 1, "ccp_alpha": 0}
    found = arguments(job(Space(rows)), config)
    kept = {name: (found[name], type(found[name])) for name in config}
    assert kept == {
        "max_depth": (3, int),
        "min_samples_leaf": (4, int),
        "max_features": (1.0, float),
        "ccp_alpha": (0.0, float),
    }


@pytest.mark.parametrize(("word", "value"), [("none", None), ("None", None), ("all", None), ("sqrt", "sqrt")])
def test_each_word_for_none_is_none(word, value):
    made = job(Space((row("max_features", choices=("none", "None", "all", "sqrt")),)))
    assert arguments(made, {"max_features": word})["max_features"] == value


@pytest.mark.parametrize(
    ("choices", "value", "flag"),
    [
        ((True, False), False, False),
        (("True", "False"), "False", False),
        (("TRUE", "false"), "TRUE", True),
        (("true", "false"), "false", False),
    ],
)
def test_truth_values_may_be_written_as_words_and_hold_for_all_that_hangs_on_them(choices, value, flag):
    made = job(Space((row("bootstrap", choices=choices), row("max_samples", 0.3, 0.9))))
    found = arguments(made, {"bootstrap": value, "max_samples": 0.5})
    assert found["bootstrap"] is flag
    assert found["max_samples"] == (0.5 if flag else None)


@pytest.mark.parametrize(
    "name",
    [
        "max-depth",
        "maxDepth",
        "clf__max_depth",
        "classifier:random_forest:max_depth",
        "model.max_depth",
        "forest depth",
    ],
)
def test_a_name_is_understood_whatever_separates_its_words_and_stands_before_it(name):
    made = job(Space((row(name, 1, 4), row("bootstrap", choices=(True, False)))))
    assert arguments(made, {name: 3, "bootstrap": True})["max_depth"] == 3


@pytest.mark.parametrize(
    ("penalty", "share", "l1_ratio"), [("l1", 0.3, 1.0), ("l2", 0.3, 0.0), ("elasticnet", 0.3, 0.3)]
)
def test_the_penalty_of_logistic_regression_is_a_word_a_share_or_both(penalty, share, l1_ratio):
    rows = (row("C", 0.1, 9.0), row("penalty", choices=("l1", "l2", "elasticnet")), row("l1_ratio", 0.0, 1.0))
    found = arguments(job(Space(rows)), {"C": 1.0, "penalty": penalty, "l1_ratio": share})
    assert (found["l1_ratio"], found["solver"]) == (l1_ratio, "saga")
    word = arguments(job(Space(rows[:2])), {"C": 1.0, "penalty": penalty})
    assert word["l1_ratio"] == {"l1": 1.0, "l2": 0.0, "elasticnet": 0.5}[penalty]
    assert arguments(job(Space((rows[0], rows[2]))), {"C": 1.0, "l1_ratio": share})["l1_ratio"] == share


def test_a_range_wider_than_the_model_takes_is_cut():
    made = job(Space((row("subsample", 0.0, 2.0), row("learning_rate", 0.1, 0.2))))
    assert 'subsample = _number(cfg, "subsample", 1.0, low=0.05, high=1.0)' in compose(made).code
    assert arguments(made, {"subsample": 0.0, "learning_rate": 0.1})["subsample"] == 0.05


def test_a_kernel_that_is_called_linear_chooses_no_linear_model():
    made = job(Space((row("kernel", choices=("linear",)), row("C", 0.1, 9.0))))
    assert arguments(made, {"kernel": "linear", "C": 2.0})["kernel"] == "linear"


def test_a_hyperparameter_reaches_the_families_under_which_it_is_active():
    algorithm = row("algorithm", choices=("rf", "tree"), default="rf")
    rows = (algorithm, row("max_depth", 1, 3), row("min_samples_leaf", 5, 9))
    only = Condition("min_samples_leaf", (Clause("algorithm", "!=", "tree"),))
    made = job(Space(rows, (only,)))
    assert arguments(made, {"algorithm": "tree", "max_depth": 2}) | {"max_depth": 2, "min_samples_leaf": 1} == (
        arguments(made, {"algorithm": "tree", "max_depth": 2})
    )
    found = arguments(made, {"algorithm": "rf", "max_depth": 2, "min_samples_leaf": 7})
    assert (found["max_depth"], found["min_samples_leaf"]) == (2, 7)


def test_a_configuration_from_another_space_is_refused_by_the_code():
    made = job(Space((row("criterion", choices=("gini", "entropy")),)))
    train = loaded(compose(made).code)
    with pytest.raises(ValueError) as caught:
        train({"criterion": "other"}, {"X": made.dataset.X, "y": made.dataset.y}, 0)
    assert str(caught.value) == "criterion is 'other'; it must be one of ('gini', 'entropy')"


# ---------------------------------------------------------------- what is refused


def test_an_unknown_name_is_refused_with_what_is_near():
    assert refused(row("max_deepth", 1, 9), row("criterion", choices=("gini", "entropy"))) == (
        "the offline composer takes this space for random forest, where 'max_deepth' means nothing to it; "
        "did you mean 'max_depth'? Rename or remove it, start from a preset, or have a language model write the "
        "function."
    )


def test_unknown_names_with_nothing_near_are_refused_with_all_that_is_known():
    assert refused(row("n_neighbors", 1, 9), row("qq", 0.0, 1.0), row("zz", 0.0, 1.0)) == (
        "the offline composer takes this space for nearest neighbours, where 'qq', 'zz' mean nothing to it; it knows "
        "feature_share, imputation, leaf_size, max_categories, metric, n_neighbors, p, scaling, weights. "
        "Rename or remove it, start from a preset, or have a language model write the function."
    )


def test_an_unknown_family_is_refused_with_those_that_are_known():
    families = ", ".join(recipes.recipes())
    assert refused(row("algorithm", choices=("rf", "prophet"), default="rf"), row("rf_max_depth", 1, 9)) == (
        f"the choice 'prophet' of 'algorithm' is no family that the offline composer knows; it knows {families}. "
        "Remove it, or have a language model write the function."
    )


def test_a_name_of_another_family_is_refused_with_the_family_that_has_it():
    message = refused(row("algorithm", choices=("rf", "knn")), row("rf_max_depth", 1, 9), row("degree", 1, 9))
    assert "where 'degree' means nothing to it; 'degree' is one of support vector machine." in message
    message = refused(row("algorithm", choices=("rf", "knn")), row("rf_max_depth", 1, 9), row("degreee", 1, 9))
    assert "the nearest is 'degree' of support vector machine." in message


def test_a_family_whose_library_is_not_installed_is_refused_with_what_would_install_it(monkeypatch):
    known = recipes.recipes()
    assert all(r.installed for r in known.values())
    left_out = dataclasses.replace(recipes.recipes()["svm"], id="later", short="ltr", names=(), title="Later")
    left_out = dataclasses.replace(left_out, estimators={"classification": "Later"}, requires="nowhere_to_be_found")
    assert not left_out.installed
    monkeypatch.setattr("workbench.generate._plan.absent", lambda: {"later": left_out})
    wanted = (
        "needs nowhere_to_be_found, which is not installed here; `pip install nowhere_to_be_found` brings it. "
        "Or remove the choice."
    )
    for choices in (("rf", "later"), ("later",)):
        message = refused(row("algorithm", choices=choices), row("max_depth", 1, 9))
        assert message == f"the choice 'later' of 'algorithm' {wanted}"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            row("criterion", choices=("gini", "poisson")),
            "the choice 'poisson' of 'criterion' is none that criterion has in the offline composer; it has: "
            "gini, entropy, log_loss",
        ),
        (
            row("max_features", choices=("sqrt", 2.5)),
            "the choice 2.5 of 'max_features' is none that max_features has in the offline composer; it has: "
            "sqrt, log2, none, numbers from 0.001 to 1",
        ),
        (
            row("max_depth", choices=(3, 4.5)),
            "the choice 4.5 of 'max_depth' is none that max_depth has in the offline composer; it has: "
            "none, whole numbers from 1",
        ),
        (
            row("bootstrap", choices=(0, 1)),
            "the choice 0 of 'bootstrap' is none that bootstrap has in the offline composer; it has: True, False",
        ),
        (
            row("criterion", 1, 3),
            "'criterion' is an integer, and criterion is one of gini, entropy, log_loss; make it categorical",
        ),
        (
            row("max_features", 1, 10),
            "'max_features' runs from 1 to 10, where max_features takes numbers from 0.001 to 1; change its range, "
            "or have a language model write the function",
        ),
        (
            row("max_depth", 2.2, 2.8),
            "'max_depth' runs from 2.2 to 2.8, where max_depth takes whole numbers from 1; change its range, "
            "or have a language model write the function",
        ),
    ],
)
def test_a_value_that_the_model_does_not_take_is_refused(wrong, message):
    assert refused(wrong, row("max_samples", 0.2, 0.9)) == message


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            (row("n_estimators", 5, 9), row("n_trees", 5, 9), row("max_samples", 0.2, 0.9)),
            "'n_estimators' and 'n_trees' both set n_estimators of random forest; keep one of them, or have a "
            "language model write the function",
        ),
        (
            (row("imputation", choices=("mean", "median")), row("imputer", choices=("mean", "median"))),
            "'imputation' and 'imputer' both set imputation of the preprocessing; keep one of them, or have a "
            "language model write the function",
        ),
    ],
)
def test_two_names_for_one_parameter_are_refused(rows, message):
    assert refused(*rows) == message


def test_classes_that_are_fractions_are_refused_since_scikit_learn_takes_them_for_a_regression():
    made = job(preset("classification", FOREST))
    y = pd.Series(
        np.tile([0.5, 2.0, 2.5], 40), name="grade"
    )  # loading refuses such a table; a session may be handed one
    made = dataclasses.replace(made, dataset=dataclasses.replace(made.dataset, y=y, target="grade"))
    with pytest.raises(GenerateError) as caught:
        compose(made)
    assert str(caught.value) == (
        "the classes of 'grade' are fractions such as 0.5, which scikit-learn takes for a regression; "
        "write them as text in the table, or choose regression"
    )


# ---------------------------------------------------------------- whatever people write


@st.composite
def hyperparameters(draw, parameter, name):
    """A row for a parameter, mostly one that it can take."""
    numeric = parameter.kind in ("integer", "number") or parameter.numbers
    kinds = ["categorical", "ordinal", "constant", *(["integer", "float"] if numeric or draw(st.booleans()) else [])]
    kind = draw(st.sampled_from(kinds))
    low = parameter.low if parameter.low is not None else 0.0
    high = parameter.high if parameter.high is not None else low + 40.0
    if kind in ("integer", "float"):
        number = st.integers(int(low) - 2, int(high) + 3)
        if kind == "float":
            number = st.floats(low - 0.5, high + 0.5).map(lambda v: round(v, 3))
        ends = sorted(draw(st.lists(number, min_size=2, max_size=2, unique=True)))
        return Hyperparameter(name, kind, low=ends[0], high=ends[1], log=ends[0] > 0 and draw(st.booleans()))
    words = [*parameter.choices, *parameter.none]
    if parameter.kind == "flag":
        words += [True, False, "true", "False"]
    if numeric:
        words += [low, high, int(low) + 1, round((low + high) / 2, 2)]
    words += ["nonsense"] if draw(st.integers(0, 12)) == 0 else []
    if kind == "constant":
        return Hyperparameter(name, kind, default=draw(st.sampled_from(words)))
    chosen = draw(st.lists(st.sampled_from(words), min_size=1 if kind == "categorical" else 2, max_size=4, unique=True))
    return Hyperparameter(name, kind, choices=tuple(chosen))


@st.composite
def spaces(draw):
    """Some hyperparameters of a recipe, under any of their names, of any kind and range."""
    task = draw(st.sampled_from(TASKS))
    recipe = draw(st.sampled_from([r for r in recipes.recipes().values() if not r.requires]))
    known = [p for p in (*recipe.parameters, *PREPROCESSING) if task in p.tasks]
    chosen = draw(st.lists(st.sampled_from(known), min_size=1, max_size=5, unique_by=lambda p: p.name))
    rows = []
    for parameter in chosen:
        name = draw(st.sampled_from([parameter.name, *parameter.aliases]))
        if parameter in recipe.parameters:
            name = draw(st.sampled_from(["", "", f"{recipe.short}_", f"{recipe.id}:"])) + name
        rows.append(draw(hyperparameters(parameter, name)))
    if draw(st.integers(0, 9)) == 0:
        rows.append(Hyperparameter("of no family", "float", low=0.0, high=1.0))
    if draw(st.integers(0, 4)) == 0:
        rows.insert(0, Hyperparameter("algorithm", "constant", default=recipe.id))
    return task, Space(tuple(rows))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(spaces())
def test_whatever_the_space_it_is_refused_in_one_sentence_or_trains_at_its_default(drawn):
    task, made = drawn
    try:
        space.check(made)
    except SpaceError:
        return
    asked = dataclasses.replace(job(made, task, max_budget=20.0), dataset=table(task, 60))
    try:
        compose(asked)
    except GenerateError as error:
        assert "\n" not in str(error)
        assert 20 < len(str(error)) < 600
        return
    trained(asked, space.default(made), budget=2.0)
