"""Search spaces: checked, edited, sampled, and converted to ConfigSpace and back."""

from workbench.space.activity import active, allowed, holds, resolved_default
from workbench.space.clauses import (
    condition_text,
    forbidden_text,
    parse_condition,
    parse_forbidden,
)
from workbench.space.convert import configuration, default, from_configspace, plain, sample, to_configspace
from workbench.space.definition import definition
from workbench.space.draft import SpaceDraft
from workbench.space.formats import (
    from_data,
    from_json,
    from_yaml,
    to_configspace_json,
    to_configspace_yaml,
    to_json,
    to_python,
    to_yaml,
)
from workbench.space.problems import Problem, check, problems, remarks
from workbench.space.rows import Row

__all__ = [
    "Problem",
    "Row",
    "SpaceDraft",
    "active",
    "allowed",
    "check",
    "condition_text",
    "configuration",
    "default",
    "definition",
    "forbidden_text",
    "from_configspace",
    "from_data",
    "from_json",
    "from_yaml",
    "holds",
    "parse_condition",
    "parse_forbidden",
    "plain",
    "problems",
    "remarks",
    "resolved_default",
    "sample",
    "to_configspace",
    "to_configspace_json",
    "to_configspace_yaml",
    "to_json",
    "to_python",
    "to_yaml",
]
