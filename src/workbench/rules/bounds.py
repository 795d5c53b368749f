"""Clamp or check values before use, and the budget too."""

from workbench.nouns import Rule

RULE = Rule(
    id="bounds",
    group="robust",
    level={"*": "should"},
    text="Clamp or check values before use, and the budget too.",
    order=180,
)
