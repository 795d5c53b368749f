"""Every recipe and every preset: sound, told apart, and found by dropping a file in."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from workbench import recipes, space
from workbench.nouns import Space

TASKS = ("classification", "regression")
RECIPES = list(recipes.recipes().values())
PRESETS = [preset for task in TASKS for preset in recipes.presets(task)]


def named(value):
    return getattr(value, "id", str(value))


def estimator_of(recipe, task):
    """The class: a library's, or one that stands in the code."""
    if not recipe.classes:
        return getattr(importlib.import_module(recipe.module), recipe.estimators[task])
    head = """
import math
from dataclasses import dataclass
from typing import Any
import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from torch import nn
"""
    namespace: dict = {"__name__": "composed"}
    source = head + "\n".join(recipes.network_classes(recipe, task))
    exec(compile(source, "<classes>", "exec", dont_inherit=True), namespace)
    return namespace[recipe.estimators[task]]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: f"{p.id}-{p.task}")
def test_every_preset_is_a_valid_space_that_configspace_takes_as_it_is(preset):
    space.check(preset.space)
    assert [p.text for p in space.remarks(preset.space)] == []
    back = space.from_configspace(space.to_configspace(preset.space))
    assert {h.name: h for h in back.hyperparameters} == {h.name: h for h in preset.space.hyperparameters}
    assert {c.child for c in back.conditions} == {c.child for c in preset.space.conditions}
    assert all(h.default is not None for h in preset.space.hyperparameters)


@pytest.mark.parametrize("task", TASKS)
def test_every_preset_of_a_task_has_an_id_a_title_and_a_summary_of_its_own(task):
    found = recipes.presets(task)
    assert {p.task for p in found} == {task}
    for texts in ([p.id for p in found], [p.title for p in found], [p.summary for p in found]):
        assert all(texts)
        assert len(set(texts)) == len(texts)
    assert all(p.id.isidentifier() and p.summary.endswith(".") and p.space.name == p.title for p in found)


@pytest.mark.parametrize("task", TASKS)
def test_the_presets_are_the_recipes_in_order_then_preprocessing_and_several_families(task):
    found = [p.id for p in recipes.presets(task)]
    assert found == [*recipes.recipes(), "svm_preprocessing", "several"]
    assert found[0] == "random_forest"


def test_what_belongs_to_one_task_is_in_that_task_alone():
    names = {task: {p.id: p.space.names for p in recipes.presets(task)} for task in TASKS}
    assert "class_weight" in names["classification"]["random_forest"]
    assert "class_weight" not in names["regression"]["random_forest"]
    assert "epsilon" in names["regression"]["svm"]
    assert "epsilon" not in names["classification"]["svm"]


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
@pytest.mark.parametrize("task", TASKS)
def test_a_recipe_understands_its_own_preset_and_names_what_its_estimator_has(recipe, task):
    own = [recipe.parameter(h.name, task) for h in recipe.space(task).hyperparameters]
    assert None not in own
    estimator = estimator_of(recipe, task)
    signature = inspect.signature(estimator).parameters
    known = {*estimator().get_params(), *signature}
    if any(p.kind is p.VAR_KEYWORD for p in signature.values()):
        known |= {"max_bin", "verbosity", "deterministic", "force_row_wise"}  # LightGBM's own, handed on as they are
    asked = {p.name for p in recipe.parameters if p.argument and task in p.tasks}
    assert asked <= known
    assert {line.partition("=")[0] for line in recipe.fixed} <= known
    assert not recipe.effort or recipe.effort in known
    assert ("random_state" in known) >= recipe.seeded


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_no_two_parameters_of_a_recipe_go_by_one_name(recipe):
    for task in TASKS:
        every = (*recipe.parameters, *recipes.PREPROCESSING)
        names = [n for p in every if task in p.tasks for n in (p.name, *p.aliases)]
        assert len(set(names)) == len(names)


