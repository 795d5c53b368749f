"""To ConfigSpace and back, whatever a valid space holds."""

from __future__ import annotations

import math
import warnings
from dataclasses import asdict, replace
from typing import Any

import ConfigSpace
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench import space as spaces
from workbench.nouns import Clause, Condition, Forbidden, Hyperparameter, Prior, Relation, Space, SpaceError

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

names = st.text(
    st.characters(codec="utf-8", categories=("L", "Nd", "P", "S"), exclude_characters="`"), min_size=1, max_size=8
)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
plain_values = st.one_of(
    st.booleans(), st.integers(-1000, 1000), st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 6)), texts
)


@st.composite
def priors(draw: st.DrawFn, low: float, high: float, log: bool) -> Prior | None:
    kind = draw(st.sampled_from([None, None, "normal", "beta"]))
    if kind is None:
        return None
    if kind == "beta":
        return Prior("beta", draw(st.integers(1, 9)) / 1.0, draw(st.integers(1, 9)) / 1.0)
    width = float(np.log(high / low)) if log else high - low
    mean = draw(st.sampled_from([low, high, (low + high) / 2]))
    return Prior("normal", min(high, max(low, round(float(mean), 9))), draw(st.sampled_from([0.25, 1.0])) * width)


@st.composite
def hyperparameters(draw: st.DrawFn, name: str) -> Hyperparameter:
    kind = draw(st.sampled_from(["integer", "float", "categorical", "ordinal", "constant"]))
    if kind == "integer":
        log = draw(st.booleans())
        low = draw(st.integers(1 if log else -10_000, 10_000))
        high = low + draw(st.integers(1, 10_000))
        default = draw(st.none() | st.integers(low, high))
        return Hyperparameter(name, "integer", low, high, log, default=default, prior=draw(priors(low, high, log)))
    if kind == "float":
        log = draw(st.booleans())
        low = round(draw(st.floats(1e-6 if log else -1e5, 1e5)), 6)
        # on a log scale the deviation of a prior is a difference of logarithms: no range of a millionth of its end
        high = round(low + draw(st.floats(max(0.001, 0.01 * low) if log else 0.001, 1e5)), 6)
        # an end or well inside: a default a last digit beside a forbidden end is the same to ConfigSpace, not to us
        share = draw(st.none() | st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]))
        default = None if share is None else min(high, max(low, round(low + share * (high - low), 9)))
        return Hyperparameter(name, "float", low, high, log, default=default, prior=draw(priors(low, high, log)))
    if kind == "constant":
        return Hyperparameter(name, "constant", default=draw(plain_values))
    choices = tuple(draw(st.lists(plain_values, min_size=1, max_size=5, unique=True)))
    default = draw(st.none() | st.sampled_from(choices))
    weights: tuple[float, ...] = ()
    if kind == "categorical" and draw(st.booleans()):
        weights = tuple(draw(st.lists(st.floats(0.1, 10), min_size=len(choices), max_size=len(choices))))
    return Hyperparameter(name, kind, choices=choices, default=default, weights=weights)  # type: ignore[arg-type]


@st.composite
def clauses(draw: st.DrawFn, h: Hyperparameter, operators: tuple[str, ...]) -> Clause:
    """Floats are equal to the ends of a plain range alone, and compared with what lies well inside.

    ConfigSpace compares them on the unit scale, where a logarithm or a prior costs the last digits.
    """
    plain = h.kind == "float" and not h.log and h.prior is None
    allowed = [o for o in operators if o not in ("<", ">") or h.kind not in ("categorical", "constant")]
    if h.kind == "float" and not plain:
        allowed = [o for o in operators if o in ("<", ">")]
    operator: Any = draw(st.sampled_from(allowed))
    if h.kind == "integer":
        assert h.low is not None
        assert h.high is not None
        value = st.integers(int(h.low), int(h.high))
    elif h.kind == "float":
        assert h.low is not None
        assert h.high is not None
        within = [round(h.low + share * (h.high - h.low), 9) for share in (0.3, 0.6)]
        value = st.sampled_from([h.low, h.high] if plain and operator not in ("<", ">") else within)
    else:
        value = st.sampled_from(h.choices or (h.default,))
    if operator == "in":
        return Clause(h.name, "in", tuple(draw(st.lists(value, min_size=1, max_size=3, unique=True))))
    return Clause(h.name, operator, draw(value))


