"""Read values with `cfg."""

from workbench.nouns import Rule

RULE = Rule(
    id="cfg-access",
    group="robust",
    level={"*": "should"},
    text="Read values with `cfg.get(name, default)` or `cfg[name]`; other ways to reach into `cfg` are gone or "
    "private.",
    order=150,
)
