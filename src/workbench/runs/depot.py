"""The depot: a process that has imported SMAC, and forks a driver for each run that is started.

Importing what a driver needs takes seconds, a fork milliseconds: the first trial of a run begins that much sooner.
`start` is the owner's side, `python -m workbench.runs.depot FD` the process. A request is one JSON line over a socket
with one or two file descriptors: a pipe that stays open as long as the driver lives, and a nursery for its workers. The
answer is the driver's process id. A driver goes on when the depot and its owner are gone.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import re
import select
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.nouns import RunError
from workbench.worker.environment import FORKS, THREADS, adopt, hand_out
from workbench.worker.environment import prepare as prepare_workers
from workbench.worker.preloaded import Preloaded, number
from workbench.worker.template import warm_up

NEEDED = (
    "smac",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "workbench.runs.driver",
    *(f"workbench.facades.{name}" for name in ("_forest", "_known", "_search", "_selector")),
    *(f"workbench.facades.{name}" for name in ("ac", "blackbox", "hpo", "hyperband", "multifidelity", "random")),
)
REQUEST_BYTES = 1 << 16

_SECRET = ("KEY", "TOKEN", "SECRET", "PASS", "CREDENTIAL", "AUTH", "COOKIE")
_WITH_PASSWORD = re.compile(r"://[^/\s]*@")


class Started:
    """A driver as the one who started it sees it: a process that is not its own child."""

    def __init__(self, pid: int, alive: int) -> None:
        self.pid = pid
        self._alive: int | None = alive

    @property
    def alive(self) -> bool:
        """Whether it goes on."""
        if self._alive is not None and select.select([self._alive], [], [], 0)[0]:  # nothing comes but the end
            os.close(self._alive)
            self._alive = None
        return self._alive is not None

    def __del__(self) -> None:
        if self._alive is not None:
            with suppress(OSError):
                os.close(self._alive)


class Depot(Preloaded):
    """The owner's side of the process."""

    def __init__(self) -> None:
        super().__init__("workbench.runs.depot", (), environment())
        self._lock = threading.Lock()

    def fork(self, folder: Path, code: str, threads: int | None) -> Started:
        """A driver for the run in a folder.

        Raises
        ------
        OSError
            If the depot has died.
        RunError
            If the process for its workers cannot be started.
        """
        request = {
            "folder": str(folder),
            "directory": _directory(),
            "environment": environment(),
            "code": code,
            "threads": threads,
        }
        alive, held = os.pipe()
        try:
            with self._lock:
                if threads is None:
                    self._send(request, [held])
                else:
                    with hand_out(code, threads) as nursery:
                        self._send(request, [held, nursery.fileno()])
                return Started(number(self.socket, "the process that starts drivers"), alive)
        except BaseException:
            os.close(alive)
            raise
        finally:
            os.close(held)

    def _send(self, request: Mapping[str, Any], descriptors: list[int]) -> None:
        line = json.dumps(request).encode() + b"\n"
        sent = socket.send_fds(self.socket, [line], descriptors)
        self.socket.sendall(line[sent:])


_depot: Depot | None = None
_lock = threading.Lock()


def prepare(code: str = "", threads: int | None = None) -> None:
    """Have what the next run is forked from begin with its imports, without waiting for them.

    Parameters
    ----------
    code : str
        The source with `train`, by which the libraries are known that its workers need.
    threads : int, optional
        For the numeric libraries in each worker; only the driver is prepared for where it is left out.

    Raises
    ------
    RunError
        If a process cannot be started.
    """
    _here()
    if threads is not None:
        prepare_workers(code, threads)


def _here() -> Depot:
    global _depot
    with _lock:
        if _depot is None or not _depot.alive:
            try:
                _depot = Depot()
            except OSError as error:
                raise RunError(f"no process for runs could be started: {error}") from error
        return _depot


def start(folder: Path, code: str, threads: int | None) -> Started:
    """Start the driver of the run in a folder, in a session of its own.

    Parameters
    ----------
    folder : path
        The run folder, absolute.
    code : str
        The source with `train`, by which the libraries are known that its workers need.
    threads : int or None
        For the numeric libraries in each of its workers; None where they are not on this machine.

    Raises
    ------
    RunError
        If it cannot be started.
    """
    for attempt in (1, 2):
        chosen = _here()
        try:
            return chosen.fork(folder, code, threads)
        except OSError as error:  # it was ended from outside: the next one is new
            chosen.close()
            if attempt == 2:
                raise RunError(f"the driver of the run could not be started: {error}") from error
    raise AssertionError


@atexit.register
def close() -> None:
    """End this process's depot; it ends by itself too when its owner is gone."""
    global _depot
    with _lock:
        if _depot is not None:
            _depot.close()
            _depot = None


def _directory() -> str:
    """The working folder, or the root where somebody has deleted it."""
    try:
        return os.getcwd()
    except OSError:
        return "/"


def environment() -> dict[str, str]:
    """A driver's environment: ours without secrets, which it has no use for."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not any(word in name.upper() for word in _SECRET) and not _WITH_PASSWORD.search(value)
    }
    return {
        **kept,
        **dict.fromkeys(THREADS, "1"),  # at these sizes SMAC's numeric threads cost more than they give
        **FORKS,
        "PYTHONHASHSEED": "0",  # one order of sets of strings: SMAC goes the same way with the same seed
        "PYTHONIOENCODING": "utf-8",
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
    }


# ---------------------------------------------------------------------------------------------------- the process


def main(arguments: list[str]) -> int:
    """Fork drivers until the owner is gone; in a fork, be the driver."""
    channel = socket.socket(fileno=int(arguments[0]))
    channel.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of the kernel is not for us
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a driver here
    for module in NEEDED:
        with suppress(Exception):  # what cannot be imported fails again in the driver, which can say so
            importlib.import_module(module)
    with suppress(Exception):
        warm_up()
    gc.collect()
    gc.freeze()
    while True:
        line, descriptors, _, _ = socket.recv_fds(channel, REQUEST_BYTES, 2)
        if not line:
            return 0
        while not line.endswith(b"\n"):
            line += channel.recv(REQUEST_BYTES)
        pid = os.fork()
        if pid == 0:
            channel.close()
            return _become(json.loads(line), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        with suppress(OSError):
            channel.send(f"{pid}\n".encode())


def _become(request: Mapping[str, Any], descriptors: list[int]) -> int:
    """What a fork does with its life."""
    import tempfile

    import numpy as np

    from workbench.runs import driver

    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    gc.unfreeze()
    os.environ.clear()
    os.environ.update(request["environment"])
    tempfile.tempdir = None  # it is looked up in the environment
    np.random.seed()  # as in any process that begins
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    with suppress(OSError):  # it may be gone, as may the folder of any process
        os.chdir(request["directory"])
    if len(descriptors) > 1:
        adopt(socket.socket(fileno=descriptors[1]), request["code"], request["threads"])
    return driver.main([request["folder"]])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
