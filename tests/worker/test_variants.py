"""Changed data and configurations: what a function is given by a probe."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import datasets, space
from workbench.nouns import Clause, Condition, Dataset, Hyperparameter, Space
from workbench.worker import variants


def table(rows: int = 60) -> Dataset:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=rows),
            "count": rng.integers(0, 9, rows),
            "town": rng.choice(["Bern", "Rome", None], rows),
            "kind": pd.Categorical(rng.choice(["a", "b"], rows), categories=["a", "b", "never"]),
            "old": rng.random(rows) < 0.5,
            "label": np.where(np.arange(rows) % 10 == 0, "rare", np.where(np.arange(rows) % 2 == 0, "even", "odd")),
        }
    )
    frame.loc[3, "size"] = np.nan
    return datasets.make(frame, "label", name="mixed", test_share=0.25)


@pytest.fixture(scope="module")
def mixed() -> Dataset:
    return table()


@pytest.fixture(scope="module")
def numbers() -> Dataset:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 3)), columns=["a", "b", "target"])
    return datasets.make(frame, "target", task="regression")


def test_no_change_gives_equal_copies_and_the_test_part_only_where_it_is_wanted(mixed: Dataset) -> None:
    given = variants.apply(mixed, {}, with_test=True)
    assert list(given) == ["X", "y", "X_test", "y_test"]
    pd.testing.assert_frame_equal(given["X"], mixed.X)
    pd.testing.assert_series_equal(given["y"], mixed.y)
    pd.testing.assert_frame_equal(given["X_test"], mixed.X_test)
    given["X"].iloc[:, 0] = 0.0
    given["y"].iloc[:] = given["y"].iloc[0]
    assert mixed.X["size"].abs().sum() > 1
    assert mixed.y.nunique() == 3
    assert list(variants.apply(mixed, {}, with_test=False)) == ["X", "y"]


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 20, 44])
def test_a_sample_has_so_many_rows_and_keeps_every_class_that_fits(mixed: Dataset, rows: int) -> None:
    given = variants.apply(mixed, {"rows": rows}, with_test=False)
    assert len(given["X"]) == len(given["y"]) == rows
    if rows >= 5:
        assert set(given["y"]) == set(mixed.y)
    assert list(given["X"].index) == list(range(rows))
    again = variants.apply(mixed, {"rows": rows}, with_test=False)
    pd.testing.assert_frame_equal(given["X"], again["X"])
    merged = given["X"].assign(y=given["y"]).merge(mixed.X.assign(y=mixed.y), how="left", indicator=True)
    assert set(merged["_merge"]) == {"both"}, "a row and its label stay together"


def test_a_sample_with_another_seed_is_another_one(mixed: Dataset) -> None:
    one, two = (variants.apply(mixed, {"rows": 20, "seed": s}, with_test=False)["X"] for s in (0, 1))
    assert not one.equals(two)


def test_more_rows_than_there_are_are_all_rows(mixed: Dataset) -> None:
    assert len(variants.apply(mixed, {"rows": 10_000}, with_test=False)["X"]) == mixed.rows


def test_the_first_columns_are_taken_in_the_test_part_too(mixed: Dataset) -> None:
    given = variants.apply(mixed, {"columns": 2}, with_test=True)
    assert list(given["X"].columns) == list(given["X_test"].columns) == ["size", "count"]


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_new_classes_are_so_many_alike_and_can_be_learnt(mixed: Dataset, classes: int) -> None:
    from sklearn.tree import DecisionTreeClassifier

    given = variants.apply(mixed, {"classes": classes}, with_test=False)
    assert sorted(given["y"].unique()) == list(range(classes))
    assert given["y"].value_counts().min() >= mixed.rows // classes - 1
    X = variants.as_array(given["X"].fillna({"size": 0.0}))
    assert DecisionTreeClassifier(random_state=0).fit(X, given["y"]).score(X, given["y"]) > 0.9


def test_new_classes_are_in_the_test_part_too(mixed: Dataset) -> None:
    given = variants.apply(mixed, {"classes": 3}, with_test=True)
    assert set(given["y_test"]) <= {0, 1, 2}
    assert len(given["y_test"]) == len(given["X_test"])


def test_labels_become_text(numbers: Dataset) -> None:
    given = variants.apply(numbers, {"classes": 2, "labels": "str"}, with_test=False)
    assert set(given["y"]) == {"class 0", "class 1"}


def test_labels_become_text_in_the_test_part_too(mixed: Dataset) -> None:
    given = variants.apply(mixed, {"labels": "str"}, with_test=True)
    assert set(given["y"]) == set(given["y_test"]) == {"class even", "class odd", "class rare"}


def test_a_shuffled_target_has_the_same_values_and_kind_in_another_order() -> None:
    frame = pd.DataFrame({"a": range(40), "label": pd.Categorical(["x", "y"] * 20)})
    for dataset in (table(), datasets.make(frame, "label")):
        given = variants.apply(dataset, {"shuffle": 1}, with_test=False)
        assert given["y"].dtype == dataset.y.dtype
        assert given["y"].name == dataset.y.name
        assert sorted(given["y"]) == sorted(dataset.y)
        assert list(given["y"]) != list(dataset.y)
        pd.testing.assert_frame_equal(given["X"], dataset.X)


def test_the_target_of_the_test_part_is_shuffled_alone(mixed: Dataset) -> None:
    given = variants.apply(mixed, {"shuffle_test": 1}, with_test=True)
    pd.testing.assert_series_equal(given["y"], mixed.y)
    assert sorted(given["y_test"]) == sorted(mixed.y_test)
    assert list(given["y_test"]) != list(mixed.y_test)


def test_a_test_part_is_taken_from_the_rows(numbers: Dataset) -> None:
    given = variants.apply(numbers, {"test": 0.2}, with_test=True)
    assert (len(given["X"]), len(given["X_test"]), len(given["y"]), len(given["y_test"])) == (40, 10, 40, 10)
    everything = pd.concat([given["X"], given["X_test"]]).sort_values("a").reset_index(drop=True)
    pd.testing.assert_frame_equal(everything, numbers.X.sort_values("a").reset_index(drop=True))
    assert list(variants.apply(numbers, {"test": 0.2}, with_test=False)) == ["X", "y"]


def test_arrays_hold_floats_codes_and_nan(mixed: Dataset) -> None:
    given = variants.apply(mixed, {"kind": "array"}, with_test=True)
    assert {type(v) for v in given.values()} == {np.ndarray}
    assert given["X"].dtype == given["X_test"].dtype == float
    assert given["X"].shape == (mixed.rows, 5)
    assert np.isnan(given["X"][:, 2]).sum() == mixed.X["town"].isna().sum()
    np.testing.assert_array_equal(given["X"][:, 4], mixed.X["old"].to_numpy().astype(float))


def test_the_same_text_has_the_same_code_in_both_parts() -> None:
    frame = pd.DataFrame({"town": ["Bern", "Rome", "Oslo"] * 20, "label": [0, 1, 0] * 20})
    dataset = datasets.make(frame, "label", test_share=0.2)
    less = pd.DataFrame({"town": ["Rome"] * len(dataset.X_test)})
    changed = Dataset(**{**dataset.__dict__, "X_test": less})
    given = variants.apply(changed, {"kind": "array"}, with_test=True)
    code = given["X"][(dataset.X["town"] == "Rome").to_numpy(), 0]
    assert set(given["X_test"][:, 0]) == set(code)


def test_tensors_hold_the_same_numbers_and_text_stays_text(mixed: Dataset, numbers: Dataset) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    arrays = variants.apply(numbers, {"kind": "array", "test": 0.2}, with_test=True)
    given = variants.apply(numbers, {"kind": "tensor", "test": 0.2}, with_test=True)
    assert {v.dtype for v in given.values()} == {torch.float32}
    for name, values in arrays.items():
        np.testing.assert_allclose(given[name].numpy(), values, rtol=1e-6)
    assert type(variants.apply(mixed, {"kind": "tensor"}, with_test=False)["y"]) is np.ndarray
    classes = variants.apply(mixed, {"kind": "tensor", "classes": 2}, with_test=False)
    assert classes["y"].dtype == torch.int64


def test_one_row_can_be_left_out(numbers: Dataset) -> None:
    given = variants.apply(numbers, {"without": 4}, with_test=False)
    pd.testing.assert_frame_equal(given["X"], numbers.X.drop(index=4).reset_index(drop=True))
    pd.testing.assert_series_equal(given["y"], numbers.y.drop(index=4).reset_index(drop=True))


def test_a_cut_target_is_shorter_than_its_table(mixed: Dataset) -> None:
    given = variants.apply(mixed, {"length": 7}, with_test=False)
    assert (len(given["X"]), len(given["y"])) == (mixed.rows, 7)


@settings(max_examples=60, deadline=None)
@given(
    variant=st.fixed_dictionaries(
        {},
        optional={
            "rows": st.integers(1, 80),
            "columns": st.integers(1, 8),
            "classes": st.integers(2, 4),
            "labels": st.just("str"),
            "shuffle": st.integers(0, 9),
            "test": st.floats(0.1, 0.5),
            "shuffle_test": st.integers(0, 9),
            "kind": st.just("array"),
            "seed": st.integers(0, 9),
        },
    ),
    with_test=st.booleans(),
)
def test_any_changes_together_give_parts_that_fit(variant: dict, with_test: bool) -> None:
    given = variants.apply(MIXED, variant, with_test=with_test)
    assert len(given["X"]) == len(given["y"])
    assert ("X_test" in given) == with_test
    if with_test:
        assert len(given["X_test"]) == len(given["y_test"]) > 0
        assert given["X"].shape[1] == given["X_test"].shape[1]
        assert np.asarray(given["y"]).dtype.kind == np.asarray(given["y_test"]).dtype.kind


MIXED = table()

SPACE = Space(
    (
        Hyperparameter("rate", "float", 0.01, 1.0, log=True, default=0.1),
        Hyperparameter("depth", "integer", 1, 9, default=3),
        Hyperparameter("kind", "categorical", choices=("tree", "line"), default="tree"),
        Hyperparameter("fast", "categorical", choices=(True, False), default=True),
    ),
    (Condition("depth", (Clause("kind", "==", "tree"),)),),
)


def test_a_configuration_holds_the_values_that_were_given() -> None:
    values = {"rate": 0.25, "depth": 4, "kind": "tree", "fast": False}
    made = variants.configuration(space.to_configspace(SPACE), values, numpy_types=False)
    assert {k: made[k] for k in values} == values
    assert dict(made) == values


def test_a_configuration_in_numpy_s_types_has_them_however_it_is_read() -> None:
    values = {"rate": 0.25, "depth": 4, "kind": "tree", "fast": False}
    made = variants.configuration(space.to_configspace(SPACE), values, numpy_types=True)
    kinds = {"rate": np.float64, "depth": np.int64, "kind": np.str_, "fast": np.bool_}
    for name, kind in kinds.items():
        assert type(made[name]) is type(made.get(name)) is type(dict(made)[name]) is kind
        assert made[name] == values[name]


def test_an_inactive_hyperparameter_is_absent() -> None:
    made = variants.configuration(
        space.to_configspace(SPACE), {"rate": 0.25, "kind": "line", "fast": True}, numpy_types=True
    )
    assert "depth" not in made
    assert made.get("depth", 7) == 7
    with pytest.raises(KeyError):
        made["depth"]
