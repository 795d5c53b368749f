"""No needless copies of the data."""

from workbench.nouns import Rule

RULE = Rule(
    id="memory",
    group="practice",
    level={"*": "should"},
    text="No needless copies of the data.",
    order=530,
)
