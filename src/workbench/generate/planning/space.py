"""The space that the rules propose: a preset that suits the table, cut to its size; or the person's own."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

from workbench.generate.planning.reckoning import Size, about, duration, families, seconds
from workbench.nouns import Condition, Dataset, Hyperparameter, Job, Space
from workbench.recipes import Preset, presets

FEW_ROWS, MANY_ROWS = 500, 5_000
MANY_CLASSES = 30
ENOUGH_TRIALS = 20
BALANCED = 0.5
"""A rarest class at least this share of the most frequent one changes little by weights."""


@dataclass(frozen=True)
class Chosen:
    """A space, and each choice in it with why."""

    space: Space
    reasons: tuple[str, ...]


def choose_space(job: Job, size: Size, time_s: float) -> Chosen:
    """A space for a job.

    The person's own stays as it is; where there is none yet, or a preset, the preset that suits is chosen.
    """
    if len(job.space) and not _is_preset(job.space):
        return Chosen(job.space, ("The space is your own, so it stays as it is.",))
    preset, why = _preset(job, size, time_s)
    return _fitted(preset.space, job.dataset, size, why)


def _is_preset(space: Space) -> bool:
    every = [p.space for task in ("classification", "regression") for p in presets(task)]
    return space in every


def _preset(job: Job, size: Size, time_s: float) -> tuple[Preset, str]:
    """The first preset whose trainings fit into the time, in the order in which the size of the table speaks for it."""
    data = job.dataset
    known = {p.id: p for p in presets(data.task)}
    wanted = [(i, why) for i, why in _preferences(data, size) if i in known] or [
        (next(iter(known)), "It is the first.")
    ]
    taken: dict[str, float] = {}
    for preset_id, why in wanted:
        each = seconds(families(replace(job, space=known[preset_id].space)), size)
        if ENOUGH_TRIALS * each <= time_s:
            skipped = "".join(
                f" {known[i].title} would suit better, but one training takes {about(s)}." for i, s in taken.items()
            )
            return known[preset_id], f"{known[preset_id].title}: {why}{skipped}"
        taken[preset_id] = each
    quickest = min(taken, key=lambda i: taken[i])
    return known[quickest], (
        f"{known[quickest].title}: it trains fastest, and {duration(time_s)} are short for {data.rows:,} rows."
    )


def _preferences(data: Dataset, size: Size) -> list[tuple[str, str]]:
    """Presets from the best on, each with its reason."""
    shape = f"{data.rows:,} rows and {data.features:,} columns"
    tail = [
        ("hist_gradient_boosting", "it is the strongest family on most tables, and fast on large ones."),
        ("random_forest", "it is hard to break and has little to tune."),
        ("extra_trees", "its trees choose their splits at random, which is quick."),
        ("linear", "it trains fast, and is what others must beat."),
        ("decision_tree", "a single tree trains fast."),
    ]
    if size.columns > size.rows:
        widths = f"{size.columns:,} columns, encoded, for {size.rows:,} rows to train on"
        first = [("linear", f"{widths}; few other families keep from learning those by heart.")]
    elif data.rows < FEW_ROWS:
        first = [("random_forest", f"{shape} are few; it is hard to break and has little to tune.")]
    elif data.rows < MANY_ROWS:
        first = [("several", f"{shape} do not tell which family suits, and trainings are short enough to try them.")]
    elif size.models > MANY_CLASSES:
        first = [("random_forest", f"boosting trains one model for each of {size.models} classes; a forest only one.")]
    else:
        first = [("hist_gradient_boosting", f"on tables of this size ({shape}) it is usually the strongest family.")]
    return first + [(i, why) for i, why in tail if i != first[0][0]]


# ---------------------------------------------------------------------- cut to the table


def _fitted(space: Space, data: Dataset, size: Size, why: str) -> Chosen:
    reasons = [why]
    caps = (
        ("min_samples_leaf", max(4, size.rows // 10), "a leaf of more rows than a tenth of the table says little"),
        ("min_samples_split", max(4, size.rows // 5), "a node is not left whole at a fifth of the table"),
        ("max_leaf_nodes", max(8, size.rows // 4), "more leaves than a quarter of the rows fit single rows"),
        ("n_neighbors", max(3, size.rows // 3), "a third of the rows is no neighbourhood any more"),
    )
    rows = []
    for h in space.hyperparameters:
        cap = next((c for c in caps if _is(h, c[0])), None)
        if cap and isinstance(h.high, int) and h.high > cap[1]:
            reasons.append(f"{h.name} ends at {cap[1]} instead of {h.high}: {cap[2]}.")
            low = h.low if h.low is not None and h.low < cap[1] else 1
            default = min(h.default, cap[1]) if isinstance(h.default, int) else h.default
            h = replace(h, low=low, high=cap[1], default=default)
        rows.append(h)
    made = replace(space, hyperparameters=tuple(rows))
    made = _without_weights(made, data, reasons)
    if size.columns <= 3:
        gone = [h.name for h in made.hyperparameters if _is(h, "max_features")]
        if gone:
            made = without(made, gone)
            reasons.append(f"{_listed(gone)} left out: of {size.columns} columns there is hardly a share to choose.")
    gaps = [c.name for c in data.profile.columns[:-1] if c.missing and c.kind == "number"]
    if gaps:
        how = Hyperparameter("imputation", "categorical", choices=("mean", "median", "most_frequent"), default="median")
        made = replace(made, hyperparameters=(*made.hyperparameters, how))
        reasons.append(f"imputation added: how the gaps in {_listed(gaps)} are filled is searched, too.")
    return Chosen(made, tuple(reasons))


def _without_weights(space: Space, data: Dataset, reasons: list[str]) -> Space:
    weights = [h.name for h in space.hyperparameters if _is(h, "class_weight")]
    if not weights or data.task != "classification":
        return space
    counts = data.y.value_counts()
    counts = counts[counts > 0]
    share = float(counts.min() / counts.max()) if len(counts) else 1.0
    if share >= BALANCED:
        reasons.append(
            f"{_listed(weights)} left out: the classes are about equally frequent, so weights change little."
        )
        return without(space, weights)
    rarest = math.ceil(1 / share)
    reasons.append(f"{_listed(weights)} kept: the most frequent class is about {rarest} times the rarest.")
    return space


def _is(h: Hyperparameter, name: str) -> bool:
    return h.name == name or h.name.endswith(f"_{name}")


def without(space: Space, names: Collection[str]) -> Space:
    """A space without some hyperparameters, and without the clauses that speak of them."""
    conditions = []
    for c in space.conditions:
        left = tuple(k for k in c.clauses if k.parent not in names)
        if c.child not in names and left:
            conditions.append(Condition(c.child, left, c.join))
    forbidden = tuple(f for f in space.forbidden if not any(n in names for n in f.names))
    rows = tuple(h for h in space.hyperparameters if h.name not in names)
    return replace(space, hyperparameters=rows, conditions=tuple(conditions), forbidden=forbidden)


def _listed(names: Collection[str], at_most: int = 4) -> str:
    shown = [str(n) for n in names][:at_most]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
