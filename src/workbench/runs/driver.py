"""The driver: a process of its own that asks SMAC, has workers try, and writes the run folder.

`python -m workbench.runs.driver FOLDER` runs what `workbench.runs.create` wrote there. It outlives whoever started it,
never reads standard input, and takes its orders from the file `control`.
"""

from __future__ import annotations

import dataclasses
import errno
import logging
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

from workbench.nouns import ContractError, Job, RunError, Scenario, Trial, WorkbenchError
from workbench.nouns.objective import SECONDS, objective_costs
from workbench.runs import folder as files
from workbench.runs.front import front, values
from workbench.runs.lock import locked
from workbench.runs.optimiser import Optimiser
from workbench.runs.pool import Pool, pool
from workbench.runs.recall import remember, trial_to_dict
from workbench.runs.run import Run
from workbench.runs.trajectory import incumbent
from workbench.worker import Call, Reply
from workbench.worker.nursery import pids as nurseries

if TYPE_CHECKING:
    from smac.runhistory import TrialInfo

logger = logging.getLogger("workbench.driver")

POLL_S = 0.05
LOCK_S = 1.0
"""How long a driver tries for the lock: who asks whether it is held has it for a moment."""
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
        self.memory = remember(path)
        self.events = files.Events(path / "events.jsonl")
        self.reserve = files.Reserve(path)
        self.trials: list[Trial] = [one.trial for one in self.memory.known]
        self.reused = 0
        """Trials that ran in the process of the one before; every other had a process of its own."""
        self.pool = Pool()
        self.flights: dict[int, Flight] = {}
        self.ahead: TrialInfo | None = None
        """What SMAC asked for while no place was free: the next to be tried."""
        self.stopping = False
        self.interruptible = False
        """Whether a stop may break in: while nothing is going on that must be finished."""
        self.exhausted = ""
        self.state = ""
        self.started = time.monotonic() - self.memory.elapsed_s
        """When the run began, had its drivers followed each other without a gap."""
        self._clock = time.time() - self.memory.elapsed_s
        self._control = ""
        self._paused = False
        self._why = ""
        """Why the places can take no trial for the time being."""
        self._asked_for = 0
        self._waits_since = -1
        """How many trials there were when SMAC had no question: until another ends it has none."""

    # ------------------------------------------------------------------ the whole run

    def drive(self) -> None:
        """Run to the end, whatever that is; the last event and `result.json` say which."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        state, sentence = "failed", ""
        try:
            # only now is there one who takes a signal; who asked for a stop before that wrote it into `control`
            files.write_json(self.path / "driver.json", {"pid": os.getpid(), "started": self._clock})
            self.reserve.take()
            (self.path / "result.json").unlink(missing_ok=True)  # of an end that was none
            self._say("starting")
            with ExitStack() as stack:
                self._prepare(stack)
                self._say("running", **self._asked(), nurseries=nurseries())
                state, sentence = self._loop()
        except StopAsked:
            state = "stopped"
        except OSError as error:
            sentence = self._no_room(error)
        except Exception as error:
            logger.exception("the run failed")
            sentence = str(error) if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error}"
        finally:
            self.stopping = True
            self._end(state, sentence)

    def _prepare(self, stack: ExitStack) -> None:
        """Read what is asked, start the places for trials, and build SMAC's facade while they start."""
        with self._interruptible():
            self._asked_for = self._job_written()  # before it is read: what is written meanwhile is seen later
            self.run = Run(self.path)
            self.reused = self.run.in_a_reused_process
            self.job: Job = self.run.job()
            self.pool = stack.enter_context(pool(self.path, self.run.candidate.code, self.job))
            planned = self.run.about.get("planned", self.job.scenario.n_trials)
            self.optimiser = Optimiser(self.path, self.job, planned, self._clock)
            if self.memory.known:
                self.optimiser.recall(self.memory.known)
                print(f"going on after trial {len(self.trials)}", flush=True)
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
                if self._asked_for_more():
                    continue
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
        """Give every idle place a trial, and have the next one ready where that is wanted."""
        for number, place in enumerate(self.pool.places):
            if number in self.flights or self.exhausted or self._submitted() >= self.job.scenario.n_trials:
                continue
            if not self.pool.ready(number):
                continue
            info, self.ahead = self.ahead or self._ask(), None
            if info is None:
                return
            self.flights[number] = Flight(info, time.monotonic())
            place.start(
                Call(
                    config=plain(dict(info.config)),
                    seed=self._seed(info),
                    budget=info.budget,
                    model_dir=str(self.path / "models"),
                    variant=self.optimiser.instances[info.instance].variant if info.instance else {},
                )
            )
        scenario = self.job.scenario
        if scenario.ask_ahead and self.ahead is None and self.flights and self._submitted() < scenario.n_trials:
            self.ahead = self._ask()

    def _seed(self, info: TrialInfo) -> int:
        """The seed that `train` gets: of the instance, where there is one, or of the scenario."""
        return self.optimiser.instances[info.instance].seed if info.instance else self.job.scenario.seed

    def _ask(self) -> TrialInfo | None:
        """What SMAC has us try next; None where it has nothing, or waits for what is in flight."""
        if self.flights and self._waits_since == len(self.trials):
            return None
        with self._interruptible():
            info = self.optimiser.ask()
        self.optimiser.keep()
        if info is None:
            self._waits_since = len(self.trials)
            if not self.flights:
                self.exhausted = "SMAC had no further configuration to try: the space is small and was gone through"
        return info

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
        self.reused += bool(reply.facts.get("reused"))
        seconds = took(reply, time.monotonic() - flight.started)
        reply = self._read(reply, seconds)
        started = flight.started - self.started
        trial = Trial(
            number=len(self.trials) + 1,
            config=plain(dict(flight.info.config)),
            budget=flight.info.budget,
            seed=self._seed(flight.info),
            status=reply.status,
            cost=reply.cost,
            metrics=reply.metrics,
            start_s=round(started, 4),
            seconds=round(seconds, 6),
            error=reply.error,
            traceback=reply.traceback,
            worker=number,
            instance=flight.info.instance,
        )
        self.trials.append(trial)
        asked = {"seed": flight.info.seed, "origin": flight.info.config.origin}
        reused = {"reused": True} if reply.facts.get("reused") else {}
        self._record("trial", **trial_to_dict(trial), **reused, smac=asked)
        with suppress(OSError):  # a log that has no room is no reason to end
            self._log(trial, reply)
        due = self.optimiser.is_save_due
        self.optimiser.tell(flight.info, trial)
        if due and not self._gone():
            self.optimiser.save()

    def _read(self, reply: Reply, seconds: float) -> Reply:
        """The reply, its time among the metrics where that is an objective; a crash where one is missing."""
        if reply.status == "success" and SECONDS in self.job.scenario.objectives:
            reply = dataclasses.replace(reply, metrics={**reply.metrics, SECONDS: round(seconds, 6)})
        try:
            if reply.status == "success" and reply.cost is not None:
                objective_costs(self.job.scenario.objectives, reply.cost, reply.metrics)
        except ContractError as error:
            return dataclasses.replace(reply, status="crashed", cost=None, metrics={}, error=str(error))
        return reply

    def _land_nothing_more(self) -> None:
        """Stop what is in flight."""
        for number in self.flights:
            self.pool.places[number].interrupt()
        deadline = time.monotonic() + 5.0
        while self.flights and time.monotonic() < deadline:
            self._await()

    # ------------------------------------------------------------------ when to end

    def _hopeless(self) -> str:
        ours = len(self.trials) - len(self.memory.known)  # who resumes a run has mended something, or hopes so
        if ours < HOPELESS or any(t.status == "success" for t in self.trials):
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
        if self._gone():
            raise RunError(f"the run folder {self.path} was deleted or moved away while the run went on")
        if self._asked_to_stop():
            return "stop"
        self._asked_for_more()
        self._paused = self._control == "pause" or (self._paused and self._control != "run")
        why = self.pool.tend()
        for event in self.pool.news():
            self._record(**event, at_s=round(time.monotonic() - self.started, 4))
            if "text" in event:
                print(event["text"], flush=True)
        state = "paused" if self._paused or why else "running"
        if (state, why) != (self.state, self._why):
            self._say(state, **({"reason": why} if why else {}))
        self._why = why
        return ""

    def _gone(self) -> bool:
        return not self.events.in_place(self.path / "events.jsonl")

    def _job_written(self) -> int:
        with suppress(OSError):
            return (self.path / "job.json").stat().st_mtime_ns
        return self._asked_for

    def _asked(self) -> dict[str, Any]:
        """What is asked for, as far as this driver knows."""
        return {"n_trials": self.job.scenario.n_trials, "wall_limit_s": self.job.scenario.wall_limit_s}

    def _asked_for_more(self) -> bool:
        """Whether `job.json` was written again, with more trials in it."""
        written = self._job_written()
        if written == self._asked_for:
            return False
        self._asked_for = written
        scenario, before = Scenario.from_dict(Run(self.path).about["scenario"]), self.job.scenario
        self.job = dataclasses.replace(
            self.job,
            scenario=dataclasses.replace(before, n_trials=scenario.n_trials, wall_limit_s=scenario.wall_limit_s),
        )
        self._record("extended", **self._asked())
        return scenario.n_trials > before.n_trials

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
        self._record("state", state=state, at_s=round(time.monotonic() - self.started, 4), **more)

    def _record(self, event: str, **values: Any) -> None:
        """One event; on a full disk the room that was kept takes it, and then the run has to end."""
        try:
            self.events.append(event, **values)
        except OSError:
            if not self.reserve.release():
                raise
            self.events.append(event, **values)
            raise

    def _no_room(self, error: OSError) -> str:
        """What an error of the file system means for the run; the room that was kept is for saying so."""
        logger.exception("the run failed")
        if self._gone():
            return f"the run folder {self.path} was deleted or moved away while the run went on"
        self.reserve.release()
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return (
                f"there is no room left to write in {self.path} ({error.strerror}); all trials until here are kept: "
                "make room and resume the run"
            )
        return f"{type(error).__name__}: {error}"

    def _log(self, trial: Trial, reply: Reply) -> None:
        cost = f"cost {trial.cost:.6g}" if trial.cost is not None else f"{trial.status}: {trial.error}"
        effort = f"  {trial.effort}" if trial.effort else ""
        print(f"trial {trial.number:>4}  {cost}{effort}  {trial.seconds:.2f} s", flush=True)
        for line in reply.output[:OUTPUT_SHOWN].splitlines():
            print(f"    {line}", flush=True)
        if trial.traceback:
            print("    " + trial.traceback.replace("\n", "\n    "), flush=True)

    def _end(self, state: str, sentence: str) -> None:
        self.reserve.release()
        if hasattr(self, "optimiser") and not self._gone():
            with suppress(OSError):  # a full disk must not hide how the run ended
                self.optimiser.save()
        best = incumbent(self.trials)
        result = {
            "state": state,
            "reason": sentence,
            "trials": len(self.trials),
            "succeeded": sum(t.status == "success" for t in self.trials),
            "in_a_reused_process": self.reused,
            "seconds": round(time.monotonic() - self.started, 3),
            "best": None if best is None else trial_to_dict(best),
        }
        if hasattr(self, "job") and len(objectives := self.job.scenario.objectives) > 1:
            found = front(self.trials, objectives)
            result["front"] = [
                {"number": t.number, "config": dict(t.config), "budget": t.budget, **values(t, objectives)}
                for t in found
            ]
        if self.trials and state == "failed":
            result["traceback"] = self.trials[0].traceback
        with suppress(OSError):  # the events say it too, and may fit where this does not
            files.write_json(self.path / "result.json", result)
        with suppress(OSError):
            self._say(state, reason=sentence)
        self.events.close()
        with suppress(OSError):
            print(f"{state}: {sentence}" if sentence else state, flush=True)


def took(reply: Reply, at_most: float) -> float:
    """Seconds of a trial: of `train` alone, as far as it came back, since its reply waits while SMAC thinks."""
    return reply.seconds if reply.status == "success" and 0.0 < reply.seconds <= at_most else at_most


def plain(config: dict[str, Any]) -> dict[str, Any]:
    """A configuration in plain Python values, as JSON needs them."""
    return {name: value.item() if hasattr(value, "item") else value for name, value in config.items()}


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
    with _own_log(path / "log.txt"), locked(path / "driver.lock", LOCK_S) as mine:
        if not mine:
            print("another driver is at this run; this one ends", flush=True)
            return 1
        Driver(path).drive()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
