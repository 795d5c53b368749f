"""A process that imports once and is forked from then on, as its owner sees it."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping

START_LIMIT_S = 120.0


class Preloaded:
    """`python -P -m MODULE FD ARGUMENT…` with the other end of a socket; it ends when its owner does.

    Parameters
    ----------
    module : str
        What the process runs; it imports what it needs, and then forks whenever it is asked over the socket.
    arguments : iterable of str
        What it is told beside the number of its socket.
    environment : mapping of str to str
        All that it gets as environment.
    folder : str, optional
        Its working folder, this process's where it is left out.
    """

    def __init__(
        self, module: str, arguments: Iterable[str], environment: Mapping[str, str], folder: str | None = None
    ) -> None:
        self._owner = os.getpid()
        self.socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, str(theirs.fileno()), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(environment),
                cwd=folder,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it can be asked from here."""
        return self._owner == os.getpid() and self._process.poll() is None

    def close(self) -> None:
        """End it; what was forked from it goes on until its own owner is gone."""
        if self._owner != os.getpid():
            return
        self.socket.close()
        try:
            self._process.wait(1)  # it may be importing still
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def number(channel: socket.socket, who: str) -> int:
    """The process id that `who`, on the other side of a socket, says next.

    Raises
    ------
    OSError
        If the other side has ended, or says nothing for as long as its imports may take.
    """
    answer = b""
    while not answer.endswith(b"\n"):
        if not select.select([channel], [], [], START_LIMIT_S)[0]:
            raise ConnectionError(f"{who} does not answer")
        chunk = channel.recv(1)
        if not chunk:
            raise ConnectionError(f"{who} has ended")
        answer += chunk
    return int(answer)
