"""One part of a proposal as text: beside what a person has, as a difference, and edited."""

from __future__ import annotations

import re
from dataclasses import fields, replace

from workbench import facades, prompts, space
from workbench.nouns import (
    PARTS,
    FacadeError,
    GenerateError,
    Part,
    Proposal,
    ProposedNumber,
    Scenario,
    Space,
)

_NUMBERS = tuple(f.name for f in fields(Scenario) if f.name != "objectives")
_NUMBER_LINE = re.compile(r"([^:=\s]*)\s*([:=]?)\s*(.*)")
_STEP_MARK = re.compile(r"^\s*(?:\d+[.)]|[-*•])\s+")


def checked_part(part: str) -> Part:
    """A part's name.

    Raises
    ------
    GenerateError
        If a proposal has no such part.
    """
    for known in PARTS:
        if part == known:
            return known
    raise GenerateError(f"a proposal has no part {part!r}; it has {', '.join(PARTS)}")


def part_text(proposal: Proposal, part: Part) -> str:
    """A proposed part as a person edits it; `revised` reads it back."""
    if part == "facade":
        return proposal.facade
    if part == "scenario":
        return "\n".join(_number_line(n.name, n.value) for n in proposal.scenario)
    return proposal.plan_text if part == "plan" else space.to_yaml(proposal.space)


def difference(proposal: Proposal, part: Part, *, facade: str, scenario: Scenario, plan: str, present: Space) -> str:
    """What a part would change, as a unified diff in words; empty where it would change nothing.

    Parameters
    ----------
    facade, scenario, plan, present
        What the person has; `present` is the space.
    """
    yours, proposed = {
        "facade": lambda: (_facade(facade), _facade(proposal.facade)),
        "scenario": lambda: (
            "\n".join(_number_line(n.name, getattr(scenario, n.name)) for n in proposal.scenario),
            part_text(proposal, "scenario"),
        ),
        "plan": lambda: (plan.strip(), proposal.plan_text),
        "space": lambda: (space.definition(present), space.definition(proposal.space)),
    }[part]()
    return prompts.compare(yours, proposed, ("yours", "proposed"))


def reasons(proposal: Proposal, part: Part) -> tuple[str, ...]:
    """Why a part is proposed; each step of a plan has its reasons in it."""
    if part == "facade":
        return tuple(filter(None, [proposal.facade_reason]))
    if part == "scenario":
        return tuple(f"{n.name}: {n.reason}" for n in proposal.scenario if n.reason)
    return proposal.space_reasons if part == "space" else ()


def revised(proposal: Proposal, part: Part, text: str) -> Proposal:
    """The proposal with a part as a person has edited it.

    Raises
    ------
    WorkbenchError
        If the text is no such part; the sentence says what would be.
    """
    if part == "facade":
        chosen = facades.get(text.strip()).id
        reason = proposal.facade_reason if chosen == proposal.facade else "Your own choice."
        return replace(proposal, facade=chosen, facade_reason=reason)
    if part == "scenario":
        return replace(proposal, scenario=_numbers(proposal, text))
    if part == "plan":
        steps = tuple(filter(None, (_STEP_MARK.sub("", line).strip() for line in text.splitlines())))
        if not steps:
            raise GenerateError("the plan has no step left; write one a line, or reject it")
        return replace(proposal, plan=steps)
    made = space.from_json(text) if text.lstrip().startswith("{") else space.from_yaml(text)
    if made == proposal.space:
        return proposal
    return replace(proposal, space=made, space_reasons=(*proposal.space_reasons, "Edited by you."))


def _numbers(proposal: Proposal, text: str) -> tuple[ProposedNumber, ...]:
    before = {n.name: n for n in proposal.scenario}
    made: dict[str, ProposedNumber] = {}
    for line in text.splitlines():
        plain = line.partition("#")[0].strip()
        if not plain:
            continue
        name, sign, said = _NUMBER_LINE.fullmatch(plain).groups("")  # type: ignore[union-attr]
        if name not in _NUMBERS:
            raise FacadeError(f"a scenario has no {name!r}; it has: {', '.join(_NUMBERS)}")
        if not sign or name in made:
            raise FacadeError(f"{plain!r} is no number of a scenario; write each once, as in `n_trials: 40`")
        value = _value(said)
        facades.check_number(name, value)
        if facades.is_whole(name) and value is not None:
            value = int(value)
        same = before.get(name)
        made[name] = same if same is not None and same.value == value else ProposedNumber(name, value, "Your own.")
    if not made:
        raise FacadeError("no number is left; write each on a line, as in `n_trials: 40`, or reject them")
    return tuple(made.values())


def _value(said: str) -> int | float | None:
    if said.lower() in ("", "none", "null", "no limit"):
        return None
    try:
        return int(said.replace(",", "").replace("_", ""))
    except ValueError:
        pass
    try:
        return float(said)
    except ValueError:
        return said  # type: ignore[return-value]  # `check_number` says what is wrong with it


def _number_line(name: str, value: float | None) -> str:
    return f"{name}: {'none' if value is None else f'{value:.15g}'}"


def _facade(name: str) -> str:
    facade = facades.get(name)
    return f"{facade.title} ({facade.id}): {facade.summary}"
