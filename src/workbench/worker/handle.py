"""The worker as its owner sees it: a process that always answers."""

from __future__ import annotations

import json
import os
import secrets
import select
import selectors
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from workbench.nouns import Call, ContractError, Limits, Reply, RunError, Space
from workbench.worker import nursery
from workbench.worker.environment import environment, heavy
from workbench.worker.lane import Lane
from workbench.worker.nursery import Zygote
from workbench.worker.processes import kill_tree
from workbench.worker.replies import checked, read_reply
from workbench.worker.zygote import FORGED

START_LIMIT_S = 120.0
WORD = b'{"lane"'
"""How the lines begin in which the zygote says what comes after a call."""
GRACE_S = 10.0
"""How long after its limits a call may go unanswered before the zygote itself is replaced."""


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
        self._libraries = heavy(code)
        self._process: Zygote | None = None
        self._lock = threading.Lock()
        self._deadline = 0.0
        self._interrupted = False
        self._in_flight = False
        self._ready = False
        self._buffer = b""
        self._word = b""
        self._word_due = False
        """Whether the zygote has yet to say if the child of the last call takes another."""
        self._lane: Lane | None = None
        self._token = ""
        """Of the call that was handed over on the lane; empty when it went by way of the zygote."""
        self._forged = False
        self._peak_mb = 0.0
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
        if self._process is None or not self._heard():
            self._launch()
        self.wait_ready()
        self._interrupted = False
        self._in_flight = self._word_due = True
        self._deadline = time.monotonic() + used.wall_s + GRACE_S
        again = (
            self._reuse
            and not self._forged
            and (self._lane is None or self._lane.is_clean)
            and call.load is None
            and call.predict is None
            and not (call.observe or set(call.variant) - {"where"} or call.numpy_types)
        )
        self._forged = False
        request = {"call": call.to_dict(), "limits": {**used.__dict__}, "again": again}
        if self._lane is not None and again and self._handed_over(request):
            request = {"lane": self._token, "model_dir": call.model_dir, "limits": request["limits"], "again": True}
        else:
            self._shut_lane()
        with suppress(OSError):  # it died just now; poll sees the end of the pipe
            self._send(request)

    def _handed_over(self, request: dict[str, Any]) -> bool:
        """Give the call to the child itself; whether it could be."""
        self._token = secrets.token_hex(16)
        message = {"call": request["call"], "token": self._token, "again": True, "lane": True}
        return self._lane is not None and self._lane.call(message)

    def poll(self, timeout_s: float = 0.0) -> Reply | None:
        """The reply of the call that was begun, or None when there is none (yet) within `timeout_s`."""
        if not self._in_flight:
            return None
        if b"\n" not in self._buffer:
            ready = {key.fd for key, _ in self._selector.select(timeout_s)}
            if self._lane is not None and (reply := self._from_lane(self._lane)) is not None:
                return reply
            if self._out in ready:
                if not self._take():
                    return self._lost("the worker's own process was ended from outside")
            elif time.monotonic() > self._deadline:
                return self._lost("the worker did not answer within its limits")
        if b"\n" not in self._buffer:
            return None
        line = self._line()
        self._in_flight = False
        if line.startswith(WORD):  # it takes the call for answered, and no answer came
            self._note_word(line)
            self._forged = True
            return Reply("crashed", error=FORGED)
        reply = read_reply(line)
        return Reply("crashed", error=FORGED, seconds=reply.seconds, output=reply.output) if self._forged else reply

    def _from_lane(self, lane: Lane) -> Reply | None:
        """The reply where it came by the lane. What is none ends the child; what then comes is the zygote's to say."""
        try:
            answer = lane.answer(self._token)
        except ContractError:
            self._forged = True
            self._shut_lane()
            with suppress(OSError):
                self._send({"stop": True})
            return None
        except EOFError:
            self._shut_lane()
            return None
        if answer is None:
            return None
        self._in_flight = False
        return checked({**answer, "output": "", "facts": {"peak_mb": self._peak_mb, "reused": True}})

    def _heard(self) -> bool:
        """Take the zygote's word on the last call; whether there is a zygote to go on with."""
        while self._ready:
            while b"\n" in self._buffer:
                line = self._line()
                if line.startswith(WORD):
                    self._note_word(line)
            try:  # also where the word is there: after it nothing comes on the pipe but its end
                if not self._take():
                    return False
            except BlockingIOError:
                if not self._word_due:
                    return True
                if not select.select([self._out], [], [], GRACE_S)[0]:
                    return False
        return True

    def _note_word(self, line: bytes) -> None:
        """Open the lane of the child that takes the next call, where there is one."""
        self._word_due = False
        if line == self._word and self._lane is not None:
            return
        self._word = line
        word = json.loads(line)
        self._peak_mb = word["peak_mb"]
        if self._lane is not None and self._lane.name == word["lane"]:
            return
        self._shut_lane()
        if word["lane"] is not None:
            with suppress(OSError):  # the child has ended meanwhile
                self._lane = Lane(self._temporary, word["lane"])
                self._selector.register(self._lane.descriptor, selectors.EVENT_READ)

    def _shut_lane(self) -> None:
        self._token = ""
        if self._lane is not None:
            self._selector.unregister(self._lane.descriptor)
            self._lane.close()
            self._lane = None

    def _take(self) -> bool:
        """Read what the zygote says; False when it has ended."""
        chunk = os.read(self._out, 1 << 20)
        self._buffer += chunk
        return bool(chunk)

    def _line(self) -> bytes:
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

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
        return self._selector.fileno()

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
        os.set_blocking(self._out, False)
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
        self._buffer, self._word_due, self._forged = b"", False, False
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        with suppress(OSError):
            self._send(self._setup)

    def _fork(self, inbox: int, outbox: int, log: int) -> Zygote:
        for attempt in (1, 2):
            chosen = nursery.nursery(environment(self._threads), self._libraries)
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
        self._shut_lane()
        self._selector.close()
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
