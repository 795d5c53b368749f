"""fANOVA against functions whose shares of variance are known."""

from __future__ import annotations

import numpy as np
import pytest

from workbench import results
from workbench.nouns import Hyperparameter, Space, Trial
from workbench.results.fanova import Axis, axes_of, cube, fanova

AXES = (Axis("a"), Axis("b"), Axis("c"))


def shares(function, n=2000, axes=AXES):
    points = np.random.default_rng(0).random((n, len(axes)))
    return fanova(points, function(*points.T), axes)


def test_a_sum_is_split_by_the_squares_of_its_factors():
    table, pairs = shares(lambda a, b, c: a + 2 * b)
    assert table.loc["a", "share"] == pytest.approx(0.2, abs=0.03)
    assert table.loc["b", "share"] == pytest.approx(0.8, abs=0.04)
    assert table.loc["c", "share"] < 0.01
    assert pairs["share"].max() < 0.02
    assert list(table.index) == ["b", "a", "c"]


def test_what_two_explain_only_together_is_a_pair():
    table, pairs = shares(lambda a, b, c: np.where((a > 0.5) == (b > 0.5), 1.0, 0.0), 3000)
    assert table["share"].max() < 0.1
    assert pairs.index[0] in [("a", "b"), ("b", "a")]
    assert pairs["share"].iloc[0] > 0.8


def test_a_product_of_centred_values_has_no_main_effect_and_a_shifted_one_has_the_shares_of_the_textbook():
    table, pairs = shares(lambda a, b, c: a * b, 3000)
    # Var(ab) = 7/144; each alone 1/48 = 3/144, together 1/144
    assert table.loc["a", "share"] == pytest.approx(3 / 7, abs=0.05)
    assert table.loc["b", "share"] == pytest.approx(3 / 7, abs=0.05)
    assert pairs["share"].iloc[0] == pytest.approx(1 / 7, abs=0.04)


def test_shares_never_sum_to_more_than_the_whole():
    table, pairs = shares(lambda a, b, c: np.sin(9 * a) * b + c**2 + 0.3 * np.cos(20 * a * c))
    assert table["share"].sum() + pairs["share"].sum() <= 1.0 + 1e-9


def test_a_choice_counts_by_its_number_of_values_and_an_inactive_value_lies_at_its_default():
    kernel = Hyperparameter("kernel", "categorical", choices=("a", "b", "c", "d"), default="b")
    gamma = Hyperparameter("gamma", "float", 1e-4, 1.0, log=True, default=0.01)
    axes = axes_of([Trial(1, {"kernel": "a", "gamma": 1.0}, None, 0, "success", 0.0)], Space((kernel, gamma)))
    assert cube([Trial(1, {"kernel": "c"}, None, 0, "success", 0.0)], axes).tolist() == [[0.625, 0.5]]
    # one of four choices costs more: the variance of an indicator of probability 1/4, all of it
    rng = np.random.default_rng(0)
    trials = [
        Trial(i, {"kernel": "abcd"[k], "gamma": float(g)}, None, 0, "success", float(k == 2))
        for i, (k, g) in enumerate(zip(rng.integers(0, 4, 400), 10 ** rng.uniform(-4, 0, 400), strict=True))
    ]
    found = results.importance(trials, Space((kernel, gamma)))
    assert found.table.index[0] == "kernel"
    assert found.table.loc["kernel", "share"] > 0.95
    assert found.table.loc["gamma", "share"] < 0.03


def test_the_space_is_weighed_evenly_although_the_optimiser_looked_mostly_in_one_place():
    rng = np.random.default_rng(0)
    lr = np.concatenate([10 ** rng.uniform(-2.2, -1.8, 150), 10 ** rng.uniform(-4, 0, 60)])
    depth = rng.integers(1, 10, 210)
    space = Space((Hyperparameter("lr", "float", 1e-4, 1.0, log=True), Hyperparameter("depth", "integer", 1, 9)))
    trials = [
        Trial(i, {"lr": float(v), "depth": int(d)}, None, 0, "success", float((np.log10(v) + 2) ** 2 + 0.02 * d))
        for i, (v, d) in enumerate(zip(lr, depth, strict=True))
    ]
    assert results.importance(trials, space).table.loc["lr", "share"] > 0.6


def test_without_any_difference_no_share_is_made_up():
    found = results.importance([Trial(i, {"x": i}, None, 0, "success", 1.0) for i in range(20)])
    assert found.table["share"].tolist() == [0.0]
    assert "hardly predicts" in found.note
    assert len(found.pairs) == 0
