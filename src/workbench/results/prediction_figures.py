"""Figures of predictions: confusion and calibration for classes, residuals for numbers."""

from __future__ import annotations

from typing import Any

from workbench.results.canvas import DARK, LIGHT, dress, figure_of, literal, png
from workbench.results.predictions import Predictions, scores

MOST_SHOWN = 12
"""So many classes have a row of their own; the rarer ones share one."""
BINS = 10


def predictions_png(found: Predictions, *, dark: bool = False, width_px: int = 860, height_px: int = 360) -> bytes:
    """Confusion and calibration beside each other; for regression the predictions and the residuals."""
    theme = DARK if dark else LIGHT
    figure, _ = figure_of(theme, width_px, height_px, 1.5, axes=False)
    bottom, top = 52 / height_px, 1 - 34 / height_px
    grid = figure.add_gridspec(1, 2, left=112 / width_px, right=1 - 16 / width_px, bottom=bottom, top=top, wspace=0.3)
    left, right = (figure.add_subplot(grid[0, i]) for i in range(2))
    for axes in (left, right):
        dress(axes, theme)
        axes.title.set_color(theme.ink)
        axes.title.set_fontsize(10)
    if found.task == "classification":
        _confusion(left, found, theme)
        _calibration(right, found, theme)
    else:
        _scatter(left, found, theme)
        _residuals(right, found, theme)
    return png(figure)


def confusion(found: Predictions) -> tuple[list[str], Any]:
    """Labels, and counts of shape (labels, labels): rows are true, columns predicted; rare classes put together."""
    import numpy as np

    k = len(found.classes)
    table = np.zeros((k, k), dtype=int)
    np.add.at(table, (found.true, found.predicted), 1)
    labels = [str(c) for c in found.classes]
    if k > MOST_SHOWN:
        order = np.argsort(-(table.sum(axis=1) + table.sum(axis=0)), kind="stable")
        kept = np.sort(order[: MOST_SHOWN - 1])
        place = np.full(k, MOST_SHOWN - 1)
        place[kept] = np.arange(MOST_SHOWN - 1)
        table = np.zeros((MOST_SHOWN, MOST_SHOWN), dtype=int)
        np.add.at(table, (place[found.true], place[found.predicted]), 1)
        labels = [*(labels[i] for i in kept), f"{k - MOST_SHOWN + 1} others"]
    return labels, table


def calibration(found: Predictions) -> Any:
    """Shape (bins, 3): mean confidence, share that was right, rows; None without probabilities.

    With two classes it is the probability of the second one, and how often that is the true class.
    """
    import numpy as np

    if found.probability is None:
        return None
    if len(found.classes) == 2:
        said, right = found.probability[:, 1], found.true == 1
    else:
        top = found.probability.argmax(axis=1)
        said, right = found.probability.max(axis=1), found.true == top
    bins = np.clip((said * BINS).astype(int), 0, BINS - 1)
    rows = [
        (said[bins == b].mean(), right[bins == b].mean(), (bins == b).sum()) for b in range(BINS) if (bins == b).any()
    ]
    return np.array(rows, dtype=float)


def predictions_text(found: Predictions) -> str:
    """What the figure shows, for those who don't see it."""
    told = ", ".join(f"{s.name} {s.value:.4g}" for s in scores(found, resamples=0))
    if found.task == "regression":
        return f"Predictions against true values, and residuals: {told}, on {found.note}"
    labels, table = confusion(found)
    wrong = [(int(table[i, j]), labels[i], labels[j]) for i in range(len(labels)) for j in range(len(labels)) if i != j]
    most = max(wrong, default=(0, "", ""))
    worst = f" Most often confused: {most[1]} taken for {most[2]}, {most[0]} times." if most[0] else ""
    return f"Confusion of classes and calibration: {told}, on {found.note}{worst}"


def _confusion(axes: Any, found: Predictions, theme: Any) -> None:
    labels, table = confusion(found)
    share = table / table.sum(axis=1, keepdims=True).clip(min=1)
    axes.grid(False)
    axes.imshow(share, cmap="Blues" if theme is LIGHT else "cividis", vmin=0, vmax=1, aspect="auto")
    size = 9 if len(labels) <= 6 else 7
    for i in range(len(labels)):
        for j in range(len(labels)):
            bright = (share[i, j] > 0.5) == (theme is LIGHT)
            axes.text(
                j, i, f"{table[i, j]:,}", ha="center", va="center", fontsize=size, color="white" if bright else "black"
            )
    short = [literal(label if len(label) <= 10 else f"{label[:9]}…") for label in labels]
    axes.set_xticks(range(len(labels)), short, rotation=30 if len(labels) > 4 else 0, fontsize=size)
    axes.set_yticks(range(len(labels)), short, fontsize=size)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title("Confusion (rows by true class)")


def _calibration(axes: Any, found: Predictions, theme: Any) -> None:
    import numpy as np

    table = calibration(found)
    axes.set_title("Calibration")
    if table is None:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.text(0.5, 0.5, "the model gives no probabilities", ha="center", color=theme.dim, transform=axes.transAxes)
        return
    axes.plot([0, 1], [0, 1], color=theme.dim, linewidth=1, linestyle="--")
    error = np.sqrt((table[:, 1] * (1 - table[:, 1])).clip(0.01) / table[:, 2])
    axes.errorbar(
        table[:, 0], table[:, 1], yerr=error, fmt="o-", color=theme.series[0], markersize=5, linewidth=1.4, capsize=2
    )
    for x, y, n in table:
        axes.annotate(f"{int(n):,}", (x, y), textcoords="offset points", xytext=(5, -11), fontsize=7, color=theme.dim)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.05, 1.08)
    two = len(found.classes) == 2
    second = literal(str(found.classes[1])[:14]) if two else ""
    axes.set_xlabel(f"predicted probability of {second}" if two else "confidence in the prediction")
    axes.set_ylabel("how often it was true")


def _scatter(axes: Any, found: Predictions, theme: Any) -> None:
    low, high = float(min(found.true.min(), found.predicted.min())), float(max(found.true.max(), found.predicted.max()))
    axes.plot([low, high], [low, high], color=theme.dim, linewidth=1, linestyle="--")
    axes.plot(found.true, found.predicted, "o", markersize=2.8, alpha=0.4, color=theme.series[0])
    axes.set_xlabel("true")
    axes.set_ylabel("predicted")
    axes.set_title("Predictions")


def _residuals(axes: Any, found: Predictions, theme: Any) -> None:
    axes.axhline(0, color=theme.dim, linewidth=1, linestyle="--")
    axes.plot(found.predicted, found.true - found.predicted, "o", markersize=2.8, alpha=0.4, color=theme.series[0])
    axes.set_xlabel("predicted")
    axes.set_ylabel("true − predicted")
    axes.set_title("Residuals")
