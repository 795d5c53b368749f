"""Every fault that a generated function may have, thrown at a real worker: the reply says it, and nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from waiting import alive, until
from workbench import datasets
from workbench.nouns import Hyperparameter, Space
from workbench.worker import Call, Limits, Reply, Worker, child, guard

SECRET = "sk-this-must-not-be-seen"
LIMITS = Limits(wall_s=1.0, memory_mb=300, output_bytes=10_000, file_bytes=20_000_000, processes=40)
SLOW = Limits(wall_s=20.0, memory_mb=300, output_bytes=10_000, file_bytes=20_000_000, processes=40)
PATIENT = Limits(wall_s=30.0, memory_mb=1500, output_bytes=10_000, file_bytes=20_000_000, processes=40)
GUARDS = guard.available()
SCOPED = "signals" in GUARDS.get("Landlock", "")
LANDLOCK = GUARDS.get("Landlock", "").startswith("in force")
SECCOMP = GUARDS.get("seccomp") == "in force"
needs_scope = pytest.mark.skipif(not SCOPED, reason=f"Landlock without signal scope: {GUARDS.get('Landlock')}")
needs_landlock = pytest.mark.skipif(not LANDLOCK, reason=f"Landlock: {GUARDS.get('Landlock')}")
needs_seccomp = pytest.mark.skipif(not SECCOMP, reason=f"seccomp: {GUARDS.get('seccomp')}")

FAULTS: dict[str, tuple[str, str, str, Limits, object]] = {}
"""Name of the fault: its body, the status, a part of the sentence, its limits, a mark."""


def fault(name: str, body: str, status: str, sentence: str = "", limits: Limits = LIMITS, mark: object = None) -> None:
    """One fault: the body of a function of `X`, `y` and `model_dir`."""
    FAULTS[name] = (textwrap.dedent(body).strip(), status, sentence, limits, mark)


LONG = "train took longer than 1 s and was stopped"
NO = "train raised PermissionError"
MUCH = "over the limit of 300 MB"

# ---------------------------------------------------------------- hangs

fault("endless loop", "while True: pass", "timeout", LONG)
fault(
    "C sleep that ignores SIGTERM",
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    "ctypes.CDLL(None).sleep(60)",
    "timeout",
    LONG,
)
fault("stops itself", "os.kill(os.getpid(), signal.SIGSTOP)\nreturn 0.0", "timeout", LONG)
fault("endless print", "while True: print('x' * 1000)", "timeout", LONG)
fault(
    "thread that never ends",
    "threading.Thread(target=lambda: time.sleep(600), daemon=False).start()\nreturn 0.0",
    "success",
)
fault(
    "thread that prints for ever",
    """
    def shout():
        while True: os.write(1, b'x' * 1000)
    threading.Thread(target=shout, daemon=False).start()
    time.sleep(0.1)
    return 0.0
    """,
    "success",
)

# ---------------------------------------------------------------- memory

fault("growing list", "kept = []\nwhile True: kept.append(b'x' * 1_000_000)", "memory", MUCH, SLOW)
fault("one array of 20 GB", "return float(np.ones(20 * 2**30 // 8).sum())", "memory", "", SLOW)
fault("an array larger than any memory", "return float(np.ones(2**50).sum())", "memory", "MemoryError")
fault(
    "children that allocate",
    """
    for _ in range(4):
        if os.fork() == 0:
            kept = b'x' * 150_000_000
            time.sleep(60)
    time.sleep(60)
    """,
    "memory",
    MUCH,
    SLOW,
)

# ---------------------------------------------------------------- dies

fault("segmentation fault", "ctypes.string_at(0)", "crashed", "died of signal 11 (SIGSEGV)")
fault("abort", "os.abort()", "crashed", "died of signal 6 (SIGABRT)")
fault("leaves with _exit(0)", "os._exit(0)", "crashed", "ended without a result (exit code 0)")
fault("leaves with sys.exit(3)", "sys.exit(3)", "crashed", "train called exit (3); it must return its result")
fault("raises KeyboardInterrupt", "raise KeyboardInterrupt", "crashed", "train raised KeyboardInterrupt")
fault("recursion in Python", "def f(): return f()\nreturn f()", "crashed", "train raised RecursionError")
fault(
    "recursion in C",
    "it = iter([1])\nfor _ in range(2_000_000): it = filter(None, it)\nreturn float(next(it))",
    "crashed",
    "died of signal 11 (SIGSEGV)",
    PATIENT,
)
fault("closes 0, 1 and 2", "os.closerange(0, 3)\nprint('hello', flush=True)\nreturn 0.0", "crashed", "OSError")
fault("closes every file descriptor", "os.closerange(0, 4096)\nreturn 0.0", "crashed", "ended without a result")
fault(
    "kills its parent",
    "holds(os.getppid())\nos.kill(os.getppid(), signal.SIGKILL)",
    "crashed",
    "PermissionError",
    mark=needs_scope,
)
fault(
    "kills all it may",
    "holds(os.getppid())\nos.kill(-1, signal.SIGKILL)\nos.kill(0, signal.SIGKILL)",
    "crashed",
    "died of signal 9 (SIGKILL)",
    mark=needs_scope,
)
fault(
    "kills the kernel", "holds(KERNEL)\nos.kill(KERNEL, signal.SIGKILL)", "crashed", "PermissionError", mark=needs_scope
)
fault(
    "takes the kernel's time away",
    "import resource\nlimit = resource.prlimit(KERNEL, resource.RLIMIT_CORE)\n"
    "resource.prlimit(KERNEL, resource.RLIMIT_CORE, limit)\nreturn 0.0",
    "crashed",
    "PermissionError",
    mark=needs_seccomp,
)

# ---------------------------------------------------------------- multiplies

fault("fork bomb", "for _ in range(9): os.fork()\ntime.sleep(60)", "crashed", "more than 40 processes", SLOW)
fault(
    "daemon by a double fork",
    """
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    os.wait()
    return 0.0
    """,
    "success",
)
fault(
    "daemon that prints for ever",
    """
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True: os.write(1, b'x' * 1000)
        os._exit(0)
    os.wait()
    return 0.0
    """,
    "success",
)
fault("forks, and both return", "if os.fork() == 0: return 1.0\ntime.sleep(0.1)\nreturn 0.0", "success")
fault(
    "program under nohup",
    "subprocess.Popen(['nohup', 'sleep', '600'], start_new_session=True, stdout=subprocess.DEVNULL)\nreturn 0.0",
    "success",
)
fault(
    "program with an environment of its own elsewhere",
    "subprocess.Popen(['sleep', '600'], start_new_session=True, env={}, cwd='/')\nreturn 0.0",
    "success",
)

# ---------------------------------------------------------------- floods

fault("prints 200 MB", "for _ in range(200): print('x' * 1_000_000)\nreturn 0.0", "success", "", PATIENT)
fault("prints what is no text", "os.write(1, bytes(range(256)))\nprint('\\ud800\\udfff')\nreturn 0.0", "success")
fault(
    "one file that fills the disk",
    "with open('big', 'wb') as file:\n    while True: file.write(b'x' * 1_000_000)",
    "crashed",
    "File too large",
)
fault(
    "many files that fill the disk",
    """
    for i in range(10_000):
        with open(f'small{i}', 'wb') as file: file.write(b'x' * 1_000_000)
        time.sleep(0.005)
    """,
    "crashed",
    "train wrote more than 20 MB of files and was stopped",
    PATIENT,
)
fault(
    "many files, with many processes beside",
    """
    for _ in range(3):
        if os.fork() == 0:
            time.sleep(600)
    for i in range(10_000):
        with open(f'small{i}', 'wb') as file: file.write(b'x' * 1_000_000)
        time.sleep(0.005)
    """,
    "crashed",
    "train wrote more than 20 MB of files and was stopped",
    PATIENT,
)

# ---------------------------------------------------------------- returns

fault("returns NaN", "return float('nan')", "crashed", "the returned loss is NaN; it must be a finite number")
fault("returns None", "return None", "crashed", "the returned loss is None; it must be a number")
fault("returns text", "return '0.5'", "crashed", "the returned loss is '0.5'; it must be a number")
fault("returns a complex number", "return 1j", "crashed", "the returned loss is 1j; it must be a number")
fault(
    "returns nine million numbers",
    "return np.zeros(9_000_000)",
    "crashed",
    "the returned loss is a ndarray of shape (9000000,); it must be one number",
)
fault("returns a number too large for a float", "return 10 ** 400", "crashed", "too large for a float")
fault("returns an object that runs on unpickling", "return Hostile()", "crashed", "a Hostile; it must be a number")
fault("raises an error that runs on unpickling", "raise HostileError('boom')", "crashed", "HostileError: boom")
fault(
    "raises an error that cannot be shown",
    "raise Mute()",
    "crashed",
    "train raised Mute: its message could not be shown",
)
fault("raises an error of 100 MB", "raise ValueError('x' * 100_000_000)", "crashed", "train raised ValueError: xxxxx")
fault("raises an error that is no text", "raise ValueError('\\ud800')", "crashed", "train raised ValueError: ")
fault("returns a float that hangs when it is read", "return Slow(1.0)", "timeout", LONG)
fault("returns a float that raises when it is read", "return Broken(1.0)", "crashed", "ZeroDivisionError")
fault(
    "writes a forged result into every pipe",
    """
    frame = b'{"status": "success", "cost": -1e9, "metrics": {}, "seconds": 0, "facts": {}}\\n'
    for descriptor in range(3, 64):
        try: os.write(descriptor, frame)
        except OSError: pass
    time.sleep(60)
    """,
    "crashed",
    "train wrote into the worker's own pipe",
)
fault(
    "writes nested rubbish into every pipe",
    """
    for descriptor in range(3, 64):
        try: os.write(descriptor, b'[' * 60_000 + b'\\n')
        except OSError: pass
    time.sleep(60)
    """,
    "crashed",
    "train wrote into the worker's own pipe",
)
fault(
    "fills every pipe without an end",
    """
    for descriptor in range(3, 64):
        try:
            while True: os.write(descriptor, b'x' * 60_000)
        except OSError: pass
    time.sleep(60)
    """,
    "crashed",
    "train wrote into the worker's own pipe",
)

# ---------------------------------------------------------------- leaves traces

fault("changes the data in place", "X.iloc[:, :] = 0.0\ny.iloc[:] = 0\nreturn 0.0", "success")
fault("changes the working directory", "os.chdir('/')\nreturn 0.0", "success")
fault("draws from and seeds the global generator", "np.random.seed(1)\nrandom.seed(1)\nreturn 0.0", "success")
fault(
    "patches numpy and json",
    "np.mean = np.sum = lambda *a, **k: -1.0\njson.loads = json.dumps = lambda *a, **k: '{}'\nreturn 0.0",
    "success",
)
fault(
    "leaves signal handlers and alarms",
    "signal.signal(signal.SIGALRM, signal.SIG_DFL)\nsignal.setitimer(signal.ITIMER_REAL, 0.3)\nreturn 0.0",
    "success",
)
fault("changes the environment", "os.environ['PATH'] = ''\nos.environ['TRACE'] = '1'\nreturn 0.0", "success")

# ---------------------------------------------------------------- reaches out

for kind, family, type_ in (
    ("TCP", "AF_INET", "SOCK_STREAM"),
    ("UDP", "AF_INET", "SOCK_DGRAM"),
    ("TCP over IPv6", "AF_INET6", "SOCK_STREAM"),
    ("UNIX", "AF_UNIX", "SOCK_STREAM"),
    ("netlink", "AF_NETLINK", "SOCK_RAW"),
):
    fault(
        f"opens a {kind} socket",
        f"socket.socket(socket.{family}, socket.{type_})\nreturn 0.0",
        "crashed",
        "PermissionError",
        mark=needs_seccomp,
    )
fault(
    "reaches an abstract UNIX socket",
    "s = socket.socket(socket.AF_UNIX); s.connect(chr(0) + 'workbench-test')\nreturn 0.0",
    "crashed",
    "PermissionError",
    mark=needs_seccomp,
)
fault("reads a secret from its environment", "return len(os.environ['WORKBENCH_TEST_API_KEY'])", "crashed", "KeyError")
fault(
    "reads a secret from any environment",
    """
    for path in glob.glob('/proc/[0-9]*/environ'):
        try: text = open(path, 'rb').read()
        except OSError: continue
        if SECRET in text: return 0.0
    raise LookupError('no secret found')
    """,
    "crashed",
    "LookupError",
    mark=needs_landlock,
)
fault(
    "reads its parent's memory", "open(f'/proc/{os.getppid()}/mem', 'rb')\nreturn 0.0", "crashed", "Permission", LIMITS
)
fault("reads the kernel's memory", "open(f'/proc/{KERNEL}/mem', 'rb')\nreturn 0.0", "crashed", "Permission", LIMITS)
for name in ("reads its parent's memory", "reads the kernel's memory"):
    FAULTS[name] = (*FAULTS[name][:4], needs_landlock)
fault("reads an SSH key", "open(KEY)\nreturn 0.0", "crashed", "PermissionError", mark=needs_landlock)
fault("lists a home", "os.listdir(HOME)\nreturn 0.0", "crashed", "PermissionError", mark=needs_landlock)
fault("writes outside its folders", "open(OUTSIDE, 'w')\nreturn 0.0", "crashed", "PermissionError", mark=needs_landlock)
fault("writes to the data", "open(DATA, 'ab')\nreturn 0.0", "crashed", "PermissionError", mark=needs_landlock)
fault("removes the data", "os.unlink(DATA)\nreturn 0.0", "crashed", "PermissionError", mark=needs_landlock)
fault(
    "lifts its own limits",
    "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (2**40, 2**40))\nreturn 0.0",
    "crashed",
    "not allowed to raise maximum limit",
)

# ---------------------------------------------------------------- legitimate

fault(
    "scikit-learn with n_jobs=2",
    """
    from sklearn.ensemble import RandomForestClassifier
    return 1 - RandomForestClassifier(20, n_jobs=2, random_state=0).fit(X, y).score(X, y)
    """,
    "success",
    "",
    PATIENT,
)
fault(
    "loky inside",
    """
    from joblib import Parallel, delayed
    assert Parallel(n_jobs=2)(delayed(abs)(-i) for i in range(4)) == [0, 1, 2, 3]
    return 0.0
    """,
    "success",
    "",
    PATIENT,
)
fault(
    "multiprocessing inside",
    """
    import multiprocessing
    with multiprocessing.get_context('fork').Pool(2) as pool:
        assert pool.map(abs, [-1, -2]) == [1, 2]
    return 0.0
    """,
    "success",
    "",
    PATIENT,
)
fault(
    "saves its model",
    """
    import joblib
    os.makedirs(model_dir, exist_ok=True)
    joblib.dump(X, os.path.join(model_dir, 'model.joblib'))
    json.dump({'a': 1}, open(os.path.join(model_dir, 'about.json'), 'w'))
    return 0.0
    """,
    "success",
)
fault("returns a float32", "return np.float32(0.0)", "success")
fault("returns a 0-d array", "return np.array(0.0)", "success")
fault(
    "trains with PyTorch and workers that load",
    """
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    data = TensorDataset(torch.tensor(X.to_numpy(), dtype=torch.float32), torch.tensor(y.to_numpy()))
    net = torch.nn.Linear(X.shape[1], 2)
    step = torch.optim.SGD(net.parameters(), 0.1)
    for rows, labels in DataLoader(data, batch_size=16, num_workers=2):
        step.zero_grad(); torch.nn.functional.cross_entropy(net(rows), labels).backward(); step.step()
    os.makedirs(model_dir, exist_ok=True)
    torch.save(net.state_dict(), os.path.join(model_dir, 'net.pt'))
    return 0.0
    """,
    "success",
    "",
    Limits(wall_s=60.0, memory_mb=3000, output_bytes=10_000, file_bytes=20_000_000, processes=40),
    pytest.mark.torch,
)

PROLOGUE = """
import ctypes, glob, json, os, random, signal, socket, subprocess, sys, threading, time
import numpy as np