def test_a_word_calls_one_family_at_most():
    for recipe in RECIPES:
        for word in (recipe.id, recipe.short, recipe.title, *recipe.names, *recipe.estimators.values()):
            assert [r.id for r in RECIPES if r.called(word)] == [recipe.id]
    assert [r.id for r in RECIPES if r.called("Random Forest")] == ["random_forest"]
    assert [r.id for r in RECIPES if r.called("perceptron tree")] == []


@pytest.mark.parametrize("task", TASKS)
def test_in_the_space_of_several_families_each_hyperparameter_is_active_under_its_own_family_alone(task):
    several = next(p.space for p in recipes.presets(task) if p.id == "several")
    prefixes = {r.id: f"{r.short}_" for r in RECIPES}
    defaults = {h.name: space.resolved_default(h) for h in several.hyperparameters}
    for family in several["algorithm"].choices:
        on = space.active(several, {**defaults, "algorithm": family}) - {"algorithm"}
        assert on
        assert all(name.startswith(prefixes[family]) for name in on)


@pytest.mark.parametrize(("kernel", "on"), [("rbf", {"gamma"}), ("poly", {"gamma", "degree"}), ("linear", set())])
def test_the_support_vector_machine_has_gamma_and_degree_where_its_kernel_has(kernel, on):
    made = next(p.space for p in recipes.presets("classification") if p.id == "svm")
    values = {h.name: space.resolved_default(h) for h in made.hyperparameters}
    assert space.active(made, {**values, "kernel": kernel}) & {"gamma", "degree"} == on


def test_the_page_of_the_recipes_says_what_they_say():
    script = Path(__file__).resolve().parents[2] / "scripts" / "recipes_doc.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


LASSO = '''
    """The lasso: a recipe that somebody dropped in."""

    from workbench.nouns import Hyperparameter
    from workbench.recipes._recipe import Parameter, Recipe

    RECIPE = Recipe(
        id="lasso",
        title="Lasso",
        summary="A linear model with a penalty on sizes.",
        module="sklearn.linear_model",
        estimators={"regression": "Lasso"},
        short="lasso",
        parameters=(Parameter("alpha", "number", low=0.0), Parameter("positive", "flag")),
        preset=(
            Hyperparameter("alpha", "float", low=0.01, high=10.0, log=True, default=1.0),
            Hyperparameter("positive", "categorical", choices=(True, False), default=False),
        ),
        scaled=True,
        order=1,
    )
'''


@pytest.fixture
def dropped_in(tmp_path, monkeypatch):
    """A recipe in a file of its own, beside the others."""
    (tmp_path / "lasso.py").write_text(textwrap.dedent(LASSO))
    monkeypatch.setattr(recipes, "__path__", [*recipes.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    recipes.recipes.cache_clear()
    yield
    sys.modules.pop("workbench.recipes.lasso", None)
    monkeypatch.undo()
    recipes.recipes.cache_clear()


@pytest.mark.usefixtures("dropped_in")
def test_a_recipe_dropped_in_is_found_offered_for_its_task_and_composed():
    import numpy as np
    import pandas as pd

    from workbench import datasets
    from workbench.generate import compose
    from workbench.nouns import Job, Scenario

    assert next(iter(recipes.recipes())) == "lasso"
    assert "lasso" not in {p.id for p in recipes.presets("classification")}
    preset = recipes.presets("regression")[0]
    assert (preset.id, preset.title) == ("lasso", "Lasso")
    space.check(preset.space)
    frame = pd.DataFrame({"x": np.arange(40.0), "y": np.arange(40.0) % 7})
    dataset = datasets.make(frame, "y", task="regression")
    code = compose(Job(dataset, Space(preset.space.hyperparameters), "hpo", "loss", Scenario())).code
    assert "return Lasso(" in code
    namespace: dict = {}
    exec(code, namespace)
    assert namespace["train"]({"alpha": 1.0, "positive": True}, {"X": dataset.X, "y": dataset.y}, 0) > 0


def test_without_the_file_the_recipe_is_gone_again():
    assert "lasso" not in recipes.recipes()
