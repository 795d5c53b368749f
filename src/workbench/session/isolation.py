"""What holds generated code back on this machine, in words; and whether a person goes on without what is missing."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workbench.nouns import RunError
from workbench.worker import guard

WITHOUT = {
    "isolation": "workers cannot be started at all",
    "Landlock": "it can read your files, and write wherever you can",
    "seccomp": "it can reach the network and other processes of yours",
    "limits": "it can fill the disk with one file",
    "no new privileges": "a program that it starts can gain rights",
    "capabilities": "it keeps what an administrator may do",
    "dies with its parent": "a process that it starts can outlive the run",
}


@dataclass(frozen=True)
class Isolation:
    """The guards around `train`.

    Attributes
    ----------
    guards : mapping of str
        Each guard's name, and `in force` (with details after a comma), `watched …`, or what is missing.
    """

    guards: Mapping[str, str]

    @property
    def missing(self) -> tuple[str, ...]:
        """The guards that this machine does not have."""
        return tuple(name for name, state in self.guards.items() if not state.startswith(("in force", "watched")))

    @property
    def text(self) -> str:
        """One sentence: that all of them hold, or which do not, and what `train` could do therefore."""
        if not self.missing:
            return (
                "All guards hold here: train writes in its run folder alone, and reaches neither network nor processes."
            )
        names = " and ".join(self.missing)
        could = "; ".join(WITHOUT[name] for name in self.missing if name in WITHOUT)
        verb = "is" if len(self.missing) == 1 else "are"
        return f"{names} {verb} missing on this machine, so train is held back less than it should be: {could}."


@cache
def isolation() -> Isolation:
    """The guards of this machine, found out once in a child process that applies them all."""
    return Isolation(guard.available())


def user_file() -> Path:
    """Where it lies what this person has agreed to; deleting it takes everything back."""
    root = os.environ.get("XDG_CONFIG_HOME") or ""
    base = Path(root) if Path(root).is_absolute() else Path.home() / ".config"
    return base / "automl-workbench" / "isolation.json"


def agreed(found: Isolation) -> bool:
    """Whether nothing is missing, or the person has agreed to go on without just that."""
    if not found.missing:
        return True
    without: list[str] = []
    with suppress(OSError, ValueError, TypeError, KeyError):
        without = json.loads(user_file().read_text(encoding="utf-8"))["without"]
    return set(found.missing) <= set(without)


def agree(found: Isolation) -> None:
    """Remember that the person goes on without the guards that are missing here.

    Raises
    ------
    RunError
        If it cannot be written down.
    """
    file = user_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"without": list(found.missing)}), encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot remember the choice in {file}: {error.strerror or error}; make it writable") from error
