"""Take the numbers of rows, features, classes and channels from the data."""

from workbench.nouns import Rule

RULE = Rule(
    id="no-hardcoded-shapes",
    group="data",
    level={"*": "must"},
    text="Take the numbers of rows, features, classes and channels from the data; write none of them into the code.",
    order=210,
)
