"""A Jinja that a stranger's template can neither leave nor keep busy."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

LIMIT_S = 2.0
MAX_CHARACTERS = 1_000_000
LARGEST = 100_000
"""The largest number that a template may hand to anything: widths, repetitions, ranges."""


class BoundedEnvironment(SandboxedEnvironment):
    """Strict about missing values, and about anything that could take memory or time."""

    intercepted_binops = frozenset(["*", "**", "%", "+"])

    def __init__(self, loader: jinja2.BaseLoader | None = None) -> None:
        super().__init__(
            loader=loader,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # the text is for a model, not for a browser
        )
        for name in ("center", "indent", "format", "tojson", "pprint", "batch", "slice"):
            self.filters[name] = _small(self.filters[name], name)

    def call_binop(self, context: jinja2.runtime.Context, operator: str, left: Any, right: Any) -> Any:
        """`*`, `**`, `%` and `+`, with numbers and texts of a sensible size."""
        for value in (left, right):
            if isinstance(value, int | float) and abs(value) > LARGEST:
                raise SecurityError(f"the number {value:g} is too large for a template; at most {LARGEST:,}")
            if isinstance(value, str | list | tuple) and len(value) > MAX_CHARACTERS:
                raise SecurityError(f"a value of {len(value):,} parts is too large for a template")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("`%` on text is not offered in a template; use ~ or a filter")
        return super().call_binop(context, operator, left, right)

    def call(self, context: jinja2.runtime.Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """A call, with numbers of a sensible size."""
        _refuse_large((*args, *kwargs.values()))
        return super().call(context, obj, *args, **kwargs)


def _small(function: Any, name: str) -> Any:
    def bounded(*args: Any, **kwargs: Any) -> Any:
        _refuse_large((*args, *kwargs.values()))
        if name == "format" and args and "%" in str(args[0]):
            raise SecurityError("the filter `format` is not offered in a template; use ~")
        return function(*args, **kwargs)

    for mark in ("jinja_pass_arg", "contextfunction"):
        if hasattr(function, mark):
            setattr(bounded, mark, getattr(function, mark))
    return bounded


def _refuse_large(values: tuple[Any, ...]) -> None:
    for value in values:
        if isinstance(value, int) and abs(value) > LARGEST:
            raise SecurityError(f"the number {value:,} is too large for a template; at most {LARGEST:,}")


class TooLongError(Exception):
    """A template that did not come to an end."""


@contextmanager
def bounded(seconds: float = LIMIT_S) -> Iterator[None]:
    """End whatever Python runs inside once its time is over; what a debugger had set is put back."""
    deadline = time.monotonic() + seconds

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if time.monotonic() > deadline:
            raise TooLongError
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def rendered(template: jinja2.Template, values: dict[str, Any], *, trusted: bool) -> str:
    """The filled text; a template that is not ours is watched.

    Raises
    ------
    TooLongError
        If it takes longer than two seconds, or gives more than a million characters.
    """
    if trusted:
        return template.render(values)
    pieces: list[str] = []
    length = 0
    with bounded():
        for piece in template.generate(values):
            pieces.append(piece)
            length += len(piece)
            if length > MAX_CHARACTERS:
                raise TooLongError
    return "".join(pieces)
