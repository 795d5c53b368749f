"""Runs: a folder each, which a driver process fills and everybody reads."""

from workbench.runs.clusters import read_cluster
from workbench.runs.depot import prepare
from workbench.runs.pool import threads
from workbench.runs.reuse import Reuse, reusable
from workbench.runs.run import Run
from workbench.runs.store import count, create, find, open
from workbench.runs.trajectory import Point, incumbent, trajectory

__all__ = [
    "Point",
    "Reuse",
    "Run",
    "count",
    "create",
    "find",
    "incumbent",
    "open",
    "prepare",
    "read_cluster",
    "reusable",
    "threads",
    "trajectory",
]