@st.composite
def valid_spaces(draw: st.DrawFn) -> Space:
    """Conditions point to earlier rows alone, so that there is no circle."""
    chosen = draw(st.lists(names, min_size=1, max_size=6, unique=True))
    rows = tuple(draw(hyperparameters(n)) for n in chosen)
    conditions = []
    for i, row in enumerate(rows[1:], 1):
        if draw(st.integers(0, 2)) == 0:
            parents = draw(st.lists(st.sampled_from(rows[:i]), min_size=1, max_size=3))
            found = tuple(draw(clauses(p, ("==", "!=", "in", "<", ">"))) for p in parents)
            conditions.append(Condition(row.name, found, draw(st.sampled_from(["and", "or"]))))  # type: ignore[arg-type]
    space = Space(rows, tuple(conditions), name=draw(st.sampled_from(["", "a name"])))
    if draw(st.booleans()):
        parents = draw(st.lists(st.sampled_from(rows), min_size=1, max_size=2, unique=True))
        forbidden = Forbidden(tuple(draw(clauses(p, ("==", "in", "<"))) for p in parents))
        numbers = [r for r in rows if r.kind in ("integer", "float")]
        if len(numbers) > 1 and all(p in numbers for p in parents):
            # one value at a time: what is compared besides leaves enough to draw
            how: Any = draw(st.sampled_from(["==", "<", ">", "<=", ">="]))
            more = draw(clauses(numbers[1], ("<", ">"))), Relation(numbers[0].name, how, numbers[1].name)
            forbidden = Forbidden((*forbidden.clauses, *more))
        if any(p.kind in ("integer", "float") for p in parents):  # else hardly anything might be left to draw
            with_it = replace(space, forbidden=(forbidden,))
            if not spaces.problems(with_it):
                return with_it
    return space


def canonical(space: Space) -> dict[str, Any]:
    """What two spaces must agree on: order and the grouping of clauses do not matter, types of values do."""
    rows = {}
    for h in space.hyperparameters:
        prior = h.prior and replace(h.prior, first=float(h.prior.first), second=float(h.prior.second))
        rows[h.name] = asdict(replace(h, default=spaces.resolved_default(h), prior=prior))
    return {"rows": rows, "name": space.name, "forbidden": [asdict(f) for f in space.forbidden]}


