"""Where `dataset` has `X_test` and `y_test`, train on all of `X` and measure on them, and split nothin."""

from workbench.nouns import Rule

RULE = Rule(
    id="test-split",
    group="evaluation",
    level={"metrics": "must"},
    text="Where `dataset` has `X_test` and `y_test`, train on all of `X` and measure on them, and split "
    "nothing; else split off 20 to 30 % and measure there.",
    order=290,
)
