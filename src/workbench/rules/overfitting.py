"""Guard against memorising."""

from workbench.nouns import Rule

RULE = Rule(
    id="overfitting",
    group="evaluation",
    level={"*": "should"},
    text="Guard against memorising: early stopping, regularisation, or a validation part.",
    order=310,
)
