"""What came of a run: tables, figures, and words.

Figures are PNG bytes drawn with matplotlib's objects alone, so any thread may make them.
"""

from workbench.results.bands import bands_png, bands_text
from workbench.results.coordinates import hyperparameters_png, parallel_coordinates_png
from workbench.results.figures import Axis, TrajectoryFigure, trajectory_png
from workbench.results.groups import Band, Group, band, comparison_table, groups, remarks
from workbench.results.importance import Importance, importance
from workbench.results.models import load_lines, model_file, model_files, model_of, snippet
from workbench.results.prediction_figures import predictions_png, predictions_text
from workbench.results.predictions import Predictions, Score, SealedScore, predictions, scores, sealed_score
from workbench.results.tables import rank_correlation, runs_table, trials_table
from workbench.results.words import alt_text, summary
from workbench.runs.trajectory import Point, incumbent, trajectory

__all__ = [
    "Axis",
    "Band",
    "Group",
    "Importance",
    "Point",
    "Predictions",
    "Score",
    "SealedScore",
    "TrajectoryFigure",
    "alt_text",
    "band",
    "bands_png",
    "bands_text",
    "comparison_table",
    "groups",
    "hyperparameters_png",
    "importance",
    "incumbent",
    "load_lines",
    "model_file",
    "model_files",
    "model_of",
    "parallel_coordinates_png",
    "predictions",
    "predictions_png",
    "predictions_text",
    "rank_correlation",
    "remarks",
    "runs_table",
    "scores",
    "sealed_score",
    "snippet",
    "summary",
    "trajectory",
    "trajectory_png",
    "trials_table",
]
