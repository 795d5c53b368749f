"""The built-in sets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pandas as pd
import pytest

from workbench import datasets
from workbench.datasets.sources import builtin


@pytest.mark.parametrize("name", [name for name, _ in datasets.builtins()])
def test_every_builtin_set_is_what_its_title_says(name: str) -> None:
    dataset = datasets.load(f"builtin:{name}")
    title = dict(datasets.builtins())[name]
    what = "regression" if dataset.task == "regression" else f"{len(dataset.classes)} classes"
    assert f"({dataset.rows}×{dataset.features}, {what})" in title
    assert dataset.source == f"builtin:{name}"
    assert dataset.name == name


def test_labels_are_words_where_the_set_has_them() -> None:
    assert datasets.load("builtin:iris").classes == ("setosa", "versicolor", "virginica")
    assert datasets.load("builtin:digits").classes == tuple("0123456789")


def test_another_target_may_be_chosen() -> None:
    dataset = datasets.load("builtin:iris", target="petal width (cm)")
    assert dataset.task == "regression"
    assert "species" in dataset.X


def test_a_name_that_is_none_names_the_nearest(refusal: Callable[..., str]) -> None:
    known = "breast_cancer, iris, wine, digits, diabetes"
    assert refusal(datasets.load, "builtin:iriss") == (
        f"no built-in set is named 'iriss'; did you mean 'iris'? there are: {known}"
    )
    assert refusal(datasets.load, "builtin:") == f"no built-in set is named ''; there are: {known}"


def test_a_set_that_is_read_from_its_file_is_the_one_that_scikit_learn_gives() -> None:
    for name in ("iris", "wine", "breast_cancer"):
        read, target = builtin._from_file(name)
        given, classes = builtin._from_sklearn(name)
        pd.testing.assert_frame_equal(read, given, check_exact=True)
        pd.testing.assert_series_equal(target, classes, check_names=False)


def test_where_the_file_is_not_as_it_was_scikit_learn_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    digest = datasets.load("builtin:wine").digest
    for file, columns in (("gone.csv", ["a"]), ("iris.csv", ["a"])):
        monkeypatch.setitem(builtin._FILES, "wine", (file, columns))
        assert builtin._from_file("wine") is None
        assert datasets.load("builtin:wine").digest == digest


def test_the_first_sets_are_loaded_without_importing_scikit_learn() -> None:
    code = "import sys; from workbench import datasets; datasets.load('builtin:iris'); print('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
