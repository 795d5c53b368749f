"""A run that goes on: after a stop, a failure or its end. A part of `Session`, in a file of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.nouns import RunError
from workbench.runs import Run
from workbench.session.isolation import Isolation, agree, agreed, isolation


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
        self,
        trials: int,
        run: Run | str | Path | None = None,
        *,
        wall_limit_s: float | None = None,
        accept_changes: bool = False,
    ) -> Run:
        """Ask for so many trials more, of a run that is going on or has ended, and follow it.

        Parameters
        ----------
        trials : int
            How many; 0 where only the limit is to change.
        run : Run, str or path, optional
            The run or its folder; the current one when left out.
        wall_limit_s : float, optional
            A new limit in seconds for the whole run, the time that it has taken included; infinity is none.
        accept_changes : bool
            Go on although a package that `train` may import has another version than before.

        Raises
        ------
        RunError
            If there is none, another run is going on, a number cannot be, its limit of time is used up, or the run
            cannot go on.
        """
        found = self._alone(run)
        found.extend(trials, wall_limit_s=wall_limit_s, accept_changes=accept_changes)
        return self.attach(found)

    def resume_run_async(
        self, run: Run | str | Path | None = None, *, accept_changes: bool = False
    ) -> threading.Thread:
        """`resume_run` in a thread; what goes wrong becomes `message`."""
        return self._in_thread("resume", lambda: self.resume_run(run, accept_changes=accept_changes))

    def more_trials_async(
        self, trials: int, run: Run | str | Path | None = None, *, wall_limit_s: float | None = None
    ) -> threading.Thread:
        """`more_trials` in a thread; what goes wrong becomes `message`."""
        return self._in_thread("more trials", lambda: self.more_trials(trials, run, wall_limit_s=wall_limit_s))

    @property
    def isolation(self) -> Isolation:
        """What holds generated code back on this machine."""
        return isolation()

    @property
    def isolation_agreed(self) -> bool:
        """Whether all guards hold, or the person has agreed to go on without those that are missing."""
        return agreed(self.isolation)

    def agree_to_isolation(self) -> None:
        """Go on without the guards that this machine lacks, now and in later sessions.

        Raises
        ------
        RunError
            If the choice cannot be written down.
        """
        agree(self.isolation)

    def _alone(self, run: Run | str | Path | None) -> Run:
        """A run that this session may start: no other of its own is going on."""
        found, current = self.open_run(run), self.current_run
        other = current is not None and current.folder.resolve() != found.folder.resolve()
        if other and current.alive:
            raise RunError(f"the run {current.folder.name} is still going on; stop it first, or wait for its end")
        return found
