"""No Python loop over rows."""

from workbench.nouns import Rule

RULE = Rule(
    id="vectorised",
    group="practice",
    level={"*": "should"},
    text="No Python loop over rows: use array operations.",
    order=520,
)
