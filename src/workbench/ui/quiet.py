"""Who sets a widget: a person, or the view that shows what is in force."""

from __future__ import annotations

import threading


class Quiet:
    """`with quiet:` while a view sets its own widgets; in their observers `quiet.here` says that no person did it.

    What a person does meanwhile, which another thread hears of, is still a person's doing. It may be entered again.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._thread = 0

    @property
    def here(self) -> bool:
        """Whether this thread is the one that sets the widgets."""
        return self._thread == threading.get_ident()

    def __enter__(self) -> Quiet:
        self._lock.acquire()
        self._depth += 1
        self._thread = threading.get_ident()
        return self

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._thread = 0
        self._lock.release()
