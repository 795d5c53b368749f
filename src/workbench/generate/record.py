"""Every call of a model, kept in one SQLite file; recordings that export to one file and replay offline."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from workbench.generate.model import Completion, Format, Model, Usage, request_hash
from workbench.nouns import Candidate, GenerateError, Report

VERSION = 1
FORMAT = "automl-workbench recording"

_SCHEMA = """
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    request TEXT NOT NULL,
    server TEXT NOT NULL,
    model TEXT NOT NULL,
    variant TEXT NOT NULL,
    prompt TEXT NOT NULL,
    parameters TEXT NOT NULL,
    seed INTEGER,
    reply TEXT NOT NULL,
    outcome TEXT NOT NULL,
    message TEXT NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    seconds REAL NOT NULL,
    cost REAL,
    retries INTEGER NOT NULL,
    left_out TEXT NOT NULL,
    hit_of INTEGER REFERENCES calls (id),
    candidate TEXT,
    checks TEXT
);
CREATE INDEX calls_by_request ON calls (request, id);
CREATE TABLE facts (
    server TEXT NOT NULL,
    model TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (server, model, name)
);
"""


@dataclass(frozen=True)
class Recorded:
    """One call as it was kept.

    Parameters
    ----------
    outcome : str
        "stop", "cancelled", or the kind of the `ModelError`, whose sentence is `message`.
    hit_of : int or None
        The call whose reply was given again; such a row is no sample.
    checks : mapping or None
        What came of checking the candidate: its digest, the failed must and should rules, the unknown ones.
    """

    id: int
    at: str
    request: str
    server: str
    model: str
    variant: str
    prompt: str
    parameters: Mapping[str, Any]
    seed: int | None
    reply: str
    outcome: str
    message: str
    usage: Usage
    seconds: float
    cost: float | None
    retries: int
    left_out: tuple[str, ...]
    hit_of: int | None
    candidate: str | None
    checks: Mapping[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form; `from_dict` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Recorded:
        """The inverse of `to_dict`."""
        return cls(**{**data, "usage": Usage(**data["usage"]), "left_out": tuple(data["left_out"])})

    def completion(self, source: Literal["record", "replay"]) -> Completion:
        """The reply again, marked with where it comes from."""
        done = Completion(
            self.reply, self.usage, self.seconds, self.outcome, self.request, self.model, self.server, self.cost
        )
        return replace(done, retries=self.retries, left_out=self.left_out, call=self.id, source=source)


class Record:
    """The calls of all sessions; several processes and threads may write at once.

    Raises
    ------
    GenerateError
        If the file cannot be used.
    """

    def __init__(self, path: Path | str | None = None):
        self.path = Path(path) if path is not None else default_path()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                os.close(os.open(self.path, os.O_CREAT, 0o600))  # prompts describe people's data
        except OSError as error:
            raise GenerateError(
                f"cannot write the record {self.path}: {error.strerror}; choose another folder"
            ) from error
        with self._open() as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise GenerateError(
                    f"the record {self.path} is of a newer workbench; update this one, or move the file"
                )
            if version < VERSION:
                _prepare(db)

    def add(
        self,
        completion: Completion,
        prompt: str,
        settings: Model,
        *,
        variant: str = "",
        response_format: Format | None = None,
        message: str = "",
        hit_of: int | None = None,
    ) -> Completion:
        """Keep a call, and give its completion with the call's number."""
        parameters: dict[str, Any] = settings.parameters()
        if response_format is not None:
            parameters["response_format"] = dict(response_format)
        usage = completion.usage
        row = {
            "at": _now(),
            "request": completion.request,
            "server": settings.url,
            "model": settings.model,
            "variant": variant,
            "prompt": prompt.encode("utf-8", "replace").decode(),
            "parameters": json.dumps(parameters, sort_keys=True),
            "seed": settings.seed,
            "reply": completion.text.encode("utf-8", "replace").decode(),
            "outcome": completion.finish,
            "message": message,
            "tokens_in": usage.tokens_in,
            "tokens_out": usage.tokens_out,
            "cached": usage.cached,
            "estimated": usage.estimated,
            "seconds": completion.seconds,
            "cost": completion.cost,
            "retries": completion.retries,
            "left_out": json.dumps(completion.left_out),
            "hit_of": hit_of,
        }
        with self._open() as db:
            cursor = db.execute(
                f"INSERT INTO calls ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
            )
        return replace(completion, call=cursor.lastrowid)

    def judge(self, call: int, candidate: Candidate, report: Report) -> None:
        """Keep what came of checking the candidate of a call."""
        failed = [f for f in report.findings if f.verdict == "fail"]
        checks = {level: sorted({f.rule for f in failed if f.level == level}) for level in ("must", "should")} | {
            "unknown": sorted({f.rule for f in report.findings if f.verdict == "unknown"})
        }
        with self._open() as db:
            db.execute(
                "UPDATE calls SET candidate = ?, checks = ? WHERE id = ?", (candidate.digest, json.dumps(checks), call)
            )

    def lookup(
        self, prompt: str, settings: Model, *, response_format: Format | None = None, variant: str = ""
    ) -> Completion | None:
        """The newest whole reply to the same request, marked as from the record; None if there is none.

        That it was given again is kept as a row of its own, which is no sample.
        """
        request = request_hash(prompt, settings, response_format)
        with self._open() as db:
            row = db.execute(
                "SELECT * FROM calls WHERE request = ? AND outcome = 'stop' AND hit_of IS NULL "
                "ORDER BY id DESC LIMIT 1",
                (request,),
            ).fetchone()
        if row is None:
            return None
        found = _recorded(row)
        return self.add(
            replace(found.completion("record"), server=settings.server),
            prompt,
            settings,
            variant=variant,
            response_format=response_format,
            hit_of=found.id,
        )

    def calls(self, *, variant: str | None = None, hits: bool = False) -> tuple[Recorded, ...]:
        """Every call, oldest first; with `hits`, also the replies that were given again."""
        where = "WHERE (? IS NULL OR variant = ?)" + ("" if hits else " AND hit_of IS NULL")
        with self._open() as db:
            rows = db.execute(f"SELECT * FROM calls {where} ORDER BY id", (variant, variant)).fetchall()
        return tuple(_recorded(row) for row in rows)

    def export(self, path: Path | str, *, variant: str | None = None) -> int:
        """Write the calls to one file, a line each; gives their number.

        Raises
        ------
        GenerateError
            If the file cannot be written.
        """
        calls = self.calls(variant=variant)
        lines = [{"format": FORMAT, "version": VERSION}, *(call.to_dict() for call in calls)]
        try:
            Path(path).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        except OSError as error:
            raise GenerateError(f"cannot write {path}: {error.strerror}; choose another place") from error
        return len(calls)

    def learn(self, settings: Model, name: str, value: str) -> None:
        """Remember what was found out about a model on a server."""
        with self._open() as db:
            db.execute(
                "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?)",
                (settings.url, settings.model, name, value, _now()),
            )

    def knows(self, settings: Model, name: str) -> str | None:
        """What was found out about a model on a server, or None."""
        with self._open() as db:
            row = db.execute(
                "SELECT value FROM facts WHERE server = ? AND model = ? AND name = ?",
                (settings.url, settings.model, name),
            ).fetchone()
        return None if row is None else str(row["value"])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own: safe in threads and after a fork."""
        try:
            db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        except sqlite3.Error as error:
            raise GenerateError(
                f"cannot open the record {self.path}: {error}; move it away, or choose another"
            ) from error
        try:
            db.row_factory = sqlite3.Row
            yield db
        except sqlite3.Error as error:
            raise GenerateError(
                f"cannot use the record {self.path}: {error}; move it away, or choose another"
            ) from error
        finally:
            db.close()


class Recording:
    """Calls from an exported file, answered again without a server: the nth asking gets the nth reply.

    Raises
    ------
    GenerateError
        If the file is no recording; it says which line.
    """

    def __init__(self, path: Path | str):
        self.path = Path(path)
        self.calls = _read(self.path)
        self._given: dict[str, int] = {}
        self._lock = threading.Lock()

    def complete(
        self, prompt: str, settings: Model | None = None, *, response_format: Format | None = None
    ) -> Completion:
        """The recorded reply to a request; without settings, to that prompt from whatever model.

        Raises
        ------
        GenerateError
            If the recording holds none, or no more.
        """
        if settings is not None:
            asked = request_hash(prompt, settings, response_format)
            found = [c for c in self.calls if c.request == asked]
        else:
            asked = prompt
            found = [c for c in self.calls if c.prompt == prompt]
        found = [c for c in found if c.outcome == "stop"]
        if not found:
            raise GenerateError(self._missing(prompt, settings))
        with self._lock:
            nth = self._given.get(asked, 0)
            if nth == len(found):
                raise GenerateError(
                    f"the recording {self.path.name} holds {len(found)} replies to this request, and all were given; "
                    "open it again to begin anew"
                )
            self._given[asked] = nth + 1
        return found[nth].completion("replay")

    def _missing(self, prompt: str, settings: Model | None) -> str:
        name = self.path.name
        alike = sorted({f"{c.model} at {c.server}" for c in self.calls if c.prompt == prompt and c.outcome == "stop"})
        if settings is not None and alike:
            return f"{name} has this prompt for {', '.join(alike)}, not for {settings.model}; take its settings"
        prompts = len({c.prompt for c in self.calls if c.outcome == "stop"})
        return f"{name} has no reply to this prompt, but to {prompts} others; restore the prompt that was recorded"


def default_path() -> Path:
    """Where the record lies."""
    root = os.environ.get("XDG_DATA_HOME") or ""
    base = Path(root) if Path(root).is_absolute() else Path.home() / ".local" / "share"
    return base / "automl-workbench" / "record.sqlite"


def _prepare(db: sqlite3.Connection) -> None:
    """Make the tables, unless another process does: only one gets to write."""
    for wait_s in (0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0):
        time.sleep(wait_s)
        try:
            db.execute("PRAGMA journal_mode = WAL")  # its lock is not waited for
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
    db.execute("BEGIN IMMEDIATE")
    if db.execute("PRAGMA user_version").fetchone()[0] == 0:
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")
    db.execute("COMMIT")


def _recorded(row: sqlite3.Row) -> Recorded:
    data = dict(row)
    usage = Usage(data.pop("tokens_in"), data.pop("tokens_out"), data.pop("cached"), bool(data.pop("estimated")))
    checks = data.pop("checks")
    return Recorded(
        **{
            **data,
            "usage": usage,
            "parameters": json.loads(data["parameters"]),
            "left_out": tuple(json.loads(data["left_out"])),
            "checks": None if checks is None else json.loads(checks),
        }
    )


def _read(path: Path) -> tuple[Recorded, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise GenerateError(f"cannot read the recording {path}: {error.strerror}; choose another") from error
    except UnicodeDecodeError as error:
        raise GenerateError(f"{path.name} is no recording; export one from a record") from error
    calls: list[Recorded] = []
    for number, line in enumerate(lines, 1):
        try:
            data = json.loads(line)
            if number > 1:
                calls.append(Recorded.from_dict(data))
                continue
            version = data["version"] if data["format"] == FORMAT else None
        except (ValueError, KeyError, TypeError) as error:
            where = f"line {number} of {path.name}" if number > 1 else path.name
            raise GenerateError(f"{where} is no recording; export one from a record") from error
        if version != VERSION:
            raise GenerateError(f"{path.name} is of version {version}, this workbench reads {VERSION}; update it")
    if not lines:
        raise GenerateError(f"{path.name} is empty; export a record to it")
    return tuple(calls)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
