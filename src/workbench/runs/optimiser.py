"""SMAC's side of a run: what it is asked, and what it is told.

What failed costs more than all that did not, now and later: SMAC meets no infinity, and no failure is ever its best.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from operator import ge
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import facades, space
from workbench.nouns import Job, Trial
from workbench.nouns.objective import objective_costs
from workbench.runs.penalty import penalty
from workbench.runs.recall import Brackets, Known, asked_before

if TYPE_CHECKING:
    from smac.runhistory import TrialInfo

SAVE_EVERY_S = 5.0
SAVING_SHARE = 0.02
"""At most this share of the time goes into writing SMAC's whole history, which takes longer the longer it is."""
SUCCEEDED = {"status": "success"}
"""What SMAC's record says beside the cost of a trial: one and the same for all that need no more words."""


class Optimiser:
    """A SMAC facade that writes its own files into the run folder.

    Parameters
    ----------
    path : Path
        The run folder.
    job : Job
    planned : int
        How many trials the run was made with: a run that was given more has no other beginning.
    clock : float
        When the run began, in seconds since 1970; trials count from there.
    """

    def __init__(self, path: Path, job: Job, planned: int, clock: float) -> None:
        self._objectives = job.scenario.objectives
        self._seed = job.scenario.seed
        self._clock = clock
        self.configspace = space.to_configspace(job.space, seed=self._seed)
        self.instances = facades.instances_of(job)
        more = (self.instances,) if self.instances else ()
        scenario = dataclasses.replace(job.scenario, n_trials=planned)
        self.facade = facades.get(job.facade).build(self.configspace, scenario, str(path / "smac"), *more)
        self._brackets = Brackets(path)
        self._told: list[tuple[float, ...]] = []
        """The real costs that SMAC was told, one number an objective."""
        self._failed: list[tuple[TrialInfo, Trial]] = []
        self._least_penalty: tuple[float, ...] = ()
        """The lowest costs that SMAC was told for a failed trial: no real one may reach them; empty without one."""
        self._save_next = 0.0

    def recall(self, known: Sequence[Known]) -> None:
        """Tell a fresh SMAC what is known.

        Raises
        ------
        SpaceError
            If a configuration is none of the space any more.
        """
        for info, trial in asked_before(known, self.configspace, self._seed):
            self.tell(info, trial)
        self._brackets.restore(self.facade)
        self.facade.optimizer.save()

    def ask(self) -> TrialInfo | None:
        """The next to try; None where SMAC has none, or none until it is told of those that are under way."""
        try:
            return self.facade.ask()
        except Exception as error:  # how SMAC says that it has no more depends on the facade
            if type(error).__name__ not in ("StopIteration", "ConfigurationSpaceExhaustedException"):
                raise
            return None

    def keep(self) -> None:
        """Write what a later process has to know of the last question."""
        self._brackets.keep(self.facade)

    def tell(self, info: TrialInfo, trial: Trial) -> None:
        """Tell SMAC a cost, and those that failed anew where this one is no lower than what they were said to cost."""
        from smac.runhistory import StatusType, TrialValue

        costs = () if trial.cost is None else objective_costs(self._objectives, trial.cost, trial.metrics)
        if costs:
            self._told.append(costs)
        worst = tuple(map(penalty, zip(*self._told, strict=True))) or (penalty(()),) * len(self._objectives)
        if not costs:
            self._failed.append((info, trial))
            self._least_penalty = tuple(map(min, self._least_penalty or worst, worst))
        elif self._failed and (len(self._told) == 1 or any(map(ge, costs, self._least_penalty))):
            for other, failed in self._failed:
                self._set_cost(other, failed, list(worst))
            self._least_penalty = worst
        value = TrialValue(
            cost=list(costs or worst),
            time=trial.seconds,
            status=StatusType.SUCCESS,  # a finite cost, so that no part of SMAC meets an infinity
            starttime=self._clock + trial.start_s,
            endtime=self._clock + trial.start_s + trial.seconds,
            additional_info=SUCCEEDED if trial.status == "success" else {"status": trial.status, "error": trial.error},
        )
        self.facade.tell(info, value, save=False)

    def _set_cost(self, info: TrialInfo, trial: Trial, cost: list[float]) -> None:
        from smac.runhistory import StatusType

        self.facade.runhistory.add(
            config=info.config,
            cost=cost,
            time=trial.seconds,
            status=StatusType.SUCCESS,
            seed=info.seed,
            budget=info.budget,
            instance=info.instance,
            starttime=self._clock + trial.start_s,
            endtime=self._clock + trial.start_s + trial.seconds,
            additional_info={"status": trial.status, "error": trial.error},
            force_update=True,
        )

    @property
    def is_save_due(self) -> bool:
        """Whether SMAC's files are old enough to be written again."""
        return time.monotonic() > self._save_next

    def save(self) -> None:
        """Have SMAC write its files, as they are now."""
        began = time.monotonic()
        self.facade.optimizer.save()
        took = time.monotonic() - began
        self._save_next = began + took + max(SAVE_EVERY_S, took / SAVING_SHARE)
