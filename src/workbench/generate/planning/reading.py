"""A model's plan: from the data of its reply to a proposal, or to all that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from workbench import contracts, facades, space
from workbench.generate.planning.schema import MAX_CHOICES, MAX_CLAUSES, MAX_HYPERPARAMETERS, MAX_STEPS, PLAN, faults
from workbench.nouns import Facade, FacadeError, GenerateError, Job, Proposal, ProposedNumber, Space, SpaceError

AT_MOST = 12
"""So many faults are listed."""
LONGEST_TEXT = 2_000


class PlanFaultError(GenerateError):
    """A reply that is no plan; `faults` has a sentence for each thing that is wrong with it."""

    def __init__(self, found: list[str]):
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(f"{found[0]}{more}")
        self.faults = tuple(found)


def read_plan(data: Mapping[str, Any], job: Job, *, model: str = "") -> Proposal:
    """The proposal that a reply holds.

    Raises
    ------
    PlanFaultError
        If it does not keep to the schema, names a facade that SMAC has not or that does not fit, a number that cannot
        be, or a space that is none.
    """
    found = list(_too_many(data)) or list(islice(faults(data, PLAN), AT_MOST))
    if found:
        raise PlanFaultError(found)
    facade, numbers = _facade(data["facade"]["id"], found), _numbers(data["scenario"], found)
    made = _space(data["space"], found)
    steps = tuple(filter(None, (_line(step) for step in data["plan"])))
    if not steps:
        found.append("the plan for train has no step; write at least one")
    if facade is not None and made is not None and not found:
        if not facade.needs_budget:
            numbers = tuple(n for n in numbers if n.name not in ("min_budget", "max_budget"))
        found += _misfits(facade, made, numbers, job)
    if found or facade is None or made is None:
        raise PlanFaultError(found[:AT_MOST])
    return Proposal(
        facade=facade.id,
        facade_reason=_line(data["facade"]["reason"]),
        scenario=numbers,
        plan=steps,
        space=made,
        space_reasons=tuple(filter(None, [_line(data["space"]["reason"])])),
        origin="model",
        model=model,
    )


def _too_many(data: Mapping[str, Any]) -> list[str]:
    """What is so long that its rows are not even looked at."""
    found = []
    proposed = data.get("space")
    rows = proposed.get("hyperparameters") if isinstance(proposed, dict) else None
    if isinstance(rows, list):
        if len(rows) > MAX_HYPERPARAMETERS:
            found.append(
                f"the proposed space has {len(rows):,} hyperparameters; no run can search so many, propose at most "
                f"{MAX_HYPERPARAMETERS}, and better 3 to 20"
            )
        longest = max((len(r.get("choices") or ()) for r in rows if isinstance(r, dict) and _sized(r)), default=0)
        if longest > MAX_CHOICES:
            found.append(f"a hyperparameter has {longest:,} choices; give at most {MAX_CHOICES}, or a range")
    for name in ("conditions", "forbidden"):
        listed = proposed.get(name) if isinstance(proposed, dict) else None
        if isinstance(listed, list) and len(listed) > MAX_CLAUSES:
            found.append(f"the proposed space has {len(listed):,} {name}; give at most {MAX_CLAUSES}")
    steps = data.get("plan")
    if isinstance(steps, list) and len(steps) > MAX_STEPS:
        found.append(f"the plan for train has {len(steps):,} steps; write at most {MAX_STEPS}")
    return found


def _sized(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("choices"), list)


def _facade(name: str, found: list[str]) -> Facade | None:
    try:
        return facades.get(name.strip())
    except FacadeError as error:
        found.append(str(error))
        return None


def _numbers(rows: list[Mapping[str, Any]], found: list[str]) -> tuple[ProposedNumber, ...]:
    made: dict[str, ProposedNumber] = {}
    for row in rows:
        name, value = row["name"], row["value"]
        if name in made:
            found.append(f"the scenario has {name} twice; give it once")
            continue
        try:
            facades.check_number(name, value)
        except FacadeError as error:
            found.append(str(error))
            continue
        whole = value is not None and facades.is_whole(name)
        made[name] = ProposedNumber(name, int(value) if whole else value, _line(row["reason"]))
    return tuple(made.values())


def _space(data: Mapping[str, Any], found: list[str]) -> Space | None:
    if not data["hyperparameters"]:
        found.append("the proposed space has no hyperparameter; propose at least one")
        return None
    rows = [_row(row) for row in data["hyperparameters"]]
    conditions = [{k: v for k, v in c.items() if v is not None} for c in data.get("conditions") or ()]
    try:
        made = space.from_data(
            {"hyperparameters": rows, "conditions": conditions, "forbidden": data.get("forbidden") or []}
        )
    except SpaceError as error:
        found.append(str(error))
        return None
    wrong = [p.text for p in space.problems(made)]
    found += wrong
    return None if wrong else made


_USED = {
    "integer": ("low", "high", "log", "default"),
    "float": ("low", "high", "log", "default"),
    "categorical": ("choices", "default"),
    "ordinal": ("choices", "default"),
    "constant": ("default",),
}


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row of its kind uses; whole numbers of an integer as such."""
    made = {k: row[k] for k in ("name", "kind", *_USED[row["kind"]]) if row.get(k) is not None}
    if row["kind"] == "integer":
        whole = {k: int(v) for k, v in made.items() if isinstance(v, float) and v.is_integer()}
        made |= whole
    return made


def _misfits(facade: Facade, made: Space, numbers: tuple[ProposedNumber, ...], job: Job) -> list[str]:
    proposed: dict[str, Any] = {n.name: n.value for n in numbers}
    scenario = replace(facades.suggest_scenario(facade, made, job.dataset), **proposed)
    return [f.text for f in facades.fits(facade, contracts.get(job.contract), made, scenario) if not f.ok]


def _line(text: str) -> str:
    """A text on one line, of a length that can be shown."""
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_TEXT else f"{plain[: LONGEST_TEXT - 1]}…"
