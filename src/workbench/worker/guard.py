"""What holds generated code back: Landlock, seccomp, limits and process flags, unprivileged and in-process.

`apply` is called in the child, before the generated code is imported. It covers:

- writes outside the given folders, and reads outside of what Python needs (Landlock);
- TCP, signals and abstract UNIX sockets to the outside (Landlock, where the kernel has them);
- every socket but a connected pair, `ptrace`, other processes' memory and limits, namespaces, mounts, `io_uring`
  (seccomp);
- core files, the size of one file, open files (resource limits); new privileges; capabilities; outliving the zygote.

It does not cover: bugs of the kernel, what is read from the folders that Python itself lives in, the mode and the times
of files that belong to the same user, time and memory (the zygote watches those from outside), and code that lies about
its own result from inside its own process.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

LINUX = sys.platform.startswith("linux")


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def prctl(option: int, value: int = 0) -> bool:
    """One `prctl` call on Linux; False where it was refused or there is none."""
    if not LINUX:
        return False
    return bool(_libc().prctl(option, ctypes.c_ulong(value), 0, 0, 0) == 0)


# ---------------------------------------------------------------------------------------------------- Landlock
# Numbers from the kernel's include/uapi/linux/landlock.h; the system calls are the same on every architecture.

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_ALL_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FILE_ONLY = _EXECUTE | _WRITE_FILE | _READ_FILE | (1 << 14) | (1 << 15)
_NET_TCP = 0b11
_SCOPES = 0b11


def landlock_abi() -> int:
    """The kernel's Landlock version, 0 where there is none."""
    if not LINUX:
        return 0
    return max(0, int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def _landlock(read: Iterable[Path], write: Iterable[Path]) -> bool:
    abi = landlock_abi()
    if abi < 1:
        return False
    libc = _libc()
    handled = _ALL_BY_ABI[min(abi, 5)]
    attributes = struct.pack("=QQQ", handled, _NET_TCP if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    attributes = attributes[: 8 if abi < 4 else 16 if abi < 6 else 24]
    ruleset = int(libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0)))
    if ruleset < 0:
        return False
    try:
        for paths, rights in ((read, _READ), (write, handled)):
            for path in paths:
                _allow(libc, ruleset, path, rights & handled)
        return bool(libc.syscall(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    try:
        if not path.is_dir():
            rights &= _FILE_ONLY
        rule = struct.pack("=Qi", rights, handle)
        libc.syscall(_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0))
    finally:
        os.close(handle)


def readable_folders() -> list[Path]:
    """What Python, its packages and a GPU's driver are read from: never the home directory as a whole."""
    system = [
        "/usr",
        "/lib",
        "/lib32",
        "/lib64",
        "/bin",
        "/sbin",
        "/etc",
        "/opt",
        "/proc",
        "/sys",
        "/dev",
        "/run/nvidia",
    ]
    python = [sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.path.realpath(sys.executable))]
    packages = [p for p in sys.path if p and os.path.exists(p)]
    home = Path.home().resolve()
    chosen = (Path(p).resolve() for p in (*system, *python, *packages))
    return sorted({p for p in chosen if p != home and p not in home.parents})


# ---------------------------------------------------------------------------------------------------- seccomp
# A classic BPF program over struct seccomp_data; numbers of system calls by architecture, from the kernel's tables.

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_REFUSED = {  # name: (x86_64, aarch64)
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "open_by_handle_at": (304, 265),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "sethostname": (170, 161),
    "pidfd_getfd": (438, 438),
    "socket": (41, 198),
}
_PRLIMIT = (302, 261)
_CLONE = (56, 220)
_CLONE3 = (435, 435)
_NAMESPACES = 0x7E020000 | 0x00000080  # every CLONE_NEW* flag
_LOAD, _JEQ, _JSET, _JGE, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000


