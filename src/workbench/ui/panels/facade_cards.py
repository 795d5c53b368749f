"""The facades side by side: when to take one, why it works, and what fits or does not."""

from __future__ import annotations

import html
from functools import partial

import ipywidgets

from workbench import facades
from workbench.nouns import Facade, Fit
from workbench.session import Session
from workbench.ui.panels.panel import box, button, card


class FacadeCards(ipywidgets.VBox):
    """One card a facade; the button of the one in use says so.

    Parameters
    ----------
    session : Session
        Whose facade is chosen.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.use: dict[str, ipywidgets.Button] = {}
        self.cards: dict[str, ipywidgets.VBox] = {}
        self.fit: dict[str, ipywidgets.HTML] = {}
        for facade in facades.facades().values():
            self.use[facade.id] = button(f"Use {facade.title}", partial(self._choose, facade.id), "", facade.summary)
            self.fit[facade.id] = ipywidgets.HTML()
            about = ipywidgets.HTML(_about(facade))
            self.cards[facade.id] = card(facade.title, about, self.fit[facade.id], self.use[facade.id])
        super().__init__([box("awb-choices", *self.cards.values())])

    def refresh(self) -> None:
        """Show what the session says now."""
        for facade in facades.facades().values():
            chosen = facade.id == self._session.facade
            made, use = self.cards[facade.id], self.use[facade.id]
            (made.add_class if chosen else made.remove_class)("awb-chosen")
            use.disabled = chosen
            use.description = f"{facade.title} is in use" if chosen else f"Use {facade.title}"
            self.fit[facade.id].value = _fit(self._session.fits(facade.id))

    def _choose(self, facade: str) -> None:
        self._session.facade = facade


def _about(facade: Facade) -> str:
    budget = (
        '<span class="awb-badge awb-badge-info">varies the budget</span>'
        if facade.needs_budget
        else '<span class="awb-badge awb-badge-info">varies the data</span>'
        if facade.needs_instances
        else '<span class="awb-badge">no budget</span>'
    )
    return (
        f"<div>{html.escape(facade.summary)}</div>"
        f'<div style="display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0">{budget} '
        f'<span class="awb-badge">{html.escape(facade.smac_class)}</span></div>'
        f'<div style="margin-top: 4px"><b>When</b> {html.escape(facade.when)}</div>'
        f'<div style="margin-top: 4px"><b>Why</b> {html.escape(facade.why)}</div>'
    )


def _fit(fits: tuple[Fit, ...]) -> str:
    bad = [f.text for f in fits if not f.ok]
    word = (
        '<span class="awb-badge awb-badge-bad">does not fit</span>'
        if bad
        else '<span class="awb-badge awb-badge-ok">fits</span>'
    )
    texts = bad or [f.text for f in fits]
    items = "".join(f"<li>{html.escape(t)}</li>" for t in texts)
    return f'<div>{word}</div><ul class="awb-list awb-hint">{items}</ul>'