KERNEL, SECRET, KEY, HOME, OUTSIDE, DATA = {known!r}


def holds(pid):
    # go on only where the guard refuses: a test must not kill what it should not
    try:
        os.kill(pid, 0)
    except PermissionError:
        return
    os._exit(77)


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hostile",)


class HostileError(ValueError):
    def __reduce__(self):
        return os.system, ("touch hostile",)


class Mute(Exception):
    def __str__(self):
        raise RuntimeError


class Slow(float):
    def __float__(self):
        time.sleep(60)


class Broken(float):
    def __float__(self):
        return 1 / 0


def good(X, y, model_dir):
    assert os.getcwd() == os.environ["TMPDIR"], os.getcwd()
    assert os.listdir(".") == [], os.listdir(".")
    assert "TRACE" not in os.environ
    assert threading.active_count() == 1
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert json.loads("[1]") == [1]
    return float(np.mean(X.to_numpy()) + np.mean(y.to_numpy()))


"""


class Place:
    """A worker for all faults, and what stands around it."""

    def __init__(self, folder: Path) -> None:
        rng = np.random.default_rng(0)
        frame = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60), "label": np.arange(60) % 2})
        self.data = folder / "data"
        datasets.save(datasets.make(frame, "label", name="tiny"), self.data)
        self.models = folder / "models"
        self.outside = folder / "outside.txt"
        key = folder / "id_rsa"
        key.write_text(SECRET)
        self.expected = float(frame[["a", "b"]].to_numpy().mean() + 0.5)
        self.known = (
            os.getpid(),
            SECRET.encode(),
            str(key),
            str(folder),
            str(self.outside),
            str(self.data / "train.parquet"),
        )
        self.names = ["good", *FAULTS]
        self.worker = self.new(self.code())

    def code(self) -> str:
        text = PROLOGUE.format(known=self.known)
        for number, (body, *_) in enumerate(FAULTS.values()):
            text += f"def fault{number}(X, y, model_dir):\n{textwrap.indent(body, '    ')}\n\n\n"
        table = ", ".join(["good", *(f"fault{i}" for i in range(len(FAULTS)))])
        return text + (
            "def train(cfg, dataset, seed, model_dir=None):\n"
            f"    return [{table}][int(cfg['number'])](dataset['X'], dataset['y'], model_dir)\n"
        )

    def new(self, code: str, limits: Limits = LIMITS) -> Worker:
        space = Space((Hyperparameter("number", "integer", 0, 200, default=0),))
        return Worker(code, "loss", space, {"main": self.data}, self.models, limits, reuse=True)

    def call(self, name: str) -> Call:
        return Call({"number": self.names.index(name)}, model_dir=str(self.models / "trial"))

    def assert_next_call_is_right(self) -> None:
        reply = self.worker.call(self.call("good"), PATIENT)
        assert (reply.status, reply.error) == ("success", "")
        assert reply.cost == pytest.approx(self.expected)

    def assert_nothing_is_left(self, before: psutil.Process) -> None:
        zygote = zygote_of(self.worker)
        assert zygote == before, "the zygote was replaced"
        assert len(zygote.children(recursive=True)) <= 1, "more than the child that stands by"
        temporary = str(self.worker.temporary)
        found = processes_of(temporary)
        allowed = {zygote.pid, *(c.pid for c in zygote.children(recursive=True))}  # looked at last: it forks meanwhile
        assert [p for p in found if p.pid not in allowed] == []
        assert os.listdir(temporary) == []
        assert not self.outside.exists()


def zygote_of(worker: Worker) -> psutil.Process:
    assert worker.pid is not None
    return psutil.Process(worker.pid)


def processes_of(temporary: str) -> list[psutil.Process]:
    """Every process on the machine that was started with this temporary folder, or stands in it."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and (
                process.environ().get("TMPDIR") == temporary or process.cwd().startswith(temporary)
            ):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def sleepers() -> set[int]:
    return {p.pid for p in psutil.process_iter(["cmdline"]) if (p.info["cmdline"] or [])[-2:] == ["sleep", "600"]}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    os.environ["WORKBENCH_TEST_API_KEY"] = SECRET
    place = Place(tmp_path_factory.mktemp("faults"))
    yield place
    place.worker.close()
    del os.environ["WORKBENCH_TEST_API_KEY"]


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[f[4]] if f[4] else [], id=n.replace(" ", "-")) for n, f in FAULTS.items()]
)
def test_a_fault_is_answered_contained_and_forgotten(place: Place, name: str) -> None:
    _, status, sentence, limits, mark = FAULTS[name]
    if mark is pytest.mark.torch:
        pytest.importorskip("torch", reason="PyTorch is not installed")
    zygote, asleep = zygote_of(place.worker), sleepers()
    reply = place.worker.call(place.call(name), limits)
    assert (reply.status, reply.cost) == (status, pytest.approx(0.0, abs=0.5) if status == "success" else None), reply
    assert sentence in reply.error, reply.error
    assert (reply.error == "") == (status == "success")
    assert len(reply.output) < 2 * LIMITS.output_bytes
    assert len(reply.error) < 1000
    assert SECRET not in repr(reply)
    place.assert_next_call_is_right()
    place.assert_nothing_is_left(zygote)
    assert sleepers() == asleep


