"""The built-in sets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from workbench import datasets


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
