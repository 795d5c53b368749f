"""What came of a run: tables, figures, and words.

Figures are PNG bytes drawn with matplotlib's objects alone, so any thread may make them.
"""

from workbench.results.figures import (
    Axis,
    TrajectoryFigure,
    hyperparameters_png,
    parallel_coordinates_png,
    trajectory_png,
)
from workbench.results.importance import Importance, importance
from workbench.results.tables import rank_correlation, runs_table, trials_table
from workbench.results.words import alt_text, summary
from workbench.runs.trajectory import Point, incumbent, trajectory

__all__ = [
    "Axis",
    "Importance",
    "Point",
    "TrajectoryFigure",
    "alt_text",
    "hyperparameters_png",
    "importance",
    "incumbent",
    "parallel_coordinates_png",
    "rank_correlation",
    "runs_table",
    "summary",
    "trajectory",
    "trajectory_png",
    "trials_table",
]
