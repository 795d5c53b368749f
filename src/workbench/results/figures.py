"""Figures as PNG bytes. Objects alone, never pyplot: its global state belongs to the main thread."""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.nouns import Space, Trial
from workbench.runs.trajectory import incumbent, trajectory

if TYPE_CHECKING:
    import numpy as np

Axis = Literal["trials", "time", "budget"]

# Okabe & Ito (2008): told apart with every kind of colour vision; the line styles repeat it without colour
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
COLOURS_DARK = ("#56B4E9", "#E69F00", "#2FBF95", "#E6A0C4", "#F0E442", "#D55E00")
STYLES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
LOG_FROM = 20.0


@dataclass(frozen=True)
class Theme:
    """The colours of a page."""

    paper: str
    ink: str
    dim: str
    grid: str
    bad: str
    series: tuple[str, ...]


LIGHT = Theme("#ffffff", "#212121", "#5f6368", "#e3e3e3", "#c62828", COLOURS)
DARK = Theme("#212121", "#e8e8e8", "#b0b4b8", "#3d3d3d", "#ff8a80", COLOURS_DARK)


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
        self._figure, self._axes = _figure(self._theme, width_px, height_px, scale)
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
            return _png(self._figure)

    def _draw(self, runs: dict[str, Sequence[Trial]]) -> None:
        import numpy as np

        while len(self._artists) < len(runs):
            self._artists.append(self._new(len(self._artists)))
        positions = {label: _positions(trials, self.x) for label, trials in runs.items()}
        ends = [p[-1] for p in positions.values() if len(p)]
        unit, per_unit = _time_unit(max(ends, default=0.0)) if self.x == "time" else ("", 1.0)
        end = max(ends, default=1.0) / per_unit
        costs = np.array([t.cost for trials in runs.values() for t in trials if t.cost is not None], dtype=float)
        steps = {label: trajectory(trials) for label, trials in runs.items()}
        tops = [p.cost for points in steps.values() for p in points]
        ceiling = _ceiling(costs, max(tops, default=0.0))
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

        self._limits(costs[costs <= ceiling], end)
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
                _log_y(axes)
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
        pale = _mix(colour, theme.paper, 0.55)
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
        entries = [(self._artists[i]["line"], label) for i, label in enumerate(labels) if label]
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


