"""Where a hyperparameter chooses among algorithms, give each of its choices a branch with its own mode."""

from workbench.nouns import Rule

RULE = Rule(
    id="algorithm-choice",
    group="robust",
    level={"*": "must"},
    text="Where a hyperparameter chooses among algorithms, give each of its choices a branch with its own "
    "model; where the space is of one family, use that family.",
    order=190,
)
