"""Import everything that is used and nothing else."""

from workbench.nouns import Rule

RULE = Rule(
    id="imports",
    group="reply",
    level={"*": "must"},
    text="Import everything that is used and nothing else; use one learning framework for one model.",
    order=30,
)
