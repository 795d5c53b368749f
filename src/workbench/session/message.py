"""What the session has to say."""

from __future__ import annotations

import dataclasses
from typing import Literal


@dataclasses.dataclass(frozen=True)
class Message:
    """The last thing that the session has to say, for whoever shows it."""

    level: Literal["info", "warning", "error"]
    text: str
