"""Whether a module's names were written to, without looking at what they mean.

CPython up to 3.12 numbers the states of its dicts: whatever writes to one gives it a number that none had before. To
read the numbers of a hundred modules takes microseconds; to compare their thousands of names, each value of which has
to be touched for that, most of a millisecond in a process that has just woken up.
"""

from __future__ import annotations

import ctypes
import sys
import types
from typing import Any

_OFFSET = object.__basicsize__ + ctypes.sizeof(ctypes.c_ssize_t)
"""Where the number stands in a dict: after what every object begins with, and the count of its items."""


class Versions:
    """Dicts, in the order in which they were added, and whether they were written to; they are kept alive."""

    def __init__(self) -> None:
        self._dicts: list[dict[str, Any]] = []
        self._numbers: list[ctypes.c_uint64] = []
        self._last: list[int] = []

    def add(self, names: dict[str, Any]) -> None:
        """One more; it counts as not written to from here on."""
        self._dicts.append(names)
        if NUMBERED:
            self._numbers.append(ctypes.c_uint64.from_address(id(names) + _OFFSET))
            self._last.append(self._numbers[-1].value)

    def written(self) -> list[int]:
        """The places of those that may have been written to since they were added or last told of here."""
        if not NUMBERED:
            return list(range(len(self._dicts)))
        now, last = [number.value for number in self._numbers], self._last
        if now == last:
            return []
        self._last = now
        return [i for i, (one, other) in enumerate(zip(now, last, strict=True)) if one != other]


def _numbered() -> bool:
    """Whether this Python has the numbers where they are expected: tried out on a module of its own."""
    if sys.implementation.name != "cpython" or not (3, 11) <= sys.version_info[:2] <= (3, 12):
        return False
    module = types.ModuleType("tried")
    number = ctypes.c_uint64.from_address(id(module.__dict__) + _OFFSET)
    seen = [number.value]
    first, second = object(), object()
    for value in (first, second, first):
        module.a = value  # type: ignore[attr-defined]
        seen.append(number.value)
    exec("def change():\n    global a\n    a = None", module.__dict__)
    seen.append(number.value)
    module.change()
    seen.append(number.value)
    del module.a
    seen.append(number.value)
    read = [*module.__dict__.values(), getattr(module, "change", None), len(module.__dict__)]
    return bool(read) and len(set(seen)) == len(seen) and number.value == seen[-1]


NUMBERED = _numbered()
"""Whether this Python numbers its dicts."""
