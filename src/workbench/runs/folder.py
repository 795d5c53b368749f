"""What lies where in a run folder, and how it is written: whole, or not at all.

==============  ==============================================================================================
`job.json`      what was asked: dataset identity, facade, contract, scenario, plan, candidate, versions
`data/`         the dataset, as `workbench.datasets.save` writes it
`space.json`    the search space
`prompt.md`     the filled prompt
`train.py`      the function
`report.json`   what the rule book said of it
`smac/`         SMAC's own output, unmodified
`events.jsonl`  one line for each thing that happened; only ever appended to
`control`       the last word to the driver: `run`, `pause` or `stop`
`driver.json`   the driver's process; `driver.lock` is locked as long as it lives
`log.txt`       what the driver and the trials printed
`models/`       what `train` saved
`result.json`   the best configuration and the counts, when the run has ended
==============  ==============================================================================================
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

FORMAT = 1


def write(path: Path, text: str) -> None:
    """Replace a file in one step: readers see the old text or the new one.

    Raises
    ------
    OSError
        If the folder cannot be written to, or is full; the old text is kept.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
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
        self._torn = path.exists() and path.stat().st_size > 0 and path.read_bytes()[-1:] != b"\n"
        self._file = path.open("a", encoding="utf-8")
        if self._torn:  # a driver was killed in the middle of a line
            self._file.write("\n")

    def append(self, event: str, **values: Any) -> None:
        """One line, on disk before this returns."""
        self._file.write(json.dumps({"event": event, **values}, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """No more lines."""
        self._file.close()


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
