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
from workbench.ui.panels.panel import Field, Panel, box, button, card, note, notes, pairs, tiles
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
    Number("workers", "Workers", "Trials at a time"),
)
BUDGETS = ("min_budget", "max_budget")


class OptimiserPanel(Panel):
    """Which facade proposes configurations, what train returns, and how far the run goes."""

    id = "optimiser"
    title = "Optimiser"

    def build(self) -> tuple[ipywidgets.Widget, ...]:  # noqa: D102 - of Panel
        self._lock = threading.RLock()
        self._syncing = 0
        self._build_facade()
        self._build_contracts()
        self._build_scenario()
        self.proposal = ProposalCard(self)
        self.verdict = ipywidgets.HTML()
        self.estimate = ipywidgets.HTML()
        self.follow(["facade", "contract", "scenario", "dataset", "space_version"], self._show)
        main = box(
            "awb-main",
            self.proposal,
            card("Facade", self.facade_row, self.about),
            card("Return contract", self.contract_grid),
            card("Scenario", self.number_grid),
        )
        rail = box("awb-rail", card("Does it fit?", self.verdict), card("Estimate", self.estimate))
        return (box("awb-columns", main, rail),)

    # ------------------------------------------------------------------ facade and contract

    def _build_facade(self) -> None:
        self.facade = ipywidgets.ToggleButtons(options=[(f.title, f.id) for f in facades.facades().values()])
        self.facade.layout.width = "auto"
        self.facade.observe(lambda change: self._choose_facade(), ["value"])
        self.facade_row = box("awb-toolbar", self.facade)
        self.about = ipywidgets.HTML()

    def _choose_facade(self) -> None:
        if self._syncing != threading.get_ident():
            self.attempt(lambda: setattr(self.session, "facade", self.facade.value))

    def _build_contracts(self) -> None:
        self.use: dict[str, ipywidgets.Button] = {}
        self.cards: dict[str, ipywidgets.VBox] = {}
        for contract in contracts.contracts().values():
            choose = partial(self._choose_contract, contract.id)
            self.use[contract.id] = button("Use", choose, "", f"Use the {contract.id} contract")
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
        self.number_grid = ipywidgets.GridBox(
            list(self.numbers.values()),
            layout=ipywidgets.Layout(grid_template_columns="repeat(auto-fill, minmax(168px, 1fr))", grid_gap="12px"),
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
        self.facade.value = facade.id
        self.about.value = _facade_text(facade)
        for contract, made in self.cards.items():
            chosen = contract == session.contract
            (made.add_class if chosen else made.remove_class)("awb-chosen")
            self.use[contract].disabled = chosen
            self.use[contract].description = "In use" if chosen else "Use"
        for name, field in self.numbers.items():
            value = getattr(session.scenario, name)
            if name not in self._shown or self._shown[name] != value or not field.error.value:
                field.error.value = ""
                field.control.value = _write(value)
            self._shown[name] = value
            field.control.disabled = name in BUDGETS and not facade.needs_budget
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


def _write(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def _facade_text(facade: Facade) -> str:
    budget = (
        '<span class="awb-badge awb-badge-info">varies the budget</span>'
        if facade.needs_budget
        else '<span class="awb-badge">no budget</span>'
    )
    return (
        f"<div>{html.escape(facade.summary)}</div>"
        f'<div style="display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0 10px">{budget} '
        f'<span class="awb-badge">{html.escape(facade.smac_class)}</span></div>'
        f'<div class="awb-note awb-note-info"><b>When</b> {html.escape(facade.when)}</div>'
        f'<div class="awb-note awb-note-info" style="margin-top: 6px"><b>Why</b> {html.escape(facade.why)}</div>'
    )


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
    rounds = facades.brackets(facade, scenario)
    facts = [("trials", f"{scenario.n_trials:,}"), ("at most", _duration(bound))]
    made = tiles(facts)
    if rounds:
        lines = [
            (f"Bracket {i + 1}", " → ".join(f"{r.configs} × {r.budget:.3g}" for r in bracket))
            for i, bracket in enumerate(rounds)
        ]
        lines.append(("Fill all brackets", f"{sum(map(facades.trials_of, rounds)):,} trials"))
        made += f'<div style="margin-top: 10px">{pairs(lines)}</div>'
        made += '<div class="awb-hint" style="margin-top: 6px">Configurations × budget, round by round.</div>'
    else:
        made += (
            '<div class="awb-hint" style="margin-top: 8px">Every trial trains in full. The time is a bound: all trials '
            "at their limit.</div>"
        )
    return made


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.3g} s"
    if seconds < 5400:
        return f"{seconds / 60:.3g} min"
    return f"{seconds / 3600:.3g} h"
