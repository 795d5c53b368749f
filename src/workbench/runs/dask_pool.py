"""Places for trials on the workers of a Dask cluster."""

from __future__ import annotations

import os
import queue
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from workbench.nouns import Call, Job, Reply, RunError
from workbench.runs.clusters import start
from workbench.runs.dask_link import Link
from workbench.runs.pool import Pool, limits
from workbench.runs.remote import digest_of

DATA = ("train.parquet", "test.parquet", "dataset.json")


class DaskPlace:
    """One trial at a time, wherever in the cluster there is room."""

    def __init__(self, number: int, pool: DaskPool) -> None:
        self._number, self._pool = number, pool
        self._read, self._write = os.pipe()
        self._replies: queue.SimpleQueue[Reply] = queue.SimpleQueue()

    @property
    def connection(self) -> int:
        """The file descriptor that becomes readable when a reply is there."""
        return self._read

    def start(self, call: Call) -> None:
        """Begin a trial."""
        self._pool.link.send(self._number, self._pool.told(call))

    def poll(self, timeout_s: float = 0.0) -> Reply | None:
        """The reply, None while there is none."""
        try:
            reply = self._replies.get(timeout=timeout_s) if timeout_s else self._replies.get_nowait()
        except queue.Empty:
            return None
        os.read(self._read, 1)
        return reply

    def interrupt(self) -> None:
        """Stop the trial."""
        self._pool.link.stop(self._number)

    def deliver(self, reply: Reply) -> None:
        """Take a reply, in any thread."""
        self._replies.put(reply)
        with suppress(OSError):  # the place is closed: nobody waits
            os.write(self._write, b".")

    def close(self) -> None:
        """No more trials."""
        for descriptor in (self._read, self._write):
            with suppress(OSError):
                os.close(descriptor)


class DaskPool(Pool):
    """As many places as the scenario has workers, on a Dask cluster that is there or is started for the run.

    Parameters
    ----------
    folder : path
        The run's.
    code : str
        The source with `train`.
    job : Job
        Its scenario names the cluster.

    Raises
    ------
    RunError
        If Dask is not installed, or the cluster's class cannot be used.
    """

    def __init__(self, folder: Path, code: str, job: Job) -> None:
        cluster = job.scenario.cluster
        if cluster is None:
            raise RunError("this run names no cluster")
        self._folder = folder
        self._stack = ExitStack()
        self._places = [DaskPlace(number, self) for number in range(job.scenario.workers)]
        self.places = self._places
        files = {name: folder / "data" / name for name in DATA if (folder / "data" / name).exists()}
        setup = {
            "run": folder.name,
            "folder": str(folder),
            "code": code,
            "contract": job.contract,
            "space": job.space.to_dict(),
            "limits": limits(job).__dict__,
            "threads": 1,
            "data": digest_of({name: path.read_bytes() for name, path in files.items()}),
        }
        try:
            address, security = self._stack.enter_context(start(cluster, job.scenario.workers))
            self.link = Link(
                cluster,
                address,
                security,
                setup,
                lambda: {name: path.read_bytes() for name, path in files.items()},
                (folder / "driver.json").read_text(encoding="utf-8"),
                self._deliver,
            )
        except BaseException:
            self.close()
            raise

    def told(self, call: Call) -> dict[str, Any]:
        """A call as it is sent: with the folder for its model by its path under that of all models."""
        about = call.to_dict()
        if call.model_dir:
            models = (self._folder / "models").resolve()
            with suppress(ValueError):
                about["under"] = Path(call.model_dir).resolve().relative_to(models).as_posix()
        return about

    def ready(self, number: int) -> bool:
        """Whether a worker of the cluster has a free slot."""
        return super().ready(number) and self.link.free > 0

    def tend(self) -> str:
        """Why no trial can be run for the time being, empty where one can."""
        return self.link.away

    def news(self) -> list[dict[str, Any]]:
        """Workers that came and went, data that was sent, trials that moved."""
        found = []
        while self.link.events:
            found.append(self.link.events.pop(0))
        return found

    def _deliver(self, number: int, reply: Reply, files: Mapping[str, bytes]) -> None:
        keep(self._folder / "models", files)
        self._places[number].deliver(reply)

    def close(self) -> None:
        """Let go of the cluster, and end it if it was started for this run."""
        if hasattr(self, "link"):
            self.link.close()
        self._stack.close()
        for place in self._places:
            place.close()


def keep(models: Path, files: Mapping[str, bytes]) -> None:
    """Write what a trial saved elsewhere; a name that leads out of the folder is passed over."""
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            continue
        target = models / path
        with suppress(OSError):  # a full disk costs the model, not the trial
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.parent.resolve().is_relative_to(models.resolve()) and not target.is_symlink():
                target.write_bytes(content)
