"""Hyperband's brackets before a run: what each round trains, drawn and in words."""

from __future__ import annotations

import html

from workbench import facades
from workbench.nouns import Facade, Scenario


def brackets_html(facade: Facade, scenario: Scenario) -> str:
    """A bar a round, as wide as it has configurations, with its budget; empty for a facade without budgets."""
    found = facades.brackets(facade, scenario)
    if not found:
        return ""
    widest = max(r.configs for rounds in found for r in rounds)
    trials = sum(map(facades.trials_of, found))
    total = sum(map(facades.budget_of, found))
    made = []
    for number, rounds in enumerate(found, 1):
        bars = "".join(
            '<div class="awb-round"><span class="awb-round-bar" style="width: '
            f'{max(2.0, 100 * r.configs / widest):.1f}%"></span>'
            f'<span class="awb-number">{r.configs} × {r.budget:.3g}</span></div>'
            for r in rounds
        )
        made.append(
            f'<div class="awb-bracket"><div class="awb-hint"><b>Bracket {number}</b>: '
            f"{facades.trials_of(rounds):,} trials, sum of budgets {facades.budget_of(rounds):,.4g}</div>{bars}</div>"
        )
    when = (
        f"The {scenario.n_trials:,} trials of this run fill {scenario.n_trials / trials:.2g} of them."
        if scenario.n_trials < trials
        else f"The {scenario.n_trials:,} trials of this run go round {scenario.n_trials / trials:.2g} times."
    )
    return (
        f'<div class="awb-brackets">{"".join(made)}</div>'
        '<div class="awb-hint" style="margin-top: 8px">Configurations × budget, round by round: a third goes on, with '
        f"three times the budget. All brackets: <b>{trials:,} trials</b>, sum of budgets <b>{total:,.4g}</b>, as "
        f"much as {total / (scenario.max_budget or 1):,.3g} trials in full. {html.escape(when)}</div>"
    )
