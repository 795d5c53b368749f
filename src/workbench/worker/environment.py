"""What is around a worker's process: its variables, and the nursery with these and with the libraries of its code."""

from __future__ import annotations

import os
import socket
import sys

from workbench.worker import nursery
from workbench.worker.nursery import HEAVY
from workbench.worker.zygote import imported_modules

_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "SYSTEMROOT")
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)
"""How many threads the numeric libraries may use, each by its own variable; Accelerate's is `VECLIB`."""
FORKS = {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"} if sys.platform == "darwin" else {}
"""macOS ends forks of a process that has used Objective-C, as its numeric library does, unless it is told not to."""


def prepare(code: str = "", threads: int = 1) -> None:
    """Start the process that workers for this code will be forked from, without waiting for it.

    Raises
    ------
    RunError
        If it cannot be started.
    """
    if hasattr(os, "fork"):
        nursery.nursery(environment(threads), heavy(code))


def hand_out(code: str, threads: int) -> socket.socket:
    """What another process needs to fork workers for this code from what is imported here; it is to `adopt` it.

    Raises
    ------
    RunError
        If no process can be started.
    """
    return nursery.hand_out(environment(threads), heavy(code))


def adopt(channel: socket.socket, code: str, threads: int) -> None:
    """Fork workers for this code from what another process has handed out."""
    nursery.adopt(channel, environment(threads), heavy(code))


def heavy(code: str) -> list[str]:
    """The large libraries that the code imports."""
    imported = {module.partition(".")[0] for module in imported_modules(code)}
    return [name for name in HEAVY if name in imported]


def environment(threads: int) -> dict[str, str]:
    """A few harmless variables; no keys, no proxies, no settings of the person."""
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **dict.fromkeys(THREADS, str(threads)),
        **FORKS,
        "HOME": "/nonexistent",
        "MPLBACKEND": "agg",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    }
