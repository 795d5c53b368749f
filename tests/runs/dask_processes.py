"""A Dask scheduler and Dask workers as processes of their own, on loopback or on machines of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import jobs
import psutil

from waiting import LIMIT_S, alive

HERE = "127.0.0.1"


class Dask:
    """One scheduler at a fixed port, and the workers that were started."""

    def __init__(self, folder: Path, host: str = HERE) -> None:
        self.folder, self.host = folder, host
        with socket.socket() as free:
            free.bind((host, 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://{host}:{self.port}"
        self.workers: list[psutil.Popen] = []
        self.scheduler: psutil.Popen | None = None
        self.start_scheduler()

    def _start(self, *words: str, folder: Path, inside: Sequence[str] = ()) -> psutil.Popen:
        log = (self.folder / "dask.log").open("ab")
        return psutil.Popen(
            [*inside, sys.executable, "-m", "dask", *words, "--no-dashboard"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONSAFEPATH": "1", "TMPDIR": str(folder)},
        )

    def start_scheduler(self) -> None:
        self.scheduler = self._start("scheduler", "--host", self.host, "--port", str(self.port), folder=self.folder)

    def start_worker(self, machine: Machine | None = None) -> psutil.Popen:
        host, folder = (machine.address, machine.folder) if machine else (self.host, self.folder)
        options = {"--host": host, "--nthreads": "1", "--local-directory": str(folder)}
        worker = self._start(
            "worker",
            self.address,
            "--no-nanny",
            *(word for option in options.items() for word in option),
            folder=folder,
            inside=machine.inside if machine else (),
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


class Machine:
    """A network of its own with one wire to this one, where a folder of this machine is not to be seen.

    Needs root, `ip`, `unshare` and `nsenter`.

    Parameters
    ----------
    folder : Path
        Its temporary folder.
    number : int
        Below 60; no other machine of this process has it.
    hidden : Path
        The folder that is empty there.

    Raises
    ------
    OSError, psutil.Error, subprocess.CalledProcessError
        If this system cannot have it.
    """

    def __init__(self, folder: Path, number: int, hidden: Path) -> None:
        self.folder = folder
        folder.mkdir()
        network = f"198.18.{os.getpid() % 256}"  # for tests of networks (RFC 2544), used nowhere else
        self.here, self.address = f"{network}.{4 * number + 1}", f"{network}.{4 * number + 2}"
        self._wire = f"wb{os.getpid() % 1_000_000}x{number}"
        self._process = psutil.Popen(["unshare", "--net", "--mount", "sleep", "infinity"], start_new_session=True)
        self.inside = ("nsenter", "--net", "--mount", "--target", str(self._process.pid))
        try:
            jobs.until(lambda: self._process.cmdline()[:1] == ["sleep"])  # by then it is in its own namespaces
            do("ip", "link", "add", self._wire, "type", "veth", "peer", "name", "wire", "netns", str(self._process.pid))
            do("ip", "address", "add", f"{self.here}/30", "dev", self._wire)
            do("ip", "link", "set", self._wire, "up")
            do(*self.inside, "ip", "address", "add", f"{self.address}/30", "dev", "wire")
            for device in ("lo", "wire"):
                do(*self.inside, "ip", "link", "set", device, "up")
            do(*self.inside, "ip", "route", "add", "default", "via", self.here)
            do(*self.inside, "mount", "-t", "tmpfs", "none", str(hidden))
        except BaseException:
            self.close()
            raise

    def cut_off(self) -> None:
        """Take the wire out: nothing is refused, nothing comes."""
        do("ip", "link", "set", self._wire, "down")

    def connect(self) -> None:
        do("ip", "link", "set", self._wire, "up")

    def close(self) -> None:
        end(self._process)
        subprocess.run(["ip", "link", "delete", self._wire], capture_output=True, check=False)


def do(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


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
