"""A Dask scheduler and Dask workers as processes of their own, on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import jobs
import psutil

from waiting import LIMIT_S, alive

HERE = "127.0.0.1"


class Dask:
    """One scheduler at a fixed port, and the workers that were started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind((HERE, 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://{HERE}:{self.port}"
        self.workers: list[psutil.Popen] = []
        self.scheduler: psutil.Popen | None = None
        self.start_scheduler()

    def _start(self, *words: str) -> psutil.Popen:
        log = (self.folder / "dask.log").open("ab")
        return psutil.Popen(
            [sys.executable, "-m", "dask", *words, "--no-dashboard"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONSAFEPATH": "1", "TMPDIR": str(self.folder)},
        )

    def start_scheduler(self) -> None:
        self.scheduler = self._start("scheduler", "--host", HERE, "--port", str(self.port))

    def start_worker(self) -> psutil.Popen:
        worker = self._start(
            "worker",
            self.address,
            "--host",
            HERE,
            "--nthreads",
            "1",
            "--no-nanny",
            "--local-directory",
            str(self.folder),
        )
        self.workers.append(worker)
        return worker

    def kill_scheduler(self) -> None:
        assert self.scheduler is not None
        end(self.scheduler)

    def close(self) -> None:
        for process in [*self.workers, self.scheduler]:
            if process is not None:
                end(process)


def end(process: psutil.Popen) -> None:
    """Kill it as a power cut would, also when it is stopped."""
    if process.is_running() and process.poll() is None:
        process.send_signal(signal.SIGKILL)
        process.wait(LIMIT_S)


def working(worker: psutil.Popen) -> list[psutil.Process]:
    """The guarded processes below a Dask worker: all but the template, and the nursery that forks them."""
    parents = {}
    for process in jobs_below(worker):
        with suppress(psutil.NoSuchProcess):
            parents[process] = process.ppid()
    templates = {process.pid for process, parent in parents.items() if parent == worker.pid}
    return [process for process, parent in parents.items() if not {process.pid, parent} & templates]


def jobs_below(worker: psutil.Popen) -> list[psutil.Process]:
    try:
        return alive(worker.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def gone(processes: list[psutil.Process]) -> None:
    """Wait until they have all ended."""
    jobs.until(lambda: not alive(processes))
