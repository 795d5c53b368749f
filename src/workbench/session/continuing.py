"""A run that goes on: after a stop, a failure or its end. A part of `Session`, in a file of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.nouns import RunError
from workbench.runs import Run


class Continuing:
    """Going on with a run that is not running, or asking more of one."""

    current_run: Any
    open_run: Callable[..., Run]
    attach: Callable[..., Run]
    _in_thread: Callable[[str, Callable[[], object]], threading.Thread]

    def resume_run(self, run: Run | str | Path | None = None, *, accept_changes: bool = False) -> Run:
        """Go on with a run that was paused, stopped, killed or that failed, and follow it; no trial is repeated.

        Parameters
        ----------
        run : Run, str or path, optional
            The run or its folder; the current one when left out.
        accept_changes : bool
            Go on although a package that `train` may import has another version than before.

        Raises
        ------
        RunError
            If there is none, another run is going on, it has finished, or what its trials depend on has changed.
        """
        found = self._alone(run)
        if found.alive:
            found.resume()
        else:
            found.start(accept_changes=accept_changes)
        return self.attach(found)

    def more_trials(
        self, trials: int, run: Run | str | Path | None = None, *, wall_limit_s: float | None = None
    ) -> Run:
        """Ask for so many trials more, of a run that is going on or has ended, and follow it.

        Raises
        ------
        RunError
            If there is none, another run is going on, the number cannot be, or the run cannot go on.
        """
        found = self._alone(run)
        found.extend(trials, wall_limit_s=wall_limit_s)
        return self.attach(found)

    def resume_run_async(self, run: Run | str | Path | None = None) -> threading.Thread:
        """`resume_run` in a thread; what goes wrong becomes `message`."""
        return self._in_thread("resume", lambda: self.resume_run(run))

    def more_trials_async(self, trials: int, run: Run | str | Path | None = None) -> threading.Thread:
        """`more_trials` in a thread; what goes wrong becomes `message`."""
        return self._in_thread("more trials", lambda: self.more_trials(trials, run))

    def _alone(self, run: Run | str | Path | None) -> Run:
        """A run that this session may start: no other of its own is going on."""
        found, current = self.open_run(run), self.current_run
        other = current is not None and current.folder.resolve() != found.folder.resolve()
        if other and current.alive:
            raise RunError(f"the run {current.folder.name} is still going on; stop it first, or wait for its end")
        return found
