"""A lock that the system lets go of when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold the lock on a file; gives False where another process holds it."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def held(path: Path) -> bool:
    """Whether some process holds the lock."""
    if not path.exists():
        return False
    with locked(path) as mine:
        return not mine
