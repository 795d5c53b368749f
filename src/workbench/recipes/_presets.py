"""Spaces to start from: one for each recipe, one with preprocessing, one that chooses among families."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workbench.nouns import Clause, Condition, Hyperparameter, Space, Task
from workbench.recipes._preprocessing import PRESET
from workbench.recipes._recipe import Recipe

SELECTED = ("random_forest", "hist_gradient_boosting", "svm", "linear")


@dataclass(frozen=True)
class Preset:
    """A named space, and what it is good for."""

    id: str
    title: str
    summary: str
    space: Space
    task: Task


def presets(recipes: Iterable[Recipe], task: Task) -> tuple[Preset, ...]:
    """Every preset for a task, the plainest first."""
    known = {r.id: r for r in recipes if task in r.estimators}
    found = [Preset(r.id, r.title, r.summary, r.space(task), task) for r in known.values()]
    if "svm" in known:
        found.append(_with_preprocessing(known["svm"], task))
    chosen = [known[i] for i in SELECTED if i in known]
    if len(chosen) > 1:
        found.append(_several(chosen, task))
    return tuple(found)


def _with_preprocessing(recipe: Recipe, task: Task) -> Preset:
    space = recipe.space(task)
    title = f"{recipe.title} with preprocessing"
    return Preset(
        f"{recipe.id}_preprocessing",
        title,
        "Tunes how gaps are filled, how features are scaled and how many are kept, together with the model.",
        replace(space, hyperparameters=(*PRESET, *space.hyperparameters), name=title),
        task,
    )


def _several(chosen: list[Recipe], task: Task) -> Preset:
    """A hyperparameter that chooses the family; each family's own are active under it."""
    algorithm = Hyperparameter("algorithm", "categorical", choices=tuple(r.id for r in chosen), default=chosen[0].id)
    rows, conditions = [algorithm], []
    for recipe in chosen:
        space = recipe.space(task)
        new = {name: f"{recipe.short}_{name}" for name in space.names}
        rows += [replace(h, name=new[h.name]) for h in space.hyperparameters]
        mine = Clause("algorithm", "==", recipe.id)
        inner = {c.child: tuple(replace(k, parent=new[k.parent]) for k in c.clauses) for c in space.conditions}
        # a condition within the family implies the family
        conditions += [Condition(new[name], inner.get(name, (mine,))) for name in space.names]
    return Preset(
        "several",
        "Several families",
        "Chooses the family and its hyperparameters at once: the whole question of AutoML in one space.",
        Space(tuple(rows), tuple(conditions), name="Several families"),
        task,
    )
