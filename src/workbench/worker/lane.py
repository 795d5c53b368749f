"""The lane: a short way between a worker's owner and a child that goes on with several calls.

By way of the zygote a call wakes four processes, one after the other; on the lane it wakes two. A lane is two named
pipes that the zygote makes for each child, in a folder where generated code cannot write. It tells the owner the name
when the child can take another call. The zygote hears of each call on the lane too, and watches it like any other.
Only a success that printed nothing is answered on the lane: the rest is the zygote's to read, and to end.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path
from select import PIPE_BUF, select
from termios import FIONREAD
from typing import Any

from workbench.nouns import ContractError

ANSWER_BYTES = 1 << 15
"""Longer answers go by way of the zygote: a pipe takes this much without anybody reading."""
CROWDED_BYTES = 1 << 15
"""Output that waits to be read, beyond which the zygote reads it before the call is over."""


def unread(descriptor: int) -> int:
    """How many bytes wait in a pipe, asked at either end."""
    return int.from_bytes(ioctl(descriptor, FIONREAD, bytes(4)), sys.byteorder)


def step_aside() -> None:
    """Let who was just written to run first, where it waits for this processor."""
    if hasattr(os, "sched_yield"):
        os.sched_yield()


@dataclass(frozen=True)
class Ends:
    """The child's side: where calls come from, where answers go, and what it has printed."""

    name: str
    calls: int
    answers: int

    @classmethod
    def made(cls, folder: Path, name: str) -> Ends:
        """Make the pipes of a lane, where a zygote that was killed may have left some of that name."""
        removed(folder, name)
        opened = []
        for path in _paths(folder, name):
            os.mkfifo(path, 0o600)
            opened.append(os.open(path, os.O_RDWR | os.O_CLOEXEC))  # to open it for one side would wait for the other
        return cls(name, *opened)

    def is_quiet(self, output: int, zygote: int) -> bool:
        """Whether nothing was printed in this call: none waits to be read, and the zygote has not said that it read."""
        try:
            return unread(output) == 0 and not select([zygote], [], [], 0)[0]
        except OSError:  # train closed its output
            return False

    def close(self) -> None:
        """Let go of both ends; the other side does not notice."""
        os.close(self.calls)
        os.close(self.answers)


def removed(folder: Path, name: str) -> None:
    """Remove the names of a lane."""
    for path in _paths(folder, name):
        with suppress(OSError):
            os.unlink(path)


def _paths(folder: Path, name: str) -> tuple[str, str]:
    return f"{folder}/{name}.calls", f"{folder}/{name}.answers"


class Lane:
    """The owner's side.

    Raises
    ------
    OSError
        If there is no such lane, or nobody at its other end.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        calls, answers = _paths(folder, name)
        self.descriptor = os.open(answers, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        """What becomes readable when there is an answer."""
        try:
            self._calls = os.open(calls, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            os.close(self.descriptor)
            raise
        self._buffer = b""

    @property
    def is_clean(self) -> bool:
        """Whether nothing was written that no call asked for."""
        return not self._buffer and not select([self.descriptor], [], [], 0)[0]

    def call(self, request: dict[str, Any]) -> bool:
        """Hand over a call; False where it has to go another way: too long to be written at once, or nobody reads."""
        data = json.dumps(request).encode() + b"\n"
        if len(data) > PIPE_BUF:
            return False
        try:
            os.write(self._calls, data)
        except OSError:
            return False
        return True

    def answer(self, token: str) -> dict[str, Any] | None:
        """The answer to the call with that token, None while there is none.

        Raises
        ------
        ContractError
            If something else was written.
        EOFError
            If the child has ended; how, the zygote says.
        """
        try:
            chunk = os.read(self.descriptor, 2 * ANSWER_BYTES)
        except BlockingIOError:
            return None
        if not chunk:
            raise EOFError
        self._buffer += chunk
        if not self._buffer.endswith(b"\n") and len(self._buffer) <= ANSWER_BYTES:
            return None
        frame, self._buffer = self._buffer, b""
        try:
            answer = json.loads(frame)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or answer.pop("token", None) != token or answer.get("status") != "success":
            raise ContractError("what was written on the lane is no answer")
        return answer

    def close(self) -> None:
        """Let go of it."""
        os.close(self.descriptor)
        os.close(self._calls)
