"""What is being typed and has not come yet: a click that follows it is acted on once it has.

A page sends typing after a pause and holds it back while an earlier message is under way, and JupyterLab hands it to
another thread of the kernel than it does a click. So the click may come first. Who edits text says so at the first key.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack

PATIENCE_S = 2.0
"""How long a click waits; a page that was closed while somebody typed never sends the rest."""


class Unsent:
    """Who holds text that the kernel has not seen, and what waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: set[str] = set()
        self._waiting: list[Callable[[], object]] = []

    def begins(self, holder: str) -> None:
        """Somebody types there."""
        with self._lock:
            self._holders.add(holder)

    def ends(self, holder: str) -> None:
        """What was typed there has come; if nothing else is on its way, what waits is done now, in this thread."""
        with self._lock:
            self._holders.discard(holder)
            due = [] if self._holders else self._taken()
        _do(due)

    def then(self, action: Callable[[], object], patience_s: float | None = None) -> None:
        """Call `action` once all that was typed has come: at once, in another thread, or when that takes too long."""
        with self._lock:
            waits = bool(self._holders)
            if waits:
                self._waiting.append(action)
        if not waits:
            action()
            return
        timer = threading.Timer(PATIENCE_S if patience_s is None else patience_s, self._give_up, (action,))
        timer.daemon = True
        timer.start()

    def _give_up(self, action: Callable[[], object]) -> None:
        with self._lock:
            if action not in self._waiting:
                return
            self._holders.clear()
            due = self._taken()
        _do(due)

    def _taken(self) -> list[Callable[[], object]]:
        taken, self._waiting = self._waiting, []
        return taken


def _do(actions: list[Callable[[], object]]) -> None:
    """Each in its turn; one that fails keeps none from the rest."""
    with ExitStack() as stack:
        for action in reversed(actions):
            stack.callback(action)


unsent = Unsent()
"""Of this kernel."""
