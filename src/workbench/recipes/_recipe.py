"""What the composer must know of a family of models."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Literal

from workbench.nouns import Hyperparameter, Space, Task

TASKS: tuple[Task, ...] = ("classification", "regression")

GENERAL = ("model", "classifier", "regressor", "estimator", "clf")
"""Prefixes that name no family; auto-sklearn and pipelines put them first."""

SIGNS = ("_", ":", ".", "-", " ")

ParameterKind = Literal["integer", "number", "choice", "flag"]


@dataclass(frozen=True)
class Parameter:
    """One thing about a model that a hyperparameter may set.

    Attributes
    ----------
    low, high : number, optional
        What the model itself accepts; a wider range of a space is clamped to it.
    choices : tuple of str
        What a `choice` may be; empty where the model takes any.
    none : tuple of str
        Words that stand for None, or for what the model writes in its place.
    nothing : str
        What it writes in its place, as Python.
    numbers : bool
        A `choice` that may be a number too, and a number that may be one of the `choices`.
    code : str
        The argument as Python, with `{value}` for what was read; `n_fit` is the number of training rows.
    argument : bool
        False where the value is not handed to the model under its own name; see `Recipe.extra`.
    """

    name: str
    kind: ParameterKind
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    nothing: str = "None"
    aliases: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = TASKS
    numbers: bool = False
    code: str = "{value}"
    argument: bool = True


@dataclass(frozen=True)
class Recipe:
    """A family of models: where it is imported from, which hyperparameters it has, how a budget limits it.

    Attributes
    ----------
    module, estimators : str, mapping
        The class by task, and the module that holds it.
    names : tuple of str
        What an algorithm hyperparameter calls it, beside the id and the title.
    short : str
        A prefix for its hyperparameters in a space of several families.
    parameters : tuple of Parameter
        Every hyperparameter that it understands.
    preset : tuple of Hyperparameter
        A good space to start from; `by_task` adds rows for one task.
    effort : str
        The parameter that counts its steps (trees, iterations, epochs); empty where only the rows can grow.
    full_effort : int
        Steps of a full training where no hyperparameter says.
    fixed : tuple of str
        Further arguments, as Python, unless a hyperparameter sets the same one.
    seeded : bool
        Whether it takes `random_state`.
    scaled : bool
        Whether it needs features of like scale.
    scales_target : bool
        Whether it needs a numeric target of like scale, too.
    extra : function, optional
        Arguments made of several values: from the names that were read, and the task, to Python; they go before others.
    requires : str
        The module that must be installed for it, where that is more than the workbench brings along.
    labels : bool
        Whether it must be handed class labels as 0, 1, 2, ….
    classes : tuple of str
        Classes of a network of PyTorch as source, where no library has the estimator; they stand in the code.
    codes : bool
        Whether categories go in as whole numbers, in columns named after them, in place of one column for each value.
    """

    id: str
    title: str
    summary: str
    module: str
    estimators: Mapping[Task, str]
    parameters: tuple[Parameter, ...]
    preset: tuple[Hyperparameter, ...]
    short: str
    names: tuple[str, ...] = ()
    by_task: Mapping[Task, tuple[Hyperparameter, ...]] = field(default_factory=dict)
    effort: str = ""
    full_effort: int = 100
    fixed: tuple[str, ...] = ()
    seeded: bool = True
    scaled: bool = False
    scales_target: bool = False
    extra: Callable[[Collection[str], Task], tuple[str, ...]] | None = None
    order: int = 100
    requires: str = ""
    labels: bool = False
    classes: tuple[str, ...] = ()
    codes: bool = False

    @property
    def installed(self) -> bool:
        """Whether its code can run here; nothing is imported to find out."""
        return not self.requires or find_spec(self.requires) is not None

    @property
    def phrase(self) -> str:
        """Its title within a sentence: in small letters, unless it is a name."""
        first = self.title.split()[0]
        return self.title[0].lower() + self.title[1:] if first[1:].islower() else self.title

    def space(self, task: Task) -> Space:
        """Its preset space."""
        return Space((*self.preset, *self.by_task.get(task, ())), name=self.title)

    def parameter(self, name: str, task: Task) -> Parameter | None:
        """The parameter that a hyperparameter of this name sets, by name, alias, or behind the family's prefix."""
        prefixes = (*GENERAL, self.short, self.id, *self.names, *self.estimators.values())
        spelled = {_letters(rest) for rest in _without(name.lower(), [p.lower() for p in prefixes])}
        for parameter in self.parameters:
            if task in parameter.tasks and spelled & {_letters(n) for n in (parameter.name, *parameter.aliases)}:
                return parameter
        return None

    def called(self, value: object) -> bool:
        """Whether an algorithm hyperparameter means this family."""
        words = (self.id, self.short, self.title, *self.names, *self.estimators.values())
        return _letters(str(value)) in {_letters(w) for w in words}


def _without(name: str, prefixes: Collection[str]) -> set[str]:
    """The name, and what is left of it behind one prefix or several."""
    found = {name}
    for prefix in prefixes:
        if name.startswith(prefix) and name[len(prefix) :].startswith(SIGNS):
            found |= _without(name[len(prefix) :].lstrip("".join(SIGNS)), prefixes)
    return found


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
