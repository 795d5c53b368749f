"""The worker as its owner sees it: a process that always answers."""

from __future__ import annotations

import json
import math
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, get_args

from workbench.nouns import Call, Limits, Reply, RunError, Space, TrialStatus
from workbench.worker import nursery
from workbench.worker.nursery import HEAVY, Zygote
from workbench.worker.processes import kill_tree
from workbench.worker.zygote import imported_modules

START_LIMIT_S = 120.0
GRACE_S = 10.0
"""How long after its limits a call may go unanswered before the zygote itself is replaced."""

_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "SYSTEMROOT")
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)
"""How many threads the numeric libraries may use, each by its own variable; Accelerate's is `VECLIB`."""
FORKS = {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"} if sys.platform == "darwin" else {}
"""macOS ends forks of a process that has used Objective-C, as its numeric library does, unless it is told not to."""


class Worker:
    """An isolated process for one function and some datasets.

    Parameters
    ----------
    code : str
        The source with `train`; it is never imported here.
    contract : str
        The id of the return contract.
    space : Space
        What configurations are made of.
    data : mapping of str to path
        Folders that `workbench.datasets.save` wrote.
    writable : path
        The one folder that the function may write under, beside its temporary one.
    limits : Limits
        What each call may use; `call` can be given others.
    threads : int
        For the numeric libraries in the child.
    reuse : bool
        Whether a child that answered a plain call, within a second or on a GPU, and left nothing behind takes the next
        one too. Calls with something to observe or to load, or on a variant of the data other than some of its rows,
        always have a child of their own.
    wait : bool
        Whether to wait here until the process has started; else `wait_ready` or the first call does.
    environment : mapping of str to str
        Variables of this worker alone, such as the GPU that it sees.

    Raises
    ------
    RunError
        If the system has no `fork`, or the process does not start.
    """

    def __init__(
        self,
        code: str,
        contract: str,
        space: Space,
        data: Mapping[str, Path],
        writable: Path,
        limits: Limits | None = None,
        *,
        threads: int = 1,
        reuse: bool = False,
        wait: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if not hasattr(os, "fork"):
            raise RunError(
                f"generated code is isolated with fork, which {sys.platform} has not; use Linux, macOS or WSL"
            )
        self.limits = limits or Limits()
        self.writable = Path(writable).resolve()
        self._threads = threads
        self._environment = dict(environment or {})
        self._reuse = reuse
        self._temporary = Path(tempfile.mkdtemp(prefix="workbench-"))
        self._setup = {
            "code": code,
            "contract": contract,
            "space": space.to_dict(),
            "data": {name: str(Path(folder).resolve()) for name, folder in data.items()},
            "writable": str(self.writable),
            "temporary": str(self._temporary / "tmp"),
            "limits": {**self.limits.__dict__},
            "reuse": reuse,
        }
        self._libraries = _heavy(code)
        self._process: Zygote | None = None
        self._lock = threading.Lock()
        self._deadline = 0.0
        self._interrupted = False
        self._in_flight = False
        self._ready = False
        self._buffer = b""
        try:
            self._launch()
            if wait:
                self.wait_ready()
        except BaseException:
            self.close()
            raise

    # ------------------------------------------------------------------ calls

    def call(self, call: Call, limits: Limits | None = None) -> Reply:
        """Run one call to its end. There is always a reply, whatever the function does."""
        try:
            self.start(call, limits)
            while (reply := self.poll(1.0)) is None:
                pass
            return reply
        except BaseException:  # a KeyboardInterrupt in a notebook: the call ends with it
            self._end_flight()
            raise

    def start(self, call: Call, limits: Limits | None = None) -> None:
        """Begin a call; `poll` gives its reply. A call that is still in flight is stopped, and its reply lost."""
        used = limits or self.limits
        self._end_flight()
        # between two calls nothing comes on the pipe but its end
        if self._process is None or (self._ready and select.select([self._out], [], [], 0)[0]):
            self._launch()
        self.wait_ready()
        self._interrupted = False
        self._in_flight = True
        self._deadline = time.monotonic() + used.wall_s + GRACE_S
        again = (
            self._reuse
            and call.load is None
            and call.predict is None
            and not (call.observe or set(call.variant) - {"where"} or call.numpy_types)
        )
        request = {"call": call.to_dict(), "limits": {**used.__dict__}, "again": again}
        with suppress(OSError):  # it died just now; poll sees the end of the pipe
            self._send(request)

    def poll(self, timeout_s: float = 0.0) -> Reply | None:
        """The reply of the call that was begun, or None when there is none (yet) within `timeout_s`."""
        if not self._in_flight:
            return None
        if b"\n" not in self._buffer:
            ready, _, _ = select.select([self._out], [], [], timeout_s)
            if ready:
                chunk = os.read(self._out, 1 << 20)
                if not chunk:
                    return self._lost("the worker's own process was ended from outside")
                self._buffer += chunk
            elif time.monotonic() > self._deadline:
                return self._lost("the worker did not answer within its limits")
        if b"\n" not in self._buffer:
            return None
        line, _, self._buffer = self._buffer.partition(b"\n")
        self._in_flight = False
        return read_reply(line)

    def _end_flight(self) -> None:
        """Stop what is in flight, and wait for it: the next reply is then the next call's."""
        if not self._in_flight:
            return
        self.interrupt()
        self._deadline = min(self._deadline, time.monotonic() + GRACE_S)
        while self.poll(1.0) is None:
            pass

    @property
    def pid(self) -> int | None:
        """The zygote's process id, None while there is none."""
        return self._process.pid if self._process is not None else None

    @property
    def temporary(self) -> Path:
        """The folder that `TMPDIR` names in the child, emptied after every call."""
        return self._temporary / "tmp"

    @property
    def connection(self) -> int:
        """The file descriptor that becomes readable when a reply is there."""
        return self._out

    def interrupt(self) -> None:
        """Stop the call in progress, from any thread; its reply has the status `stopped`."""
        self._interrupted = True
        with suppress(OSError):
            self._send({"stop": True})

    # ------------------------------------------------------------------ life

    def _launch(self) -> None:
        self._release()
        self._ready = False
        (self._temporary / "tmp").mkdir(parents=True, exist_ok=True)
        self.writable.mkdir(parents=True, exist_ok=True)
        in_read, self._in = os.pipe()
        self._out, out_write = os.pipe()
        try:
            with (self._temporary / "zygote.log").open("ab") as log:
                self._process = self._fork(in_read, out_write, log.fileno())
        except BaseException:  # a process that was begun all the same ends with its inbox
            os.close(self._in)
            os.close(self._out)
            raise
        finally:
            os.close(in_read)
            os.close(out_write)
        self._buffer = b""
        with suppress(OSError):
            self._send(self._setup)

    def _fork(self, inbox: int, outbox: int, log: int) -> Zygote:
        for attempt in (1, 2):
            chosen = nursery.nursery(_environment(self._threads), self._libraries)
            try:
                return chosen.fork(self._temporary, self._own_environment(), inbox, outbox, log)
            except OSError as error:  # it was ended from outside: the next one is new
                chosen.close()
                if attempt == 2:
                    raise RunError(f"no process for the worker could be started: {error}") from error
        raise AssertionError

    def wait_ready(self) -> None:
        """Wait until the process has started.

        Raises
        ------
        RunError
            If it does not.
        """
        if self._ready:
            return
        ready, _, _ = select.select([self._out], [], [], START_LIMIT_S)
        line = os.read(self._out, 1 << 16) if ready else b""
        if not line.startswith(b'{"ready"'):
            log = (self._temporary / "zygote.log").read_text(errors="replace").strip()
            self.close()
            raise RunError(f"the worker did not start: {log.splitlines()[-1] if log else 'no reason was given'}")
        self._ready = True

    def _own_environment(self) -> dict[str, str]:
        """What is this worker's alone."""
        folders = dict.fromkeys(("HOME", "TMPDIR", "KERAS_HOME", "TORCH_HOME"), str(self._temporary / "tmp"))
        return {**self._environment, **folders}

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps(message).encode() + b"\n"
        with self._lock:
            while data:
                data = data[os.write(self._in, data) :]

    def _lost(self, why: str) -> Reply:
        """The zygote is dead or deaf: replace it, and say so as a crashed (or stopped) trial."""
        self._in_flight = False
        self._launch()
        if self._interrupted:
            return Reply("stopped", error="the trial was stopped")
        return Reply("crashed", error=f"{why}; a new one was started")

    def _release(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for descriptor in (self._in, self._out):
            with suppress(OSError):
                os.close(descriptor)
        if process.wait(0.5) is None:  # it ends its children, then itself, once its inbox is closed
            _kill_session(process)
        if process.returncode != 0:  # it could not clear up behind itself
            _sweep(str(self._temporary / "tmp"))

    def close(self) -> None:
        """End the process with everything below it, and remove its temporary folder."""
        self._release()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def prepare(code: str = "", threads: int = 1) -> None:
    """Start the process that workers for this code will be forked from, without waiting for it.

    Raises
    ------
    RunError
        If it cannot be started.
    """
    if hasattr(os, "fork"):
        nursery.nursery(_environment(threads), _heavy(code))


def hand_out(code: str, threads: int) -> socket.socket:
    """What another process needs to fork workers for this code from what is imported here; it is to `adopt` it.

    Raises
    ------
    RunError
        If no process can be started.
    """
    return nursery.hand_out(_environment(threads), _heavy(code))


def adopt(channel: socket.socket, code: str, threads: int) -> None:
    """Fork workers for this code from what another process has handed out."""
    nursery.adopt(channel, _environment(threads), _heavy(code))


def _heavy(code: str) -> list[str]:
    """The large libraries that the code imports."""
    imported = {module.partition(".")[0] for module in imported_modules(code)}
    return [name for name in HEAVY if name in imported]


def _environment(threads: int) -> dict[str, str]:
    """A few harmless variables; no keys, no proxies, no settings of the person."""
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **dict.fromkeys(THREADS, str(threads)),
        **FORKS,
        "HOME": "/nonexistent",
        "MPLBACKEND": "agg",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    }


def _kill_session(process: Zygote) -> None:
    """End a zygote that does not end itself, and its tree."""
    kill_tree(process.pid)
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _sweep(temporary: str) -> None:
    """End what a killed zygote left: the processes that were given this temporary folder, or stand in it."""
    import psutil

    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("TMPDIR") == temporary or process.cwd() == temporary:
                process.kill()


def read_reply(line: bytes) -> Reply:
    """A reply from the pipe, every part of it checked again: the child that wrote it ran generated code."""
    try:
        data = json.loads(line)
        status = data["status"]
        if status not in get_args(TrialStatus):
            raise ValueError(f"status {status!r:.60}")
        succeeded = status == "success"
        return Reply(
            status=status,
            cost=_finite(data["cost"]) if succeeded else None,
            metrics={_text(k): _finite(v) for k, v in dict(data.get("metrics") or {}).items()} if succeeded else {},
            seconds=max(0.0, _finite(data.get("seconds") or 0.0)),
            error="" if succeeded else _text(data.get("error") or "no reason was given")[:2000],
            traceback=_text(data.get("traceback") or "")[:20_000],
            output=_text(data.get("output") or ""),
            facts=dict(data.get("facts") or {}),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        why = _text(f"{type(error).__name__}: {error}")[:200]
        return Reply("crashed", error=f"the worker's answer could not be read ({why}); the trial does not count")


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r:.60} is no finite number")
    return float(value)


def _text(value: Any) -> str:
    """Text that every file and terminal takes: lone surrogates, which JSON can carry, are replaced."""
    return str(value).encode(errors="replace").decode()
