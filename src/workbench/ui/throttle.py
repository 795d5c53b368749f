"""Fast news, shown at a bearable rate."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Throttle:
    """Calls an action at once, then at most every `interval_s`; what comes in between is done once, at the end of it.

    Safe to call from any thread; the action never runs twice at a time. With `background` it always runs in a thread
    of its own, for what takes longer than a blink.
    """

    def __init__(self, action: Callable[[], None], interval_s: float, *, background: bool = False) -> None:
        self._action = action
        self._interval_s = interval_s
        self._background = background
        self._next = 0.0
        self._waiting = False
        self._lock = threading.Lock()
        self._acting = threading.RLock()

    def __call__(self) -> None:
        """Do it now, or as soon as the interval is over."""
        with self._lock:
            if self._waiting:
                return
            delay = self._next - time.monotonic()
            if delay > 0 or self._background:
                self._waiting = True
                timer = threading.Timer(max(0.0, delay), self._act)
                timer.daemon, timer.name = True, "workbench-view"
                timer.start()
                return
        self._act()

    def _act(self) -> None:
        with self._acting:
            with self._lock:
                self._waiting = False
                self._next = time.monotonic() + self._interval_s
            try:
                self._action()
            except Exception:  # a view that fails must not stop what it looks at
                logger.exception("a view could not be brought up to date")