def alike(one: Any, other: Any) -> bool:
    """Equal, types of values too, but for the digits that ConfigSpace loses: it rounds floats to thirteen decimals."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-12) if isinstance(one, float) else bool(one == other)


@SLOW
@given(valid_spaces())
def test_a_space_comes_back_from_configspace(space: Space) -> None:
    assert spaces.problems(space) == ()
    made = spaces.to_configspace(space)
    back = spaces.from_configspace(made)
    assert alike(canonical(back), canonical(space))
    assert spaces.to_configspace(back) == made
    assert {c.child for c in back.conditions} == {c.child for c in space.conditions}


def test_the_same_clauses_joined_by_and_and_by_or_stay_two_conditions() -> None:
    rows = tuple(Hyperparameter(n, "integer", 0, 1) for n in ("a", "b", "x", "y"))
    clauses = (Clause("a", "==", 1), Clause("b", "==", 1))
    space = Space(rows, (Condition("x", clauses, "and"), Condition("y", clauses, "or")))
    drawn = spaces.sample(space, 40, 0)
    for values in drawn:
        assert ("x" in values) == (values["a"] == 1 and values["b"] == 1)
        assert ("y" in values) == (values["a"] == 1 or values["b"] == 1)
    assert {(values["a"], values["b"]) for values in drawn} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert spaces.to_configspace(spaces.from_configspace(spaces.to_configspace(space))) == spaces.to_configspace(space)


def test_a_clause_that_is_said_thrice_is_not_taken_for_three_others() -> None:
    rows = (Hyperparameter("k", "constant", default=1), *(Hyperparameter(n, "integer", 0, 1) for n in ("a", "b")))
    thrice = Condition("a", (Clause("k", "in", (1,)),) * 3, "and")
    never = Condition("b", (Clause("k", "in", (1,)), Clause("a", "==", 0), Clause("a", "==", 1)), "and")
    assert all(set(values) == {"k", "a"} for values in spaces.sample(Space(rows, (thrice, never)), 10, 0))


@SLOW
@given(valid_spaces(), st.integers(0, 100))
def test_what_is_drawn_is_plain_valid_and_active_as_the_workbench_says(space: Space, seed: int) -> None:
    drawn = spaces.sample(space, 5, seed)
    assert drawn == spaces.sample(space, 5, seed)
    made = spaces.to_configspace(space)
    for values in [*drawn, spaces.default(space)]:
        assert all(type(v) in (bool, int, float, str) for v in values.values())
        assert all(spaces.problems(space) == () and n in space.names for n in values)
        everything = {h.name: values.get(h.name, spaces.resolved_default(h)) for h in space.hyperparameters}
        assert spaces.active(space, everything) == set(values)
        assert spaces.plain(spaces.configuration(made, values)) == values


@SLOW
@given(valid_spaces())
def test_the_python_code_builds_an_equal_space(space: Space) -> None:
    scope: dict[str, Any] = {}
    exec(spaces.to_python(space), scope)
    assert scope["space"] == spaces.to_configspace(space)


@SLOW
@given(valid_spaces())
def test_json_and_yaml_give_the_space_back(space: Space) -> None:
    for text, read in ((spaces.to_json(space), spaces.from_json), (spaces.to_yaml(space), spaces.from_yaml)):
        back = read(text)
        assert back == space
        assert alike(canonical(back), canonical(space))


@SLOW
@given(valid_spaces())
def test_conditions_and_forbidden_clauses_are_read_as_they_are_written(space: Space) -> None:
    for condition in space.conditions:
        back = spaces.parse_condition(spaces.condition_text(condition), space)
        join = condition.join if len(condition.clauses) > 1 else "and"
        assert repr(back) == repr(replace(condition, join=join))
    for forbidden in space.forbidden:
        assert repr(spaces.parse_forbidden(spaces.forbidden_text(forbidden), space)) == repr(forbidden)


@SLOW
@given(valid_spaces())
def test_a_draft_says_what_it_was_given(space: Space) -> None:
    draft = spaces.SpaceDraft(space)
    assert draft.problems == ()
    assert draft.space == space
    assert alike(canonical(draft.space), canonical(space))


@SLOW
@given(valid_spaces())
def test_the_definition_names_everything(space: Space) -> None:
    text = spaces.definition(space)
    for h in space.hyperparameters:
        assert f"- {h.name}: " in text or f"- {spaces.values.value_text(h.name)}: " in text
    assert text.count("; active only when ") >= len({c.child for c in space.conditions})


@pytest.mark.parametrize("join", ["and", "or"])
@pytest.mark.parametrize(
    "only",
    [
        Hyperparameter("only", "constant", default=False),
        Hyperparameter("only", "categorical", choices=("rbf",)),
        Hyperparameter("only", "ordinal", choices=(1,)),
    ],
)
def test_unequal_to_the_one_value_of_a_conditional_parent_never_holds(only: Hyperparameter, join: Any) -> None:
    flag = Hyperparameter("flag", "integer", 0, 3)
    value = spaces.resolved_default(only)
    conditions = (
        Condition("only", (Clause("flag", "==", 0),)),
        Condition("child", (Clause("flag", "==", 1), Clause("only", "!=", value)), join),
    )
    space = Space((flag, only, Hyperparameter("child", "float", 0.0, 1.0)), conditions)
    drawn = spaces.sample(space, 40, 0)
    assert {v["flag"] for v in drawn} == {0, 1, 2, 3}
    assert all(("child" in v) == (join == "or" and v["flag"] == 1) for v in drawn)
    made = spaces.to_configspace(space)
    assert spaces.from_configspace(made).conditions == conditions or join == "or"
    assert spaces.to_configspace(spaces.from_configspace(made)) == made


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\n", "\r\n", "\t", "\ufeff"])
def test_a_text_with_any_line_end_comes_back_from_yaml(end: str) -> None:
    space = Space((Hyperparameter("a", "categorical", choices=(f"x{end}y", end, f" {end}", "z")),))
    assert spaces.from_yaml(spaces.to_yaml(space)) == space


def test_a_child_of_a_root_and_of_a_conditional_parent_is_absent_where_that_parent_is() -> None:
    rows = tuple(Hyperparameter(n, "integer", 0, 1) for n in ("a", "b", "c", "d"))
    conditions = (
        Condition("b", (Clause("a", "==", 0),)),
        Condition("c", (Clause("b", "==", 0),)),
        Condition("d", (Clause("a", "==", 0), Clause("c", "==", 0))),
    )
    space = Space(rows, conditions)
    made = spaces.to_configspace(space)
    drawn = spaces.sample(space, 200, 0)
    assert {len(v) for v in drawn} == {1, 2, 3, 4}
    for values in drawn:
        everything = {name: values.get(name, 0) for name in space.names}
        assert spaces.active(space, everything) == set(values)
        assert spaces.plain(spaces.configuration(made, values)) == values


def test_unequal_to_a_conditional_parent_comes_back_from_within_an_or() -> None:
    rows = tuple(Hyperparameter(n, "integer", 0, 1) for n in ("a", "b", "c"))
    zero = Clause("a", "==", 0)
    conditions = Condition("b", (zero,)), Condition("c", (zero, zero, Clause("b", "!=", 0)), "or")
    made = spaces.to_configspace(Space(rows, conditions))
    assert spaces.to_configspace(spaces.from_configspace(made)) == made


SVM = Space(
    (
        Hyperparameter("kernel", "categorical", choices=("rbf", "poly"), default="rbf", weights=(3.0, 1.0)),
        Hyperparameter("degree", "integer", 2, 5, default=3),
        Hyperparameter("C", "float", 0.001, 1000.0, log=True),
        Hyperparameter("size", "ordinal", choices=("small", "large")),
        Hyperparameter("shrinking", "categorical", choices=(True, False)),
        Hyperparameter("max_iter", "constant", default=1000),
    ),
    (Condition("degree", (Clause("kernel", "==", "poly"),)),),
    (Forbidden((Clause("degree", "==", 5), Clause("shrinking", "in", (False,)))),),
)


def test_the_definition_reads_well() -> None:
    assert spaces.definition(SVM) == (
        '- kernel: categorical, one of "rbf", "poly" (weights 3, 1), default "rbf"\n'
        '- degree: integer from 2 to 5, default 3; active only when kernel == "poly", else absent\n'
        "- C: float from 0.001 to 1000.0, log scale, default 1.0\n"
        '- size: ordinal, one of "small", "large" (in this order), default "small"\n'
        "- shrinking: categorical, one of True, False, default True\n"
        "- max_iter: constant, always 1000\n"
        "\n"
        "Forbidden (no configuration has all of these at once):\n"
        "- degree == 5 and shrinking in (False,)"
    )
    assert spaces.definition(Space()) == "(no hyperparameters)"


def test_a_child_of_an_inactive_parent_stays_inactive_under_not_equal() -> None:
    space = Space(
        (
            Hyperparameter("a", "categorical", choices=("x", "y")),
            Hyperparameter("p", "categorical", choices=("u", "v", "w")),
            Hyperparameter("n", "integer", 0, 9),
            Hyperparameter("c", "float", 0.0, 1.0),
            Hyperparameter("d", "float", 0.0, 1.0),
        ),
        (
            Condition("p", (Clause("a", "==", "x"),)),
            Condition("n", (Clause("a", "==", "x"),)),
            Condition("c", (Clause("p", "!=", "u"),)),
            Condition("d", (Clause("n", "!=", 4),)),
        ),
    )
    drawn = spaces.sample(space, 200, 0)
    assert all(set(v) == {"a"} for v in drawn if v["a"] == "y")
    assert all(("c" in v) == (v["p"] != "u") and ("d" in v) == (v["n"] != 4) for v in drawn if v["a"] == "x")


def test_conditions_of_one_child_must_all_hold() -> None:
    space = Space(
        (
            Hyperparameter("a", "integer", 0, 3),
            Hyperparameter("b", "integer", 0, 3),
            Hyperparameter("c", "float", 0.0, 1.0),
        ),
        (
            Condition("c", (Clause("a", "==", 1), Clause("a", "==", 2)), "or"),
            Condition("c", (Clause("b", ">", 0), Clause("b", "<", 3))),
        ),
    )
    for v in spaces.sample(space, 200, 1):
        assert ("c" in v) == (v["a"] in (1, 2) and v["b"] in (1, 2))


def test_nested_conditions_of_configspace_come_in() -> None:
    made = ConfigSpace.ConfigurationSpace({"a": [1, 2], "b": [3, 4], "x": (0, 5), "c": (0.0, 1.0)})
    made.add(
        ConfigSpace.OrConjunction(
            ConfigSpace.AndConjunction(
                ConfigSpace.EqualsCondition(made["c"], made["a"], 1),
                ConfigSpace.EqualsCondition(made["c"], made["b"], 3),
            ),
            ConfigSpace.GreaterThanCondition(made["c"], made["x"], 3),
        )
    )
    space = spaces.from_configspace(made)
    assert [spaces.condition_text(c) for c in space.conditions] == [
        "c active when a == 1 or x > 3",
        "c active when b == 3 or x > 3",
    ]
    for v in spaces.sample(space, 100, 0):
        assert ("c" in v) == ((v["a"] == 1 and v["b"] == 3) or v["x"] > 3)


def test_one_is_drawn_without_a_warning_and_none_of_an_empty_space() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(spaces.sample(SVM, 1, 0)) == 1
        assert spaces.sample(SVM, 0, 0) == []
        assert spaces.sample(Space(), 2, 0) == [{}, {}]
        assert spaces.default(Space()) == {}


def test_numpy_values_become_plain_ones() -> None:
    made = spaces.to_configspace(SVM, seed=3)
    drawn = made.sample_configuration(20)
    assert any(isinstance(v, np.generic) for c in drawn for v in dict(c).values())
    assert {type(v) for c in drawn for v in spaces.plain(c).values()} == {str, int, float, bool}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (
            {"nope": 1},
            "'nope' is no hyperparameter of this space; there are: C, kernel, max_iter, shrinking, size, degree",
        ),
        (
            {"C": 2000.0},
            "'C' cannot be 2000.0; it is C, Type: UniformFloat, Range: [0.001, 1000.0], Default: 1.0, on log-scale",
        ),
        ({"kernel": "rbf", "C": 1.0}, None),
        ({"kernel": "poly", "C": 1.0, "size": "small", "shrinking": False, "max_iter": 1000, "degree": 5}, None),
    ],
)
def test_a_configuration_that_is_none_is_refused(values: dict[str, Any], text: str | None) -> None:
    with pytest.raises(SpaceError) as error:
        spaces.configuration(spaces.to_configspace(SVM), values)
    if text is None:
        assert str(error.value).startswith("this is no configuration of the space: ")
    else:
        assert str(error.value) == text


def test_what_a_space_cannot_say_is_refused_by_name() -> None:
    made = ConfigSpace.ConfigurationSpace({"a": [(1, 2), (3, 4)]})
    with pytest.raises(SpaceError) as error:
        spaces.from_configspace(made)
    assert str(error.value) == (
        "'a' holds (1, 2), a tuple; a value is a number, a text, true or false: use a text and translate it in the code"
    )


def test_configspaces_own_json_is_read(tmp_path: Any) -> None:
    made = spaces.to_configspace(SVM)
    made.to_json(tmp_path / "space.json")
    assert spaces.to_configspace(spaces.from_json((tmp_path / "space.json").read_text())) == made


def test_numbers_that_yaml_reads_as_text_are_numbers() -> None:
    text = "hyperparameters:\n- {name: lr, kind: float, low: 1e-5, high: 1, log: true, default: 1e-3}\n"
    assert spaces.from_yaml(text).hyperparameters == (Hyperparameter("lr", "float", 1e-5, 1.0, True, default=1e-3),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{",
            "this is not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1)); "
            "to_json writes what can be read",
        ),
        ("[]", "this is not a space: it needs a list named hyperparameters; to_json writes what can be read"),
        (
            '{"hyperparameters": [{"name": "a"}]}',
            "row 1 of the hyperparameters is {'name': 'a'}; it needs a name and a kind",
        ),
        (
            '{"hyperparameters": [{"name": "a", "kind": "integer", "low": 5, "high": 1}]}',
            "the range of 'a', 5 to 1, has its low end above its high end; write 1, 5",
        ),
        (
            '{"hyperparameters": [], "conditions": [{}]}',
            "this is not a space (KeyError: 'child'); to_json writes what can be read",
        ),
    ],
)
def test_json_that_is_no_space_is_refused_with_a_sentence(text: str, message: str) -> None:
    with pytest.raises(SpaceError) as error:
        spaces.from_json(text)
    assert str(error.value) == message


def test_ten_thousand_hyperparameters_are_converted_sampled_and_defined() -> None:
    rows = tuple(Hyperparameter(f"x{i}", "float", 0.0, 1.0) for i in range(10_000))
    conditions = tuple(Condition(f"x{i}", (Clause("x0", ">", 0.5),)) for i in range(1, 200))
    space = Space(rows, conditions)
    assert spaces.problems(space) == ()
    drawn = spaces.sample(space, 3, 0)
    assert all(len(v) in (10_000, 10_000 - 199) for v in drawn)
    assert len(spaces.definition(space).splitlines()) == 10_000
    draft = spaces.SpaceDraft(space)
    draft.set(draft.rows[5_000].key, "range", "0, 2")
    assert draft.space["x5000"].high == 2.0
    draft.undo()
    assert draft.space == space
