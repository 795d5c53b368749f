"""A few dozen rows, a class of one row or a single feature must not crash it."""

from workbench.nouns import Rule

RULE = Rule(
    id="small-data",
    group="data",
    level={"*": "should"},
    text="A few dozen rows, a class of one row or a single feature must not crash it.",
    order=240,
)
