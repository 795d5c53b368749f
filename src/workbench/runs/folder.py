"""What lies where in a run folder, and how it is written: whole, or not at all.

=============== =============================================================================================
`job.json`      what was asked: dataset identity, facade, contract, scenario, plan, candidate, versions
`data/`         the dataset, as `workbench.datasets.save` writes it
`space.json`    the search space
`prompt.md`     the filled prompt
`train.py`      the function
`report.json`   what the rule book said of it
`smac/`         SMAC's own output, unmodified
`events.jsonl`  one line for each thing that happened; only ever appended to
`brackets.json` the open rounds of successive halving, for a driver that starts again
`control`       the last word to the driver: `run`, `pause` or `stop`
`driver.json`   the driver's process; `driver.lock` is locked as long as it lives
`log.txt`       what the driver and the trials printed
`models/`       what `train` saved
`result.json`   the best configuration and the counts, when the run has ended
=============== =============================================================================================
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

FORMAT = 1
RESERVED = 64 * 1024


def write(path: Path, text: str) -> None:
    """Replace a file in one step: readers see the old text or the new one.

    Raises
    ------
    OSError
        If the folder cannot be written to, or is full; the old text is kept.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:  # as JSON does it
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file in one step."""
    write(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


class Events:
    """The append-only record of a run; the driver alone writes it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":  # a driver was killed in the middle of a line
            self._write(b"\n")

    def append(self, event: str, **values: Any) -> None:
        """One line, out of this process before this returns.

        Raises
        ------
        OSError
            If there is no room for it; nothing of it is written then.
        """
        line = json.dumps({"event": event, **values}, ensure_ascii=False) + "\n"
        self._write(line.encode("utf-8", "backslashreplace"))

    def _write(self, data: bytes) -> None:
        before = os.fstat(self._file).st_size
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError:
            os.ftruncate(self._file, before)
            raise

    def in_place(self, path: Path) -> bool:
        """Whether the file still lies at `path`: it does not where the folder was deleted or moved away."""
        try:
            return os.path.samestat(os.stat(path), os.fstat(self._file))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:  # a file system that does not answer is no deleted folder
            return True

    def close(self) -> None:
        """No more lines."""
        os.close(self._file)


class Reserve:
    """Room on the disk that is kept for a run's last words, should everything else be full."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".reserve"

    def take(self) -> None:
        """Fill it.

        Raises
        ------
        OSError
            If there is no room.
        """
        try:
            self._path.write_bytes(b"\0" * RESERVED)
        except OSError:
            self.release()
            raise

    def release(self) -> bool:
        """Give it back; False where there was none."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True


class EventReader:
    """Reads what is new in `events.jsonl`, and leaves a line that is not complete for the next time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def news(self) -> list[dict[str, Any]]:
        """The events since the last call; a line that is no JSON (a torn one) is passed over."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        end = data.rfind(b"\n") + 1
        self._offset += end
        found = []
        for line in data[:end].splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and "event" in event:
                found.append(event)
        return found
