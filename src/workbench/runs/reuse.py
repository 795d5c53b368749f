"""Which trials of an earlier run hold in a new one, and why the others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench import facades, space
from workbench.nouns import Candidate, Job, RunError, SpaceError, Trial
from workbench.nouns.objective import metric_of
from workbench.runs.identity import Difference, differences, identity, in_words, of_folder
from workbench.runs.recall import Known, remember

if TYPE_CHECKING:
    import ConfigSpace

    from workbench.runs.run import Run


@dataclass(frozen=True)
class Reuse:
    """The trials that hold; for those that do not, how many for which reason; and what is not as it was."""

    run: str
    kept: tuple[Known, ...]
    left: tuple[tuple[int, str], ...]
    differences: tuple[Difference, ...]
    elapsed_s: float

    @property
    def text(self) -> str:
        """All of it in a sentence."""
        total = len(self.kept) + sum(number for number, _ in self.left)
        said = f"{len(self.kept)} of the {total} trials of {self.run} hold here"
        return said + "".join(f"; {number} do not: {why}" for number, why in self.left)


def reusable(old: Run, job: Job, candidate: Candidate) -> Reuse:
    """What of a run holds for this job and function.

    A trial holds where function, data, contract and seed are the same, its configuration is one of the space, its
    budget one that the facade would give, and the limits would have let it end as it did.

    Raises
    ------
    RunError
        If no trial can hold, because function, data, contract or seed are others.
    """
    try:
        made_with, _ = of_folder(old.folder, old.about)
    except (OSError, ValueError, KeyError) as error:
        raise RunError(f"the run folder {old.folder} is not complete: {error}") from error
    now = identity(job, candidate)
    found = differences({**now, **_told(old), **made_with}, now)
    if others := tuple(d for d in found if d.of_trials and d.part != "versions"):
        raise RunError(f"no trial of {old.folder.name} holds here: {in_words(others)}; start without reuse")
    memory = remember(old.folder)
    configspace = space.to_configspace(job.space)
    budgets, instances = _budgets(job), tuple(facades.instances_of(job)) or (None,)
    kept, left = [], Counter[str]()
    for one in memory.known:
        why = _against(one.trial, job, old, configspace, budgets, instances)
        if why:
            left[why] += 1
        else:
            kept.append(one)
    return Reuse(
        old.folder.name, tuple(kept), tuple((n, why) for why, n in left.most_common()), found, memory.elapsed_s
    )


def _told(old: Run) -> dict[str, object]:
    """The parts of an identity that every `job.json` holds."""
    return {
        "contract": old.about["contract"],
        "seed": old.about["scenario"]["seed"],
        "data": old.about["dataset"]["digest"],
    }


def _budgets(job: Job) -> Sequence[float | None]:
    facade = facades.get(job.facade)
    if not facade.needs_budget:
        return (None,)
    return sorted({r.budget for rounds in facades.brackets(facade, job.scenario) for r in rounds})


def _against(
    trial: Trial,
    job: Job,
    old: Run,
    configspace: ConfigSpace.ConfigurationSpace,
    budgets: Sequence[float | None],
    instances: Sequence[str | None],
) -> str:
    """Why a trial does not hold; empty where it does."""
    try:
        space.configuration(configspace, trial.config)
    except SpaceError:
        return "their configurations are none of this space"
    if not any(trial.budget == b or (trial.budget and b and abs(trial.budget - b) < 1e-9 * b) for b in budgets):
        return "their budgets are none of this facade's"
    if trial.instance not in instances:
        return "their instances are none of now's" if trial.instance else "they were not tried on an instance"
    scenario, before = job.scenario, old.about["scenario"]
    if trial.cost is not None and any(m not in {"loss", *trial.metrics} for m in map(metric_of, scenario.objectives)):
        return "they lack an objective of now"
    if trial.status == "crashed" and list(scenario.objectives) != list(before.get("objectives", ("loss",))):
        return "they failed where other objectives were asked of them"
    tighter = scenario.trial_limit_s < before["trial_limit_s"]  # else it ended in time, however long its way here was
    if trial.status == "success" and tighter and trial.seconds > scenario.trial_limit_s:
        return "they took longer than a trial may take now"
    if trial.status == "timeout" and scenario.trial_limit_s > before["trial_limit_s"]:
        return "they ran into a limit of time that is wider now"
    if trial.status == "memory" and scenario.memory_limit_mb > before["memory_limit_mb"]:
        return "they ran into a limit of memory that is wider now"
    return ""
