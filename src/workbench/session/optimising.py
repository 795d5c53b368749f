"""What a session says of facades and numbers: what fits, why a number is what it is, which objectives there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import traitlets

from workbench import contracts, facades
from workbench.nouns import Dataset, Facade, FacadeError, Fit, Scenario
from workbench.nouns.objective import SECONDS
from workbench.space import SpaceDraft


class Optimising(traitlets.HasTraits):
    """The part of a session that explains the Optimiser step."""

    contract = traitlets.Unicode("model")
    facade = traitlets.Unicode("hpo")
    scenario = traitlets.Instance(Scenario)
    dataset = traitlets.Instance(Dataset, allow_none=True, default_value=None)

    _draft: SpaceDraft
    _touched: set[str]
    _own: dict[str, Any]

    def fits(self, facade: str | None = None) -> tuple[Fit, ...]:
        """What goes together and what does not, each with its sentence; of another facade, with its numbers.

        Raises
        ------
        FacadeError
            If there is no such facade.
        """
        chosen = facades.get(facade or self.facade)
        scenario = self.scenario if chosen.id == self.facade else self._scenario_for(chosen)
        return facades.fits(chosen, contracts.get(self.contract), self._draft.space, scenario, self.dataset)

    def _scenario_for(self, facade: Facade) -> Scenario:
        """Numbers that follow from facade, space and data, except those that the person has set."""
        suggested = facades.suggest_scenario(facade, self._draft.space, self.dataset)
        kept = {name: getattr(self.scenario, name) for name in self._touched if name not in facades.OF_SOME}
        own = {name: self._own.get(name) for name in self._touched if name in facades.OF_SOME}
        kept |= {n: value for n, value in own.items() if value is not None and facades.takes(facade, n)}
        return dataclasses.replace(suggested, **kept)

    def scenario_reasons(self) -> dict[str, str]:
        """For each number of the scenario, why it is what it is."""
        chosen = facades.get(self.facade)
        return facades.explain_scenario(chosen, self._draft.space, self.dataset, self.scenario, self._touched)

    def objectives(self) -> tuple[str, ...]:
        """What could be minimised under the contract at hand, `loss` first."""
        if self.contract != "metrics":
            return ("loss", SECONDS)
        task = self.dataset.task if self.dataset is not None else "classification"
        return ("loss", *contracts.metric_keys(task), SECONDS)

    def choose_objectives(self, *names: str) -> Scenario:
        """Optimise these at once; `loss` comes first and cannot be left out.

        Raises
        ------
        FacadeError
            If one cannot be an objective under the contract at hand.
        """
        return self.set_scenario(objectives=names)

    def set_scenario(self, **numbers: Any) -> Scenario:
        """Change some numbers of the scenario."""
        raise NotImplementedError

    def check_objectives(self, names: Sequence[str]) -> tuple[str, ...]:
        """The objectives in their order, `loss` first.

        Raises
        ------
        FacadeError
            If one cannot be an objective under the contract at hand.
        """
        known = self.objectives()
        unknown = [n for n in names if n not in known]
        if unknown:
            raise FacadeError(
                f"{unknown[0]!r} cannot be an objective under the {self.contract} contract; "
                f"there are: {', '.join(known)}"
            )
        return ("loss", *(n for n in known if n in names and n != "loss"))

    @traitlets.observe("contract", "dataset")
    def _objectives_changed(self, change: dict[str, Any]) -> None:
        """Another contract or task may not have the objectives that were chosen."""
        kept = tuple(n for n in self.scenario.objectives if n in self.objectives())
        if kept != self.scenario.objectives:
            self.scenario = dataclasses.replace(self.scenario, objectives=kept or ("loss",))
