"""What a Dask worker does for a run: hold guarded workers, and run trials in them.

These functions are named to the Dask worker, which imports them from its own installation. Text and bytes go in and
come out: generated code runs in the guarded worker's child alone, and no object of it is pickled or unpickled anywhere.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench.nouns import Call, Limits, RunError, Space
from workbench.worker import Worker

IDLE_S = 600.0
"""Guarded workers that nobody has used for so long are ended: their driver is gone without a word."""
KEEP_DATA_S = 86_400.0
FILES_BYTES = 64 << 20
"""So much of what a trial saved is sent back."""
POLL_S = 0.1
_LET_GO = ("cancelled", "released", "forgotten")
_ENDING = ("closing", "closed", "failed")

_lock = threading.Lock()
_idle: dict[str, list[_Held]] = {}
_watcher: list[threading.Thread] = []


class _Held:
    """A guarded worker of a run, and its own folder for models where the run's is not seen from here."""

    def __init__(self, setup: Mapping[str, Any]) -> None:
        self.own: Path | None = None if setup["folder"] else Path(tempfile.mkdtemp(prefix="workbench-models-"))
        self.models = self.own or Path(setup["folder"]) / "models"
        data = Path(setup["folder"]) / "data" if setup["folder"] else data_folder(setup["data"])
        self.used = time.monotonic()
        try:
            self.worker = Worker(
                setup["code"],
                setup["contract"],
                Space.from_dict(setup["space"]),
                {"main": data},
                self.models,
                Limits(**setup["limits"]),
                threads=setup["threads"],
            )
        except BaseException:
            self._remove()
            raise

    def close(self) -> None:
        self.worker.close()
        self._remove()

    def _remove(self) -> None:
        if self.own is not None:
            shutil.rmtree(self.own, ignore_errors=True)


# ---------------------------------------------------------------------------------------------------- asked first


def greet(folder: str, mark: str, digest: str) -> dict[str, Any]:
    """What the driver must know of a worker before it sends a trial.

    Parameters
    ----------
    folder : str
        The run's; empty where it is not to be looked for.
    mark : str
        What `driver.json` holds, if it is the same folder.
    digest : str
        Of the data.

    Returns
    -------
    dict
        `version`, whether the run's folder is `shared` and can be written, and whether the data is here.
    """
    shared = False
    if folder:
        with suppress(OSError, UnicodeDecodeError):
            same = (Path(folder) / "driver.json").read_text(encoding="utf-8") == mark
            shared = same and os.access(Path(folder) / "models", os.W_OK)
    has_data = shared or (data_folder(digest) / "dataset.json").exists()
    return {"version": version("automl-workbench"), "shared": shared, "has_data": has_data}


def data_folder(digest: str) -> Path:
    """Where data with this digest lies on this host; the folder above it is this user's alone.

    Raises
    ------
    RunError
        If somebody else has made that folder.
    """
    if not digest.isalnum():
        raise RunError(f"{digest!r:.80} is no digest")
    root = Path(tempfile.gettempdir()) / f"workbench-data-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    found = root.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise RunError(f"{root} belongs to somebody else, or others can write to it; remove it, or set TMPDIR")
    return root / digest


def digest_of(files: Mapping[str, bytes]) -> str:
    """The digest of some files: names and contents."""
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return whole.hexdigest()


def take_data(files: Mapping[str, bytes], digest: str) -> str:
    """Keep data on this host, whole or not at all; what has not been used for a day makes room.

    Raises
    ------
    RunError
        If what arrived is not what was sent.
    """
    if digest_of(files) != digest:
        raise RunError("the data did not arrive as it was sent")
    place = data_folder(digest)
    for old in place.parent.iterdir():
        with suppress(OSError):
            if old != place and time.time() - old.stat().st_mtime > KEEP_DATA_S:
                shutil.rmtree(old, ignore_errors=True)
    making = Path(tempfile.mkdtemp(dir=place.parent))
    for name, content in files.items():
        (making / Path(name).name).write_bytes(content)
    try:
        os.replace(making, place)
    except OSError:  # another worker of this host was as quick
        shutil.rmtree(making, ignore_errors=True)
    return str(place)


