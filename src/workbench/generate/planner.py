"""Planning before the function is written: a facade, numbers, a plan for `train` and a space, with reasons in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from workbench import prompts
from workbench.generate import _plan
from workbench.generate.model import ModelError
from workbench.generate.planning.numbers import Means, choose_facade, choose_numbers
from workbench.generate.planning.reading import PlanFaultError, read_plan
from workbench.generate.planning.reckoning import duration, families, seconds, size_of
from workbench.generate.planning.schema import MAX_HYPERPARAMETERS, NUMBERS, PLAN
from workbench.generate.planning.space import choose_space
from workbench.generate.planning.steps import steps
from workbench.nouns import GenerateError, Job, Proposal

USUAL_TIME_S = 600.0
"""What a run is reckoned with where nobody says how long it may take."""

Ask = Callable[[str, Mapping[str, Any], str], dict[str, Any]]
"""A structured call: the prompt, the schema and the name of the variant, to the object of the reply."""


def checked_time(time_s: object) -> float | None:
    """A time for a run, in seconds.

    Raises
    ------
    GenerateError
        If it is no time.
    """
    if time_s is None:
        return None
    if isinstance(time_s, bool) or not isinstance(time_s, int | float):
        raise GenerateError(f"the time for the run is {time_s!r}; give seconds, as in 600, or none")
    if not 0 < time_s < float("inf"):
        raise GenerateError(f"the time for the run is {time_s:g} s; give more than 0, or none")
    return float(time_s)


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


def plan_by_model(
    job: Job,
    ask: Ask,
    *,
    model: str,
    time_s: float | None = None,
    variant: prompts.Variant | None = None,
    reply: Callable[[], str] = str,
) -> Proposal:
    """What a model proposes: one structured call, and one more if its reply cannot be used.

    Parameters
    ----------
    ask : callable
        Makes a structured call; what it raises as `ModelError` is not asked again.
    model : str
        Its name.
    variant : Variant, optional
        Another way to word the request.
    reply : callable, optional
        Gives the text of the newest reply, which goes back with what is wrong with it.

    Raises
    ------
    GenerateError
        If no reply came, or neither can be used; the sentence says what was wrong with the second.
    PromptError
        If the variant cannot be filled.
    """
    given = checked_time(time_s) or job.scenario.wall_limit_s
    time = duration(given) if given else f"{duration(USUAL_TIME_S)}, as nobody has said"
    prompt = prompts.render_plan(job, time, numbers=NUMBERS, most=MAX_HYPERPARAMETERS, variant=variant)
    try:
        return _asked(job, ask, prompt.text, prompt.template, model)
    except ModelError:
        raise
    except GenerateError as error:
        first = error
    found = first.faults if isinstance(first, PlanFaultError) else (str(first),)
    again = prompts.render_plan_again(prompt.text, reply(), found)
    try:
        made = _asked(job, ask, again.text, again.template, model)
    except ModelError:
        raise
    except GenerateError as error:
        raise GenerateError(
            f"the plan of {model} cannot be used, asked twice: {error}; ask again, take another model, or plan offline"
        ) from error
    return replace(made, remarks=(*made.remarks, f"Asked twice; the first reply could not be used: {first}."))


def _asked(job: Job, ask: Ask, prompt: str, name: str, model: str) -> Proposal:
    return read_plan(ask(prompt, PLAN, name), job, model=model)


def _remarks(job: Job, means: Means) -> list[str]:
    time = f"with {duration(means.time_s)}" + ("" if means.given else ", as no time for the run was given")
    made = [f"Times are reckoned from the size of the table, not measured, and {time}."]
    try:
        _plan.plan(job)
    except GenerateError as error:
        made.append(f"{str(error)[:1].upper()}{str(error)[1:]}")
    return made
