"""The prompts that ask for a plan, and for one once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench import contracts, facades, recipes, space
from workbench.nouns import Job, Prompt
from workbench.prompts.rendering import filled
from workbench.prompts.spans import marked
from workbench.prompts.values import description, scenario_text
from workbench.prompts.variant import Variant

SHOWN_REPLY = 6_000
"""So much of a reply goes back with what is wrong with it, in characters."""


def render_plan(job: Job, time: str, *, numbers: Sequence[str], most: int, variant: Variant | None = None) -> Prompt:
    """Fill the template that asks for a plan, or a variant of it.

    Parameters
    ----------
    time : str
        How long the run may take, in words.
    numbers : sequence of str
        What of the scenario may be proposed.
    most : int
        The largest number of hyperparameters.

    Raises
    ------
    PromptError
        As `prompts.render`.
    """
    said = _said(job, time, numbers, most)

    def jinja() -> dict[str, Any]:
        takes = contracts.get(job.contract).takes_budget
        own = {name: marked(name, text) if text else "" for name, text in said.items()}
        return {**own, "takes_budget": takes, "budgeted": takes}

    return filled(variant or Variant("plan"), "plan/plan.md.j2", jinja, lambda: said)


def render_plan_again(request: str, reply: str, faults: Sequence[str], *, variant: Variant | None = None) -> Prompt:
    """What is sent once more: the request, what was wrong, and how the reply began.

    Raises
    ------
    PromptError
        As `prompts.render`.
    """
    clipped = reply if len(reply) <= SHOWN_REPLY else f"{reply[:SHOWN_REPLY]}\n… and {len(reply) - SHOWN_REPLY:,} more"
    said = {
        "request": request.strip("\n"),
        "faults": "\n".join(f"- {fault}" for fault in faults),
        "reply": clipped.strip("\n"),
    }
    values = {name: marked(name, text) for name, text in said.items()}
    return filled(variant or Variant("plan again"), "plan/repair.md.j2", lambda: dict(values), lambda: said)


def _said(job: Job, time: str, numbers: Sequence[str], most: int) -> dict[str, str]:
    contract, task = contracts.get(job.contract), job.dataset.task
    fitting = [f for f in facades.facades().values() if contract.takes_budget or not f.needs_budget]
    listed = [
        f"- `{f.id}` ({f.smac_class}): {f.summary} {f.when} {'It varies budgets.' if f.needs_budget else 'No budgets.'}"
        for f in fitting
    ]
    families = [
        f"- {r.title}: {r.summary} Hyperparameters: {', '.join(f'`{n}`' for n in r.space(task).names)}."
        for r in recipes.recipes().values()
        if task in r.estimators
    ]
    needs = contract.takes_budget and facades.get(job.facade).needs_budget
    return {
        "task": task,
        "dataset_description": description(job),
        "config_space": space.definition(job.space),
        "scenario": scenario_text(job, needs_budget=needs),
        "time": time,
        "plan": job.plan.strip(),
        "signature": contract.signature,
        "returns": contract.returns,
        "facades": "\n".join(listed),
        "families": "\n".join(families),
        "numbers": ", ".join(f"`{n}`" for n in numbers),
        "most": str(most),
    }