# ---------------------------------------------------------------------------------------------------- trials


def run_trial(setup_text: str, call_text: str) -> dict[str, Any]:
    """Run one trial in a guarded worker of this process.

    Parameters
    ----------
    setup_text : str
        JSON: the run, its code, contract, space and limits, and where its data is.
    call_text : str
        JSON: the call, and where under the folder for models it may save.

    Returns
    -------
    dict
        `reply` as JSON text; `files` by name, as bytes, where the run's folder is not seen from here.
    """
    setup = json.loads(setup_text)
    run = str(setup["run"])
    held = _take(run, setup)
    try:
        held.worker.start(_call(held, json.loads(call_text)))
        while (reply := held.worker.poll(POLL_S)) is None:
            if _unwanted():
                held.worker.interrupt()
        files, left = _collect(held) if held.own is not None else ({}, "")
    except BaseException:
        held.close()
        raise
    _put_back(run, held)
    answer = asdict(reply)
    answer["output"] = reply.output + left
    return {"reply": json.dumps(answer, default=str), "files": files}


def _call(held: _Held, call: dict[str, Any]) -> Call:
    if held.own is not None and call.get("model_dir"):
        call["model_dir"] = str(held.own / call.pop("under", "."))
    call.pop("under", None)
    return Call(**{**call, "observe": tuple(call.get("observe", ()))})


def _take(run: str, setup: Mapping[str, Any]) -> _Held:
    with _lock:
        spare = _idle.setdefault(run, [])
        if spare:
            return spare.pop()
    return _Held(setup)


def _put_back(run: str, held: _Held) -> None:
    held.used = time.monotonic()
    with _lock:
        wanted = run in _idle
        if wanted:
            _idle[run].append(held)
        if not _watcher:
            _watcher.append(threading.Thread(target=_watch, name="workbench-idle", daemon=True))
            _watcher[0].start()
    if not wanted:  # the run was forgotten while its last trial ended
        held.close()


def _watch() -> None:
    while True:
        time.sleep(IDLE_S / 10)
        drop_unused()


def drop_unused() -> None:
    """End the guarded workers that have stood idle for `IDLE_S` seconds."""
    limit = time.monotonic() - IDLE_S
    with _lock:
        old = [(run, held) for run, all_ in _idle.items() for held in all_ if held.used < limit]
        for run, held in old:
            _idle[run].remove(held)
    for _, held in old:
        held.close()


def _unwanted() -> bool:
    """Whether nobody waits for the trial: it was stopped, or its driver is gone and Dask has let it go."""
    from distributed import get_worker

    with suppress(Exception):  # what Dask knows of its own task is asked, and not relied upon
        worker = get_worker()
        task = worker.state.tasks.get(worker.get_current_task())
        return task is None or task.state in _LET_GO or worker.status.name in _ENDING
    return False


def _collect(held: _Held) -> tuple[dict[str, bytes], str]:
    """What the trial saved, as bytes by its name; and a sentence on what is too large to be sent."""
    files: dict[str, bytes] = {}
    left, room = "", FILES_BYTES
    for path in sorted(held.models.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        name = path.relative_to(held.models).as_posix()
        if (size := path.stat().st_size) > room:
            left += f"\n{name} ({size >> 20} MiB) is not kept: more than {FILES_BYTES >> 20} MiB a trial is not sent"
            continue
        files[name] = path.read_bytes()
        room -= size
    for path in held.models.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return files, left


def forget(run: str) -> None:
    """End the guarded workers of a run; one that is at work ends after its trial."""
    with _lock:
        held = _idle.pop(run, [])
    for each in held:
        each.close()


def end_all() -> None:
    """End every guarded worker of this process."""
    for run in list(_idle):
        forget(run)


atexit.register(end_all)
