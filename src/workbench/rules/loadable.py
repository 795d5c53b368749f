"""The file must load in a fresh process and predict the same."""

from workbench.nouns import Rule

RULE = Rule(
    id="loadable",
    group="saved model",
    level={"*": "should"},
    text="The file must load in a fresh process and predict the same.",
    order=460,
)
