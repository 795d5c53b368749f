"""The zygote: a clean process that holds the data once and forks a guarded child for each call.

`python -m workbench.worker.zygote IN OUT` reads one JSON line that sets it up from file descriptor IN, then one line a
call, and answers one line each on OUT. It never runs generated code itself, starts no thread and no thread pool, and is
the sub-reaper of all that its children start: after each call nothing of them is left.

While one call is over and the next has not come, a child stands by, guarded, with the generated code imported. What it
shares with the zygote costs no memory until it is written to.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import select
import shutil
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.nouns import Contract, Dataset, Limits
from workbench.worker import guard
from workbench.worker.child import MAX_RESULT_BYTES, serve

PRELOADED = ("numpy", "pandas", "scipy", "sklearn", "joblib", "ConfigSpace", "torch", "xgboost", "lightgbm", "catboost")
TICK_S = 0.05
FILES_EVERY = 10  # ticks between two looks at what is on disk
SIGNALS = {s.value: s.name for s in signal.Signals}


@dataclass
class Child:
    """A forked process that stands by, or is at work."""

    pid: int
    calls: int
    results: int
    output: int


@dataclass
class Task:
    """What every child needs, held by the zygote."""

    code: str
    contract: Contract
    datasets: dict[str, Dataset]
    configspace: Any
    fence: guard.Fence
    temporary: Path


def main() -> None:
    """Serve calls until the other side is gone."""
    inbox, outbox = int(sys.argv[1]), int(sys.argv[2])
    os.set_inheritable(inbox, False)
    os.set_inheritable(outbox, False)
    guard.prctl(guard.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of the kernel is not for us
    lines = _Lines(inbox)
    setup = lines.next()
    if setup is None:
        return
    task = _prepare(json.loads(setup))
    _write(outbox, {"ready": True})
    closing = (inbox, outbox)
    standby = fork(task, closing)
    while (line := lines.next()) is not None:
        request = json.loads(line)
        if "call" not in request:
            continue  # a stop that came when the call was over
        limits = Limits(**request["limits"])
        reply = supervise(standby, request["call"], limits, lines, task)
        end_all()
        _empty(task.temporary)
        _write(outbox, reply)
        standby = fork(task, closing)
    end_all()


def _prepare(setup: dict[str, Any]) -> Task:
    from workbench import contracts, datasets, space
    from workbench.nouns import Space

    for module in imported_modules(setup["code"]):
        if module.partition(".")[0] in PRELOADED:
            with suppress(Exception):  # what cannot be imported fails again in the child, where it is a finding
                importlib.import_module(module)
    if "torch" in sys.modules:  # worker processes of a DataLoader then need no sockets
        sys.modules["torch"].multiprocessing.set_sharing_strategy("file_system")
    return Task(
        code=setup["code"],
        contract=contracts.get(setup["contract"]),
        datasets={name: datasets.open(Path(folder)) for name, folder in setup["data"].items()},
        configspace=space.to_configspace(Space.from_dict(setup["space"])),
        fence=guard.Fence((), (Path(setup["writable"]), Path(setup["temporary"])), setup["file_bytes"]),
        temporary=Path(setup["temporary"]),
    )


def imported_modules(code: str) -> list[str]:
    """The modules that code imports anywhere, read from its syntax tree; none where it does not parse."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(dict.fromkeys(alias.name for alias in node.names))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found[node.module] = None
    return list(found)


