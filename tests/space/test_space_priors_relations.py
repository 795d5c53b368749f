"""Priors of numbers, relations between hyperparameters, and forbidden clauses of every kind."""

from __future__ import annotations

import math

import ConfigSpace
import pytest

from workbench import contracts, facades
from workbench import space as spaces
from workbench.nouns import (
    Clause,
    Condition,
    Forbidden,
    Hyperparameter,
    Prior,
    Relation,
    Scenario,
    Space,
    SpaceError,
)

RATE = Hyperparameter("rate", "float", 1e-4, 1.0, True, prior=Prior("normal", 0.01, 1.0))
SHARE = Hyperparameter("share", "float", 0.0, 1.0, prior=Prior("beta", 2.0, 5.0))
LEAF = Hyperparameter("leaf", "integer", 1, 20, default=2)
SPLIT = Hyperparameter("split", "integer", 2, 20, default=10)


def test_values_are_drawn_by_the_prior_and_a_deviation_on_a_log_scale_is_a_factor() -> None:
    drawn = [c["rate"] for c in spaces.sample(Space((RATE,)), 400, seed=1)]
    logs = [math.log(float(v)) for v in drawn]
    mean = sum(logs) / len(logs)
    deviation = math.sqrt(sum((x - mean) ** 2 for x in logs) / len(logs))
    assert mean == pytest.approx(math.log(0.01), abs=0.3)
    assert deviation == pytest.approx(1.0, abs=0.2)
    assert spaces.default(Space((RATE, SHARE))) == {"rate": 0.01, "share": pytest.approx(0.2)}


def test_a_prior_is_typed_shown_and_brought_back_by_every_format() -> None:
    draft = spaces.SpaceDraft(Space((RATE, SHARE)))
    assert [r.prior for r in draft.rows] == ["normal(0.01, 1.0)", "beta(2.0, 5.0)"]
    draft.set(draft.rows[1].key, "prior", "Normal 0.5, 0.1")
    assert draft["share"].prior == Prior("normal", 0.5, 0.1)
    draft.set(draft.rows[1].key, "prior", "uniform")
    assert draft["share"].prior is None
    space = Space((RATE, SHARE))
    assert spaces.from_yaml(spaces.to_yaml(space)) == spaces.from_json(spaces.to_json(space)) == space
    assert "normal(0.01, 1.0) prior" in spaces.definition(space)
    text = "hyperparameters: [{name: a, kind: float, low: 0, high: 1, prior: 'beta(2, 3)'}]"
    assert spaces.from_yaml(text)["a"].prior == Prior("beta", 2.0, 3.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gauss(1, 2)", "'gauss(1, 2)' is no prior; write normal(0.1, 0.05) for mean and deviation, or beta(2, 5)"),
        ("normal(3, 1)", "the mean 3.0 of the prior of 'x1' is outside its range; take one from 0.0 to 1.0"),
        ("normal(0.5, 0)", "the deviation 0.0 of the prior of 'x1' is too small; give one above 0"),
        ("beta(0.5, 2)", "has a number below 1; both are 1 or more"),
        ("beta(a, 2)", "'a' is not a number"),
    ],
)
def test_a_prior_that_cannot_be_is_told_and_the_last_valid_space_stays(text: str, told: str) -> None:
    draft = spaces.SpaceDraft()
    draft.set(draft.add(), "prior", text)
    (problem,) = draft.problems
    assert problem.field == "prior"
    assert told in problem.text
    assert draft.space["x1"].prior is None


def test_relations_are_read_obeyed_and_follow_a_renaming() -> None:
    draft = spaces.SpaceDraft(Space((LEAF, SPLIT)))
    draft.add_forbidden("leaf >= split")
    drawn = spaces.sample(draft.space, 200, seed=0)
    assert all(c["leaf"] < c["split"] for c in drawn)
    assert not spaces.allowed(draft.space, {"leaf": 9, "split": 9})
    draft.set(draft.rows[0].key, "name", "min leaf")
    assert spaces.forbidden_text(draft.forbidden[0]) == "`min leaf` >= split"
    assert spaces.parse_forbidden(spaces.forbidden_text(draft.forbidden[0]), draft.space) == draft.forbidden[0]
    draft.remove(draft.rows[1].key)
    assert draft.forbidden == ()


