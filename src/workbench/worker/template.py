"""The template process: it imports the heavy libraries once, and forks nurseries, which fork zygotes.

`python -m workbench.worker.template FD LIBRARY…`; what is said over the socket is in `workbench.worker.nursery`. No
template and no nursery runs generated code, holds data or starts a thread. A nursery is the sub-reaper of its zygotes:
what a killed one leaves behind falls to it, and is ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

ALWAYS = ("numpy", "pandas", "pyarrow", "pyarrow.parquet", "scipy.stats", "joblib", "ConfigSpace")
"""What every zygote needs to read its data and its space."""
USUAL = ("compose", "ensemble", "impute", "linear_model", "metrics", "neighbors", "neural_network", "svm", "tree")
"""Parts of scikit-learn that nearly every function needs; it loads its parts by itself when they are named."""
LATER = {"torch": "torch._dynamo"}
"""What a library imports itself at its first use, which every child would do again: a second for each, in this case."""
REQUEST_BYTES = 1 << 16


def main() -> None:
    """Import, and fork a nursery whenever the owner asks, until the owner is gone."""
    from workbench.worker import guard, processes, zygote  # noqa: F401 – so that each fork has them

    channel = socket.socket(fileno=int(sys.argv[1]))
    channel.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of the kernel is not for us
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a nursery
    _import([*ALWAYS, *(f"sklearn.{part}" for part in USUAL), *sys.argv[2:]])
    gc.collect()
    gc.freeze()  # what is here already is never looked through again: a zygote's children share these pages for good
    while True:
        request, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not request:
            return
        if os.fork() == 0:
            channel.close()
            os.setsid()
            _serve(socket.socket(fileno=descriptors[0]))
            return
        os.close(descriptors[0])


def _serve(channel: socket.socket) -> None:
    """Be a nursery: fork zygotes until the owner is gone."""
    from workbench.worker import guard, zygote

    guard.prctl(guard.PR_SET_CHILD_SUBREAPER, 1)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    zygotes: dict[int, int] = {}
    with suppress(OSError):
        channel.send(f"{os.getpid()}\n".encode())
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
        warm_up()


def warm_up() -> None:
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
    from workbench.worker import processes

    over = False
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = ended
            over = True
            if pid not in zygotes:
                continue
            processes.end_all(except_for=zygotes.keys())  # first what it left: nothing is there once its owner hears
            with suppress(OSError):
                os.write(zygotes[pid], str(os.waitstatus_to_exitcode(status)).encode())
            os.close(zygotes.pop(pid))
    if over:
        processes.end_all(except_for=zygotes.keys())


def _end(zygotes: Mapping[int, int]) -> None:
    """The owner is gone: zygotes end by themselves when their inbox does, which is now."""
    from workbench.worker import processes

    deadline = time.monotonic() + 3.0
    left = dict(zygotes)
    while left and time.monotonic() < deadline:
        for pid in list(left):
            with suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0] == 0:
                    continue
            left.pop(pid)
        time.sleep(0.01)
    processes.end_all()


if __name__ == "__main__":
    main()
