"""Write the configuration and the scores beside the model, as JSON."""

from workbench.nouns import Rule

RULE = Rule(
    id="metadata",
    group="saved model",
    level={"*": "should"},
    text="Write the configuration and the scores beside the model, as JSON.",
    order=470,
)
