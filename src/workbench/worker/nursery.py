"""The nursery: a clean process that has imported the heavy libraries and forks a zygote for each worker.

Importing pandas, scikit-learn and ConfigSpace takes seconds, a fork milliseconds. So one process, the template, imports
them once, and nurseries are forks of it: one for its owner, and one for each run that the owner starts, which outlives
both. `Template` and `Nursery` are the owner's sides of what `workbench.worker.template` does.

A request to a nursery is one JSON line over a socket with four file descriptors: the zygote's inbox, its outbox, its
log, and a pipe for its exit code. The answer is its process id.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from workbench.nouns import RunError
from workbench.worker.preloaded import Preloaded, number

HEAVY = ("torch", "xgboost", "lightgbm", "catboost")
"""What a nursery imports for the functions that ask for it: those that do not have one without."""


class Zygote:
    """A zygote as its owner sees it: a process that is not the owner's own child."""

    def __init__(self, pid: int, ended: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = ended

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Its exit code once it has ended, None if it has not within the time; -9 where nobody can say."""
        if self.returncode is None and select.select([self._ended], [], [], timeout_s)[0]:
            said = os.read(self._ended, 32)
            os.close(self._ended)
            self.returncode = int(said) if said else -signal.SIGKILL
        return self.returncode


class Nursery:
    """The owner's side of one nursery process.

    Parameters
    ----------
    channel : socket
        Its end for the owner; the nursery ends when it is closed.
    """

    def __init__(self, channel: socket.socket) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._socket = channel
        self._pid = 0
        self._unread = 0
        """Answers that have not been read: an interrupt may have come in between."""

    @property
    def alive(self) -> bool:
        """Whether it can be asked for a zygote from here."""
        if self._owner != os.getpid():
            return False
        with self._lock:
            try:
                return bool(self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
            except BlockingIOError:
                return True
            except OSError:
                return False

    @property
    def pid(self) -> int:
        """Its process id, once it has begun; it is waited for.

        Raises
        ------
        OSError
            If the nursery has died.
        """
        with self._lock:
            return self._begun()

    def fork(self, place: Path, environment: Mapping[str, str], inbox: int, outbox: int, log: int) -> Zygote:
        """A zygote that reads its setup from `inbox`.

        Parameters
        ----------
        place : Path
            Its working folder.
        environment : mapping of str to str
            What its environment has beside the nursery's.
        inbox, outbox, log : int
            File descriptors; they are passed on and stay open here.

        Raises
        ------
        OSError
            If the nursery has died.
        """
        ended, said = os.pipe()
        try:
            request = json.dumps({"place": str(place), "environment": dict(environment)}).encode() + b"\n"
            with self._lock:
                self._begun()
                self._unread += 1
                socket.send_fds(self._socket, [request], [inbox, outbox, log, said])
                while self._unread:  # the last one is ours
                    pid = number(self._socket, "the nursery")
                    self._unread -= 1
        except BaseException:
            os.close(ended)
            raise
        finally:
            os.close(said)
        return Zygote(pid, ended)

    def _begun(self) -> int:
        self._pid = self._pid or number(self._socket, "the nursery")  # the first that it says
        return self._pid

    def close(self) -> None:
        """End it, and every zygote of it."""
        if self._owner == os.getpid():
            self._socket.close()


class Template(Preloaded):
    """The owner's side of the process that imports, and of which nurseries are forks.

    Parameters
    ----------
    environment : mapping of str to str
        All that the process gets as environment.
    libraries : iterable of str
        Modules that it imports beside the usual ones.
    """

    def __init__(self, environment: Mapping[str, str], libraries: Iterable[str] = ()) -> None:
        super().__init__("workbench.worker.template", libraries, environment, folder="/")

    def nursery(self) -> socket.socket:
        """The owner's end of a new nursery: it can be asked at once, and answers when the imports are done.

        Raises
        ------
        OSError
            If the template has died.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.socket, [b"\n"], [theirs.fileno()])
        return ours


_Key = tuple[tuple[tuple[str, str], ...], tuple[str, ...]]
_nurseries: dict[_Key, Nursery] = {}
_templates: dict[_Key, Template] = {}
_lock = threading.Lock()


def nursery(environment: Mapping[str, str], libraries: Iterable[str] = ()) -> Nursery:
    """This process's nursery with that environment and those libraries, started at its first use.

    Raises
    ------
    RunError
        If it cannot be started.
    """
    key = _key(environment, libraries)
    with _lock:
        found = _nurseries.get(key)
        if found is None or not found.alive:
            found = _nurseries[key] = Nursery(_new(key))
        return found


def hand_out(environment: Mapping[str, str], libraries: Iterable[str] = ()) -> socket.socket:
    """A nursery for another process, which is to `adopt` this end of it.

    Raises
    ------
    RunError
        If it cannot be started.
    """
    with _lock:
        return _new(_key(environment, libraries))


def adopt(channel: socket.socket, environment: Mapping[str, str], libraries: Iterable[str] = ()) -> None:
    """Take a nursery that another process handed out for this environment and these libraries."""
    with _lock:
        _nurseries[_key(environment, libraries)] = Nursery(channel)


def pids() -> list[int]:
    """The process ids of this process's nurseries."""
    found = []
    with _lock:
        for each in _nurseries.values():
            with suppress(OSError):
                if each.alive:
                    found.append(each.pid)
    return found


def _key(environment: Mapping[str, str], libraries: Iterable[str]) -> _Key:
    return tuple(sorted(environment.items())), tuple(sorted(set(libraries)))


def _new(key: _Key) -> socket.socket:
    for attempt in (1, 2):
        found = _templates.get(key)
        try:
            if found is None or not found.alive:
                found = _templates[key] = Template(dict(key[0]), key[1])
            return found.nursery()
        except OSError as error:
            if attempt == 2:
                raise RunError(f"no process for workers could be started: {error}") from error
    raise AssertionError


@atexit.register
def close_all() -> None:
    """End this process's nurseries; they end by themselves too when it is gone."""
    with _lock:
        for each in _nurseries.values():
            each.close()
        for template in _templates.values():
            template.close()
        _nurseries.clear()
        _templates.clear()
