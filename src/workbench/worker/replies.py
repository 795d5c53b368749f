"""What a worker's answer says, read with care: who wrote it ran generated code."""

from __future__ import annotations

import json
import math
from typing import Any, get_args

from workbench.nouns import Reply, TrialStatus


def read_reply(line: bytes) -> Reply:
    """A reply from the pipe, every part of it checked again: the child that wrote it ran generated code."""
    try:
        return checked(json.loads(line))
    except (ValueError, RecursionError) as error:
        return _unreadable(error)


def checked(data: Any) -> Reply:
    """The reply that these values are, a crash where they are none."""
    try:
        status = data["status"]
        if status not in get_args(TrialStatus):
            raise ValueError(f"status {status!r:.60}")
        succeeded = status == "success"
        return Reply(
            status=status,
            cost=_finite(data["cost"]) if succeeded else None,
            metrics={_text(k): _finite(v) for k, v in dict(data.get("metrics") or {}).items()} if succeeded else {},
            seconds=max(0.0, _finite(data.get("seconds") or 0.0)),
            error="" if succeeded else _text(data.get("error") or "no reason was given")[:2000],
            traceback=_text(data.get("traceback") or "")[:20_000],
            output=_text(data.get("output") or ""),
            facts=dict(data.get("facts") or {}),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        return _unreadable(error)


def _unreadable(error: Exception) -> Reply:
    why = _text(f"{type(error).__name__}: {error}")[:200]
    return Reply("crashed", error=f"the worker's answer could not be read ({why}); the trial does not count")


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r:.60} is no finite number")
    return float(value)


def _text(value: Any) -> str:
    """Text that every file and terminal takes: lone surrogates, which JSON can carry, are replaced."""
    return str(value).encode(errors="replace").decode()