# ---------------------------------------------------------------- while the code is imported, and the child stands by

ON_IMPORT = {
    "an endless loop": ("while True: pass", "timeout", "train took longer than 1 s and was stopped"),
    "a growing list": ("kept = []\nwhile True: kept.append(b'x' * 1_000_000)", "memory", "over the limit of 300 MB"),
    "output and an abort": ("import os\nprint('x' * 99)\nos.abort()", "crashed", "died of signal 6 (SIGABRT)"),
}


@pytest.mark.parametrize("name", ON_IMPORT)
def test_what_happens_on_import_is_answered_and_ended_before_any_call(place: Place, name: str) -> None:
    code, status, sentence = ON_IMPORT[name]
    limits = SLOW if status == "memory" else LIMITS
    with place.new(code, limits) as worker:
        zygote = zygote_of(worker)
        for _ in range(2):
            reply = worker.call(place.call("good"))
            assert (reply.status, sentence in reply.error) == (status, True), reply
            until(lambda: (below := zygote.children()) and not alive(below))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("raise SystemExit(4)", "train called exit (4); it must return its result"),
        ("raise RuntimeError('no')", "importing the code raised RuntimeError: no"),
        ("raise KeyboardInterrupt", "importing the code raised KeyboardInterrupt"),
        ("import no_such_thing", "importing the code raised ModuleNotFoundError: No module named 'no_such_thing'"),
        ("def train(:", "importing the code raised SyntaxError: invalid syntax (train.py, line 1)"),
        ("\0", "source code string cannot contain null bytes"),
        ("x = 1", "the code defines no function named train; it must define one"),
        ("train = 1", "the code defines no function named train; it must define one"),
    ],
)
def test_code_that_cannot_be_imported_is_answered_with_the_reason(code: str, sentence: str) -> None:
    function, reply = child.load(code)
    assert function is None
    assert reply["status"] == "crashed"
    assert sentence in reply["error"]


