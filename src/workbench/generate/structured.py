"""Replies as JSON: by a schema where the server has that, by its JSON mode, or out of a fenced block."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NoReturn

from workbench.generate.model import Completion, Format, ModelError
from workbench.generate.reply import without_thoughts
from workbench.nouns import GenerateError

Way = Literal["schema", "json", "block"]
WAYS: tuple[Way, ...] = ("schema", "json", "block")

PROBE = "What is 2 + 2?"
PROBE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"answer": {"type": "integer"}},
    "required": ["answer"],
    "additionalProperties": False,
}

_BLOCK = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*\n(.*?)^[ \t]*\1", re.DOTALL | re.MULTILINE)


# a call of a model: the prompt, and the protocol's `response_format`
Ask = Callable[[str, Format | None], Completion]


def response_format(way: Way, schema: Mapping[str, Any]) -> Format | None:
    """What the protocol calls `response_format`."""
    if way == "schema":
        return {"type": "json_schema", "json_schema": {"name": "reply", "schema": dict(schema), "strict": True}}
    return {"type": "json_object"} if way == "json" else None


def worded(prompt: str, way: Way, schema: Mapping[str, Any]) -> str:
    """The prompt with the form of the reply in words, which a server without schemas needs."""
    if way == "schema":
        return prompt
    form = "one JSON object" if way == "json" else "one JSON object in a fenced block that begins with ```json"
    return f"{prompt}\n\nReply with {form}, and nothing else. Its JSON schema:\n{json.dumps(schema, indent=2)}\n"


def find_way(ask: Ask) -> Way:
    """The best way that a server has, by asking it a trifle; what it takes but does not keep to, it has not.

    Raises
    ------
    ModelError
        If it cannot be asked at all.
    """
    for way in ("schema", "json"):
        try:
            done = ask(worded(PROBE, way, PROBE_SCHEMA), response_format(way, PROBE_SCHEMA))
        except ModelError as error:
            if error.kind in ("format", "request", "failing", "empty", "malformed"):
                continue
            raise
        try:
            value = json.loads(done.text)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and (way == "json" or type(value.get("answer")) is int):
            return way
    return "block"


def read_object(text: str, way: Way) -> dict[str, Any]:
    """The JSON object in a reply.

    Raises
    ------
    GenerateError
        If there is none, or there are several.
    """
    text = without_thoughts(text)
    blocks = [] if way == "schema" else [m[2] for m in _BLOCK.finditer(text)]
    found: list[dict[str, Any]] = []
    reason = "it has no JSON"
    for part in blocks or [text]:
        try:
            value = json.loads(part, parse_constant=_no_constant)
        except RecursionError:
            reason = "its JSON is nested too deeply"
        except json.JSONDecodeError as error:
            reason = f"its JSON breaks at line {error.lineno}" if part.strip() else "it is empty"
        except ValueError as error:  # of `_no_constant`, and of a number with thousands of digits
            reason = str(error)
        else:
            if isinstance(value, dict):
                found.append(value)
            else:
                reason = f"its JSON is a {type(value).__name__}"
    if not found:
        raise GenerateError(f"the reply is no JSON object: {reason}; ask again")
    if any(other != found[0] for other in found):
        raise GenerateError(f"the reply has {len(found)} JSON objects; one is meant")
    return found[0]


def ask_object(prompt: str, schema: Mapping[str, Any], way: Way, ask: Ask) -> tuple[dict[str, Any], Completion]:
    """Ask for a JSON object; whether it keeps to the schema is for the caller to check.

    Raises
    ------
    GenerateError
        If none came.
    """
    done = ask(worded(prompt, way, schema), response_format(way, schema))
    return read_object(done.text, way), done


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"its JSON has {name}, which is none")
