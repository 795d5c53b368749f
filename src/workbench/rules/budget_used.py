"""Let `budget` set the effort."""

from workbench.nouns import Rule

RULE = Rule(
    id="budget-used",
    group="budget",
    level={"model": "must", "metrics": "must"},
    text="Let `budget` set the effort: epochs, iterations, estimators or a share of the data. It is a float: "
    "convert and bound it.",
    order=260,
)
