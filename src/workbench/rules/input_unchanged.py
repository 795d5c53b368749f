"""Leave the caller's data as it is."""

from workbench.nouns import Rule

RULE = Rule(
    id="input-unchanged",
    group="data",
    level={"*": "must"},
    text="Leave the caller's data as it is: copy before you change.",
    order=230,
)
