"""The form of a plan as JSON schema, and what of a value does not keep to a schema, in sentences."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

NUMBERS = ("n_trials", "min_budget", "max_budget", "trial_limit_s", "memory_limit_mb", "wall_limit_s", "workers")
"""What of a scenario a model may propose; the seed is the person's."""
MAX_HYPERPARAMETERS = 200
MAX_CHOICES = 500
MAX_CLAUSES = 500
MAX_STEPS = 40

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_VALUE: Schema = {"type": ["string", "number", "boolean"]}
_CLAUSE_VALUE: Schema = {"anyOf": [_VALUE, {"type": "array", "items": _VALUE}]}


def _object(properties: Mapping[str, Schema]) -> Schema:
    """An object as strict servers want it: every key required (an optional one may be null), and no other."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema, *, optional: bool = False) -> Schema:
    return {"type": ["array", "null"] if optional else "array", "items": items}


def _clauses(operators: Sequence[str]) -> Schema:
    clause = {"parent": _TEXT, "operator": {"type": "string", "enum": list(operators)}, "value": _CLAUSE_VALUE}
    return _list(_object(clause))


HYPERPARAMETER = _object(
    {
        "name": _TEXT,
        "kind": {"type": "string", "enum": ["integer", "float", "categorical", "ordinal", "constant"]},
        "low": {"type": ["number", "null"]},
        "high": {"type": ["number", "null"]},
        "log": {"type": ["boolean", "null"]},
        "choices": _list(_VALUE, optional=True),
        "default": {"type": ["string", "number", "boolean", "null"]},
    }
)
CONDITION = _object(
    {
        "child": _TEXT,
        "join": {"type": ["string", "null"], "enum": ["and", "or", None]},
        "clauses": _clauses(("==", "!=", "in", "<", ">")),
    }
)
PLAN = _object(
    {
        "facade": _object({"id": _TEXT, "reason": _TEXT}),
        "scenario": _list(
            _object(
                {
                    "name": {"type": "string", "enum": list(NUMBERS)},
                    "value": {"type": ["number", "null"]},
                    "reason": _TEXT,
                }
            )
        ),
        "plan": _list(_TEXT),
        "space": _object(
            {
                "reason": _TEXT,
                "hyperparameters": _list(HYPERPARAMETER),
                "conditions": _list(CONDITION, optional=True),
                "forbidden": _list(_clauses(("==", "in")), optional=True),
            }
        ),
    }
)
"""What is asked for, and what the reply is held against."""


def faults(value: Any, schema: Schema, where: str = "the plan") -> Iterator[str]:
    """What of a value does not keep to a schema: one sentence for each fault, from the top down.

    Of JSON schema it knows type, enum, anyOf, properties, required, additionalProperties and items. A key that may be
    null may be missing as well.
    """
    if "anyOf" in schema:
        found = [list(faults(value, one, where)) for one in schema["anyOf"]]
        if all(found):
            yield min(found, key=len)[0]
        return
    allowed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if _kind(value) not in allowed:
        yield f"{where} is {_shown(value)}; it must be {_words(allowed)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        listed = ", ".join(str(one) for one in schema["enum"] if one is not None)
        yield f"{where} is {_shown(value)}; it must be one of {listed}"
        return
    if isinstance(value, dict):
        yield from _object_faults(value, schema, where)
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from faults(item, schema["items"], f"item {number} of {where}")


def _object_faults(value: Mapping[str, Any], schema: Schema, where: str) -> Iterator[str]:
    known = schema["properties"]
    for key in value:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
            yield f"{where} has an unknown key {key[:60]!r}; {hint}"
    for key, inner in known.items():
        if key in value:
            yield from faults(value[key], inner, f"{key!r} of {where}")
        elif "null" not in inner.get("type", ()):
            yield f"{where} has no {key!r}; it needs {', '.join(known)}"


def _kind(value: Any) -> str:
    kinds = ((bool, "boolean"), ((int, float), "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _words(kinds: Sequence[str]) -> str:
    names = {
        "string": "a text",
        "number": "a number",
        "boolean": "true or false",
        "array": "a list",
        "object": "an object with keys",
        "null": "null",
    }
    listed = [names[k] for k in kinds]
    return f"{', '.join(listed[:-1])} or {listed[-1]}" if len(listed) > 1 else listed[0]


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list | dict):
        return f"a list of {len(value):,}" if isinstance(value, list) else "an object"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
