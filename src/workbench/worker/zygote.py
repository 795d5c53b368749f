"""The zygote: a clean process that holds the data once and forks a guarded child for each call.

The nursery forks it. It reads one JSON line that sets it up from its inbox, then one line a call, and answers one line
each on its outbox. It never runs generated code itself, starts no thread and no thread pool, and is the sub-reaper of
all that its children start: after each call nothing of them is left.

While one call is over and the next has not come, a child stands by, guarded, with the generated code imported. What it
shares with the zygote costs no memory until it is written to. It is a new one, unless its owner allows another and the
last call was short or used a GPU, succeeded, and left nothing behind: then the same child goes on, with the generated
code imported anew.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import secrets
import select
import shutil
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.nouns import Contract, Dataset, Limits
from workbench.worker import guard
from workbench.worker.child import MAX_RESULT_BYTES, serve
from workbench.worker.lane import CROWDED_BYTES, Ends, removed, step_aside, unread
from workbench.worker.pipes import Lines, Output, read, write
from workbench.worker.processes import children, cpu_s, descendants, descriptors, end_all, kill_tree, resident_mb
from workbench.worker.traces import Traces
from workbench.worker.watch import TICK_S, Reading, Watch

PRELOADED = ("numpy", "pandas", "scipy", "sklearn", "joblib", "ConfigSpace", "torch", "xgboost", "lightgbm", "catboost")
FILES_EVERY = 10  # ticks between two looks at what is on disk
ENDING_S = 0.5
NICE = 10
"""Children yield to the zygote, which could not hold back a hundred of them otherwise, and to the notebook."""
DRAINED_BYTES = 1 << 20
"""Output that is read after the end: a pipe's content, not what a survivor goes on writing."""
SHORT_S = 1.0
"""A trial so short is worth going on with in the same child: a new one costs tens of milliseconds."""
VERDICT_S = 2.0
"""How long a child may take to say what a call left behind."""
GROWTH = 0.25
"""A child that has grown by this share of the memory limit in its first call, or since then, is replaced."""
FORGED = "train wrote into the worker's own pipe; what came back was no result"
SIGNALS = {s.value: s.name for s in signal.Signals}


@dataclass
class Child:
    """A forked process that stands by, or is at work."""

    pid: int
    calls: int
    results: int
    output: int
    lane: str | None = None
    """The name of its lane, where it has one."""
    passed: str = ""
    """The limit that it passed while it stood by: importing the code may take anything."""
    peak_mb: float = 0.0
    served: int = 0
    """Calls that it has answered."""
    idle_mb: float = 0.0
    """Its resident memory before its first call."""
    first_mb: float = 0.0
    """Its resident memory after the first one."""
    descriptors: int = 0
    """Its open files after the first one."""
    rest: bytes = b""
    """What came after its last answer."""
    last_mb: float = 0.0
    """The memory that it had to itself at most in its last call, as far as was looked."""
    known: dict[int, Reading] = field(default_factory=dict)
    """What is known of its memory from the last look."""


@dataclass
class Task:
    """What every child needs, held by the zygote."""

    code: str
    contract: Contract
    datasets: dict[str, Dataset]
    configspace: Any
    fence: guard.Fence
    limits: Limits
    temporary: Path
    reuse: bool
    """Whether a child may go on with another call."""
    forked: int = 0
    """How many children there have been."""