def test_a_word_that_could_be_a_value_is_one_and_a_name_in_backquotes_never_is() -> None:
    space = Space(
        (Hyperparameter("a", "categorical", choices=("b", "c")), Hyperparameter("b", "categorical", choices=("c", "d")))
    )
    assert spaces.parse_forbidden("a == b", space) == Forbidden((Clause("a", "==", "b"),))
    relation = Forbidden((Relation("a", "==", "b"),))
    assert spaces.parse_forbidden("a == `b`", space) == relation
    assert spaces.parse_forbidden(spaces.forbidden_text(relation), space) == relation
    with pytest.raises(SpaceError, match="compares 'a' by <, and it holds texts; use == or numbers"):
        spaces.parse_forbidden("a < `b`", space)
    with pytest.raises(SpaceError, match="a condition compares with a value, and 'b' is a hyperparameter"):
        spaces.parse_condition("a active when a == `b`", space)


@pytest.mark.parametrize("text", ["leaf <= 3", "leaf >= 18", "leaf < 3", "leaf > 17 and split <= 15"])
def test_a_forbidden_clause_may_compare_with_a_value(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    space = Space((Hyperparameter("leaf", "integer", 1, 20, default=9), SPLIT))
    space = Space(space.hyperparameters, forbidden=(spaces.parse_forbidden(text, space),))
    made = spaces.to_configspace(space)
    drawn = spaces.sample(space, 300, seed=0)
    assert all(spaces.allowed(space, c) for c in drawn)
    made.get_default_configuration().check_valid_configuration()
    back = spaces.from_configspace(made)
    for leaf in range(1, 21):
        for split in range(2, 21):
            values = {"leaf": leaf, "split": split}
            assert spaces.allowed(back, values) == spaces.allowed(space, values)
    assert capsys.readouterr().out == "", "ConfigSpace prints at every check of its own <="


def test_a_clause_on_an_inactive_ordinal_does_not_hold() -> None:
    rows = (
        Hyperparameter("on", "categorical", choices=("no", "yes"), default="no"),
        Hyperparameter("size", "ordinal", choices=("small", "large"), default="large"),
    )
    conditions = (Condition("size", (Clause("on", "==", "yes"),)),)
    space = Space(rows, conditions, (Forbidden((Clause("size", ">=", "small"),)),))
    assert spaces.problems(space) == ()
    assert spaces.default(space) == {"on": "no"}


def test_an_or_of_configspace_comes_in_as_several_clauses() -> None:
    made = ConfigSpace.ConfigurationSpace({"a": (0, 9), "b": (0, 9)})
    a, b = made["a"], made["b"]
    made.add(
        ConfigSpace.ForbiddenAndConjunction(
            ConfigSpace.ForbiddenEqualsClause(a, 1),
            ConfigSpace.ForbiddenOrConjunction(
                ConfigSpace.ForbiddenGreaterThanClause(b, 7), ConfigSpace.ForbiddenLessThanRelation(b, a)
            ),
        )
    )
    texts = [spaces.forbidden_text(f) for f in spaces.from_configspace(made).forbidden]
    assert texts == ["a == 1 and b > 7", "a == 1 and b < a"]


def test_a_conditional_hyperparameter_with_a_prior_does_not_fit_any_facade() -> None:
    rows = (Hyperparameter("on", "categorical", choices=("no", "yes")), SHARE)
    plain = Space(rows)
    conditional = Space(rows, (Condition("share", (Clause("on", "==", "yes"),)),))
    for facade in facades.facades().values():
        scenario = facades.suggest_scenario(facade, plain)
        contract = contracts.get("model")
        assert all(f.ok for f in facades.fits(facade, contract, plain, scenario))
        told = [f.text for f in facades.fits(facade, contract, conditional, scenario) if not f.ok]
        assert told == [
            "SMAC cannot search 'share', which has a prior and is active only under a condition; "
            "leave out the prior, or the condition."
        ]


@pytest.mark.parametrize("facade", ["hpo", "random"])
def test_smac_searches_a_space_with_priors_and_relations(facade: str, tmp_path: object) -> None:
    from smac.runhistory.dataclasses import TrialValue

    space = Space((RATE, SHARE, LEAF, SPLIT), forbidden=(Forbidden((Relation("leaf", ">", "split"),)),))
    made = facades.get(facade).build(spaces.to_configspace(space, seed=0), Scenario(n_trials=12), str(tmp_path))
    for _ in range(5):  # three of the first design, two of the model
        info = made.ask()
        values = spaces.plain(info.config)
        assert spaces.allowed(space, values)
        made.tell(info, TrialValue(cost=abs(float(values["share"]) - 0.4)))
