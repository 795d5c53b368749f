"""Where a run finds workers beyond its own machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Cluster:
    """A Dask scheduler that is there, or a class that starts one.

    Attributes
    ----------
    address : str
        Of a scheduler, such as `tcp://host:8786`; empty where a class is given.
    kind : str
        A cluster class by its full name, such as `dask_jobqueue.SLURMCluster` or `distributed.LocalCluster`. It is
        started with the run, asked for as many workers as the scenario has, and ended with it.
    options : mapping
        What the class is called with; plain values that are JSON.
    shared : bool
        Whether workers that see the run folder under its own path use it. Where they do not, or this is False, the
        data is sent once to each host, and saved models are sent back.
    silent_s : float
        Seconds without a sign of life after which a worker counts as lost, and its trial goes elsewhere.
    """

    address: str = ""
    kind: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    shared: bool = True
    silent_s: float = 30.0

    @property
    def words(self) -> str:
        """The cluster in a few words."""
        return f"the Dask scheduler {self.address}" if self.address else f"the cluster of {self.kind}"
