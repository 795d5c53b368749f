"""An inactive conditional hyperparameter is absent from `cfg`."""

from workbench.nouns import Rule

RULE = Rule(
    id="inactive-defaults",
    group="robust",
    level={"*": "must"},
    text="An inactive conditional hyperparameter is absent from `cfg`: give `cfg.get` a default, or test `name "
    "in cfg` first.",
    order=160,
)
