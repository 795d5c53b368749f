"""Every hyperparameter has an effect."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.nouns import Case, Example, Job, Rule, Seen
from workbench.rules._configuration import reads
from workbench.rules._mutation import Broken, default_of, each_read


def find(case: Case) -> Iterator[Seen]:
    """A name that is never read cannot have an effect."""
    found = reads(case)
    unread = [n for n in case.job.space.names if n not in found.names and n not in found.tested]
    if not unread:
        return
    if found.whole or found.unknown:
        node = (found.whole or [found.unknown[0][0]])[0]
        listed = ", ".join(unread[:8])
        yield Seen.at(
            node, f"the configuration is used as a whole here; whether {listed} is read cannot be told", "unknown"
        )
        return
    for name in unread:
        yield Seen("fail", f"{name!r} is never read from `cfg`", case.train.lineno if case.train else None)


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """A hyperparameter is not read, its default is used."""
    for name, broken in each_read(tree, default_of):
        yield f"{name} is not read", broken


RULE = Rule(
    id="all-names",
    group="robust",
    level={"*": "must"},
    text="Use every hyperparameter of the space: each must have an effect.",
    find=find,
    examples=(Example('int(cfg.get("max_depth", 10))', "10"),),
    mutate=mutate,
    order=140,
)
