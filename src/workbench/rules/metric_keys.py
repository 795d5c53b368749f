"""Beside `loss`, return for every configuration the same keys."""

from workbench.nouns import Rule

RULE = Rule(
    id="metric-keys",
    group="result",
    level={"metrics": "must"},
    text="Beside `loss`, return for every configuration the same keys: `accuracy`, `balanced_accuracy`, "
    "`precision`, `recall`, `f1` for classification, `mse`, `mae`, `rmse`, `r2` for regression.",
    order=430,
)
