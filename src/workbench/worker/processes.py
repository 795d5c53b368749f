"""What the system says of processes, read in as few calls as can be; and the end of a process with all below it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from workbench.worker import guard

_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20
_BYTES = 1 << 14


class Use(NamedTuple):
    """Memory of a process in MiB: all that it has, in memory or swapped out; and what of it is no file's content."""

    all_mb: float
    own_mb: float


def _contents(path: str, *, whole: bool = False) -> bytes:
    """A file of the system's, `whole` where it may be long; empty where the process is gone or nobody may look."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        content = os.read(file, _BYTES)
        while whole and (more := os.read(file, _BYTES)):
            content += more
        return content
    except OSError:
        return b""
    finally:
        os.close(file)


def use(pid: int) -> Use | None:
    """What a process has in use, shared or not: it has no more to itself. None where that is not known."""
    content = _contents(f"/proc/{pid}/status")
    found = {}
    for line in content.splitlines():
        name, _, value = line.partition(b":")
        if name in (b"VmRSS", b"VmSwap", b"RssAnon", b"RssShmem"):
            found[name] = int(value.split()[0]) / 1024
    if content and not found:
        return Use(0.0, 0.0)  # it has ended, and waits for somebody to ask how
    if len(found) < 4:
        return None
    swapped = found[b"VmSwap"]
    return Use(found[b"VmRSS"] + swapped, found[b"RssAnon"] + found[b"RssShmem"] + swapped)


def private_mb(pid: int) -> float:
    """Memory that a process has written to and shares with nobody, in MiB; 0 when it is gone.

    The system looks through every page for this: milliseconds.
    """
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith(("Private_Dirty", "SwapPss"))) / 1024
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return 0.0
        import psutil

        try:
            return float(psutil.Process(pid).memory_info().rss) / 2**20
        except psutil.Error:
            return 0.0
    except OSError:
        return 0.0


def resident_mb(pid: int) -> float:
    """Memory that a process has in use, shared or not, in MiB: quick to read; 0 where that is not known."""
    words = _contents(f"/proc/{pid}/statm").split()
    return int(words[1]) * _PAGE_MB if len(words) > 1 else 0.0


def descriptors(pid: int) -> int:
    """How many files a process has open; 0 where that is not known."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def cpu_s(pid: int) -> float:
    """Processor time that a process has used, in seconds; 0 where that is not known."""
    words = _contents(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK") if len(words) > 12 else 0.0


def descendants(pid: int) -> list[int]:
    """Every process below `pid`, nearest first."""
    found: list[int] = []
    waiting = [pid]
    while waiting and len(found) < 10_000:
        below = children(waiting.pop(0))
        found += below
        waiting += below
    return found


def children(pid: int) -> list[int]:
    """The processes that a process, any thread of it, has started and that have not been reaped."""
    if not guard.LINUX:
        import psutil

        try:
            return [c.pid for c in psutil.Process(pid).children()]
        except psutil.Error:
            return []
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += [int(word) for word in _contents(f"/proc/{pid}/task/{thread}/children", whole=True).split()]
    return found


def kill_tree(pid: int) -> None:
    """End a child and all below it: held still first, so that nothing multiplies meanwhile."""
    for each in [pid, *descendants(pid)]:
        with suppress(OSError):
            os.kill(each, signal.SIGSTOP)
    for each in [pid, *descendants(pid)]:
        with suppress(OSError):
            os.kill(each, signal.SIGKILL)


def end_all(patience_s: float = 10.0, *, except_for: Collection[int] = ()) -> None:
    """End every process that is still below this one, the orphans that it inherited too, and reap them."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        below = [pid for pid in children(os.getpid()) if pid not in except_for]
        for pid in below:
            kill_tree(pid)
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if not below:
            return
        time.sleep(0.001)
