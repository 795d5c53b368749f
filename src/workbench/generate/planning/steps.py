"""The plan for `train` that the rules propose, step by step."""

from __future__ import annotations

from collections.abc import Iterable

from workbench import contracts
from workbench.nouns import Column, Dataset, Facade, Job, Space, Task
from workbench.recipes import Recipe

SKEWED = 3.0
"""Classes are skewed where the most frequent one has so many times the rows of the rarest."""
WIDE_CATEGORY = 30


def steps(job: Job, space: Space, recipes: tuple[Recipe, ...], facade: Facade) -> tuple[str, ...]:
    """What the function has to do, in order, each with its reason where it has one."""
    made = [_split(job), *_columns(job.dataset, "imputation" in space.names), _scale(recipes), _model(space, recipes)]
    if contracts.get(job.contract).takes_budget:
        made.append(_budget(recipes, facade, job.dataset.task))
    made += [_measure(job), _save(job)]
    return tuple(step for step in made if step)


def _split(job: Job) -> str:
    data = job.dataset
    own = f"Put a quarter of the {data.rows:,} rows aside, chosen by the seed, and measure on them."
    if data.task == "classification":
        rarest = int(data.y.value_counts().loc[lambda counts: counts > 0].min())
        own += (
            " Every class in its share."
            if rarest >= 2
            else " A class has a single row, so the parts cannot hold every class in its share: split without."
        )
    if not contracts.get(job.contract).takes_test:
        return own
    if data.X_test is not None:
        there = f"Train on all {data.rows:,} rows and measure on the test part of {len(data.X_test):,}."
        return f"{there} Where none is given: {_small(own)}"
    return f"Measure on the test part where one is given. Here there is none: {_small(own)}"


def _columns(data: Dataset, imputation: bool) -> Iterable[str]:
    *columns, _ = data.profile.columns
    of = {kind: [c for c in columns if c.kind == kind] for kind in ("number", "category", "boolean", "text", "date")}
    inside = "learnt on the training part alone"
    gaps = [c for c in of["number"] if c.missing]
    if gaps:
        how = "as `imputation` says" if imputation else "by the median"
        yield f"Fill the gaps of {_names(gaps)} {how}, {inside}, and keep the columns that are all gaps."
    narrow = [c for c in of["category"] if c.unique <= WIDE_CATEGORY]
    wide = [c for c in of["category"] if c.unique > WIDE_CATEGORY]
    if narrow:
        yield f"Turn {_names(narrow)} into one column a value; a value that training has not seen becomes all zeros."
    if wide:
        yield (
            f"Of {_names(wide)}, with more than {WIDE_CATEGORY} values, keep the {WIDE_CATEGORY} most frequent and put "
            "the rest together: a column for each would outnumber the rows that speak for it."
        )
    if of["boolean"]:
        yield f"Read {_names(of['boolean'])} as 0 and 1."
    if of["date"]:
        yield f"Turn {_names(of['date'])} into numbers: year, month, weekday, and days since the first row."
    if of["text"]:
        yield (f"Leave {_names(of['text'])} out, or count words: as a category, free text has nearly one value a row.")


def _scale(recipes: tuple[Recipe, ...]) -> str:
    scaled = [r.title.lower() for r in recipes if r.scaled]
    if not scaled:
        return "" if recipes else "Bring the numbers to mean 0 and deviation 1 if the model compares them."
    names = _listed(scaled)
    return f"Bring the numbers to mean 0 and deviation 1 for the {names}: distances and penalties compare them."


def _model(space: Space, recipes: tuple[Recipe, ...]) -> str:
    names = _listed([f"`{h.name}`" for h in space.hyperparameters], 6)
    reading = f"Read {names} from `cfg`" if len(space) else "Read the hyperparameters from `cfg`"
    absent = ", each with a default for when its condition does not hold" if space.conditions else ""
    if not recipes:
        return f"{reading}{absent}, and build the model that {'they belong' if len(space) != 1 else 'it belongs'} to."
    if len(recipes) > 1:
        return f"{reading}{absent}; build the family that is chosen ({_listed([r.title.lower() for r in recipes])})."
    article = "an" if recipes[0].title[0].lower() in "aeiou" else "a"
    return f"{reading}{absent}, and build {article} {_small(recipes[0].title)} with the seed."


def _budget(recipes: tuple[Recipe, ...], facade: Facade, task: Task) -> str:
    efforts = sorted({f"`{r.effort}`" for r in recipes if r.effort})
    share = "a share of the training rows" + (", every class in it" if task == "classification" else "")
    if not efforts:
        meaning = share
    elif all(r.effort for r in recipes):
        meaning = f"the number of steps, {_listed(efforts)}"
    else:
        meaning = f"the number of steps, {_listed(efforts)}, and for the families without steps {share}"
    use = "varies it" if facade.needs_budget else "gives none, another facade may"
    return f"Let `budget` mean {meaning}; None is a full training. {facade.title} {use}."


def _measure(job: Job) -> str:
    data = job.dataset
    if data.task == "regression":
        return "Return the root mean squared error on the held-out rows as the loss: it is in the unit of the target."
    counts = data.y.value_counts()
    counts = counts[counts > 0]
    skew = float(counts.max() / counts.min()) if len(counts) else 1.0
    if skew >= SKEWED:
        return (
            f"Return 1 − balanced accuracy on the held-out rows as the loss: the most frequent class has "
            f"{skew:.1f} times the rows of the rarest, and plain accuracy would reward passing over it."
        )
    return "Return 1 − balanced accuracy on the held-out rows as the loss: every class counts alike."


def _save(job: Job) -> str:
    what = "preprocessing and model as one pipeline"
    if job.contract == "model":
        return (
            f"Return {what}, so that `predict` takes the rows as they come; save it, with its scores, in `model_dir`."
        )
    return f"Save {what}, with its scores, in `model_dir` where one is given."


def _names(columns: list[Column], at_most: int = 5) -> str:
    return _listed([f"`{c.name}`" for c in columns], at_most)


def _listed(names: list[str], at_most: int = 5) -> str:
    shown, more = names[:at_most], len(names) - at_most
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
