"""The Optimiser step: the facade, the return contract and the numbers of a run."""

from __future__ import annotations

import html
import threading
from dataclasses import dataclass
from functools import partial
from typing import Any

import ipywidgets

from workbench import contracts, facades
from workbench.nouns import Contract, Facade, Scenario
from workbench.ui.panels.brackets import brackets_html
from workbench.ui.panels.facade_cards import FacadeCards
from workbench.ui.panels.panel import Field, Line, Panel, box, button, card, note, notes, tiles
from workbench.ui.panels.proposal import ProposalCard


@dataclass(frozen=True)
class Number:
    """One number of the scenario: its name there, its label, and what an empty input stands for."""

    name: str
    label: str
    hint: str
    empty: str = ""


NUMBERS = (
    Number("n_trials", "Trials", "How many times train is called"),
    Number("min_budget", "Smallest budget", "Epochs, estimators, iterations, or a share of the data", "not used"),
    Number("max_budget", "Largest budget", "In the same unit", "not used"),
    Number("seed", "Seed", "The same seed, the same run"),
    Number("trial_limit_s", "Limit of a trial (s)", "A trial that takes longer is ended"),
    Number("memory_limit_mb", "Memory of a trial (MB)", "A trial that needs more is ended"),
    Number("wall_limit_s", "Limit of the run (s)", "No trial starts after it", "no limit"),
    Number("instances", "Instances", "Raced over: a number of seeds, or a column that divides the table", "not used"),
    Number("workers", "Workers", "Trials at a time"),
)


class OptimiserPanel(Panel):
    """Which facade proposes configurations, what train returns, and how far the run goes."""

    id = "optimiser"
    title = "Optimiser"

    def build(self) -> tuple[ipywidgets.Widget, ...]:  # noqa: D102 - of Panel
        self._lock = threading.RLock()
        self._syncing = 0
        self.facades = FacadeCards(self.session)
        self._build_contracts()
        self._build_scenario()
        self.proposal = ProposalCard(self)
        self.verdict = ipywidgets.HTML()
        self.estimate = ipywidgets.HTML()
        self.brackets = ipywidgets.HTML()
        self.brackets_card = card("Brackets", self.brackets)
        self._build_objectives()
        self.follow(["facade", "contract", "scenario", "dataset", "space_version"], self._show)
        main = box(
            "awb-main",
            self.proposal,
            card("Facade", self.facades),
            self.brackets_card,
            card("Return contract", self.contract_grid),
            card("Scenario", self.number_grid, self.objective_row),
        )
        rail = box("awb-rail", card("Does it fit?", self.verdict), card("Estimate", self.estimate))
        return (box("awb-columns", main, rail),)

    # ------------------------------------------------------------------ facade and contract

    def _build_contracts(self) -> None:
        self.use: dict[str, ipywidgets.Button] = {}
        self.cards: dict[str, ipywidgets.VBox] = {}
        for contract in contracts.contracts().values():
            choose = partial(self._choose_contract, contract.id)
            self.use[contract.id] = button(f"Use {contract.id}", choose, "", f"Use the {contract.id} contract")
            self.cards[contract.id] = card(
                contract.title, ipywidgets.HTML(_contract_text(contract)), self.use[contract.id]
            )
        self.contract_grid = box("awb-choices", *self.cards.values())

    def _choose_contract(self, chosen: str) -> None:
        self.attempt(lambda: setattr(self.session, "contract", chosen))

    # ------------------------------------------------------------------ scenario

    def _build_scenario(self) -> None:
        self.numbers: dict[str, Field] = {}
        self._shown: dict[str, Any] = {}
        for number in NUMBERS:
            control = ipywidgets.Text(continuous_update=False, placeholder=number.empty)
            self.numbers[number.name] = Field(number.label, control, hint=number.hint)
            control.observe(lambda change, name=number.name: self._set(name), ["value"])
        hint = "Choose the next configuration while trials run"
        self.ask_ahead = Field("Ask ahead", ipywidgets.Checkbox(indent=False), hint=hint)
        self.ask_ahead.control.observe(lambda change: self._set_ahead(change.new), ["value"])
        fields = {**self.numbers, "ask_ahead": self.ask_ahead}
        self.reasons = {name: Line("awb-hint") for name in fields}
        self.number_grid = ipywidgets.GridBox(
            [ipywidgets.VBox([field, self.reasons[name]]) for name, field in fields.items()],
            layout=ipywidgets.Layout(grid_template_columns="repeat(auto-fill, minmax(210px, 1fr))", grid_gap="12px"),
        )

    def _build_objectives(self) -> None:
        self.objective = Field(
            "Objectives",
            ipywidgets.SelectMultiple(options=["loss"], value=("loss",), rows=4),
            hint="With more than one, the run looks for the configurations that none beats in all of them",
            width="260px",
        )
        self.objective.control.observe(lambda change: self._choose_objectives(), ["value"])
        self.objective_hint = Line("awb-hint")
        self.objective_row = box("awb-toolbar", self.objective, self.objective_hint)

    def _choose_objectives(self) -> None:
        if self._syncing != threading.get_ident():
            names = self.objective.control.value
            self.attempt(lambda: self.session.choose_objectives(*names), self.objective.error)
            self._show()

    def _show_objectives(self) -> None:
        control, chosen = self.objective.control, self.session.scenario.objectives
        known = self.session.objectives()
        if tuple(control.options) != known:
            control.options = known
        control.value = tuple(n for n in chosen if n in known)
        self.objective_hint.value = (
            "One number is minimised. Choose more with Ctrl or Shift for a trade-off."
            if len(chosen) == 1
            else f"{html.escape(', '.join(chosen))} at once: several configurations may be best, each in its own way."
        )

    def _set(self, name: str) -> None:
        if self._syncing == threading.get_ident():
            return
        field = self.numbers[name]
        value = _read(field.control.value)
        if value is None and not next(n for n in NUMBERS if n.name == name).empty:
            value = field.control.value  # nothing, where something must stand: the session says so
        if self.attempt(lambda: self.session.set_scenario(**{name: value}), field.error):
            self._show()

    def _set_ahead(self, chosen: bool) -> None:
        if self._syncing != threading.get_ident():
            self.attempt(lambda: self.session.set_scenario(ask_ahead=chosen), self.ask_ahead.error)

    # ------------------------------------------------------------------ what the session says

    def _show(self) -> None:
        with self._lock:
            self._syncing = threading.get_ident()
            try:
                self._show_all()
            finally:
                self._syncing = 0

    def _show_all(self) -> None:
        session = self.session
        facade = facades.get(session.facade)
        self.facades.refresh()
        for contract, made in self.cards.items():
            chosen = contract == session.contract
            (made.add_class if chosen else made.remove_class)("awb-chosen")
            self.use[contract].disabled = chosen
            self.use[contract].description = f"{contract} is in use" if chosen else f"Use {contract}"
        for name, field in self.numbers.items():
            value = getattr(session.scenario, name)
            if name not in self._shown or self._shown[name] != value or not field.error.value:
                field.error.value = ""
                field.control.value = _write(value)
            self._shown[name] = value
            field.control.disabled = not facades.takes(facade, name)
        self.ask_ahead.control.value = session.scenario.ask_ahead
        self._show_objectives()
        for name, reason in session.scenario_reasons().items():
            self.reasons[name].value = html.escape(reason)
        drawn = brackets_html(facade, session.scenario)
        self.brackets.value = drawn
        self.brackets_card.layout.display = None if drawn else "none"
        self.verdict.value = notes(
            note(fit.text, "ok" if fit.ok else "bad", "ok" if fit.ok else "does not fit") for fit in session.fits()
        )
        self.estimate.value = _estimate(facade, session.scenario)


