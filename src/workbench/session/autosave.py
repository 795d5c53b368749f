"""The session saves itself beside its runs folder, and is taken back from there; one kernel writes to one place.

`runs.session/` beside the runs folder `runs` holds `session.json`, replaced in one step at most twice a second;
`session.before.json`, what was there before another one began anew; `session.lock`, locked as long as the kernel
lives; and `table/`, copies of what was uploaded. Where another kernel has the lock, `runs.session-2/` is taken.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import json
import logging
import os
import shutil
import socket
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from workbench.runs import folder as files
from workbench.session.message import Message
from workbench.session.saving import FORMAT, TRAITS, restore, snapshot, when

if TYPE_CHECKING:
    from workbench.session.session import Session

logger = logging.getLogger(__name__)

DELAY_S = 0.5
"""Changes that come within so long are saved together."""
PLACES = 100
UPLOADS = "workbench-upload-"

_owners: dict[Path, Autosave] = {}
_owning = threading.RLock()


class Autosave:
    """Saves a session in a thread of its own, and restores one.

    Parameters
    ----------
    session : Session
        What is saved; each change of one of its `TRAITS` leads to a new file, soon.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.folder: Path | None = None
        """Where it is saved, None before there was something to save."""
        self.warned = False
        """Whether what `begin` said is a warning: a part was lost, or another kernel has the session."""
        self._base = session.runs_folder.resolve()
        self._file: IO[str] | None = None  # the lock's
        self._timer: threading.Timer | None = None
        self._timing = threading.Lock()
        self._saving = threading.RLock()
        self._written = ""
        self._aside = False  # whether what is there is to be kept under another name
        self._stopped = False
        self._said = ""
        self._process = os.getpid()

    # ------------------------------------------------------------------ beginning

    def begin(self, *, fresh: bool = False) -> str:
        """Restore what is saved (unless `fresh`), and save from now on; gives what there is to say, or nothing."""
        try:
            with self._saving:
                said = self._begin(fresh)
        except OSError as error:
            said, self.warned = f"The session cannot be restored: {error.strerror or error}.", True
        self.session.observe(self._changed, [*TRAITS, *(["step"] if self.session.has_trait("step") else [])])
        atexit.register(self.flush)
        return said

    def _begin(self, fresh: bool) -> str:
        with _owning:
            before = _owners.get(self._base)
            if before is not None:  # the cell was run again
                self._file, self.folder = before.retire(), before.folder
            _owners[self._base] = self
        place, holder = self._find()
        self._written = _text(snapshot(self.session))
        saved = self._place(1 if holder and not _session(place).is_file() else 0, place)
        self.warned = bool(holder)
        beside = f" It is saved beside it, in {place.name}." if holder else ""
        if fresh:
            self._aside = True
            return f"{holder}{beside}" if holder else ""
        if not saved.is_file():
            return f"{holder}{beside}" if holder else ""
        data, wrong = _read(saved)
        if wrong:
            self._aside = self.warned = True
            return f"The saved session was not restored: {wrong}. This one begins anew; the old file is kept."
        found = restore(self.session, data)
        self._aside = bool(found.lost)
        self.warned = bool(holder or found.lost)
        self._written = _text(snapshot(self.session))
        if not found.parts and not found.lost:
            return f"{holder}{beside}" if holder else ""
        what = ", ".join(found.parts) or "nothing"
        lost = f" Not restored: {'; '.join(found.lost)}." if found.lost else ""
        return (
            f"{holder}{' ' if holder else ''}Restored from {when(str(data.get('saved')))}: {what}.{lost}{beside} "
            "Workbench(fresh=True) begins anew."
        )

    def _find(self) -> tuple[Path, str]:
        """The first place that nobody else writes to, taken if it is there; and who has the one before, in words."""
        if self.folder is not None:
            return self.folder, ""
        holder = ""
        for number in range(1, PLACES):
            place = self._numbered(number)
            if not place.is_dir():
                return place, holder
            other = self._take(place)
            if other is None:
                return place, holder
            holder = holder or f"Another kernel ({other}) has the session of {self._base.name} open."
        raise OSError(f"{PLACES} kernels have sessions of {self._base.name} open")

    def _numbered(self, number: int) -> Path:
        return self._base.with_name(f"{self._base.name}.session{f'-{number}' if number > 1 else ''}")

    def _place(self, number: int, place: Path) -> Path:
        """The file to restore from: of the place itself, or of that with a number."""
        return _session(self._numbered(number) if number else place)

    def _take(self, place: Path) -> str | None:
        """Hold the lock of a place; gives None, or who holds it."""
        place.mkdir(parents=True, exist_ok=True)
        # closing any handle on it would let go of the lock, so that this process opens it once
        file = (place / "session.lock").open("a+", encoding="utf-8")
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            file.seek(0)
            other = file.read(200).strip()
            file.close()
            return other or "of an unknown process"
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()} on {socket.gethostname()}")
        file.flush()
        self._file, self.folder = file, place
        return None

    # ------------------------------------------------------------------ saving

    def _changed(self, change: Any = None) -> None:
        with self._timing:
            if self._stopped:
                if not self._said:
                    self._said = "Another Workbench of this notebook is saved now; what is done in this one is not."
                    self.session.message = Message("warning", self._said)
            elif self._timer is None:
                self._timer = threading.Timer(DELAY_S, self._due)
                self._timer.daemon = True
                self._timer.name = "workbench-save"
                self._timer.start()

    def _due(self) -> None:
        with self._timing:
            self._timer = None
        self.flush()

    def flush(self) -> None:
        """Save now, if there is something new; what goes wrong becomes a message of the session, once."""
        if os.getpid() != self._process:  # a fork has the lock's file, and no lock
            return
        with self._saving:
            if self._stopped:
                return
            try:
                self._save()
                self._said = ""
            except Exception as error:  # it runs in a timer: nobody above would hear of it
                logger.info("the session was not saved", exc_info=True)
                why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
                said = f"The session is not saved any more ({why}); what you do is kept in this kernel alone."
                if said != self._said:
                    self._said = said
                    self.session.message = Message("warning", said)

    def _save(self) -> None:
        data = snapshot(self.session)
        text = _text(data)
        if text == self._written:
            return
        if self.folder is None:
            place, holder = self._find()
            if self.folder is None and (other := self._take(place)) is not None:
                raise OSError(f"{place.name} was just taken by another kernel ({other})")
            if holder:
                said = f"{holder} This one is saved beside it, in {place.name}."
                self.session.message = Message("warning", said)
        assert self.folder is not None
        if data["data"] is not None:
            data["data"]["source"] = self._kept(data["data"]["source"])
        path = _session(self.folder)
        if self._aside:
            with suppress(FileNotFoundError):
                os.replace(path, path.with_name("session.before.json"))
            self._aside = False
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        files.write_json(path, {"saved": now, **data})
        self._written = text
        self._sweep(path)

    def _kept(self, source: str) -> str:
        """Where a table can be read again: an upload goes with its kernel, so that a copy is kept."""
        assert self.folder is not None
        path = Path(source)
        other = path.parent.parent.name == "table" and self.folder not in path.parents
        if not (path.parent.name.startswith(UPLOADS) or other) or not path.is_file():
            return str(path.resolve()) if path.exists() else source
        about = path.stat()
        mark = hashlib.sha256(f"{path} {about.st_size} {about.st_mtime_ns}".encode()).hexdigest()[:8]
        copy = self.folder / "table" / mark / path.name
        if not copy.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            making = copy.with_name(f".{copy.name}")
            shutil.copyfile(path, making)
            os.replace(making, copy)
        return str(copy)

    def _sweep(self, path: Path) -> None:
        """Delete copies that no saved session speaks of."""
        said = "".join(
            p.read_text(encoding="utf-8") for p in (path, path.with_name("session.before.json")) if p.is_file()
        )
        for copy in path.parent.glob("table/*"):
            if copy.name not in said:
                shutil.rmtree(copy, ignore_errors=True)

    def retire(self) -> IO[str] | None:
        """Save a last time, and leave the place to another of this process."""
        self.flush()
        with self._saving:
            self._stopped = True
            atexit.unregister(self.flush)
            file, self._file = self._file, None
        return file

    def close(self) -> None:
        """Save a last time, and let others have the place."""
        with _owning:
            file = self.retire()
            if _owners.get(self._base) is self:
                del _owners[self._base]
            if file is not None:
                file.close()


def _session(place: Path) -> Path:
    return place / "session.json"


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)


def _read(path: Path) -> tuple[dict[str, Any], str]:
    """What a file holds, or what is wrong with it, in words."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return {}, f"{path.name} cannot be read ({error.strerror})"
    except ValueError as error:
        return {}, f"{path.name} is no JSON ({error})"
    if not isinstance(data, dict) or not isinstance(data.get("format"), int):
        return {}, f"{path.name} is no session of the workbench"
    if data["format"] != FORMAT:
        newer = "a newer" if data["format"] > FORMAT else "an older"
        return {}, f"{path.name} is of {newer} workbench (format {data['format']}; this one reads {FORMAT})"
    return data, ""
