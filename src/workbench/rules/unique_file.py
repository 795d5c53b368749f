"""Give each configuration a file of its own."""

from workbench.nouns import Rule

RULE = Rule(
    id="unique-file",
    group="saved model",
    level={"*": "must", "metrics": "should"},
    text="Give each configuration a file of its own: a hash of the configuration, or a time, in the name.",
    order=450,
)
