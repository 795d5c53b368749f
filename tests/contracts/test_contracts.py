"""What the three contracts read from whatever a `train` returned."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import contracts
from workbench.nouns import ContractError, Outcome


class Model:
    def predict(self, X):
        return X


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.sampled_from(
        [np.float32(0.5), np.int64(3), np.bool_(True), np.array(2.0), np.array([1.0]), np.zeros(3), Model()]
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["loss", "accuracy", 3]), inner, max_size=3)
    ),
    max_leaves=4,
)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(["loss", "model", "metrics"]), ANYTHING)
def test_whatever_is_returned_is_a_finite_cost_or_one_sentence(contract_id, value):
    try:
        outcome = contracts.get(contract_id).read(value)
    except ContractError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 200
    else:
        assert isinstance(outcome, Outcome)
        assert type(outcome.cost) is float
        assert math.isfinite(outcome.cost)
        assert all(type(v) is float and math.isfinite(v) for v in outcome.metrics.values())


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.array(0.5), np.array([[0.5]])])
def test_one_number_is_a_loss_whatever_library_it_is_from(value):
    assert contracts.get("loss").read(value).cost == 0.5


@pytest.mark.parametrize(
    ("contract_id", "value", "sentence"),
    [
        ("loss", None, "the returned loss is None; it must be a number"),
        ("loss", math.nan, "the returned loss is NaN; it must be a finite number"),
        ("loss", -math.inf, "the returned loss is infinite; it must be a finite number"),
        ("loss", True, "the returned loss is True; it must be a number, not a truth value"),
        ("loss", "0.5", "the returned loss is '0.5'; it must be a number"),
        ("loss", (0.5, Model()), "train returned a tuple of 2; the loss contract wants one number"),
        ("loss", np.zeros((3, 2)), "the returned loss is a ndarray of shape (3, 2); it must be one number"),
        ("model", 0.5, "train returned 0.5; the model contract wants the tuple (loss, model)"),
        ("model", (0.5,), "train returned 1 values; the model contract wants two, (loss, model)"),
        (
            "model",
            (Model(), 0.5),
            "train returned (model, loss); the model contract wants the loss first, (loss, model)",
        ),
        ("model", (0.5, None), "the returned model is None without predict; it must answer predict(X)"),
        ("metrics", 0.5, "train returned 0.5; the metrics contract wants a dict with 'loss' in it"),
        (
            "metrics",
            {"accuracy": 1},
            "the returned dict has no 'loss' (its keys: accuracy); add the number to minimise",
        ),
        ("metrics", {"loss": 0, "f1": "high"}, "the metric 'f1' is 'high'; it must be a number"),
        ("metrics", {"loss": 0, 3: 1}, "a key of the returned dict is 3; every key must be a string"),
    ],
)
def test_what_breaks_a_contract_is_said_with_what_would_keep_it(contract_id, value, sentence):
    with pytest.raises(ContractError) as caught:
        contracts.get(contract_id).read(value)
    assert str(caught.value) == sentence


def test_an_unknown_contract_is_answered_with_those_that_there_are():
    with pytest.raises(ContractError) as caught:
        contracts.get("lost")
    assert str(caught.value) == "no contract named 'lost'; there are: loss, model, metrics"
