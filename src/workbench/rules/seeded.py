"""Pass `seed` to every source of chance (generators, estimators, splits, framework seeds)."""

from workbench.nouns import Rule

RULE = Rule(
    id="seeded",
    group="evaluation",
    level={"*": "must"},
    text="Pass `seed` to every source of chance (generators, estimators, splits, framework seeds): one seed, "
    "one result.",
    order=270,
)
