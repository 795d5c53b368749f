"""The figure of several runs over each other: a median and a band for each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.results.canvas import DARK, LIGHT, LOG_FROM, STYLES, figure_of, literal, log_y, png
from workbench.results.figures import Axis, time_unit
from workbench.results.groups import Group, band
from workbench.results.words import number, plural


def full_budget(made: Sequence[Group]) -> float:
    """What a trial without a budget counts as, beside trials with one: the highest budget, since it trains in full."""
    budgets = [t.budget for g in made for r in g.runs for t in r.trials if t.budget is not None]
    return max(budgets, default=1.0)


def bands_png(
    made: Sequence[Group], *, x: Axis = "trials", dark: bool = False, width_px: int = 860, height_px: int = 340
) -> bytes:
    """The incumbents' costs of groups over each other: the median as a step line, the band as an area.

    The single runs are thin lines in the same colour. A group without an incumbent in each of its runs has no line.
    """
    theme = DARK if dark else LIGHT
    figure, axes = figure_of(theme, width_px, height_px, 1.5)
    full = full_budget(made)
    drawn: list[tuple[Any, str]] = []
    bands = [band([r.trials for r in g.runs], x, full=full) for g in made]
    end = max((b.at[-1] for b in bands if len(b.at)), default=1.0)
    unit, per_unit = time_unit(end) if x == "time" else ("", 1.0)
    low, high = float("inf"), float("-inf")
    for i, (group, found) in enumerate(zip(made, bands, strict=True)):
        if not len(found.at):
            continue
        colour, style = theme.series[i % len(theme.series)], STYLES[i % len(STYLES)]
        at = found.at / per_unit
        low, high = min(low, float(found.low.min())), max(high, float(found.high.max()))
        if found.what:
            axes.fill_between(at, found.low, found.high, step="post", color=colour, alpha=0.18, linewidth=0)
        if 1 < len(group.runs) <= 12:
            for run in group.runs:
                one = band([run.trials], x, full=full)
                axes.plot(
                    one.at / per_unit, one.median, color=colour, alpha=0.35, linewidth=0.8, drawstyle="steps-post"
                )
        (line,) = axes.plot(at, found.median, color=colour, linestyle=style, linewidth=2.2, drawstyle="steps-post")
        axes.plot(at[-1:], found.median[-1:], "D", markersize=5, color=colour)
        drawn.append((line, f"{group.label} ({plural(len(group.runs), 'run')})"))
    if not drawn:
        axes.text(
            0.5, 0.5, "no group has an incumbent in each of its runs yet", transform=axes.transAxes, ha="center",
            color=theme.dim,
        )  # fmt: skip
    elif low > 0 and high / low > LOG_FROM:
        log_y(axes)
    axes.set_ylabel("cost of the incumbent")
    axes.set_xlabel({"trials": "trials", "time": f"elapsed [{unit}]", "budget": "budget spent"}[x])
    if drawn:
        axes.legend(
            [line for line, _ in drawn],
            [literal(label if len(label) < 60 else f"{label[:59]}…") for _, label in drawn],
            loc="upper right",
            frameon=False,
            fontsize=8.5,
            labelcolor=theme.ink,
            handlelength=2.8,
        )
    return png(figure)


def bands_text(made: Sequence[Group], x: Axis = "trials") -> str:
    """What the figure shows, for those who don't see it."""
    full = full_budget(made)
    said = []
    for group in made:
        found = band([r.trials for r in group.runs], x, full=full)
        if not len(found.at):
            said.append(f"{group.label}: no moment at which every run has an incumbent.")
            continue
        spread = f", {found.what} {number(found.low[-1])} to {number(found.high[-1])}" if found.what else ""
        where = {"trials": "trials", "time": "seconds", "budget": "of budget spent"}[x]
        said.append(
            f"{group.label}: over {plural(len(group.runs), 'run')} the median cost is {number(found.median[-1])}"
            f"{spread} after {number(found.at[-1])} {where}."
        )
    if x == "budget" and any(t.budget is None for g in made for r in g.runs for t in r.trials) and full != 1.0:
        said.append(f"A trial without a budget counts as {number(full)}, the highest budget: it trains in full.")
    return " ".join(said)
