"""Keep it short."""

from workbench.nouns import Rule

RULE = Rule(
    id="short",
    group="practice",
    level={"*": "should"},
    text="Keep it short: no dead code, no repetition, nothing that is not asked for.",
    order=550,
)
