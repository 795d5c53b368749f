"""Run a network on the GPU where there is one, and on the CPU where not."""

from workbench.nouns import Rule

RULE = Rule(
    id="gpu",
    group="practice",
    level={"*": "must"},
    text="Run a network on the GPU where there is one, and on the CPU where not.",
    order=510,
)
