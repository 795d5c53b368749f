"""Planning before the function is written: a facade, numbers, a plan for `train` and a space, with reasons in words."""

from __future__ import annotations

from dataclasses import replace

from workbench.generate import _plan
from workbench.generate.planning.numbers import Means, choose_facade, choose_numbers
from workbench.generate.planning.reckoning import duration, families, seconds, size_of
from workbench.generate.planning.space import choose_space
from workbench.generate.planning.steps import steps
from workbench.nouns import GenerateError, Job, Proposal

USUAL_TIME_S = 600.0
"""What a run is reckoned with where nobody says how long it may take."""
__all__ = ["USUAL_TIME_S", "checked_time", "plan_by_rules"]


def checked_time(time_s: float | None) -> float | None:
    """A time for a run, in seconds.

    Raises
    ------
    GenerateError
        If it is no time.
    """
    if time_s is not None and not 0 < time_s < float("inf"):
        raise GenerateError(f"the time for the run is {time_s:g} s; give more than 0, or none")
    return time_s


def plan_by_rules(job: Job, *, time_s: float | None = None) -> Proposal:
    """What experience says, from the size and types of the table, the space and the time: the same for the same job.

    Parameters
    ----------
    job : Job
        Its space may be empty.
    time_s : float, optional
        How long the whole run may take; the limit of the job's scenario where it is left out, else ten minutes.

    Raises
    ------
    GenerateError
        If the time is no time.
    """
    given = checked_time(time_s) or job.scenario.wall_limit_s
    time = given or USUAL_TIME_S
    size = size_of(job.dataset)
    workers = max(1, job.scenario.workers)
    chosen = choose_space(job, size, time * workers)
    planned = replace(job, space=chosen.space)
    recipes = families(planned)
    training = seconds(recipes, size)
    means = Means(chosen.space, recipes, size, training, time, int(time * workers / training), given is not None)
    facade, why = choose_facade(planned, means)
    numbers = choose_numbers(planned, facade, means)
    return Proposal(
        facade=facade.id,
        facade_reason=why,
        scenario=numbers,
        plan=steps(planned, chosen.space, recipes, facade),
        space=chosen.space,
        space_reasons=chosen.reasons,
        remarks=tuple(_remarks(planned, means)),
    )


def _remarks(job: Job, means: Means) -> list[str]:
    time = f"with {duration(means.time_s)}" + ("" if means.given else ", as no time for the run was given")
    made = [f"Times are reckoned from the size of the table, not measured, and {time}."]
    try:
        _plan.plan(job)
    except GenerateError as error:
        made.append(f"{str(error)[:1].upper()}{str(error)[1:]}")
    return made
