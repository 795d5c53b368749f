"""What the composer understands of a space: which family, and which of its parameters each hyperparameter sets."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

from workbench.nouns import GenerateError, Hyperparameter, Job, Space, Task, Value
from workbench.recipes import PREPROCESSING, Parameter, Recipe, absent, recipes


@dataclass(frozen=True)
class Setting:
    """A hyperparameter, and the parameter that it sets."""

    hyperparameter: Hyperparameter
    parameter: Parameter


@dataclass(frozen=True)
class Family:
    """One family with its settings, and the value of the selector that means it."""

    recipe: Recipe
    settings: tuple[Setting, ...]
    choice: Value | None = None


@dataclass(frozen=True)
class Plan:
    """The families of a space, what chooses among them, and what is tuned before the model."""

    families: tuple[Family, ...]
    selector: Hyperparameter | None
    preprocessing: tuple[Setting, ...]


def plan(job: Job) -> Plan:
    """Understand a job's space.

    Raises
    ------
    GenerateError
        If a hyperparameter is none of the recipes'; the sentence names it and what is near.
    """
    task, space = job.dataset.task, job.space
    known = [r for r in recipes().values() if task in r.estimators]
    selector = _selector(space, known, task)
    if selector is not None:
        return _of_several(space, selector, known, task)
    before = [(h, _preprocessing(h.name)) for h in space.hyperparameters]
    rest = [h for h, parameter in before if parameter is None]
    recipe = _best(space, rest, known, task)
    unknown = [h for h in rest if recipe.parameter(h.name, task) is None]
    _refuse_unknown_family(unknown, known)
    _refuse_unknown(unknown, [recipe], task)
    family = Family(recipe, _settings(rest, recipe, task))
    return Plan((family,), None, _unique([Setting(h, p) for h, p in before if p is not None], "the preprocessing"))


def _preprocessing(name: str) -> Parameter | None:
    return next((p for p in PREPROCESSING if name.lower() in (p.name, *p.aliases)), None)


def values(h: Hyperparameter) -> tuple[Value, ...]:
    """The values of a hyperparameter that lists them."""
    if h.kind == "constant":
        return (h.default,) if h.default is not None else ()
    return h.choices


def _selector(space: Space, known: list[Recipe], task: Task) -> Hyperparameter | None:
    for h in space.hyperparameters:
        listed = values(h)
        if any(r.parameter(h.name, task) is not None for r in known):
            continue  # a support vector machine's `kernel` may be "linear", and mean no linear model
        if listed and all(isinstance(v, str) and any(r.called(v) for r in known) for v in listed):
            return h
    return None


def _of_several(space: Space, selector: Hyperparameter, known: list[Recipe], task: Task) -> Plan:
    families = [(choice, next(r for r in known if r.called(choice))) for choice in values(selector)]
    settings: dict[Value, list[Hyperparameter]] = {choice: [] for choice, _ in families}
    before: list[Setting] = []
    unknown: list[Hyperparameter] = []
    for h in space.hyperparameters:
        if h.name == selector.name:
            continue
        allowed = _allowed(space, h.name, selector, set())
        takers = [c for c, r in families if c in allowed and r.parameter(h.name, task) is not None]
        parameter = _preprocessing(h.name)
        if takers:
            for choice in takers:
                settings[choice].append(h)
        elif parameter is not None:
            before.append(Setting(h, parameter))
        else:
            unknown.append(h)
    _refuse_unknown(unknown, [r for _, r in families], task)
    made = tuple(Family(r, _settings(settings[choice], r, task), choice) for choice, r in families)
    return Plan(made, selector, _unique(before, "the preprocessing"))


def _allowed(space: Space, name: str, selector: Hyperparameter, seen: set[str]) -> set[Value]:
    """The choices of the selector under which a hyperparameter can be active."""
    left = set(values(selector))
    for condition in space.conditions_of(name):
        reach: list[set[Value]] = []
        for clause in condition.clauses:
            if clause.parent == selector.name:
                given = clause.value if isinstance(clause.value, tuple) else (clause.value,)
                every = set(values(selector))
                reach.append(every - set(given) if clause.operator == "!=" else every & set(given))
            elif clause.parent not in seen:
                reach.append(_allowed(space, clause.parent, selector, seen | {name}))
        if reach:
            joined = reach[0]
            for more in reach[1:]:
                joined = joined & more if condition.join == "and" else joined | more
            left &= joined
    return left


def _best(space: Space, rest: list[Hyperparameter], known: list[Recipe], task: Task) -> Recipe:
    """The recipe that knows most of the names, by their own spelling before an alias; the plainest of equals."""

    def score(recipe: Recipe) -> tuple[int, int, int, int]:
        found = [recipe.parameter(h.name, task) for h in rest]
        exact = sum(p is not None and p.name == h.name for p, h in zip(found, rest, strict=True))
        named = int(recipe.title.lower() in space.name.lower()) if space.name else 0
        own = sum(h in recipe.space(task).hyperparameters for h in rest)
        return sum(p is not None for p in found), exact + named, own, -recipe.order

    return max(known, key=score)


def _settings(rows: list[Hyperparameter], recipe: Recipe, task: Task) -> tuple[Setting, ...]:
    found = [(h, recipe.parameter(h.name, task)) for h in rows]
    return _unique([Setting(h, p) for h, p in found if p is not None], recipe.phrase)


def _unique(settings: list[Setting], what: str) -> tuple[Setting, ...]:
    """The settings, if no two of them set one parameter."""
    made: dict[str, Setting] = {}
    for setting in settings:
        h, parameter = setting.hyperparameter, setting.parameter
        if parameter.name in made:
            raise GenerateError(
                f"{made[parameter.name].hyperparameter.name!r} and {h.name!r} both set {parameter.name} of "
                f"{what}; keep one of them, or have a language model write the function"
            )
        made[parameter.name] = setting
    return tuple(made.values())


def _refuse_unknown_family(unknown: list[Hyperparameter], known: list[Recipe]) -> None:
    """Say so where a hyperparameter chooses among families of which one is not known, or not installed."""
    for h in unknown:
        strange = [v for v in values(h) if not any(r.called(v) for r in known)]
        waiting = {v: r for v in strange for r in absent().values() if isinstance(v, str) and r.called(v)}
        if waiting and len(waiting) == len(strange):
            choice, recipe = next(iter(waiting.items()))
            raise GenerateError(
                f"the choice {choice!r} of {h.name!r} needs {recipe.requires}, which is not installed here; "
                f"`pip install {recipe.requires}` brings it. Or remove the choice."
            )
        if strange and len(strange) < len(values(h)):
            raise GenerateError(
                f"the choice {strange[0]!r} of {h.name!r} is no family that the offline composer knows; it knows "
                f"{', '.join(r.id for r in known)}. Remove it, or have a language model write the function."
            )


def _refuse_unknown(unknown: list[Hyperparameter], tried: list[Recipe], task: Task) -> None:
    if not unknown:
        return
    titles = " and ".join(r.phrase for r in tried[:3]) + (" and others" if len(tried) > 3 else "")
    listed = ", ".join(repr(h.name) for h in unknown[:5])
    more = f" (and {len(unknown) - 5} more)" if len(unknown) > 5 else ""
    means = "means" if len(unknown) == 1 else "mean"
    raise GenerateError(
        f"the offline composer takes this space for {titles}, where {listed}{more} {means} nothing to it; "
        f"{_near(unknown[0].name, tried, task)} "
        "Rename or remove it, start from a preset, or have a language model write the function."
    )


def _near(name: str, tried: list[Recipe], task: Task) -> str:
    """The name that is nearest to one that is not known, in the families of the space or else in others."""
    own = _names(tried, task) | {n: "" for p in PREPROCESSING for n in (p.name, *p.aliases)}
    others = _names([r for r in (*recipes().values(), *absent().values()) if task in r.estimators], task)
    bare = name.lower().rpartition(":")[2].rpartition("__")[2]
    (near, likeness), (far, elsewhere) = _nearest((name.lower(), bare), own), _nearest((name.lower(), bare), others)
    if elsewhere == 1.0 > likeness:
        return f"{far!r} is one of {others[far]}."
    if elsewhere > max(likeness, 0.5) + 0.15:
        return f"the nearest is {far!r} of {others[far]}."
    if likeness > 0.5:
        return f"did you mean {near!r}?"
    known = sorted({p.name for r in tried for p in r.parameters if task in p.tasks} | {p.name for p in PREPROCESSING})
    return f"it knows {', '.join(known)}."


def _nearest(spellings: tuple[str, ...], names: Collection[str]) -> tuple[str, float]:
    """The name that is most like one of the spellings, and how like it is, from 0 to 1."""
    every = [(n, difflib.SequenceMatcher(None, s, n.lower()).ratio()) for n in names for s in spellings]
    return max(every, key=lambda pair: pair[1])


def _names(among: list[Recipe], task: Task) -> dict[str, str]:
    """Every name that the families understand, and the title of the first that does."""
    found: dict[str, str] = {}
    for recipe in among:
        title = recipe.phrase if recipe.installed else f"{recipe.phrase}, for which {recipe.requires} must be installed"
        for parameter in recipe.parameters:
            if task in parameter.tasks:
                for name in (parameter.name, *parameter.aliases):
                    found.setdefault(name, title)
    return found