def _read(text: str) -> int | float | str | None:
    """The number that was typed; None for nothing, and a text that is no number as it is."""
    plain = text.strip().replace("_", "")
    if not plain:
        return None
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return text.strip()


def _write(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def _contract_text(contract: Contract) -> str:
    budget = "takes a budget" if contract.takes_budget else "takes no budget"
    test = "; measures on the test part" if contract.takes_test else ""
    return (
        f'<div style="margin-bottom: 8px">{html.escape(contract.summary)}</div>'
        f'<div class="awb-code-line">def {html.escape(contract.signature)}</div>'
        f'<div class="awb-hint" style="margin-top: 8px">Returns <code>{html.escape(contract.returns)}</code>; '
        f"{budget}{test}.</div>"
    )


def _estimate(facade: Facade, scenario: Scenario) -> str:
    bound = scenario.n_trials * scenario.trial_limit_s / max(1, scenario.workers)
    if scenario.wall_limit_s is not None:
        bound = min(bound, scenario.wall_limit_s)
    made = tiles([("trials", f"{scenario.n_trials:,}"), ("at most", _duration(bound))])
    hint = (
        "The card Brackets draws them; a small budget ends early, so most trials take far less."
        if facade.needs_budget
        else "Poor configurations are dropped after an instance or two. The time is a bound: all trials at their limit."
        if facade.needs_instances
        else "Every trial trains in full. The time is a bound: all trials at their limit."
    )
    return f'{made}<div class="awb-hint" style="margin-top: 8px">{hint}</div>'


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.3g} s"
    if seconds < 5400:
        return f"{seconds / 60:.3g} min"
    return f"{seconds / 3600:.3g} h"
