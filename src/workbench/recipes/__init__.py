"""Families of models that the offline composer can write, and the preset spaces that they bring. One file each."""

from __future__ import annotations

import sys
from functools import cache

from workbench.nouns import Task
from workbench.recipes import _network, _presets
from workbench.recipes._preprocessing import PREPROCESSING
from workbench.recipes._presets import Preset
from workbench.recipes._recipe import Parameter, Recipe
from workbench.registry import discover

__all__ = ["PREPROCESSING", "Parameter", "Preset", "Recipe", "absent", "network_classes", "presets", "recipes"]


@cache
def recipes() -> dict[str, Recipe]:
    """Every recipe whose libraries are installed here, by id."""
    return {name: recipe for name, recipe in _every().items() if recipe.installed}


def absent() -> dict[str, Recipe]:
    """The recipes that wait for a library which is not installed here, by id."""
    return {name: recipe for name, recipe in _every().items() if name not in recipes()}


def network_classes(recipe: Recipe, task: Task) -> tuple[str, ...]:
    """The source of every class that a network needs, in the order in which they must stand."""
    return (_network.network(task), *recipe.classes) if recipe.classes else ()


def _every() -> dict[str, Recipe]:
    return discover(sys.modules[__name__], "RECIPE", Recipe).parts


def presets(task: Task) -> tuple[Preset, ...]:
    """The preset spaces for a task, the plainest first."""
    return _presets.presets(recipes().values(), task)