def live(inbox: int, outbox: int) -> None:
    """Serve calls until the other side is gone."""
    guard.prctl(guard.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of the kernel is not for us
    lines = Lines(inbox)
    setup = lines.next()
    if setup is None:
        return
    task = _prepare(json.loads(setup))
    write(outbox, {"ready": True})
    closing = (inbox, outbox)
    standby = fork(task, closing)
    while (line := _request(lines, standby, task)) is not None:
        request = json.loads(line)
        if "limits" not in request:
            continue  # a stop that came when the call was over
        limits = Limits(**request["limits"])
        if standby.served and not request.get("again"):
            _end(standby, task)
            standby = fork(task, closing)
        reply, token, seconds = supervise(standby, request, limits, lines, task)
        if not token:
            end_all()
            _empty(task.temporary)
        goes_on = False
        with suppress(BrokenPipeError):  # nobody is there to read it; the next line says so too
            if reply is not None:
                write(outbox, reply)
                step_aside()
            goes_on = bool(token) and _goes_on(standby, token, seconds, limits)
            if token and not goes_on:
                _end(standby, task)
                end_all()
            _empty(task.temporary)
            write(outbox, {"lane": standby.lane if goes_on else None, "peak_mb": round(standby.last_mb, 1)})
        if not goes_on:
            standby = fork(task, closing)
    end_all()
    shutil.rmtree(task.temporary.parent, ignore_errors=True)  # its owner may be gone without having done it


def _request(lines: Lines, standby: Child, task: Task) -> str | None:
    """The next line; until it comes, the child that imports the code and stands by is watched, ever less often."""
    if standby.served and lines.wait(TICK_S):
        return lines.next()  # it has imported the code before
    watch = Watch(standby.pid, task.limits, [task.temporary], known=standby.known)
    before_s = cpu_s(standby.pid)
    pause = TICK_S
    while not lines.wait(pause):
        if not standby.passed:
            standby.passed = watch.look(with_files=True) or (
                "timeout" if cpu_s(standby.pid) - before_s > watch.wall_s else ""
            )
            standby.peak_mb, standby.known = watch.peak_mb, watch.known
            if standby.passed:
                kill_tree(standby.pid)
        pause = min(1.0, 1.5 * pause)
    return lines.next()


def _prepare(setup: dict[str, Any]) -> Task:
    from workbench import contracts, datasets, space
    from workbench.nouns import Space

    for module in imported_modules(setup["code"]):
        library = module.partition(".")[0]
        if library in PRELOADED:
            with suppress(Exception):  # what cannot be imported fails again in the child, where it is a finding
                importlib.import_module(module)
    limits = Limits(**setup["limits"])
    return Task(
        code=setup["code"],
        contract=contracts.get(setup["contract"]),
        datasets={name: datasets.open(Path(folder)) for name, folder in setup["data"].items()},
        configspace=space.to_configspace(Space.from_dict(setup["space"])),
        fence=guard.Fence((), (Path(setup["writable"]), Path(setup["temporary"])), limits.file_bytes),
        limits=limits,
        temporary=Path(setup["temporary"]),
        reuse=bool(setup["reuse"]),
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
    task.forked += 1
    lane = Ends.made(task.temporary.parent, f"lane-{task.forked}") if task.reuse else None
    pid = os.fork()
    if pid:
        for descriptor in (calls_read, results_write, output_write):
            os.close(descriptor)
        if lane is not None:
            lane.close()
        os.set_blocking(output_read, False)
        os.set_blocking(results_read, False)
        return Child(pid, calls_write, results_read, output_read, lane.name if lane is not None else None)
    code = 1
    try:
        os.setsid()
        os.nice(NICE)
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
        if "numpy" in sys.modules:  # else every child would draw the same "random" numbers, and look seeded
            sys.modules["numpy"].random.seed()
        guard.apply(task.fence)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        traces = Traces() if task.reuse else None
        serve(task.code, task.contract, task.datasets, task.configspace, calls_read, results_write, traces, lane)
        code = 0
    finally:
        os._exit(code)


def _goes_on(child: Child, token: str, seconds: float, limits: Limits) -> bool:
    """Whether the child that has just answered can take the next call: by what it says, and by what is seen of it."""
    if children(os.getpid()) != [child.pid]:
        return False  # what outlived its parent fell to us
    deadline = time.monotonic() + VERDICT_S
    frame = bytearray(child.rest)
    while not frame.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([child.results], [], [], left)[0]:
            return False
        chunk = read(child.results)
        if not chunk or len(frame) > MAX_RESULT_BYTES:
            return False
        frame += chunk
    try:
        said = json.loads(frame)
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict) or said.get("token") != token or said.get("left") != []:
        return False
    if seconds > SHORT_S and said.get("cuda") is not True:
        return False
    child.served += 1
    used, files = resident_mb(child.pid), descriptors(child.pid)
    if child.served == 1:
        child.first_mb, child.descriptors = used, files
    # what CUDA takes in the first call it takes once
    before = child.first_mb if child.served > 1 or said.get("cuda") is True else child.idle_mb
    grown = used - before > GROWTH * limits.memory_mb or files > child.descriptors
    return not grown and not descendants(child.pid)


def _end(child: Child, task: Task) -> None:
    kill_tree(child.pid)
    with suppress(ChildProcessError):
        os.waitpid(child.pid, 0)
    _forget(child, task)


def _forget(child: Child, task: Task) -> None:
    """Let go of what leads to a child that has ended."""
    for descriptor in (child.calls, child.results, child.output):
        os.close(descriptor)
    if child.lane is not None:
        removed(task.temporary.parent, child.lane)


def supervise(
    child: Child, request: dict[str, Any], limits: Limits, lines: Lines, task: Task
) -> tuple[dict[str, Any] | None, str, float]:
    """Hand the call to the child, and watch it until it has answered, died, or gone over a limit.

    A request with `lane` is a call that its owner has handed over itself, with the token that it names.

    Returns
    -------
    dict or None, str, float
        The reply, None where it went by the lane; the call's token where the child still lives and may be used again,
        else an empty string; and how many seconds the call took.
    """
    again, by_lane = bool(request.get("again")), "lane" in request
    model_dir = request["model_dir"] if by_lane else request["call"].get("model_dir")
    folders = [task.temporary, *([Path(model_dir)] if model_dir else [])]
    watch = Watch(child.pid, limits, folders, at_once=not again, known=child.known)
    watch.peak_mb = child.peak_mb
    token = request["lane"] if by_lane else secrets.token_hex(16)
    if not child.served:
        child.idle_mb = resident_mb(child.pid)
    started = time.monotonic()
    if not by_lane:
        with suppress(OSError):  # it died while it stood by; how is said below
            write(child.calls, {"call": request["call"], "token": token, "again": again})
    reads = not by_lane
    """Whether output is read already: what is answered on the lane has none."""
    frame, output = bytearray(), Output(limits.output_bytes)
    open_results = open_output = True
    ticks, next_look = 0, started + TICK_S / 2 if again else 0.0  # a short trial is over before its first look
    stopped = child.passed
    while not stopped:
        waiting = [lines.descriptor]
        waiting += [child.results] if open_results else []
        waiting += [child.output] if open_output and reads else []
        ready, _, _ = select.select(waiting, [], [], 0.0 if lines.holds_one else TICK_S)
        if child.output in ready:
            open_output = bool(output.read(child.output))
        if child.results in ready:
            chunk = read(child.results)
            frame += chunk
            open_results = bool(chunk)
            if b"\n" in frame or not chunk or len(frame) > MAX_RESULT_BYTES:
                break
        if lines.holds_one or lines.descriptor in ready:
            lines.next()  # during a call it can only be a stop, or the end of the other side
            stopped = "stopped"
            break
        if time.monotonic() > next_look:
            ticks += 1
            stopped = watch.look(with_files=ticks % FILES_EVERY == 0)
            child.known = watch.known
            next_look = time.monotonic() + TICK_S
            if not reads and unread(child.output) > CROWDED_BYTES:
                reads = True
                with suppress(OSError):
                    write(child.calls, {"read": True})  # first said, then done
        if not stopped and time.monotonic() - started > limits.wall_s:
            stopped = "timeout"
    seconds = time.monotonic() - started
    line, _, child.rest = bytes(frame).partition(b"\n")
    if again and not stopped and line:
        reply = _reply(line, token, 0)
        if by_lane and "status" not in reply:  # it is the verdict that follows an answer
            child.rest, child.last_mb = bytes(frame), watch.peak_mb
            return None, token, seconds
        if reply.get("status") == "success":
            if open_output:
                output.read(child.output)
            reply["output"] = output.text()
            reply["facts"] = {"peak_mb": round(watch.peak_mb, 1), "reused": child.served > 0}
            reply["seconds"] = seconds if not isinstance(reply.get("seconds"), float) else reply["seconds"]
            child.last_mb = watch.peak_mb
            return reply, token, reply["seconds"]
    closed = not stopped and not frame and not _ends_within(child.pid, ENDING_S)
    kill_tree(child.pid)
    drained = 0
    while open_output and drained < DRAINED_BYTES and select.select([child.output], [], [], 0)[0]:
        taken = output.read(child.output)
        open_output, drained = taken > 0, drained + taken
    code = os.waitpid(child.pid, 0)[1]
    _forget(child, task)
    if stopped:
        reply = _stopped(stopped, limits, watch)
    elif closed:
        reply = {"status": "crashed", "error": "train closed the worker's own pipe, and no result could come"}
    else:
        reply = _reply(line, token, code)
    reply.setdefault("seconds", seconds)
    reply["output"] = output.text()
    reply.setdefault("facts", {})["peak_mb"] = round(watch.peak_mb, 1)
    return reply, "", seconds


def _ends_within(pid: int, seconds: float) -> bool:
    """Whether a child that closed its pipe ends by itself: how it did is then what there is to say."""
    deadline = time.monotonic() + seconds
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


def _stopped(why: str, limits: Limits, watch: Watch) -> dict[str, Any]:
    sentences = {
        "stopped": "the trial was stopped",
        "timeout": f"train took longer than {limits.wall_s:g} s and was stopped",
        "memory": f"train used {watch.peak_mb:,.0f} MB, over the limit of {limits.memory_mb:,} MB",
        "files": f"train wrote more than {limits.file_bytes / 1e6:,.0f} MB of files and was stopped",
        "processes": f"train had more than {limits.processes} processes at a time and was stopped",
    }
    status = why if why in ("stopped", "timeout", "memory") else "crashed"
    return {"status": status, "error": sentences[why]}


def _reply(frame: bytes, token: str, code: int) -> dict[str, Any]:
    """What the child answered, or how it died without an answer."""
    if frame:
        try:
            answer = json.loads(frame)
        except (ValueError, RecursionError):
            answer = None
        if isinstance(answer, dict) and answer.pop("token", None) == token:
            return answer
        return {"status": "crashed", "error": FORGED}
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


def _empty(folder: Path) -> None:
    """Remove what is in it, also what was made unreadable."""
    os.chmod(folder, 0o700)
    with os.scandir(folder) as found:
        if next(found, None) is None:
            return
    for root, names, _ in os.walk(folder):
        for below in (Path(root, name) for name in names):
            if not below.is_symlink():
                below.chmod(0o700)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
