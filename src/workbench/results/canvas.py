"""What all figures share: themes, axes in pixels, and the way to a PNG. Objects alone, never pyplot."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

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


def figure_of(theme: Theme, width_px: int, height_px: int, scale: float, axes: bool = True) -> tuple[Any, Any]:
    """A figure of this size, and one axes in it with room for its labels (None where `axes` is false)."""
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
    dress(one, theme)
    return figure, one


def literal(text: str) -> str:
    """A text as matplotlib shows it as it stands: no dollar sign in it begins a formula."""
    return text.replace("$", r"\$")


def log_y(axes: Any) -> None:
    """A logarithmic cost axis with plain numbers on it."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=7))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def log_x(axes: Any, at: np.ndarray[Any, Any]) -> None:
    """A logarithmic axis for these values, with plain numbers on it."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    few = len(at) and at.max() / at.min() < 300
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0) if few else (1.0,), numticks=5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def dress(axes: Any, theme: Theme) -> None:
    """Put axes into a theme's colours."""
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


def png(figure: Any) -> bytes:
    """The figure as PNG bytes: the same drawing gives the same bytes."""
    buffer = io.BytesIO()
    # without a date in it: same trials, same bytes
    figure.canvas.print_png(buffer, metadata={"Software": None}, pil_kwargs={"compress_level": 4})
    return buffer.getvalue()


def mix(colour: str, paper: str, share: float) -> str:
    """A colour mixed with the paper, both as `#rrggbb`."""
    ours, theirs = (bytes.fromhex(c.removeprefix("#")) for c in (colour, paper))
    return "#" + bytes(round(share * a + (1 - share) * b) for a, b in zip(ours, theirs, strict=True)).hex()
