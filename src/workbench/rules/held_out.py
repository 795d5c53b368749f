"""Measure the loss on data that nothing was fitted on."""

from workbench.nouns import Rule

RULE = Rule(
    id="held-out",
    group="evaluation",
    level={"*": "must"},
    text="Measure the loss on data that nothing was fitted on: split first, then fit scalers, encoders and the "
    "model on the training part alone.",
    order=280,
)
