"""A run, read from its folder and given orders through it: from any process of the same user."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.nouns import Candidate, Job, Report, RunError, RunState, Scenario, Space, Trial, shown
from workbench.runs import depot
from workbench.runs import folder as files
from workbench.runs.front import front
from workbench.runs.identity import Difference, differences, in_words, of_folder
from workbench.runs.lock import held
from workbench.runs.pool import threads
from workbench.runs.recall import remember
from workbench.runs.trajectory import Point, incumbent, trajectory

if TYPE_CHECKING:
    import pandas as pd

ENDED = ("finished", "stopped", "failed")
START_S = 30.0
STOP_S = 0.7
"""How long a driver has to stop by itself before it is told by a signal."""
KILL_S = 15.0
"""How long it has after that, before it is killed; its workers end themselves then."""

_TRIAL_FIELDS = {f.name for f in fields(Trial)}


class Run:
    """A run folder.

    Parameters
    ----------
    folder : path
        As `workbench.runs.create` made it.

    Raises
    ------
    RunError
        If there is no run in it, or one of another format.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            about = json.loads((self.folder / "job.json").read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise RunError(f"there is no run in {self.folder}; a run folder holds a job.json") from error
        except (OSError, ValueError) as error:
            raise RunError(f"{self.folder / 'job.json'} cannot be read: {error}") from error
        if not isinstance(about, dict):
            raise RunError(f"{self.folder / 'job.json'} cannot be read: it holds no JSON object")
        self.about: dict[str, Any] = about
        found = about.get("format")
        if found != files.FORMAT:
            newer = isinstance(found, int) and found > files.FORMAT
            way = "a newer workbench; install that one" if newer else "an older workbench, which can still open it"
            raise RunError(
                f"the run in {self.folder} has format {found}; this version reads format {files.FORMAT}: "
                f"it was made by {way}"
            )
        self._at = self.folder.absolute()  # wherever this process goes
        self._events = files.EventReader(self._at / "events.jsonl")
        self._lock = threading.Lock()
        self._trials: list[Trial] = []
        self._state: str = ""
        self._reason = ""
        self._gpus: list[dict[str, Any]] = []
        self._reused = 0
        self._heard = 0
        self._last_s = 0.0
        """When the last state was said, on the clock of the run."""
        self._acknowledged: tuple[int, float | None] = 0, None
        """The number of trials, and the limit for the whole run, that the driver knows to be asked for."""
        self._driver: depot.Started | None = None
        self.refresh()

    # ------------------------------------------------------------------ orders

    def start(self, *, accept_changes: bool = False) -> None:
        """Start the driver in a session of its own: it goes on when this process ends.

        A run that was stopped, or that failed, goes on after the trials that it has; none is repeated.

        Parameters
        ----------
        accept_changes : bool
            Go on although a package that `train` may import has another version than before.

        Raises
        ------
        RunError
            If a driver is at it already, the run has finished, its limit of time is used up, its folder cannot be
            written, or what its trials depend on has changed since they were made.
        """
        self._let_it_end()
        self._read_scenario()
        if self.alive:
            raise RunError(f"a driver is at the run {self.folder.name} already")
        if self.state == "finished":
            raise RunError(f"the run {self.folder.name} has finished; extend(n) gives it n more trials")
        self._require_time(self.about["scenario"]["wall_limit_s"])
        if self._trials:
            self._require_same(accept_changes)
        self._launch()

    def extend(self, trials: int, *, wall_limit_s: float | None = None, accept_changes: bool = False) -> None:
        """Ask for so many trials more, of a run that is going on or of one that has ended, which goes on then.

        Parameters
        ----------
        trials : int
            How many; 0 where only the limit is to change.
        wall_limit_s : float, optional
            A new limit for the whole run, the time that it has taken included; infinity is none, and the old one
            holds when it is left out.
        accept_changes : bool
            Go on although a package that `train` may import has another version than before.

        Raises
        ------
        RunError
            If a number cannot be, the limit is used up, or the run cannot go on (see `start`).
        """
        if isinstance(trials, bool) or not isinstance(trials, int) or trials < 0:
            raise RunError(f"{trials!r} more trials cannot be asked for; give a whole number, such as 20")
        if wall_limit_s is not None and not wall_limit_s > 0:
            raise RunError(f"wall_limit_s is {wall_limit_s:g}; give seconds above 0, such as 600, or inf for no limit")
        self._let_it_end()
        self._read_scenario()
        scenario = dict(self.about["scenario"])
        limit = scenario["wall_limit_s"] if wall_limit_s is None else None if isinf(wall_limit_s) else wall_limit_s
        if not self.alive:
            self._require_time(limit)
            if self._trials:
                self._require_same(accept_changes)
        scenario["n_trials"] += trials
        scenario["wall_limit_s"] = limit
        with self._writing():
            files.write_json(self._at / "job.json", {**self.about, "scenario": scenario})
        self.about["scenario"] = scenario
        deadline = time.monotonic() + START_S
        while self.alive and time.monotonic() < deadline:  # until the driver has seen it, or was ending already
            self.refresh()
            known, known_limit = self._acknowledged
            if known >= scenario["n_trials"] and (wall_limit_s is None or known_limit == limit):
                return
            time.sleep(0.02)
        if not self.alive:
            self._launch()

    def _let_it_end(self) -> None:
        """A driver that has said its last word takes no more orders, and is gone in a moment."""
        self.refresh()
        if self._state in ENDED:
            self._ends_within(KILL_S)

    def _read_scenario(self) -> None:
        """What is asked for now: another process may have asked for more."""
        with suppress(OSError, ValueError, KeyError):
            about = json.loads((self._at / "job.json").read_text(encoding="utf-8"))
            self.about["scenario"] = about["scenario"]

    def _require_time(self, limit: float | None) -> None:
        """A run whose limit is used up would end before its next trial."""
        taken = remember(self._at).elapsed_s
        if limit is not None and taken >= limit:
            raise RunError(
                f"the run {self.folder.name} has taken {taken:.4g} s, and its limit for the whole run (wall_limit_s) "
                f"is {limit:g} s: ask for more trials with a larger limit (wall_limit_s=…, --more N --wall-limit "
                "SECONDS, or the field in the Run step); inf is none"
            )

    def changes(self) -> tuple[Difference, ...]:
        """What keeps the run from going on as it was: each part that has changed since its trials were made.

        Raises
        ------
        RunError
            If the folder is not complete.
        """
        with self._reading():
            found = differences(*of_folder(self._at, self.about))
        return tuple(d for d in found if d.of_trials or d.part != "versions")

    def _require_same(self, accept_versions: bool) -> None:
        found = self.changes()
        if accept_versions:
            found = tuple(d for d in found if d.part != "versions")
        if not found:
            return
        way = (
            "go on all the same with accept_changes (--accept-changes), or start a new run"
            if all(d.part == "versions" for d in found)
            else "start a new run; with reuse of this one it keeps the trials that still hold"
        )
        raise RunError(f"the run {self.folder.name} cannot go on as it was: {in_words(found)}; {way}")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RunError(
                f"cannot write in the run folder {self.folder}: {error.strerror or error}; "
                "make it writable and give it room, or copy it elsewhere: what is in it is kept"
            ) from error

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, KeyError) as error:
            raise RunError(f"the run folder {self.folder} is not complete: {error}") from error

    def _launch(self) -> None:
        with self._writing():
            files.write(self._at / "control", "run")
            (self._at / "driver.json").unlink(missing_ok=True)  # the process of the driver before
            (self._at / "driver.lock").open("a").close()
        self._state = "starting"
        scenario = Scenario.from_dict(self.about["scenario"])
        local = None if scenario.cluster is not None else threads(scenario)
        try:
            self._driver = depot.start(self._at.resolve(), self.candidate.code, local)
            deadline = time.monotonic() + START_S
            while not held(self._at / "driver.lock") and self._driver.alive and time.monotonic() < deadline:
                time.sleep(0.005)
        except KeyboardInterrupt:  # who breaks off the start wants no run, and its driver may be on its way
            self.stop()
            raise

    @property
    def _takes_orders(self) -> bool:
        """Whether a driver is at it, or has been sent for and will be."""
        sent_for = False
        with suppress(OSError):
            word = (self._at / "control").read_text(encoding="utf-8")
            sent_for = word != "stop" and not (self._at / "driver.json").exists()
        return sent_for or self.alive  # in this order: it may come in between

    def stop(self) -> None:
        """Stop within a second; what is done is kept."""
        if not self._takes_orders:
            return
        with suppress(OSError):  # where nothing can be written, the signal says it
            files.write(self._at / "control", "stop")
        if not self._ends_within(STOP_S):
            self._signal(signal.SIGTERM)
            if not self._ends_within(KILL_S):
                self._signal(signal.SIGKILL)

    def pause(self) -> None:
        """Let the trials in flight finish and start no more."""
        if self._takes_orders:
            with self._writing():
                files.write(self._at / "control", "pause")

    def resume(self) -> None:
        """Go on after a pause."""
        if self._takes_orders:
            with self._writing():
                files.write(self._at / "control", "run")

    def _signal(self, number: int) -> None:
        with suppress(OSError, ValueError, KeyError):
            os.kill(int(json.loads((self._at / "driver.json").read_text())["pid"]), number)

    def _ends_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until there is no driver any more; False when `timeout_s` was over before."""
        return self._ends_within(float("inf") if timeout_s is None else timeout_s)

    # ------------------------------------------------------------------ news

    def refresh(self) -> bool:
        """Read what is new in the folder; True when there was something."""
        with self._lock:
            news = self._events.news()
            self._heard += len(news)
            for event in news:
                if event["event"] == "trial":
                    self._trials.append(Trial(**{k: v for k, v in event.items() if k in _TRIAL_FIELDS}))
                    self._reused += event.get("reused") is True  # else a trial that was taken over, with its run
                elif event["event"] == "extended" or "n_trials" in event:
                    self._acknowledged = int(event["n_trials"]), event.get("wall_limit_s")
                    self._read_scenario()
                if event["event"] == "state":
                    self._state = str(event.get("state", ""))
                    self._last_s = max(self._last_s, float(event.get("at_s", 0.0)))
                    self._reason = str(event.get("reason", ""))
                elif event["event"] == "devices":
                    self._gpus = list(event.get("gpus", ()))
        return bool(news)

    @property
    def heard(self) -> int:
        """How many events were read so far: it goes up with every news, whoever asked for it."""
        return self._heard

    @property
    def alive(self) -> bool:
        """Whether a driver is at it."""
        return held(self._at / "driver.lock")

    @property
    def state(self) -> RunState:
        """What the last event says; `failed` when the driver is gone without a last word."""
        if self._state in ENDED:
            return self._state  # type: ignore[return-value]  # one of the literals
        if self.alive:
            return self._state or "starting"  # type: ignore[return-value]
        self.refresh()
        if self._state in ENDED:
            return self._state  # type: ignore[return-value]
        if not self._state and self._driver is None:
            return "starting"
        with suppress(OSError):
            if (self._at / "control").read_text(encoding="utf-8") == "stop":
                return "stopped"
        self._reason = "the driver of this run ended without a last word (it was killed, or the machine went down)"
        return "failed"

    @property
    def error(self) -> str:
        """Why the run failed or ended early, in a sentence; empty where there is nothing to say."""
        return self._reason if self.state in ENDED else ""

    @property
    def gpus(self) -> tuple[dict[str, Any], ...]:
        """How busy each GPU was at the last reading: `index`, `percent`, `used_mb`, `memory_mb`; empty without any."""
        return tuple(self._gpus)

    @property
    def waiting(self) -> str:
        """Why no trial can be run for the time being, where nobody asked for a pause; else empty."""
        return self._reason if self._state == "paused" and self.alive else ""

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The trials that have ended, in that order."""
        with self._lock:
            return tuple(self._trials)

    @property
    def in_a_reused_process(self) -> int:
        """How many trials ran in the process of the one before; every other had a process of its own."""
        return self._reused

    @property
    def progress(self) -> tuple[int, int]:
        """Trials done, and trials asked for."""
        return len(self._trials), int(self.about["scenario"]["n_trials"])

    @property
    def elapsed_s(self) -> float:
        """Seconds that its drivers have been at it, without the gaps between them."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            if self.state in ENDED:
                return float(json.loads((self._at / "result.json").read_text(encoding="utf-8"))["seconds"])
            began = float(json.loads((self._at / "driver.json").read_text(encoding="utf-8"))["started"])
            return max(0.0, time.time() - began)
        return max([self._last_s, *(t.start_s + t.seconds for t in self.trials)])

    @property
    def incumbent(self) -> Trial | None:
        """The best trial at the highest budget seen, None while there is none."""
        return incumbent(self.trials)

    @property
    def trajectory(self) -> tuple[Point, ...]:
        """Every change of the incumbent."""
        return trajectory(self.trials)

    @property
    def objectives(self) -> tuple[str, ...]:
        """What is minimised (or maximised, where more is better); `loss` is the first."""
        return tuple(self.about["scenario"].get("objectives", ("loss",)))

    @property
    def front(self) -> tuple[Trial, ...]:
        """The Pareto front over the objectives at the highest budget seen, least loss first."""
        return front(self.trials, self.objectives)

    def frame(self) -> pd.DataFrame:
        """The trials as a table, one row each."""
        import pandas as pd

        return pd.DataFrame(
            [
                {"trial": t.number, "cost": t.cost, "status": t.status, "budget": t.budget, "seconds": t.seconds}
                | {f"cfg.{name}": value for name, value in t.config.items()}
                | {f"metric.{name}": value for name, value in t.metrics.items()}
                for t in self.trials
            ]
        )

    def log_tail(self, lines: int = 50) -> str:
        """The end of the log."""
        try:
            with (self._at / "log.txt").open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - 200 * lines))
                text = file.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    # ------------------------------------------------------------------ what it was made of

    def job(self) -> Job:
        """What was asked, read back with its data."""
        from workbench import datasets

        return Job(
            dataset=datasets.open(self._at / "data"),
            space=Space.from_dict(json.loads((self._at / "space.json").read_text(encoding="utf-8"))),
            facade=self.about["facade"],
            contract=self.about["contract"],
            scenario=Scenario.from_dict(self.about["scenario"]),
            plan=self.about["plan"],
        )

    @property
    def candidate(self) -> Candidate:
        """The function, and where it came from."""
        code = (self._at / "train.py").read_text(encoding="utf-8")
        return Candidate(code, **self.about["candidate"])

    @property
    def report(self) -> Report | None:
        """What the rule book said, None where it was not asked."""
        path = self._at / "report.json"
        return Report.from_dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None

    @property
    def models(self) -> tuple[Path, ...]:
        """The files under `models/`, oldest first."""
        found = []
        for place, _, names in os.walk(self.folder / "models"):
            for path in (Path(place, name) for name in names):
                with suppress(OSError):  # a trial that goes on may take it away again
                    if path.is_file():
                        found.append((path.stat().st_mtime_ns, path))
        return tuple(path for _, path in sorted(found))

    def _repr_html_(self) -> str:
        return shown.run(self.folder.name, self.state, self.progress, self.incumbent)

    def __repr__(self) -> str:
        done, total = self.progress
        return f"Run({str(self.folder)!r}, {self.state}, {done} of {total} trials)"
