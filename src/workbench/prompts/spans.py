"""Knowing in the filled text what was filled: values travel through the template between private-use characters."""

from __future__ import annotations

from workbench.nouns import Span

_OPEN, _NAME, _CLOSE = "\ue000", "\ue001", "\ue002"
_STRIPPED = str.maketrans(dict.fromkeys(_OPEN + _NAME + _CLOSE, "\ufffd"))


def marked(name: str, value: str) -> str:
    """A value that can be found again; characters that would look like marks are replaced."""
    return f"{_OPEN}{name}{_NAME}{value.translate(_STRIPPED)}{_CLOSE}"


def unmarked(text: str) -> tuple[str, tuple[Span, ...]]:
    """The text without marks, and where each value stands in it, in order."""
    pieces: list[str] = []
    spans: list[Span] = []
    length = 0
    for number, part in enumerate(text.split(_OPEN)):
        if number:
            name, _, rest = part.partition(_NAME)
            value, _, after = rest.partition(_CLOSE)
            spans.append(Span(length, length + len(value), name))
            part = value + after
        pieces.append(part)
        length += len(part)
    return "".join(pieces), tuple(spans)
