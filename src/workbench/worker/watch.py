"""What is looked at while a call goes on: the memory of its processes, how many they are, bytes on disk.

How much memory a process has to itself takes the system milliseconds to say, how much it has in use microseconds. As
long as all that is in use is within the limit, what they have to themselves is too: it is then read now and then only,
and between two readings what each has come to use since is added.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.nouns import Limits
from workbench.worker.processes import Use, descendants, private_mb, use

TICK_S = 0.05
FEW = 3
"""Up to so many processes of a call, the memory that is private to each is read."""
SURE = 0.9
"""The share of the limit under which what is in use settles it: the system counts roughly while processes run."""
AGAIN_S = 1.0
"""So long what was read is good enough for a process that is within its limit in any case."""


@dataclass(frozen=True)
class Reading:
    """The memory that a process had to itself, in MiB, when it was read, and what it had in use then."""

    private_mb: float = 0.0
    at: float = 0.0
    use: Use | None = None

    def now_mb(self, used: Use | None) -> float:
        """What it has to itself at most, now that so much is in use, but for pages that it shared until then."""
        if used is None or self.use is None:
            return self.private_mb
        return self.private_mb + max(0.0, used.own_mb - self.use.own_mb)


class Watch:
    """Looks at a child's tree now and then.

    Parameters
    ----------
    folders : list of path
        Where it may write.
    at_once : bool
        Whether what lies in the folders is counted at once; else at the first look.
    """

    def __init__(
        self,
        pid: int,
        limits: Limits,
        folders: list[Path],
        *,
        at_once: bool = True,
        known: dict[int, Reading] | None = None,
    ) -> None:
        self.pid, self.limits, self.folders = pid, limits, folders
        self.wall_s = limits.wall_s
        self.peak_mb = 0.0
        self.known = known or {}
        """What was read last, by process."""
        self._before = sum(_size(f) for f in folders) if at_once else None

    def look(self, *, with_files: bool) -> str:
        """The limit that was passed, or an empty string."""
        tree = [self.pid, *descendants(self.pid)]
        if len(tree) > self.limits.processes:
            return "processes"
        used = {pid: use(pid) for pid in tree}
        within = None not in used.values() and sum(u.all_mb for u in used.values() if u) <= SURE * self.limits.memory_mb
        # to read what is private of a process that forks without an end may take seconds
        if not (within and len(tree) > FEW) and self._beyond(used, within):
            return "memory"
        if self._before is None:  # short trials are over before; a file of its own is bounded in any case
            self._before = sum(_size(f) for f in self.folders)
        elif with_files and sum(_size(f) for f in self.folders) - self._before > self.limits.file_bytes:
            return "files"
        return ""

    def _beyond(self, used: dict[int, Use | None], within: bool) -> bool:
        """Whether the processes have more memory to themselves than they may."""
        self.known = {pid: self.known.get(pid, Reading()) for pid in used}
        now = time.monotonic()
        # who was not read for longest is read first: a process that forks without an end keeps its reader waiting
        for pid in sorted(used, key=lambda pid: self.known[pid].at):
            if within and now - self.known[pid].at < AGAIN_S:
                continue
            self.known[pid] = Reading(private_mb(pid), time.monotonic(), used[pid])
            if time.monotonic() > now + TICK_S:
                break
        private = sum(
            reading.now_mb(used[pid]) if within else reading.private_mb for pid, reading in self.known.items()
        )
        self.peak_mb = max(self.peak_mb, private)
        return not within and private > self.limits.memory_mb


def _size(folder: Path) -> int:
    """Bytes under a folder, of the first ten thousand files."""
    total = count = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(root, name)).st_size
            count += 1
            if count > 10_000:
                return total
    return total