# ---------------------------------------------------------------- stopped

HELD = [
    "endless loop",
    "C sleep that ignores SIGTERM",
    "stops itself",
    "endless print",
    "children that allocate",
    "returns a float that hangs when it is read",
]


@pytest.mark.parametrize("name", HELD)
def test_a_stop_ends_it_and_leaves_nothing(place: Place, name: str) -> None:
    zygote = zygote_of(place.worker)
    place.worker.start(place.call(name), PATIENT)
    assert place.worker.poll(0.15) is None
    place.worker.interrupt()
    reply = settled(place.worker)
    assert (reply.status, reply.error) == ("stopped", "the trial was stopped")
    place.assert_next_call_is_right()
    place.assert_nothing_is_left(zygote)


@pytest.mark.parametrize("name", HELD[:3])
def test_ctrl_c_in_the_kernel_ends_it_and_leaves_nothing(place: Place, name: str) -> None:
    zygote = zygote_of(place.worker)
    ctrl_c = threading.Timer(0.15, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
    ctrl_c.start()
    with pytest.raises(KeyboardInterrupt):
        place.worker.call(place.call(name), PATIENT)
    place.assert_next_call_is_right()
    place.assert_nothing_is_left(zygote)


# ---------------------------------------------------------------- ended from outside

SCRIPT = """
import sys
from pathlib import Path
from workbench.nouns import Hyperparameter, Space
from workbench.worker import Call, Worker

space = Space((Hyperparameter("number", "integer", 0, 200, default=0),))
code, data, models = sys.argv[1:]
Worker(Path(code).read_text(), "loss", space, {"main": Path(data)}, Path(models)).call(Call({"number": 0}))
"""

LEAVES_MUCH = """
import os, subprocess, time


def train(cfg, dataset, seed, model_dir=None):
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
    if cfg["number"] == 7:
        return 0.5
    while True:
        pass
"""


def test_when_the_owner_is_killed_everything_ends_with_it(place: Place, tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text(LEAVES_MUCH)
    asleep = sleepers()
    arguments = [str(tmp_path / "train.txt"), str(place.data), str(place.models)]
    owner = subprocess.Popen([sys.executable, "-c", SCRIPT, *arguments])
    until(lambda: len(sleepers()) > len(asleep))
    (template,) = psutil.Process(owner.pid).children()
    (nursery,) = template.children()
    (zygote,) = nursery.children()
    temporary = str(Path(zygote.cwd()) / "tmp")
    owner.kill()
    owner.wait()
    until(
        lambda: (
            not any(process.is_running() for process in (zygote, nursery, template))
            and processes_of(temporary) == []
            and sleepers() == asleep
        )
    )
    until(lambda: not Path(temporary).parent.exists())


def test_when_the_zygote_is_killed_the_trial_has_crashed_and_the_next_one_is_right(place: Place) -> None:
    asleep = sleepers()
    with place.new(LEAVES_MUCH) as worker:
        zygote, temporary = zygote_of(worker), str(worker.temporary)
        worker.start(Call({"number": 0}), PATIENT)
        until(lambda: len(sleepers()) > len(asleep))
        zygote.kill()
        reply = settled(worker)
        assert reply.status == "crashed"
        assert reply.error == "the worker's own process was ended from outside; a new one was started"
        assert sleepers() == asleep
        assert worker.call(Call({"number": 7}), PATIENT).cost == 0.5
        idle = zygote_of(worker)
        idle.kill()  # while it has nothing to do
        until(lambda: not idle.is_running())
        assert worker.call(Call({"number": 7}), PATIENT).cost == 0.5
    assert sleepers() == asleep
    assert processes_of(temporary) == []
    assert not Path(temporary).parent.exists()


def test_when_the_nursery_is_killed_its_workers_end_with_it_and_the_next_call_is_right(place: Place) -> None:
    asleep = sleepers()
    with place.new(LEAVES_MUCH) as worker:
        nursery = zygote_of(worker).parent()
        assert nursery is not None
        worker.start(Call({"number": 0}), PATIENT)
        until(lambda: len(sleepers()) > len(asleep))
        nursery.kill()
        assert settled(worker).error == "the worker's own process was ended from outside; a new one was started"
        until(lambda: sleepers() == asleep)
        assert worker.call(Call({"number": 7}), PATIENT).cost == 0.5
        assert zygote_of(worker).parent() != nursery


def test_an_interrupt_while_a_worker_starts_leaves_the_next_one_its_own_process(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> int:
        raise KeyboardInterrupt

    with place.new(LEAVES_MUCH) as first:
        others = set(zygote_of(first).parent().children())
        with monkeypatch.context() as patched:
            patched.setattr("workbench.worker.nursery.number", interrupted)
            with pytest.raises(KeyboardInterrupt):
                place.new(LEAVES_MUCH)
        with place.new(LEAVES_MUCH) as worker:
            assert zygote_of(worker).cwd() == str(worker.temporary.parent)
            until(lambda: set(zygote_of(worker).parent().children()) == {*others, zygote_of(worker)})


def test_workers_of_one_process_share_a_nursery(place: Place) -> None:
    with place.new(LEAVES_MUCH) as one, place.new(LEAVES_MUCH) as other:
        assert zygote_of(one).parent() == zygote_of(other).parent()
        assert zygote_of(one) != zygote_of(other)


def test_when_the_zygote_is_deaf_the_trial_has_crashed_and_the_next_one_is_right(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.worker.handle.GRACE_S", 0.5)
    with place.new(LEAVES_MUCH) as worker:
        zygote_of(worker).suspend()
        reply = worker.call(Call({"number": 0}), LIMITS)
        assert reply.status == "crashed"
        assert reply.error == "the worker did not answer within its limits; a new one was started"
        assert worker.call(Call({"number": 7}), PATIENT).cost == 0.5


def settled(worker: Worker) -> Reply:
    while (reply := worker.poll(1.0)) is None:
        pass
    return reply
