"""The nursery: a clean process that has imported the heavy libraries once and forks a zygote for each worker.

Importing pandas, scikit-learn and ConfigSpace takes seconds, a fork milliseconds. `Nursery` is the owner's side,
`python -m workbench.worker.nursery FD LIBRARY…` the process. A request is one JSON line over a socket with three file
descriptors: the zygote's inbox, its outbox, and its log. The answer is its process id; its exit code comes over a pipe
of its own. The nursery runs no generated code, holds no data, starts no thread, and is the sub-reaper of the zygotes:
what a killed zygote leaves behind falls to it, and is ended.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.nouns import RunError

ALWAYS = ("numpy", "pandas", "pyarrow", "pyarrow.parquet", "scipy.stats", "joblib", "ConfigSpace")
"""What every zygote needs to read its data and its space."""
USUAL = ("compose", "ensemble", "impute", "linear_model", "metrics", "neighbors", "neural_network", "svm", "tree")
"""Parts of scikit-learn that nearly every function needs; it loads its parts by itself when they are named."""
HEAVY = ("torch", "xgboost", "lightgbm", "catboost")
"""What a nursery imports for the functions that ask for it: those that do not have one without."""
LATER = {"torch": "torch._dynamo"}
"""What a library imports itself at its first use, which every child would do again: a second for each, in this case."""
START_LIMIT_S = 120.0
REQUEST_BYTES = 1 << 16


class Zygote:
    """A zygote as its owner sees it: a process that is not the owner's own child."""

    def __init__(self, pid: int, ended: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = ended

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Its exit code once it has ended, None if it has not within the time; -9 where nobody can say."""
        if self.returncode is None and select.select([self._ended], [], [], timeout_s)[0]:
            said = os.read(self._ended, 32)
            os.close(self._ended)
            self.returncode = int(said) if said else -signal.SIGKILL
        return self.returncode


class Nursery:
    """The owner's side of one nursery process.

    Parameters
    ----------
    environment : mapping of str to str
        All that the process gets as environment.
    libraries : iterable of str
        Modules that it imports beside the usual ones.
    """

    def __init__(self, environment: Mapping[str, str], libraries: Iterable[str] = ()) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "workbench.worker.nursery", str(theirs.fileno()), *libraries],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(environment),
                cwd="/",
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it can be asked for a zygote from here."""
        return self._owner == os.getpid() and self._process.poll() is None

    def fork(self, place: Path, environment: Mapping[str, str], inbox: int, outbox: int, log: int) -> Zygote:
        """A zygote that reads its setup from `inbox`.

        Parameters
        ----------
        place : Path
            Its working folder.
        environment : mapping of str to str
            What its environment has beside the nursery's.
        inbox, outbox, log : int
            File descriptors; they are passed on and stay open here.

        Raises
        ------
        OSError
            If the nursery has died.
        """
        ended, said = os.pipe()
        try:
            request = json.dumps({"place": str(place), "environment": dict(environment)}).encode() + b"\n"
            with self._lock:
                socket.send_fds(self._socket, [request], [inbox, outbox, log, said])
                answer = b""
                while not answer.endswith(b"\n"):
                    if not select.select([self._socket], [], [], START_LIMIT_S)[0]:
                        raise ConnectionError("the nursery does not answer")
                    chunk = self._socket.recv(64)
                    if not chunk:
                        raise ConnectionError("the nursery has ended")
                    answer += chunk
        except OSError:
            os.close(ended)
            raise
        finally:
            os.close(said)
        return Zygote(int(answer), ended)

    def close(self) -> None:
        """End it, and every zygote of it."""
        if self._owner != os.getpid():
            return
        self._socket.close()
        try:
            self._process.wait(1)  # it may be importing still
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_nurseries: dict[tuple[Any, ...], Nursery] = {}
_lock = threading.Lock()


def nursery(environment: Mapping[str, str], libraries: Iterable[str] = ()) -> Nursery:
    """This process's nursery with that environment and those libraries, started at its first use.

    Raises
    ------
    RunError
        If it cannot be started.
    """
    chosen = tuple(sorted(set(libraries)))
    key = (tuple(sorted(environment.items())), chosen)
    with _lock:
        found = _nurseries.get(key)
        if found is None or not found.alive:
            try:
                found = _nurseries[key] = Nursery(environment, chosen)
            except OSError as error:
                raise RunError(f"no process for workers could be started: {error}") from error
        return found


@atexit.register
def close_all() -> None:
    """End this process's nurseries; they end by themselves too when it is gone."""
    with _lock:
        for each in _nurseries.values():
            each.close()
        _nurseries.clear()


# ---------------------------------------------------------------------------------------------------- the process


def main() -> None:
    """Fork zygotes until the owner is gone."""
    from workbench.worker import guard, zygote

    channel = socket.socket(fileno=int(sys.argv[1]))
    channel.set_inheritable(False)
    guard.prctl(guard.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of the kernel is not for us
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    _import([*ALWAYS, *(f"sklearn.{part}" for part in USUAL), *sys.argv[2:]])
    gc.collect()
    gc.freeze()  # what is here already is never looked through again: a zygote's children share these pages for good
    zygotes: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([channel.fileno(), woken], [], [])
        if woken in ready:
            with suppress(BlockingIOError):
                os.read(woken, 4096)
            _reap(zygotes)
        if channel.fileno() in ready:
            request, descriptors, _, _ = socket.recv_fds(channel, REQUEST_BYTES, 4)
            if not request:
                break
            while not request.endswith(b"\n"):
                request += channel.recv(REQUEST_BYTES)
            inbox, outbox, log, said = descriptors
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    for descriptor in (channel.fileno(), woken, wake, said, *zygotes.values()):
                        os.close(descriptor)
                    code = _become(zygote, json.loads(request), inbox, outbox, log)
                finally:
                    os._exit(code)
            zygotes[pid] = said
            for descriptor in (inbox, outbox, log):
                os.close(descriptor)
            with suppress(OSError):
                channel.send(f"{pid}\n".encode())
    _end(zygotes)


def _become(zygote: Any, request: Mapping[str, Any], inbox: int, outbox: int, log: int) -> int:
    """What a forked zygote does with its life."""
    import tempfile
    import traceback

    from workbench.worker import guard

    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    guard.prctl(guard.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.chdir(request["place"])
    os.environ.update(request["environment"])
    tempfile.tempdir = None  # it was looked up before the environment said where
    try:
        zygote.live(inbox, outbox)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        return 1
    return 0


def _import(modules: Iterable[str]) -> None:
    for module in modules:
        with suppress(Exception):  # what cannot be imported fails again in the child, where it is a finding
            importlib.import_module(module)
            if module in LATER:
                importlib.import_module(LATER[module])
    with suppress(Exception):
        _warm_up()


def _warm_up() -> None:
    """Do once what each child would do again: scikit-learn looks for plugins and libraries at its first use.

    Nothing here may start a thread: a fork would leave it behind with its locks held.
    """
    import pandas as pd
    from sklearn.dummy import DummyClassifier
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = pd.DataFrame({"a": [0.0, 1.0] * 4, "b": [0, 1] * 4}), pd.Series([0, 1] * 4)
    X, X_held, y, y_held = train_test_split(X, y, random_state=0)
    make_pipeline(StandardScaler(), DummyClassifier()).fit(X, y).score(X_held, y_held)


def _reap(zygotes: dict[int, int]) -> None:
    """Tell the owners of zygotes that have ended, and end what they left."""
    from workbench.worker import zygote

    over = False
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = ended
            over = True
            if pid not in zygotes:
                continue
            zygote.end_all(except_for=zygotes.keys())  # first what it left: nothing is there once its owner hears
            with suppress(OSError):
                os.write(zygotes[pid], str(os.waitstatus_to_exitcode(status)).encode())
            os.close(zygotes.pop(pid))
    if over:
        zygote.end_all(except_for=zygotes.keys())


def _end(zygotes: Mapping[int, int]) -> None:
    """The owner is gone: zygotes end by themselves when their inbox does, which is now."""
    from workbench.worker import zygote

    deadline = time.monotonic() + 3.0
    left = dict(zygotes)
    while left and time.monotonic() < deadline:
        for pid in list(left):
            with suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0] == 0:
                    continue
            left.pop(pid)
        time.sleep(0.01)
    zygote.end_all()


if __name__ == "__main__":
    main()
