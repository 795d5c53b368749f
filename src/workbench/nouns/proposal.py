"""A proposal: what a planner would choose before the function is written, in four parts that stand alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from workbench.nouns.space import Space

Part = Literal["facade", "scenario", "plan", "space"]
PARTS: tuple[Part, ...] = get_args(Part)
"""In the order in which they are read."""


@dataclass(frozen=True)
class ProposedNumber:
    """One number of a scenario, by its name there, and why; a limit of the run may be None, which is none."""

    name: str
    value: int | float | None
    reason: str = ""


@dataclass(frozen=True)
class Proposal:
    """A facade, numbers for a scenario, a plan for `train`, and a space.

    Attributes
    ----------
    facade : str
        Its id.
    scenario : tuple of ProposedNumber
        The numbers that are proposed; the others stay as they are.
    plan : tuple of str
        One sentence or more for each step.
    space_reasons : tuple of str
        What was chosen for the space, each with why.
    origin : {"rules", "model", "edit"}
        Who made it; `model` is that model's name.
    remarks : tuple of str
        What else a person should know.
    """

    facade: str
    facade_reason: str
    scenario: tuple[ProposedNumber, ...]
    plan: tuple[str, ...]
    space: Space
    space_reasons: tuple[str, ...] = ()
    origin: Literal["rules", "model", "edit"] = "rules"
    model: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def numbers(self) -> dict[str, int | float | None]:
        """The proposed numbers by name."""
        return {n.name: n.value for n in self.scenario}

    @property
    def plan_text(self) -> str:
        """The steps, numbered, one a line."""
        return "\n".join(f"{number}. {step}" for number, step in enumerate(self.plan, 1))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form."""
        return {
            "facade": {"id": self.facade, "reason": self.facade_reason},
            "scenario": [{"name": n.name, "value": n.value, "reason": n.reason} for n in self.scenario],
            "plan": list(self.plan),
            "space": {"reasons": list(self.space_reasons), **self.space.to_dict()},
            "origin": self.origin,
            "model": self.model,
            "remarks": list(self.remarks),
        }
