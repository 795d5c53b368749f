"""Whether the workers of a run have room on this machine."""

from __future__ import annotations

from pathlib import Path

from workbench.nouns import Fit, Scenario

WORKER_MB = 150
"""What a worker takes before `train` does anything: Python and the libraries that it shares with no other."""
_CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory_mb() -> int:
    """The memory of this machine, or of the container that we are in, in MB."""
    import psutil

    total = int(psutil.virtual_memory().total)
    for path in _CGROUPS:
        try:
            total = min(total, int(Path(path).read_text()))
        except (OSError, ValueError):  # there is none, or it says `max`
            continue
    return total >> 20


def memory_remarks(scenario: Scenario) -> list[Fit]:
    """What is to be said of workers and memory; nothing where all of them could fill their limit at once."""
    if getattr(scenario, "cluster", None) is not None:  # its hosts have memory of their own
        return []
    total, workers, limit = memory_mb(), scenario.workers, scenario.memory_limit_mb
    if workers * WORKER_MB > total:
        return [
            Fit(
                False,
                f"{workers:,} workers need {workers * WORKER_MB:,} MB before they do anything, and this machine has "
                f"{total:,} MB; {max(1, total // (4 * WORKER_MB)):,} workers would do.",
            )
        ]
    if workers * limit > total:
        return [
            Fit(
                True,
                f"{workers:,} × {limit:,} MB a trial is more than the {total:,} MB of this machine: trials that fill "
                "their limit at once would be ended for want of memory.",
            )
        ]
    return []
