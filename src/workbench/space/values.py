"""Values as people type them, and back: numbers, booleans, text; ranges and lists of choices.

Text needs quotes only where it would be read as something else: `rbf`, but `"true"`, `"1"`, `"a, b"`.
"""

from __future__ import annotations

import ast
import json
import math
import re

from workbench.nouns import SpaceError, Value

_INTEGER = re.compile(r"[+-]?\d+(?:_\d+)*")
_FLOAT = re.compile(r"[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', re.DOTALL)
_BARE = re.compile(r"[^\W\d][\w.+-]*(?: [\w.+-]+)*")
_BOOLEANS = {"true": True, "True": True, "false": False, "False": False}


def value_text(value: Value) -> str:
    """A value as code and conditions show it: `6`, `0.5`, `True`, `"rbf"`."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def choice_text(value: Value) -> str:
    """A value as a list of choices shows it: text without quotes where `parse_value` reads the same without."""
    if isinstance(value, str) and _BARE.fullmatch(value) and value not in _BOOLEANS:
        return value
    return value_text(value)


def parse_value(text: str) -> Value:
    """The value of one text: a boolean, an integer, a float, else text (without its quotes).

    Raises
    ------
    SpaceError
        If a quote is not closed, or nothing is there.
    """
    text = text.strip()
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return _checked_integer(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            raise SpaceError(f"{text} is larger than a number can be; the largest is about 1.8e308")
        return number
    if text[:1] in {'"', "'"}:
        if not _QUOTED.fullmatch(text):
            raise SpaceError(
                f"the quote in {text[:40]!r} is not closed; a text in quotes is written {text[0]}a{text[0]}"
            )
        return _unquoted(text)
    if not text:
        raise SpaceError('nothing stands there; an empty text is written ""')
    return text


def parse_values(text: str) -> tuple[Value, ...]:
    """The values of a list with commas between them: `rbf, linear`, `1, 2.5`, `true, "a, b"`."""
    return tuple(parse_value(part) for part in split(text))


def split(text: str) -> list[str]:
    """Cut at the commas outside quotes; brackets around the whole are left out."""
    text = text.strip()
    if len(text) >= 2 and text[0] + text[-1] in {"[]", "()", "{}"}:
        text = text[1:-1].strip()
    if not text:
        return []
    parts, start, position = [], 0, 0
    fresh = True  # a quote opens a text only where one can begin: in `it's` it is a letter
    while position < len(text):
        char = text[position]
        if char in "\"'" and fresh:
            quoted = _QUOTED.match(text, position)
            if not quoted:
                raise SpaceError(f"the quote in {text[position:][:40]!r} is not closed")
            position = quoted.end()
            fresh = False
            continue
        if char == ",":
            parts.append(text[start:position].strip())
            start, fresh = position + 1, True
        elif not char.isspace():
            fresh = False
        position += 1
    parts.append(text[start:].strip())
    if parts[-1] == "" and len(parts) > 1:
        parts.pop()  # a comma at the end
    return parts


def parse_range(text: str, kind: str) -> tuple[float | int, float | int]:
    """The two ends of `1, 20`; `[1, 20]`, `1..20`, `1 to 20` and `1 20` are read as well.

    Raises
    ------
    SpaceError
        If there are not two numbers, or an end of an integer's range is not whole.
    """
    example = "1, 20" if kind == "integer" else "0.001, 0.5"
    inner = text.strip()
    if len(inner) >= 2 and inner[0] + inner[-1] in {"[]", "()"}:
        inner = inner[1:-1]
    parts = [p for p in re.split(r"\s*(?:,|;|\.\.+|\bto\b|\s)\s*", inner.strip()) if p]
    if not parts:
        raise SpaceError(f"no range is given; write the low and the high end, such as {example}")
    if len(parts) != 2:
        raise SpaceError(
            f"the range {text.strip()[:40]!r} has {len(parts)} part{'s' * (len(parts) != 1)}; "
            f"write the low and the high end, such as {example}"
        )
    low, high = (parse_number(part, kind) for part in parts)
    return low, high


def parse_number(text: str, kind: str) -> float | int:
    """An end of a range, or a default, of an integer or a float."""
    text = text.strip()
    if not _FLOAT.fullmatch(text):
        raise SpaceError(f"{text[:40]!r} is not a number; write one such as {'20' if kind == 'integer' else '0.001'}")
    if kind == "integer":
        number = _checked_integer(text) if _INTEGER.fullmatch(text) else float(text)
        if number != number // 1:
            raise SpaceError(f"{text} is not a whole number; write one such as 20, or make the hyperparameter a float")
        return int(number)
    number = float(text)
    if math.isinf(number):
        raise SpaceError(f"{text} is larger than a number can be; the largest is about 1.8e308")
    return number


def _checked_integer(text: str) -> int:
    if len(text) > 400:  # int() refuses thousands of digits with a sentence about Python's settings
        raise SpaceError(f"{text[:20]}… has {len(text)} digits; a whole number is at most 9,007,199,254,740,992")
    return int(text)


def _unquoted(text: str) -> str:
    try:
        value = json.loads(text) if text[0] == '"' else ast.literal_eval(text)
    except (ValueError, SyntaxError):
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            value = text[1:-1]
    return str(value)
