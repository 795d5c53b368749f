"""Lower is better, always."""

from workbench.nouns import Rule

RULE = Rule(
    id="sign",
    group="evaluation",
    level={"*": "must"},
    text={
        "loss": "Lower is better: negate a score that is to be maximised; return an error as it is.",
        "model": "Lower is better: negate a score that is to be maximised; return an error as it is.",
        "metrics": "`loss` is to be minimised; scores stay positive, errors as they are.",
    },
    order=300,
)