def _program(machine: str) -> bytes:
    architecture, column = _ARCHITECTURES[machine]

    def op(code: int, k: int, jump_true: int = 0, jump_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, jump_true, jump_false, k)

    program = [op(_LOAD, 4), op(_JEQ, architecture, 1, 0), op(_RETURN, _KILL), op(_LOAD, 0)]
    if machine == "x86_64":  # the x32 numbers would be a way around the list
        program += [op(_JGE, 0x40000000, 0, 1), op(_RETURN, _ERRNO | 1)]
    for numbers in _REFUSED.values():
        program += [op(_JEQ, numbers[column], 0, 1), op(_RETURN, _ERRNO | 1)]
    # prlimit takes a process id first: 0 is the caller, anything else could end another process by its limits
    program += [op(_JEQ, _PRLIMIT[column], 0, 4), op(_LOAD, 16), op(_JEQ, 0, 1, 0), op(_RETURN, _ERRNO | 1)]
    program += [op(_RETURN, _ALLOW)]
    # clone3 hides its flags behind a pointer: saying "no such call" makes the C library use clone
    program += [op(_JEQ, _CLONE3[column], 0, 1), op(_RETURN, _ERRNO | 38)]
    program += [op(_JEQ, _CLONE[column], 0, 3), op(_LOAD, 16), op(_JSET, _NAMESPACES, 0, 1), op(_RETURN, _ERRNO | 1)]
    program += [op(_RETURN, _ALLOW)]
    return b"".join(program)


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_char_p))


def _seccomp() -> bool:
    machine = platform.machine()
    if not LINUX or machine not in _ARCHITECTURES:
        return False
    program = _program(machine)
    buffer = ctypes.create_string_buffer(program, len(program))
    filter_ = _Filter(len(program) // 8, ctypes.cast(buffer, ctypes.c_char_p))
    return bool(_libc().prctl(PR_SET_SECCOMP, 2, ctypes.byref(filter_), 0, 0) == 0)


# ---------------------------------------------------------------------------------------------------- all of it


@dataclass(frozen=True)
class Fence:
    """Where a child may read and write, and how large a file may grow."""

    read: tuple[Path, ...]
    write: tuple[Path, ...]
    file_bytes: int


def apply(fence: Fence) -> dict[str, str]:
    """Put every guard that this machine has into force, for this process and all that it starts.

    Returns
    -------
    dict
        Each guard's name, and `in force` or what is missing.
    """
    state = {}
    state["limits"] = _limits(fence.file_bytes)
    state["no new privileges"] = _said(prctl(PR_SET_NO_NEW_PRIVS, 1), "not on this system")
    state["dies with its parent"] = _said(prctl(PR_SET_PDEATHSIG, signal.SIGKILL), "not on this system")
    state["capabilities"] = _said(_drop_capabilities(), "not on this system")
    writable = [
        *fence.write,
        Path("/dev/shm"),
        *(Path("/dev") / n for n in ("null", "zero", "full", "tty", "random", "urandom")),
    ]
    writable += [*sorted(Path("/dev").glob("nvidia*")), Path("/dev/dri"), Path("/proc/self")]
    state["Landlock"] = _said(_landlock([*readable_folders(), *fence.read], writable), "not in this kernel")
    state["seccomp"] = _said(_seccomp(), "not on this system")
    return state


_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAP_VERSION = 0x20080522
_CAP_KEPT = 1 << 1 | 1 << 2
"""Root reads and writes files whoever owns them, as it is used to, where Landlock lets it."""


def _drop_capabilities() -> bool:
    """Give up what root can do beyond its own files and processes; nobody else has anything to give up."""
    number = _CAPSET.get(platform.machine())
    if not LINUX or number is None:
        return False
    for capability in range(64):
        prctl(PR_CAPBSET_DROP, capability)
    if os.geteuid() != 0:
        return True
    header = struct.pack("=Ii", _CAP_VERSION, 0)
    sets = struct.pack("=6I", _CAP_KEPT, _CAP_KEPT, 0, 0, 0, 0)
    return bool(_libc().syscall(number, header, sets) == 0)


def _said(done: bool, otherwise: str) -> str:
    return "in force" if done else otherwise


def _limits(file_bytes: int) -> str:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, file_bytes)
    _lower(resource.RLIMIT_NOFILE, 4096)
    return "in force"


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(limit, (value, value))


def available() -> dict[str, str]:
    """Each guard and whether this machine has it, found out in a child that applies them all."""
    if not hasattr(os, "fork"):
        return {"isolation": "none: workers need a Unix system (Linux or macOS)"}
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            state = apply(Fence((), (), 1 << 30))
            os.write(writer, "\n".join(f"{k}\t{v}" for k, v in state.items()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read().decode()
    os.waitpid(child, 0)
    state = dict(line.split("\t") for line in text.splitlines())
    abi = landlock_abi()
    if abi and state.get("Landlock") == "in force":
        more = [name for least, name in ((4, "TCP"), (6, "signals and abstract sockets")) if abi >= least]
        state["Landlock"] = f"in force, version {abi}: files" + "".join(f", {m}" for m in more)
    state["memory"] = "watched by resident size" if LINUX else "watched roughly, by resident size"
    return state