def hyperparameters_png(
    trials: Sequence[Trial], space: Space | None = None, *, dark: bool = False, width_px: int = 760, columns: int = 3
) -> bytes:
    """Cost by each hyperparameter, one small axes for each; only the highest budget's trials."""
    import numpy as np

    theme = DARK if dark else LIGHT
    done = _highest(trials)
    names = _names(done, space)
    rows = max(1, -(-len(names) // columns))
    figure, _ = _figure(theme, width_px, 190 * rows, 1.5, axes=False)
    grid = figure.add_gridspec(rows, columns)
    grid.update(
        left=56 / width_px, right=1 - 10 / width_px, top=1 - 10 / (190 * rows), bottom=42 / (190 * rows), hspace=0.55
    )
    best = incumbent(done)
    for i, name in enumerate(names):
        axes = figure.add_subplot(grid[i // columns, i % columns])
        _dress(axes, theme)
        scale = _Scale.of(name, done, space)
        shown = [t for t in done if name in t.config]
        at = np.array([scale.at(t.config[name]) for t in shown], dtype=float)
        cost = np.array([t.cost for t in shown], dtype=float)
        if scale.ticks:
            # dots on a category would hide one another
            at = at + np.random.default_rng(0).uniform(-0.16, 0.16, len(at))
            axes.set_xticks(range(len(scale.ticks)), [_short(t) for t in scale.ticks])
            axes.set_xlim(-0.5, len(scale.ticks) - 0.5)
        axes.plot(at, cost, "o", markersize=3.4, alpha=0.5, color=theme.series[0])
        if best is not None and name in best.config:
            axes.plot([scale.at(best.config[name])], [best.cost], "D", markersize=6, color=theme.series[1])
        if scale.log:
            _log_x(axes, at)
        if len(cost) and cost.min() > 0 and cost.max() / cost.min() > LOG_FROM:
            _log_y(axes)
        axes.set_xlabel(name, fontsize=8.5)
        if i % columns == 0:
            axes.set_ylabel("cost")
    if not names:
        figure.text(0.5, 0.5, "no trial has succeeded yet", ha="center", va="center", color=theme.dim)
    return _png(figure)


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
    figure, axes = _figure(theme, width_px, height_px, 1.5)
    axes.grid(False)
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    if not names:
        axes.set_xticks([])
        figure.text(0.5, 0.5, "no trial has succeeded yet", ha="center", va="center", color=theme.dim)
        return _png(figure)
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
    return _png(figure)


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
    return text if len(text) <= most else text[: most - 1] + "…"


def _mix(colour: str, paper: str, share: float) -> str:
    ours, theirs = (bytes.fromhex(c.removeprefix("#")) for c in (colour, paper))
    return "#" + bytes(round(share * a + (1 - share) * b) for a, b in zip(ours, theirs, strict=True)).hex()


def _halo(theme: Theme) -> dict[str, Any]:
    return {"facecolor": theme.paper, "edgecolor": "none", "alpha": 0.75, "pad": 0.8}


def _positions(trials: Sequence[Trial], x: Axis) -> np.ndarray[Any, Any]:
    import numpy as np

    if x == "trials":
        return np.array([t.number for t in trials], dtype=float)
    if x == "time":
        return np.array([t.start_s + t.seconds for t in trials], dtype=float)
    return np.cumsum(np.array([1.0 if t.budget is None else t.budget for t in trials], dtype=float))


def _time_unit(seconds: float) -> tuple[str, float]:
    if seconds < 180:
        return "s", 1.0
    return ("min", 60.0) if seconds < 10800 else ("h", 3600.0)


def _ceiling(costs: np.ndarray[Any, Any], at_least: float) -> float:
    """The highest cost that the axis has room for: what lies far above nine tenths of all is left out."""
    import numpy as np

    if len(costs) < 10:
        return float("inf")
    low, middle, high = np.quantile(costs, [0.0, 0.5, 0.9])
    limit = max(high + 4 * max(high - middle, middle - low), at_least)
    return float(limit) if limit > low and costs.max() > limit else float("inf")


def _figure(theme: Theme, width_px: int, height_px: int, scale: float, axes: bool = True) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_px / 100, height_px / 100), dpi=100 * scale, facecolor=theme.paper)
    FigureCanvasAgg(figure)
    if not axes:
        return figure, None
    # in pixels: a constrained layout costs more than the drawing
    left, right, top, bottom = 72, 14, 26, 42
    one = figure.add_axes(
        (left / width_px, bottom / height_px, 1 - (left + right) / width_px, 1 - (top + bottom) / height_px)
    )
    _dress(one, theme)
    return figure, one


def _log_y(axes: Any) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=7))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _log_x(axes: Any, at: np.ndarray) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    few = len(at) and at.max() / at.min() < 300
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0) if few else (1.0,), numticks=5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _dress(axes: Any, theme: Theme) -> None:
    axes.set_facecolor(theme.paper)
    axes.set_axisbelow(True)
    axes.grid(True, color=theme.grid, linewidth=0.7)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(theme.dim)
    axes.tick_params(which="both", colors=theme.dim, labelcolor=theme.ink, labelsize=8.5)
    axes.xaxis.label.set_color(theme.ink)
    axes.yaxis.label.set_color(theme.ink)


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    # without a date in it: same trials, same bytes
    figure.canvas.print_png(buffer, metadata={"Software": None}, pil_kwargs={"compress_level": 4})
    return buffer.getvalue()
