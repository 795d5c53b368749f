"""What comes through a pipe: lines, and the output of a process, of which the first and the last part is kept."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from select import select  # the function itself: generated code may patch the module
from typing import Any


class Output:
    """Standard output and error, the first and the last part of it kept."""

    def __init__(self, limit: int) -> None:
        self.half = max(1, limit // 2)
        self.first, self.last, self.dropped = bytearray(), bytearray(), 0

    def read(self, descriptor: int) -> int:
        """Take what is there; the number of bytes, 0 when it has ended."""
        chunk = read(descriptor)
        room = self.half - len(self.first)
        self.first += chunk[:room] if room > 0 else b""
        self.last += chunk[max(0, room) :]
        if len(self.last) > 2 * self.half:
            self.dropped += len(self.last) - self.half
            del self.last[: -self.half]
        return len(chunk)

    def text(self) -> str:
        """What was kept, with a note of how much was not."""
        first = self.first.decode(errors="replace")
        last = self.last[-self.half :].decode(errors="replace")
        dropped = self.dropped + max(0, len(self.last) - self.half)
        return f"{first}\n… {dropped:,} bytes left out …\n{last}" if dropped else first + last


class Lines:
    """Lines from a pipe, without a thread and without losing what came early."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._buffer = b""

    def next(self) -> str | None:
        """The next line, waiting for it; None when the other side is gone."""
        while b"\n" not in self._buffer:
            if not self.fill():
                return None
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode()

    def fill(self) -> bool:
        """Take what is there, waiting for it; False when the other side is gone."""
        chunk = os.read(self.descriptor, 1 << 16)
        self._buffer += chunk
        return bool(chunk)

    @property
    def holds_one(self) -> bool:
        """Whether a whole line has come already."""
        return b"\n" in self._buffer

    def wait(self, timeout_s: float) -> bool:
        """Whether a line, a part of one, or the end is there within the time."""
        return self.holds_one or bool(select([self.descriptor], [], [], timeout_s)[0])


def first_line(*sources: Lines) -> str | None:
    """The next line of any of them, waiting for it; None when one of them has ended."""
    while True:
        for source in sources:
            if source.holds_one:
                return source.next()
        ready, _, _ = select([source.descriptor for source in sources], [], [])
        for source in sources:
            if source.descriptor in ready and not source.fill():
                return None


def read(descriptor: int) -> bytes:
    """What is there, at most 64 KiB of it; nothing where the other side is gone, or has not written."""
    with suppress(BlockingIOError):
        return os.read(descriptor, 1 << 16)
    return b""


def write(descriptor: int, message: dict[str, Any]) -> None:
    """One line of JSON, to its end."""
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(descriptor, data) :]
