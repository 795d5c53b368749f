"""Hyperparameters are read by the names of the space."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from workbench.nouns import Case, Example, Job, Rule, Seen
from workbench.rules._configuration import reads
from workbench.rules._mutation import Broken, each_read, name_of


def find(case: Case) -> Iterator[Seen]:
    """Every name that is read from `cfg` must be one of the space."""
    names = case.job.space.names
    found = reads(case)
    told: set[str] = set()
    for read in found.reads:
        if read.name in names or read.name in told or read.name == "*":
            continue
        told.add(read.name)
        near = difflib.get_close_matches(read.name, names, 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; the space has: {', '.join(names[:12])}"
        yield Seen.at(read.node, f"{read.name!r} is not a hyperparameter of the space{hint}")
    for node, reason in found.unknown:
        yield Seen.at(node, f"{reason}, so which hyperparameter it is cannot be told", "unknown")


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Names are misspelt."""

    def misspelt(read: ast.Call) -> ast.expr:
        name = name_of(read)
        name.value = f"{name.value!s}_"
        return read

    for name, broken in each_read(tree, misspelt):
        yield f"{name} is misspelt", broken


RULE = Rule(
    id="exact-names",
    group="robust",
    level={"*": "must"},
    text="Read hyperparameters by their exact names in the space, and no others.",
    find=find,
    examples=(Example('cfg.get("max_depth", 10)', 'cfg.get("depth", 10)'),),
    mutate=mutate,
    order=130,
)
