"""What a person is told of a table before a run, and what is not said of a sound one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench import datasets

N = 200
RNG = np.random.default_rng(0)
SOUND = pd.DataFrame({"u": RNG.normal(size=N), "v": RNG.choice(["p", "q", "r"], N), "w": RNG.integers(0, 50, N)})
CLASSES = pd.Series(RNG.choice(["a", "b"], N), name="label")
NUMBERS = pd.Series(RNG.normal(size=N), name="label")


def told(X: pd.DataFrame, y: pd.Series) -> list[tuple[str, str, str | None]]:
    return [(n.level, n.text, n.column) for n in datasets.profile(X, y).notices]


def told_of(values: Any, y: pd.Series = CLASSES, name: str = "new") -> list[tuple[str, str]]:
    return [(level, text) for level, text, column in told(SOUND.assign(**{name: values}), y) if column == name]


def test_of_a_sound_table_nothing_is_said() -> None:
    assert told(SOUND, CLASSES) == []
    assert told(SOUND, NUMBERS) == []


@pytest.mark.parametrize("name", [name for name, _ in datasets.builtins()])
def test_no_warning_is_given_on_a_builtin_set(name: str) -> None:
    found = [n.text for n in datasets.load(f"builtin:{name}").profile.notices if n.level == "warning"]
    constant = "{} is constant: every value is 0; it tells nothing"
    expected = [constant.format(repr(c)) for c in ("pixel_0_0", "pixel_4_0", "pixel_4_7")] if name == "digits" else []
    assert [text for text in found if "constant" in text] == expected
    assert [text for text in found if "constant" not in text] == []


LEFT_OUT = "; leave it out if it is not known before the target is"


@pytest.mark.parametrize(
    ("values", "y", "text"),
    [
        (CLASSES.map({"a": "yes", "b": "no"}), CLASSES, "'new' repeats the target 'label' ({})"),
        (
            [f"{label}{i % 3}" for i, label in enumerate(CLASSES)],
            CLASSES,
            "'new' gives the target 'label' away: its value alone fixes the class of 100 % of the rows",
        ),
        (
            CLASSES.map({"a": 5.0, "b": 9.0}) + RNG.random(N),
            CLASSES,
            "'new' gives the target 'label' away: its ranges do not overlap between the classes",
        ),
        (NUMBERS * 3 + 2, NUMBERS, "'new' repeats the target 'label': their rank correlation is 1.0000"),
        (-(NUMBERS**3), NUMBERS, "'new' repeats the target 'label': their rank correlation is -1.0000"),
        (NUMBERS * 1e300, NUMBERS, "'new' repeats the target 'label': their rank correlation is 1.0000"),
    ],
)
def test_a_column_that_tells_the_target_is_warned_of(values: Any, y: pd.Series, text: str) -> None:
    first = {"a": "yes = a, no = b", "b": "no = b, yes = a"}[CLASSES[0]]
    assert told_of(values, y) == [("warning", text.format(first) + LEFT_OUT)]


def test_a_category_that_gives_a_number_away_is_warned_of() -> None:
    levels = pd.Series(RNG.integers(0, 5, N))
    y = (levels * 10 + RNG.normal(size=N) * 1e-3).rename("label")
    (notice,) = told_of(levels.map("level {}".format), y)
    assert notice == (
        "warning",
        f"'new' gives the target 'label' away: its value explains 100 % of it{LEFT_OUT}",
    )


@pytest.mark.parametrize("y", [CLASSES, NUMBERS])
def test_columns_that_have_nothing_to_do_with_the_target_are_no_leaks(y: pd.Series) -> None:
    rng = np.random.default_rng(1)
    X = pd.DataFrame(
        {f"n{i}": rng.normal(size=N) for i in range(10)} | {f"c{i}": rng.integers(0, 20, N) for i in range(10)}
    )
    assert told(X, y) == []


@pytest.mark.parametrize(
    ("values", "level", "text"),
    [
        ([7] * N, "warning", "'new' is constant: every value is 7; it tells nothing"),
        (["z" * 99] * N, "warning", f"'new' is constant: every value is {'z' * 39}…; it tells nothing"),
        ([np.inf] * N, "warning", "'new' is constant: every value is infinite; it tells nothing"),
        (
            pd.to_datetime(["2024-01-31"] * N),
            "warning",
            "'new' is constant: every value is 2024-01-31; it tells nothing",
        ),
        (range(N), "warning", "'new' counts the rows (0 to 199): like a saved index"),
        (
            [f"name {i}" for i in range(N)],
            "warning",
            "'new' has 200 different values in 200 rows: like a name or an identifier, or free text",
        ),
        ([None] * 3 + RNG.normal(size=N - 3).tolist(), "info", "'new' is missing in 3 of 200 rows (1.5 %)"),
        ([None] * 150 + RNG.normal(size=50).tolist(), "warning", "'new' is missing in 150 of 200 rows (75 %)"),
        (
            [np.inf, *RNG.normal(size=N - 1)],
            "warning",
            "'new' holds 1 infinite value; most models refuse them",
        ),
        (
            [np.inf, -np.inf, *RNG.normal(size=N - 2)],
            "warning",
            "'new' holds 2 infinite values; most models refuse them",
        ),
        (
            SOUND["v"].map({"p": 3, "q": 1, "r": 2}),
            "info",
            "'new' repeats 'v': each value of one goes with one value of the other",
        ),
    ],
)
def test_an_odd_column_is_told_of(values: Any, level: str, text: str) -> None:
    assert (level, text) in told_of(values)


def test_a_constant_that_is_missing_at_times_says_so() -> None:
    assert told_of([7.0, None] * (N // 2)) == [
        ("warning", "'new' is constant: every value is 7 or missing; it tells nothing"),
        ("info", "'new' is missing in 100 of 200 rows (50 %)"),
    ]


@pytest.mark.parametrize("name", ["id", "user_id", "PassengerId", "Order ID"])
def test_whole_numbers_that_never_repeat_are_an_identifier_by_their_name(name: str) -> None:
    values = RNG.permutation(10 * N)[:N]
    assert told_of(values, name=name) == [("warning", f"{name!r} differs in every row: like an identifier")]
    assert told_of(values, name="width") == []


def test_the_same_of_many_columns_is_said_once() -> None:
    X = SOUND.assign(**{f"c{i}": 0 for i in range(20)})
    found = [text for _, text, _ in told(X, CLASSES)]
    assert found == [
        *(f"'c{i}' is constant: every value is 0; it tells nothing" for i in range(5)),
        "the same goes for 15 more columns: " + ", ".join(f"'c{i}'" for i in range(5, 15)) + ", …",
    ]
    X = SOUND.assign(**{f"c{i}": CLASSES for i in range(8)})
    assert told(X, CLASSES)[5][1] == "3 more columns give the target away: 'c5', 'c6', 'c7'"
    X = SOUND.assign(**{f"c{i}": SOUND["v"] for i in range(8)})
    assert [text for _, text, _ in told(X, CLASSES)][5:] == ["3 more columns repeat others"]


def test_unbalanced_and_rare_classes_are_told_of() -> None:
    y = pd.Series(["a"] * 180 + ["b"] * 18 + ["c"] * 2, name="label")
    assert told(SOUND, y) == [
        (
            "warning",
            "the classes are unbalanced: 90 % of 'label' is a; balanced_accuracy or f1 says more than accuracy",
            "label",
        ),
        (
            "warning",
            "1 class of 'label' with fewer than 5 rows (c): a stratified split may fail",
            "label",
        ),
    ]


def test_few_repeated_and_wide_rows_are_told_of() -> None:
    assert told(SOUND.iloc[:30], NUMBERS[:30]) == [
        ("warning", "30 rows are few: scores will vary much from split to split", None)
    ]
    twice, once = pd.concat([SOUND, SOUND], ignore_index=True), pd.concat([NUMBERS, NUMBERS], ignore_index=True)
    on_both = "the same row may fall on both sides of a split"
    assert told(twice, once) == [("warning", f"200 of 400 rows repeat an earlier row (50 %): {on_both}", None)]
    one = [*range(N), 0]
    assert told(SOUND.iloc[one].reset_index(drop=True), NUMBERS.iloc[one].reset_index(drop=True)) == [
        ("info", f"1 of 201 rows repeats an earlier row (0.498 %): {on_both}", None)
    ]
    wide = pd.DataFrame(np.random.default_rng(2).normal(size=(60, 70))).rename(columns=str)
    assert told(wide, NUMBERS[:60]) == [("warning", "there are more columns (70) than rows (60)", None)]


def test_the_warnings_come_first() -> None:
    X = SOUND.assign(some=[None, *[1.5, 2.5] * 99, 3.5], same=4)
    levels = [level for level, _, _ in told(X, CLASSES)]
    assert levels == sorted(levels, reverse=True)
    assert set(levels) == {"warning", "info"}


@pytest.mark.parametrize("low", [1e-320, 1e308])
def test_numbers_at_the_ends_of_the_range_raise_no_warning(low: float, recwarn: pytest.WarningsRecorder) -> None:
    X = SOUND.assign(far=[low, -low] * (N // 2))
    told(X, CLASSES)
    told(X, pd.Series([low, -low, low / 2, low / 4] * (N // 4), name="label"))
    assert [str(w.message) for w in recwarn] == []


def test_the_real_tables_tell_what_they_are_known_for(real: Path) -> None:
    titanic = datasets.load(real / "titanic.csv", target="survived").profile.notices
    assert [n.text for n in titanic] == [
        f"'alive' repeats the target 'survived' (no = 0, yes = 1){LEFT_OUT}",
        "'deck' is missing in 688 of 891 rows (77.2 %)",
        "'age' is missing in 177 of 891 rows (19.9 %)",
        "'embarked' is missing in 2 of 891 rows (0.224 %)",
        "'embark_town' is missing in 2 of 891 rows (0.224 %)",
        "'class' repeats 'pclass': each value of one goes with one value of the other",
        "'embark_town' repeats 'embarked': each value of one goes with one value of the other",
        "107 of 891 rows repeat an earlier row (12 %): the same row may fall on both sides of a split",
    ]
    warned = {
        name: [
            n.column for n in datasets.load(real / f"{name}.csv", target=target).profile.notices if n.level == "warning"
        ]
        for name, target in (("penguins", "species"), ("mpg", "mpg"), ("diamonds", "price"))
    }
    assert warned == {"penguins": [], "mpg": ["name"], "diamonds": []}