def fork(task: Task, closing: tuple[int, ...]) -> Child:
    """A guarded child with the generated code imported, waiting for its call."""
    calls_read, calls_write = os.pipe()
    results_read, results_write = os.pipe()
    output_read, output_write = os.pipe()
    pid = os.fork()
    if pid:
        for descriptor in (calls_read, results_write, output_write):
            os.close(descriptor)
        os.set_blocking(output_read, False)
        os.set_blocking(results_read, False)
        return Child(pid, calls_write, results_read, output_read)
    code = 1
    try:
        os.setsid()
        for descriptor in (*closing, calls_write, results_read, output_read):
            os.close(descriptor)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(output_write, 1)
        os.dup2(output_write, 2)
        os.close(output_write)
        sys.stdout = open(1, "w", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
        os.chdir(task.temporary)
        guard.apply(task.fence)
        serve(task.code, task.contract, task.datasets, task.configspace, calls_read, results_write)
        code = 0
    finally:
        os._exit(code)


def supervise(child: Child, call: dict[str, Any], limits: Limits, lines: _Lines, task: Task) -> dict[str, Any]:
    """Hand the call to the child, and watch it until it has answered, died, or gone over a limit."""
    watch = _Watch(child, limits, [task.temporary, *([Path(call["model_dir"])] if call.get("model_dir") else [])])
    started = time.monotonic()
    try:
        _write(child.calls, call)
    except OSError:
        watch.dead = True  # it died while it stood by; how is said below
    frame, output = bytearray(), _Output(limits.output_bytes)
    open_results = open_output = True
    ticks, next_look = 0, 0.0
    stopped = ""
    while not stopped:
        waiting = [lines.descriptor]
        waiting += [child.results] if open_results else []
        waiting += [child.output] if open_output else []
        ready, _, _ = select.select(waiting, [], [], TICK_S)
        if child.output in ready:
            open_output = output.read(child.output)
        if child.results in ready:
            chunk = _read(child.results)
            frame += chunk
            open_results = bool(chunk)
            if frame.endswith(b"\n") or not chunk or len(frame) > MAX_RESULT_BYTES:
                break
        if lines.descriptor in ready:
            lines.take()
            stopped = "stopped"
        elif time.monotonic() - started > limits.wall_s:
            stopped = "timeout"
        elif time.monotonic() > next_look:
            ticks += 1
            stopped = watch.look(with_files=ticks % FILES_EVERY == 0)
            next_look = time.monotonic() + TICK_S
    seconds = time.monotonic() - started
    if stopped:
        kill_tree(child.pid)
    while open_output and select.select([child.output], [], [], 0)[0]:
        open_output = output.read(child.output)
    kill_tree(child.pid)
    code = os.waitpid(child.pid, 0)[1]
    for descriptor in (child.calls, child.results, child.output):
        os.close(descriptor)
    reply = _stopped(stopped, limits, watch) if stopped else _reply(bytes(frame), code)
    reply.setdefault("seconds", seconds)
    reply["output"] = output.text()
    reply.setdefault("facts", {})["peak_mb"] = round(watch.peak_mb, 1)
    return reply


def _stopped(why: str, limits: Limits, watch: _Watch) -> dict[str, Any]:
    sentences = {
        "stopped": "the trial was stopped",
        "timeout": f"train took longer than {limits.wall_s:g} s and was stopped",
        "memory": f"train used {watch.peak_mb:,.0f} MB, over the limit of {limits.memory_mb:,} MB",
        "files": f"train wrote more than {limits.file_bytes / 1e6:,.0f} MB of files and was stopped",
        "processes": f"train had more than {limits.processes} processes at a time and was stopped",
    }
    status = why if why in ("stopped", "timeout", "memory") else "crashed"
    return {"status": status, "error": sentences[why]}


def _reply(frame: bytes, code: int) -> dict[str, Any]:
    """What the child answered, or how it died without an answer."""
    if frame.endswith(b"\n"):
        try:
            answer = json.loads(frame)
        except ValueError:
            answer = None
        if isinstance(answer, dict) and isinstance(answer.get("status"), str):
            return answer
        return {"status": "crashed", "error": "train wrote into the worker's own pipe; what came back was no result"}
    if os.WIFSIGNALED(code):
        number = os.WTERMSIG(code)
        return {
            "status": "crashed",
            "error": f"the process of train died of signal {number} ({SIGNALS.get(number, '?')})",
        }
    return {
        "status": "crashed",
        "error": f"the process of train ended without a result (exit code {os.waitstatus_to_exitcode(code)})",
    }


class _Watch:
    """Looks at a child's tree now and then: memory, number of processes, bytes on disk."""

    def __init__(self, child: Child, limits: Limits, folders: list[Path]) -> None:
        self.pid, self.limits, self.folders = child.pid, limits, folders
        self.peak_mb = 0.0
        self.dead = False
        self._before = sum(_size(f) for f in folders)

    def look(self, *, with_files: bool) -> str:
        """The limit that was passed, or an empty string."""
        tree = [self.pid, *descendants(self.pid)]
        if len(tree) > self.limits.processes:
            return "processes"
        used = sum(private_mb(pid) for pid in tree)
        self.peak_mb = max(self.peak_mb, used)
        if used > self.limits.memory_mb:
            return "memory"
        if with_files and sum(_size(f) for f in self.folders) - self._before > self.limits.file_bytes:
            return "files"
        return ""


def private_mb(pid: int) -> float:
    """Memory that a process has written to and shares with nobody, in MiB; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith(("Private_Dirty", "SwapPss"))) / 1024
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return 0.0
        import psutil

        try:
            return float(psutil.Process(pid).memory_info().rss) / 2**20
        except psutil.Error:
            return 0.0
    except OSError:
        return 0.0


def descendants(pid: int) -> list[int]:
    """Every process below `pid`, nearest first."""
    found, waiting = [], [pid]
    while waiting and len(found) < 10_000:
        children = _children(waiting.pop(0))
        found += children
        waiting += children
    return found


def _children(pid: int) -> list[int]:
    if not guard.LINUX:
        import psutil

        try:
            return [c.pid for c in psutil.Process(pid).children()]
        except psutil.Error:
            return []
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found += [int(word) for word in file.read().split()]
    except OSError:
        return found
    return found


def kill_tree(pid: int) -> None:
    """End a child and all below it: held still first, so that nothing multiplies meanwhile."""
    for each in [pid, *descendants(pid)]:
        with suppress(OSError):
            os.kill(each, signal.SIGSTOP)
    for each in [pid, *descendants(pid)]:
        with suppress(OSError):
            os.kill(each, signal.SIGKILL)


def end_all(patience_s: float = 10.0) -> None:
    """End every process that is still below the zygote, the orphans that it inherited too, and reap them."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        below = _children(os.getpid())
        for pid in below:
            kill_tree(pid)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not below:
            return
        time.sleep(0.001)


class _Output:
    """Standard output and error, the first and the last part of it kept."""

    def __init__(self, limit: int) -> None:
        self.half = max(1, limit // 2)
        self.first, self.last, self.dropped = bytearray(), bytearray(), 0

    def read(self, descriptor: int) -> bool:
        """Take what is there; False when it has ended."""
        chunk = _read(descriptor)
        room = self.half - len(self.first)
        self.first += chunk[:room] if room > 0 else b""
        self.last += chunk[max(0, room) :]
        if len(self.last) > 2 * self.half:
            self.dropped += len(self.last) - self.half
            del self.last[: -self.half]
        return bool(chunk)

    def text(self) -> str:
        """What was kept, with a note of how much was not."""
        first = self.first.decode(errors="replace")
        last = self.last[-self.half :].decode(errors="replace")
        dropped = self.dropped + max(0, len(self.last) - self.half)
        return f"{first}\n… {dropped:,} bytes left out …\n{last}" if dropped else first + last


class _Lines:
    """Lines from a pipe, without a thread and without losing what came early."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._buffer = b""

    def next(self) -> str | None:
        """The next line, waiting for it; None when the other side is gone."""
        while b"\n" not in self._buffer:
            chunk = os.read(self.descriptor, 1 << 16)
            if not chunk:
                return None
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode()

    def take(self) -> None:
        """Take a line that came during a call: it can only be a stop, or the end of the other side."""
        self.next()


def _read(descriptor: int) -> bytes:
    with suppress(BlockingIOError):
        return os.read(descriptor, 1 << 16)
    return b""


def _write(descriptor: int, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(descriptor, data) :]


def _size(folder: Path) -> int:
    """Bytes under a folder, of the first ten thousand files."""
    total = count = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(root, name)).st_size
            count += 1
            if count > 10_000:
                return total
    return total


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


if __name__ == "__main__":
    main()
