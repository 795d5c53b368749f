"""`X` may be a DataFrame, an array or a tensor, `y` a Series, an array or a tensor, and labels may be ."""

from workbench.nouns import Rule

RULE = Rule(
    id="input-kinds",
    group="data",
    level={"*": "must"},
    text="`X` may be a DataFrame, an array or a tensor, `y` a Series, an array or a tensor, and labels may be strings.",
    order=220,
)
