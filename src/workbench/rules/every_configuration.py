"""Every valid configuration of the space must train."""

from workbench.nouns import Rule

RULE = Rule(
    id="every-configuration",
    group="robust",
    level={"*": "must"},
    text="Every valid configuration of the space must train: think of the corners of each range and of combinations.",
    order=120,
)
