"""Waiting for what other threads and processes bring about."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil

LIMIT_S = 300
"""How soon something comes is not what is tested: on a busy machine a process alone takes half a minute to start."""

LASTING = ("workbench-model", "workbench-idle", "workbench-dask", "workbench-watch", "workbench-painter")
"""Threads that stay as long as something else goes on; every other of the workbench ends when its work is done."""


def until(condition: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    """Wait for what must come. What is asserted next must be part of it, or have been there before it."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended; one may end at any moment, also between two questions to it."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def at_work() -> list[str]:
    """The threads that do what a click asked for, by name."""
    names = [thread.name for thread in threading.enumerate() if thread is not threading.current_thread()]
    return [name for name in names if name.startswith("workbench-") and name not in LASTING]


def settled(condition: Callable[[], object] = lambda: True, limit_s: float = LIMIT_S) -> None:
    """Wait for what must come, and until every thread that may be bringing it about has done all it does."""
    until(lambda: not at_work() and condition(), limit_s)
