"""Prices from a file that people edit, sums, budgets."""

from __future__ import annotations

import threading

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.generate.model import Completion, Model, ModelError, Usage
from workbench.generate.prices import SHIPPED, Budget, Price, Prices, Spent, Tally, load_prices, user_file
from workbench.nouns import GenerateError

SETTINGS = Model("m", base_url="http://models.example.org/v1")
SERVER = "models.example.org:80"


def completion(cost=None, source="model", tokens=(10, 5)):
    return Completion("", Usage(*tokens, cached=2), 1.5, "stop", "h", "m", SERVER, cost=cost, source=source)


def table(tmp_path, text):
    path = tmp_path / "prices.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_table_invents_no_price():
    prices = load_prices(SHIPPED)
    known = {(s, p) for s, models in prices.table.items() for p in models.values() if p is not None}
    assert known == {(s, Price(0, 0)) for s in ("ollama", "vllm", "lmstudio")}
    assert prices.price("openai", "example-model") is None
    assert "example-model" in yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["per_million_tokens"]["openai"]


def test_the_users_table_takes_the_place_of_the_shipped_one(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load_prices().source == str(SHIPPED)
    assert user_file() == tmp_path / "automl-workbench" / "prices.yaml"
    user_file().parent.mkdir()
    user_file().write_text(
        "currency: EUR\nper_million_tokens: {openai: {m: {input: 2, output: 8}}}\n", encoding="utf-8"
    )
    prices = load_prices()
    assert (prices.currency, prices.price("openai", "m"), prices.price("ollama", "m")) == ("EUR", Price(2, 8), None)


def test_exact_names_come_before_patterns_and_patterns_in_their_order(tmp_path):
    text = """
per_million_tokens:
  openai:
    "big-*": {input: 3, output: 4}
    "*": {input: 1, output: 2}
    big-one: {input: 5, output: 6}
  "*":
    "big-*": {input: 7, output: 8}
"""
    prices = load_prices(table(tmp_path, text))
    found = [
        prices.price(s, m) for s, m in (("openai", "big-one"), ("openai", "big-two"), ("openai", "x"), ("y", "big-one"))
    ]
    assert found == [Price(5, 6), Price(3, 4), Price(1, 2), Price(7, 8)]
    assert prices.price("y", "x") is None


def test_cached_tokens_have_a_price_of_their_own_or_that_of_input():
    usage = Usage(tokens_in=1_000_000, tokens_out=100_000, cached=400_000)
    assert Price(2.0, 10.0, 0.5).of(usage) == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.1 * 10)
    assert Price(2.0, 10.0).of(usage) == pytest.approx(2 + 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [", "the prices in {path}, line 1 are no YAML; start anew from {shipped}"),
        ("[]", "the prices in {path} are to have `currency` and `per_million_tokens` alone"),
        ("price: 3", "the prices in {path} are to have `currency` and `per_million_tokens` alone"),
        ("per_million_tokens: 3", "per_million_tokens in {path} is to name servers, and under each its models"),
        ("per_million_tokens: {a: 3}", "a in {path} is to name models, each with input and output"),
        ("per_million_tokens: {a: {m: 3}}", "a: m in {path} is to have input and output, and cached if it differs"),
        (
            "per_million_tokens: {a: {m: {input: 1}}}",
            "a: m in {path} is to have input and output, and cached if it differs",
        ),
        (
            "per_million_tokens: {a: {m: {input: free, output: 1}}}",
            "a: m in {path}: input is 'free'; give a number of 0 or more, or null",
        ),
        (
            "per_million_tokens: {a: {m: {input: 1, output: -1}}}",
            "a: m in {path}: output is -1; give a number of 0 or more, or null",
        ),
        (
            "per_million_tokens: {a: {m: {input: .nan, output: 1}}}",
            "a: m in {path}: input is nan; give a number of 0 or more, or null",
        ),
    ],
)
def test_a_table_that_cannot_be_read_says_which_entry(tmp_path, text, sentence):
    path = table(tmp_path, text)
    with pytest.raises(GenerateError) as caught:
        load_prices(path)
    start = str(caught.value)
    assert start == sentence.format(path=path, shipped=SHIPPED) or (text == "a: [" and "are no YAML" in start)


def test_an_empty_table_knows_no_price(tmp_path):
    assert load_prices(table(tmp_path, "# nothing yet\n")).price("ollama", "m") is None


@settings(max_examples=50)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda s: (
            st.lists(s, max_size=3)
            | st.dictionaries(st.sampled_from(["currency", "per_million_tokens", "a", "input", "output", "cached"]), s)
        ),
    )
)
def test_whatever_a_table_holds_gives_prices_or_one_sentence(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    try:
        cost = load_prices(path).cost("a", "a", Usage(10, 10, 5))
    except GenerateError as error:
        assert str(path) in str(error)
    else:
        assert cost is None or cost >= 0


def test_a_session_sums_its_calls_and_not_those_that_cost_nothing():
    tally = Tally()
    for done in (completion(0.5), completion(None), completion(9.0, "record"), completion(9.0, "replay")):
        tally.add(done)
    assert tally.spent == Spent(2, 20, 10, 4, 3.0, 0.5, 1)


def test_calls_of_several_threads_are_all_counted():
    tally = Tally()
    threads = [threading.Thread(target=lambda: [tally.add(completion(1.0)) for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tally.spent.calls, tally.spent.cost) == (800, 800.0)


@pytest.mark.parametrize(
    ("budget", "sentence"),
    [
        (Budget(calls=1), "the budget of 1 calls is spent; raise it to call a model again"),
        (Budget(tokens=15), "15 tokens of a budget of 15 are spent; raise it to call a model again"),
        (Budget(cost=0.5), "0.5 EUR of a budget of 0.5 are spent; raise it to call a model again"),
    ],
)
def test_a_spent_budget_stops_the_next_call(budget, sentence):
    tally = Tally(Prices("EUR", {SERVER: {"m": Price(1, 1)}}), budget)
    tally.allow(SETTINGS)
    tally.add(completion(0.5))
    with pytest.raises(ModelError) as caught:
        tally.allow(SETTINGS)
    assert str(caught.value) == sentence
    assert caught.value.kind == "budget"


def test_a_budget_of_money_needs_a_price():
    with pytest.raises(ModelError) as caught:
        Tally(budget=Budget(cost=1)).allow(SETTINGS)
    assert str(caught.value) == (
        f"no price of m on {SERVER} is known, so a budget in USD cannot be kept; "
        f"add it to {user_file()}, or set a budget of tokens"
    )


def test_a_budget_that_is_no_number_of_0_or_more_is_refused():
    for value in (-1, float("nan"), float("inf")):
        with pytest.raises(GenerateError, match="the budget of cost is"):
            Budget(cost=value)
