"""The driver: a process of its own that asks SMAC, has workers try, and writes the run folder.

`python -m workbench.runs.driver FOLDER` runs what `workbench.runs.create` wrote there. It outlives whoever started it,
never reads standard input, and takes its orders from the file `control`.
"""

from __future__ import annotations

import logging
import math
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from workbench.nouns import Job, Trial, WorkbenchError
from workbench.runs import folder as files
from workbench.runs.lock import locked
from workbench.runs.penalty import penalty
from workbench.runs.pool import Pool, pool
from workbench.runs.run import Run
from workbench.runs.trajectory import incumbent
from workbench.worker import Call, Reply

if TYPE_CHECKING:
    from smac.facade.abstract_facade import AbstractFacade
    from smac.runhistory import TrialInfo

logger = logging.getLogger("workbench.driver")

POLL_S = 0.05
SAVE_EVERY_S = 5.0
HOPELESS = 5
"""So many trials that all fail at the start end a run."""
OUTPUT_SHOWN = 2_000


class StopAsked(BaseException):
    """Raised out of SMAC's thinking when somebody asks for a stop; not an error."""


@dataclass
class Flight:
    """A trial on its way: what SMAC asked, and when it left."""

    info: TrialInfo
    started: float


class Driver:
    """One run, from its folder.

    Parameters
    ----------
    path : Path
        The run folder; it must be complete, and locked by the caller.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events = files.Events(path / "events.jsonl")
        self.trials: list[Trial] = []
        self.failed: list[tuple[TrialInfo, Trial]] = []
        self.least_penalty = math.inf
        """The lowest cost that SMAC was told for a failed trial: no real one may reach it."""
        self.pool = Pool()
        self.flights: dict[int, Flight] = {}
        self.stopping = False
        self.interruptible = False
        """Whether a stop may break in: while nothing is going on that must be finished."""
        self.exhausted = ""
        self.state = ""
        self.started = time.monotonic()
        self._clock = time.time()
        self._saved = 0.0
        self._control = ""
        self._paused = False
        self._why = ""
        """Why the places can take no trial for the time being."""

    # ------------------------------------------------------------------ the whole run

    def drive(self) -> None:
        """Run to the end, whatever that is; the last event and `result.json` say which."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # only now is there one who takes a signal; who asked for a stop before that wrote it into `control`
        files.write_json(self.path / "driver.json", {"pid": os.getpid(), "started": time.time()})
        state, sentence = "failed", ""
        try:
            self._say("starting")
            with ExitStack() as stack:
                self._prepare(stack)
                self._say("running")
                state, sentence = self._loop()
        except StopAsked:
            state = "stopped"
        except Exception as error:
            logger.exception("the run failed")
            sentence = str(error) if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error}"
        finally:
            self.stopping = True
            self._end(state, sentence)

    def _prepare(self, stack: ExitStack) -> None:
        """Read what is asked, start the places for trials, and build SMAC's facade while they start."""
        with self._interruptible():
            self.run = Run(self.path)
            self.job: Job = self.run.job()
            self.pool = stack.enter_context(pool(self.path, self.run.candidate.code, self.job))
            self.facade = self._build()
            self.pool.wait_ready()

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """A stop breaks in here, as `StopAsked`."""
        self.interruptible = True
        try:
            if self._asked_to_stop():
                raise StopAsked
            yield
        finally:
            self.interruptible = False

    def _build(self) -> AbstractFacade:
        from workbench import facades, space

        configspace = space.to_configspace(self.job.space, seed=self.job.scenario.seed)
        return facades.get(self.job.facade).build(configspace, self.job.scenario, str(self.path / "smac"))

    def _loop(self) -> tuple[str, str]:
        """Ask, try, tell, until there is nothing left to do."""
        while True:
            if self._obey() == "stop":
                self._land_nothing_more()
                return "stopped", ""
            if hopeless := self._hopeless():
                self._land_nothing_more()
                return "failed", hopeless
            if self._over_time():
                self._land_nothing_more()
                limit = self.job.scenario.wall_limit_s
                return "finished", f"the limit of {limit:g} s for the whole run was reached"
            if self.state != "paused":
                self._take_off()
            if not self.flights and (self.exhausted or self._submitted() >= self.job.scenario.n_trials):
                return self._landed()
            if self.flights:
                self._await()
            else:  # paused, or no place can take a trial
                time.sleep(POLL_S)

    def _landed(self) -> tuple[str, str]:
        if self.trials and all(t.status != "success" for t in self.trials):
            return "failed", self._all_failed()
        return "finished", self.exhausted

    def _submitted(self) -> int:
        return len(self.trials) + len(self.flights)

    # ------------------------------------------------------------------ trials

    def _take_off(self) -> None:
        """Give every idle place a trial."""
        for number, place in enumerate(self.pool.places):
            if number in self.flights or self.exhausted or self._submitted() >= self.job.scenario.n_trials:
                continue
            if not self.pool.ready(number):
                continue
            info = self._ask()
            if info is None:
                return
            self.flights[number] = Flight(info, time.monotonic())
            place.start(
                Call(
                    config=plain(dict(info.config)),
                    seed=self.job.scenario.seed,
                    budget=info.budget,
                    model_dir=str(self.path / "models"),
                )
            )

    def _ask(self) -> TrialInfo | None:
        try:
            with self._interruptible():
                return self.facade.ask()
        except Exception as error:  # how SMAC says that it has no more depends on the facade
            if type(error).__name__ not in ("StopIteration", "ConfigurationSpaceExhaustedException"):
                raise
            if not self.flights:  # with trials in flight SMAC may only be waiting for them
                self.exhausted = "SMAC had no further configuration to try: the space is small and was gone through"
            return None

    def _await(self) -> None:
        """Wait a little for any place, and take what came."""
        waiting = {self.pool.places[n].connection: n for n in self.flights}
        ready, _, _ = select.select(list(waiting), [], [], POLL_S)
        for number in [waiting[c] for c in ready] or list(self.flights):
            reply = self.pool.places[number].poll()
            if reply is not None:
                self._land(number, reply)

    def _land(self, number: int, reply: Reply) -> None:
        flight = self.flights.pop(number)
        if reply.status == "stopped":
            return
        started = flight.started - self.started
        trial = Trial(
            number=len(self.trials) + 1,
            config=plain(dict(flight.info.config)),
            budget=flight.info.budget,
            seed=self.job.scenario.seed,
            status=reply.status,
            cost=reply.cost,
            metrics=reply.metrics,
            start_s=round(started, 4),
            seconds=round(time.monotonic() - flight.started, 4),
            error=reply.error,
            traceback=reply.traceback,
            worker=number,
        )
        self.trials.append(trial)
        self.events.append("trial", **trial_to_dict(trial))
        self._log(trial, reply)
        self._tell(flight, trial)

    def _tell(self, flight: Flight, trial: Trial) -> None:
        """Tell SMAC a cost; what failed costs more than all that did not, now and later."""
        from smac.runhistory import StatusType, TrialValue

        real = [t.cost for t in self.trials if t.cost is not None]
        worst = penalty(real)
        if trial.cost is None:
            self.failed.append((flight.info, trial))
            self.least_penalty = min(self.least_penalty, worst)
        elif len(real) == 1 or trial.cost >= self.least_penalty:
            for info, failed in self.failed:
                self._set_cost(info, failed, worst)
            self.least_penalty = worst if self.failed else math.inf
        value = TrialValue(
            cost=worst if trial.cost is None else trial.cost,
            time=trial.seconds,
            status=StatusType.SUCCESS,  # a finite cost, so that no part of SMAC meets an infinity
            starttime=self._clock + trial.start_s,
            endtime=self._clock + trial.start_s + trial.seconds,
            additional_info={"status": trial.status, **({"error": trial.error} if trial.error else {})},
        )
        due = time.monotonic() - self._saved > SAVE_EVERY_S  # it writes the whole history each time
        self.facade.tell(flight.info, value, save=due)
        if due:
            self._saved = time.monotonic()

    def _set_cost(self, info: TrialInfo, trial: Trial, cost: float) -> None:
        from smac.runhistory import StatusType

        self.facade.runhistory.add(
            config=info.config,
            cost=cost,
            time=trial.seconds,
            status=StatusType.SUCCESS,
            seed=info.seed,
            budget=info.budget,
            starttime=self._clock + trial.start_s,
            endtime=self._clock + trial.start_s + trial.seconds,
            additional_info={"status": trial.status, "error": trial.error},
            force_update=True,
        )

    def _land_nothing_more(self) -> None:
        """Stop what is in flight."""
        for number in self.flights:
            self.pool.places[number].interrupt()
        deadline = time.monotonic() + 5.0
        while self.flights and time.monotonic() < deadline:
            self._await()

    # ------------------------------------------------------------------ when to end

    def _hopeless(self) -> str:
        if len(self.trials) < HOPELESS or any(t.status == "success" for t in self.trials):
            return ""
        return self._all_failed()

    def _all_failed(self) -> str:
        first = self.trials[0]
        number = len(self.trials)
        return f"{'the only trial' if number == 1 else f'all {number} trials'} failed; the first one: {first.error}"

    def _over_time(self) -> bool:
        limit = self.job.scenario.wall_limit_s
        return limit is not None and time.monotonic() - self.started > limit

    def _obey(self) -> str:
        """Do what `control` says; a word that is no order is passed over."""
        if self._asked_to_stop():
            return "stop"
        self._paused = self._control == "pause" or (self._paused and self._control != "run")
        why = self.pool.tend()
        for event in self.pool.news():
            self.events.append(**event, at_s=round(time.monotonic() - self.started, 4))
            if "text" in event:
                print(event["text"], flush=True)
        state = "paused" if self._paused or why else "running"
        if (state, why) != (self.state, self._why):
            self._say(state, **({"reason": why} if why else {}))
        self._why = why
        return ""

    def _asked_to_stop(self) -> bool:
        with suppress(OSError):
            self._control = (self.path / "control").read_text(encoding="utf-8").strip()
        self.stopping = self.stopping or self._control == "stop"
        return self.stopping

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True
        if self.interruptible:
            self.interruptible = False  # once
            raise StopAsked

    # ------------------------------------------------------------------ what is written

    def _say(self, state: str, **more: Any) -> None:
        self.state = state
        self.events.append("state", state=state, at_s=round(time.monotonic() - self.started, 4), **more)

    def _log(self, trial: Trial, reply: Reply) -> None:
        cost = f"cost {trial.cost:.6g}" if trial.cost is not None else f"{trial.status}: {trial.error}"
        budget = f"  budget {trial.budget:g}" if trial.budget is not None else ""
        print(f"trial {trial.number:>4}  {cost}{budget}  {trial.seconds:.2f} s", flush=True)
        for line in reply.output[:OUTPUT_SHOWN].splitlines():
            print(f"    {line}", flush=True)
        if trial.traceback:
            print("    " + trial.traceback.replace("\n", "\n    "), flush=True)

    def _end(self, state: str, sentence: str) -> None:
        if hasattr(self, "facade"):
            with suppress(OSError):  # a full disk must not hide how the run ended
                self.facade.optimizer.save()
        best = incumbent(self.trials)
        result = {
            "state": state,
            "reason": sentence,
            "trials": len(self.trials),
            "succeeded": sum(t.status == "success" for t in self.trials),
            "seconds": round(time.monotonic() - self.started, 3),
            "best": None if best is None else trial_to_dict(best),
        }
        if self.trials and state == "failed":
            result["traceback"] = self.trials[0].traceback
        files.write_json(self.path / "result.json", result)
        self._say(state, reason=sentence)
        self.events.close()
        print(f"{state}: {sentence}" if sentence else state, flush=True)


def plain(config: dict[str, Any]) -> dict[str, Any]:
    """A configuration in plain Python values, as JSON needs them."""
    return {name: value.item() if hasattr(value, "item") else value for name, value in config.items()}


def trial_to_dict(trial: Trial) -> dict[str, Any]:
    """A trial as it stands in `events.jsonl`."""
    return {**trial.__dict__, "config": dict(trial.config), "metrics": dict(trial.metrics)}


@contextmanager
def _own_log(path: Path) -> Iterator[None]:
    """Everything that is printed goes to the log, from here on."""
    with path.open("a", encoding="utf-8", errors="replace", buffering=1) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
        yield


def main(arguments: list[str]) -> int:
    """Drive the run in a folder; 0 when it was driven, 1 when another driver is at it."""
    path = Path(arguments[0]).resolve()
    with _own_log(path / "log.txt"), locked(path / "driver.lock") as mine:
        if not mine:
            print("another driver is at this run; this one ends", flush=True)
            return 1
        Driver(path).drive()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
