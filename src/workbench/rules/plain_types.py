"""Values may be `numpy."""

from workbench.nouns import Rule

RULE = Rule(
    id="plain-types",
    group="robust",
    level={"*": "must"},
    text="Values may be `numpy.int64`, `numpy.float64`, `numpy.str_` or `numpy.bool_`: convert each with "
    "`int`, `float`, `str` or `bool` before use.",
    order=170,
)
