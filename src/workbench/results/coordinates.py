"""Figures of the space: cost by each hyperparameter, and whole configurations as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.nouns import Space, Trial
from workbench.results.canvas import DARK, LIGHT, LOG_FROM, Theme, dress, figure_of, literal, log_x, log_y, mix, png
from workbench.runs.trajectory import incumbent


def hyperparameters_png(
    trials: Sequence[Trial], space: Space | None = None, *, dark: bool = False, width_px: int = 760, columns: int = 3
) -> bytes:
    """Cost by each hyperparameter, one small axes for each; only the highest budget's trials."""
    import numpy as np

    theme = DARK if dark else LIGHT
    done = _highest(trials)
    names = _names(done, space)
    rows = max(1, -(-len(names) // columns))
    figure, _ = figure_of(theme, width_px, 190 * rows, 1.5, axes=False)
    grid = figure.add_gridspec(rows, columns)
    grid.update(
        left=56 / width_px, right=1 - 10 / width_px, top=1 - 10 / (190 * rows), bottom=42 / (190 * rows), hspace=0.55
    )
    best = incumbent(done)
    for i, name in enumerate(names):
        axes = figure.add_subplot(grid[i // columns, i % columns])
        dress(axes, theme)
        scale = _Scale.of(name, done, space)
        shown = [t for t in done if name in t.config]
        at = np.array([scale.at(t.config[name]) for t in shown], dtype=float)
        cost = np.array([t.cost for t in shown], dtype=float)
        if scale.ticks:
            # dots on a category would hide one another
            at = at + np.random.default_rng(0).uniform(-0.16, 0.16, len(at))
            axes.set_xticks(range(len(scale.ticks)), [_short(t) for t in scale.ticks])
            axes.set_xlim(-0.5, len(scale.ticks) - 0.5)
        # mixed with the paper instead of transparent: thousands of dots are blended one by one else
        axes.plot(at, cost, "o", markersize=3.4, markeredgewidth=0, color=mix(theme.series[0], theme.paper, 0.6))
        if best is not None and name in best.config:
            axes.plot([scale.at(best.config[name])], [best.cost], "D", markersize=6, color=theme.series[1])
        if scale.log:
            log_x(axes, at)
        if len(cost) and cost.min() > 0 and cost.max() / cost.min() > LOG_FROM:
            log_y(axes)
        axes.set_xlabel(literal(name), fontsize=8.5)
        if i % columns == 0:
            axes.set_ylabel("cost")
    if not names:
        figure.text(0.5, 0.5, "no trial has succeeded yet", ha="center", va="center", color=theme.dim)
    return png(figure)


def parallel_coordinates_png(
    trials: Sequence[Trial],
    space: Space | None = None,
    *,
    dark: bool = False,
    width_px: int = 760,
    height_px: int = 320,
    most: int = 400,
) -> bytes:
    """Each configuration as a line over all hyperparameters, coloured by its cost; the best one on top.

    Only trials of the highest budget, the `most` best of them. A line is broken where a hyperparameter is inactive.
    """
    import numpy as np
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import LineCollection
    from matplotlib.colors import Normalize

    theme = DARK if dark else LIGHT
    done = sorted(_highest(trials), key=lambda t: -float(t.cost or 0.0))[-most:]
    names = _names(done, space)
    figure, axes = figure_of(theme, width_px, height_px, 1.5)
    axes.grid(False)
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    if not names:
        axes.set_xticks([])
        figure.text(0.5, 0.5, "no trial has succeeded yet", ha="center", va="center", color=theme.dim)
        return png(figure)
    scales = {name: _Scale.of(name, done, space) for name in names}
    lines = np.full((len(done), len(names), 2), np.nan)
    lines[:, :, 0] = np.arange(len(names))
    for i, trial in enumerate(done):
        for j, name in enumerate(names):
            if name in trial.config:
                lines[i, j, 1] = scales[name].share(trial.config[name])
    # ranks, so that one bad cost does not take all the colours
    ranks = np.linspace(1.0, 0.0, len(done)) if len(done) > 1 else np.zeros(1)
    colours = colormaps["viridis" if dark else "viridis_r"]
    shades = np.asarray(colours(0.08 + 0.84 * (1 - ranks)))
    shades[:, 3] = np.linspace(0.25, 0.9, len(done))
    axes.add_collection(LineCollection([*lines], colors=shades, linewidths=1.1))
    axes.plot(lines[-1, :, 0], lines[-1, :, 1], "-D", color=theme.series[1], linewidth=2.2, markersize=4.5)
    for j, name in enumerate(names):
        axes.axvline(j, color=theme.dim, linewidth=0.8, zorder=0)
        scale = scales[name]
        for tick, label in scale.labels():
            axes.text(j + 0.03, tick, label, fontsize=7.5, color=theme.ink, va="center", zorder=5, bbox=_halo(theme))
    axes.set_xticks(range(len(names)), [_short(n, max(16, width_px // len(names) // 8)) for n in names])
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.15, len(names) - 1 + 0.5)
    axes.set_ylim(-0.06, 1.06)
    bar = figure.colorbar(
        ScalarMappable(Normalize(0, 1), colours),
        cax=figure.add_axes((0.935, 0.16, 0.012, 0.7)),
    )
    bar.set_ticks([0.05, 0.95], labels=["worst", "best"])
    bar.ax.tick_params(colors=theme.ink, labelsize=7.5, length=0)
    bar.outline.set_visible(False)
    axes.set_position((0.02, 0.14, 0.89, 0.8))
    return png(figure)


@dataclass(frozen=True)
class _Scale:
    """Where the values of one hyperparameter lie: on categories (`ticks`), or between `low` and `high`."""

    ticks: tuple[Any, ...]
    low: float = 0.0
    high: float = 1.0
    log: bool = False

    @classmethod
    def of(cls, name: str, trials: Sequence[Trial], space: Space | None) -> _Scale:
        if space is not None and name in space.names:
            h = space[name]
            if h.kind in ("integer", "float") and h.low is not None and h.high is not None:
                return cls((), float(h.low), float(h.high), h.log)
            return cls(h.choices or (h.default,))
        values = [t.config[name] for t in trials if name in t.config]
        if any(isinstance(v, str | bool) for v in values) or not values:
            return cls(tuple(dict.fromkeys(sorted(values, key=str))))
        numbers = [float(v) for v in values]
        low, high = min(numbers), max(numbers)
        return cls((), low, high, low > 0 and high / low > 100)

    def at(self, value: Any) -> float:
        return float(self.ticks.index(value)) if self.ticks else float(value)

    def share(self, value: Any) -> float:
        import math

        if self.ticks:
            return self.at(value) / (len(self.ticks) - 1) if len(self.ticks) > 1 else 0.5
        if self.high <= self.low:
            return 0.5
        if self.log:
            return math.log(float(value) / self.low) / math.log(self.high / self.low)
        return (float(value) - self.low) / (self.high - self.low)

    def labels(self) -> list[tuple[float, str]]:
        if self.ticks:
            return [(self.share(t), _short(t)) for t in self.ticks[:12]]
        return [(0.0, f"{self.low:.3g}"), (1.0, f"{self.high:.3g}")]


def _highest(trials: Sequence[Trial]) -> list[Trial]:
    done = [t for t in trials if t.status == "success" and t.cost is not None]
    top = max((t.budget or 0.0 for t in done), default=0.0)
    return [t for t in done if (t.budget or 0.0) == top]


def _names(trials: Sequence[Trial], space: Space | None) -> list[str]:
    seen = list(dict.fromkeys(n for t in trials for n in t.config))
    if space is None:
        return seen
    return [h.name for h in space.hyperparameters if h.name in seen and h.kind != "constant"]


def _short(value: object, most: int = 11) -> str:
    text = str(value)
    return literal(text if len(text) <= most else text[: most - 1] + "…")


def _halo(theme: Theme) -> dict[str, Any]:
    return {"facecolor": theme.paper, "edgecolor": "none", "alpha": 0.75, "pad": 0.8}
