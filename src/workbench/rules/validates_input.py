"""Check the shapes of `X` and `y` where they come in."""

from workbench.nouns import Rule

RULE = Rule(
    id="validates-input",
    group="robust",
    level={"*": "should"},
    text="Check the shapes of `X` and `y` where they come in; when their lengths differ, raise a `ValueError` "
    "that says both.",
    order=200,
)
