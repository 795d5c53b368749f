"""With `budget=None`, train with a sensible default effort."""

from workbench.nouns import Rule

RULE = Rule(
    id="budget-none",
    group="budget",
    level={"model": "must", "metrics": "must"},
    text="With `budget=None`, train with a sensible default effort.",
    order=250,
)
