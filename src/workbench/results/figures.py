"""The trajectory as PNG bytes. Objects alone, never pyplot: its global state belongs to the main thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from workbench.nouns import Trial
from workbench.results.canvas import DARK, LIGHT, LOG_FROM, STYLES, figure_of, literal, log_y, mix, png
from workbench.runs.trajectory import trajectory

if TYPE_CHECKING:
    import numpy as np

Axis = Literal["trials", "time", "budget"]
DRAWN = 1e100
"""Costs beyond it, such as the largest float, are off the axis: its arithmetic would overflow."""


class TrajectoryFigure:
    """The trajectory of one or several runs, redrawn quickly: the artists stay, their data changes.

    Incumbents are a step line; trials are dots, hollow below the highest budget; failed ones are crosses along the
    top. The cost is on a logarithmic axis where it spans more than a factor of twenty. Costs far above all others
    would flatten the rest: they are triangles at the top edge.
    """

    def __init__(
        self,
        width_px: int = 760,
        height_px: int = 320,
        *,
        dark: bool = False,
        x: Axis = "trials",
        scale: float = 1.5,
    ) -> None:
        self.x: Axis = x
        self._theme = DARK if dark else LIGHT
        self._figure, self._axes = figure_of(self._theme, width_px, height_px, scale)
        self._axes.set_ylabel("cost")
        self._artists: list[dict[str, Any]] = []
        self._legend_of: tuple[object, ...] = ()
        self._note = self._axes.text(
            0.5, 0.5, "", transform=self._axes.transAxes, ha="center", va="center", color=self._theme.dim
        )
        # two panels may ask for the same figure
        self._lock = threading.Lock()

    def update(self, runs: Mapping[str, Sequence[Trial]] | Sequence[Trial], *, x: Axis | None = None) -> bytes:
        """Draw these trials, or these runs by their labels. Returns a PNG."""
        with self._lock:
            if x is not None:
                self.x = x
            labelled = dict(runs) if isinstance(runs, Mapping) else {"": runs}
            self._draw(labelled)
            return png(self._figure)

    def _draw(self, runs: dict[str, Sequence[Trial]]) -> None:
        import numpy as np

        while len(self._artists) < len(runs):
            self._artists.append(self._new(len(self._artists)))
        positions = {label: _positions(trials, self.x) for label, trials in runs.items()}
        ends = [p[-1] for p in positions.values() if len(p)]
        unit, per_unit = time_unit(max(ends, default=0.0)) if self.x == "time" else ("", 1.0)
        end = max(ends, default=1.0) / per_unit
        costs = np.array([t.cost for trials in runs.values() for t in trials if t.cost is not None], dtype=float)
        steps = {label: trajectory(trials) for label, trials in runs.items()}
        tops = [p.cost for points in steps.values() for p in points]
        ceiling = min(_ceiling(costs, max(tops, default=0.0)), DRAWN)
        some_failed = some_above = False

        for artists, (label, trials) in zip(self._artists, runs.items(), strict=False):
            at = positions[label] / per_unit
            cost = np.array([np.nan if t.cost is None else t.cost for t in trials], dtype=float)
            budget = np.array([t.budget or 0.0 for t in trials], dtype=float)
            ok = np.array([t.status == "success" and t.cost is not None for t in trials], dtype=bool)
            above, full = ok & (cost > ceiling), budget >= budget.max(initial=0.0)
            artists["full"].set_data(at[ok & full & ~above], cost[ok & full & ~above])
            artists["part"].set_data(at[ok & ~full & ~above], cost[ok & ~full & ~above])
            artists["above"].set_data(at[above], np.full(int(above.sum()), 0.985))
            artists["failed"].set_data(at[~ok], np.full(int((~ok).sum()), 0.96))
            some_failed, some_above = some_failed or bool((~ok).any()), some_above or bool(above.any())
            points = steps[label]
            index = {t.number: i for i, t in enumerate(trials)}
            xs = [at[index[p.number]] for p in points]
            ys = [p.cost for p in points]
            artists["line"].set_data([*xs, at.max()] if xs else [], [*ys, ys[-1]] if ys else [])
            artists["best"].set_data(xs[-1:], ys[-1:])
        for artists in self._artists[len(runs) :]:
            for artist in artists.values():
                artist.set_data([], [])

        self._limits(np.maximum(costs[costs <= ceiling], -DRAWN), end)
        self._axes.set_xlabel({"trials": "trials", "time": f"elapsed [{unit}]", "budget": "budget spent"}[self.x])
        self._note.set_text("" if len(costs) or some_failed else "no trial has finished yet")
        self._legend(list(runs), some_failed, some_above)

    def _limits(self, costs: np.ndarray[Any, Any], end: float) -> None:
        axes = self._axes
        start = 0.0 if self.x != "trials" else 0.5
        axes.set_xlim(start, max(end, start + 1e-9) + 0.02 * (end - start) + (0.5 if self.x == "trials" else 0.0))
        if not len(costs):
            axes.set_yscale("linear")
            axes.set_ylim(0.0, 1.0)
            return
        low, high = float(costs.min()), float(costs.max())
        if low > 0 and high / low > LOG_FROM:
            if axes.get_yscale() != "log":
                log_y(axes)
            factor = (high / low) ** 0.06
            axes.set_ylim(low / factor, high * factor**2)
        else:
            if axes.get_yscale() != "linear":
                axes.set_yscale("linear")
            room = (high - low) or abs(high) * 0.1 or 1.0
            axes.set_ylim(low - 0.06 * room, high + 0.12 * room)

    def _new(self, index: int) -> dict[str, Any]:
        from matplotlib.lines import Line2D

        axes, theme = self._axes, self._theme
        colour = theme.series[index % len(theme.series)]
        style = STYLES[index % len(STYLES)]
        edge = axes.get_xaxis_transform()
        # mixed with the paper instead of transparent: a quarter of the bytes with thousands of dots
        pale = mix(colour, theme.paper, 0.55)
        dots: dict[str, Any] = {"linestyle": "none", "color": pale, "markeredgewidth": 0.8, "zorder": 2}
        artists = {
            "full": Line2D([], [], marker="o", markersize=3.4, **dots),
            "part": Line2D([], [], marker="o", markersize=3.4, markerfacecolor="none", **dots),
            "above": Line2D([], [], marker="^", markersize=4.5, transform=edge, **dots),
            "failed": Line2D(
                [], [], marker="x", markersize=5, linestyle="none", color=theme.bad, zorder=3, transform=edge
            ),
            "line": Line2D([], [], color=colour, linestyle=style, linewidth=2.0, drawstyle="steps-post", zorder=4),
            "best": Line2D([], [], marker="D", markersize=5, linestyle="none", color=colour, zorder=5),
        }
        for artist in artists.values():
            axes.add_line(artist)
        return artists

    def _legend(self, labels: list[str], failed: bool, above: bool) -> None:
        wanted = (*labels, failed, above)
        if wanted == self._legend_of:
            return
        self._legend_of = wanted
        entries = [(self._artists[i]["line"], literal(label)) for i, label in enumerate(labels) if label]
        if not entries and labels:
            entries = [(self._artists[0]["line"], "incumbent"), (self._artists[0]["full"], "trial")]
        if failed:
            entries.append((self._artists[0]["failed"], "failed"))
        if above:
            entries.append((self._artists[0]["above"], "above the axis"))
        legend = self._axes.legend(
            [artist for artist, _ in entries],
            [label for _, label in entries],
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            ncols=max(1, min(len(entries), 4)),
            frameon=False,
            fontsize=8.5,
            labelcolor=self._theme.ink,
            borderaxespad=0.1,
            handlelength=2.4,
        )
        legend.set_zorder(6)


def trajectory_png(
    trials: Sequence[Trial] | Mapping[str, Sequence[Trial]],
    *,
    x: Axis = "trials",
    dark: bool = False,
    width_px: int = 760,
    height_px: int = 320,
) -> bytes:
    """The trajectory, drawn once; `TrajectoryFigure` is for drawing it again and again."""
    return TrajectoryFigure(width_px, height_px, dark=dark, x=x).update(trials)


def _positions(trials: Sequence[Trial], x: Axis) -> np.ndarray[Any, Any]:
    import numpy as np

    if x == "trials":
        return np.array([t.number for t in trials], dtype=float)
    if x == "time":
        return np.array([t.start_s + t.seconds for t in trials], dtype=float)
    return np.cumsum(np.array([1.0 if t.budget is None else t.budget for t in trials], dtype=float))


def time_unit(seconds: float) -> tuple[str, float]:
    """The unit in which so many seconds are read, and how many seconds it has."""
    if seconds < 180:
        return "s", 1.0
    return ("min", 60.0) if seconds < 10800 else ("h", 3600.0)


def _ceiling(costs: np.ndarray[Any, Any], at_least: float) -> float:
    """The highest cost that the axis has room for: what lies far above nine tenths of all is left out."""
    import numpy as np

    if len(costs) < 10:
        return float("inf")
    with np.errstate(over="ignore"):  # costs may be as large as floats go; then nothing lies far above them
        low, middle, high = np.quantile(costs, [0.0, 0.5, 0.9])
        limit = max(high + 4 * max(high - middle, middle - low), at_least)
    return float(limit) if limit > low and costs.max() > limit else float("inf")
