"""Touch no files but those under `model_dir`, no network, no subprocess, no environment variables, no ."""

from workbench.nouns import Rule

RULE = Rule(
    id="self-contained",
    group="reply",
    level={"*": "must"},
    text="Touch no files but those under `model_dir`, no network, no subprocess, no environment variables, no "
    "`eval` or `exec`.",
    order=40,
)
