"""What the session has to say."""

from __future__ import annotations

import dataclasses
from typing import Literal

from workbench.generate.model import ModelError
from workbench.nouns import StoppedError, WorkbenchError


@dataclasses.dataclass(frozen=True)
class Message:
    """The last thing that the session has to say, for whoever shows it."""

    level: Literal["info", "warning", "error"]
    text: str


def told(error: WorkbenchError) -> Message:
    """What went wrong, as a message; what a person stopped did not go wrong."""
    stopped = isinstance(error, StoppedError) or (isinstance(error, ModelError) and error.kind == "cancelled")
    return Message("info" if stopped else "error", str(error))
