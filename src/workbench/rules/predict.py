"""The model answers `predict(X)` for a DataFrame, an array or a tensor, with one prediction a row, in ."""

from workbench.nouns import Rule

RULE = Rule(
    id="predict",
    group="result",
    level={"model": "must"},
    text="The model answers `predict(X)` for a DataFrame, an array or a tensor, with one prediction a row, in "
    "the form in which `y` came. Wrap a network so that it does.",
    order=420,
)
