"""Print how far it is."""

from workbench.nouns import Rule

RULE = Rule(
    id="progress",
    group="practice",
    level={"*": "should"},
    text="Print how far it is: a few lines, at most one for each epoch.",
    order=540,
)
