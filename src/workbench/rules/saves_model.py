"""When `model_dir` is given, make the folder if need be and write the model into it in its framework's."""

from workbench.nouns import Rule

RULE = Rule(
    id="saves-model",
    group="saved model",
    level={"*": "must", "metrics": "should"},
    text="When `model_dir` is given, make the folder if need be and write the model into it in its framework's "
    "own format; without it, write nothing.",
    order=440,
)
