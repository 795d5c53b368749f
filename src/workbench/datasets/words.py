"""How counts, names and values are said in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, what: str) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def short(text: str, most: int = 40) -> str:
    """The text itself, or its beginning where it is longer than `most`."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def named(names: Sequence[str], most: int = 5) -> str:
    """The first names in quotes, and how many more there are."""
    shown = ", ".join(repr(n) for n in names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def listed(names: Sequence[str], most: int = 20) -> str:
    """The first names without quotes, on one line, and how many more there are."""
    shown = ", ".join(short(" ".join(n.split())) for n in names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def a_type(value: object) -> str:
    """`a str`, `an int`."""
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' or name == 'ndarray' else 'a'} {name}"
