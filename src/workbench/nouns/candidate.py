"""A filled prompt, a function that answers it, and what was found in it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["must", "should"]
Verdict = Literal["pass", "fail", "unknown"]
Origin = Literal["composer", "model", "edit", "replay", "file"]


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of a prompt were filled from the placeholder `name`."""

    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Prompt:
    """A filled prompt.

    `tokens` is an estimate (four characters a token, often a fifth off) unless `tokens_exact`; `template_digest` is
    the content hash of the template with all its parts, `digest` that of the filled text.
    """

    text: str
    spans: tuple[Span, ...]
    template: str
    template_digest: str
    tokens: int
    tokens_exact: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the text, the first 12 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    def _repr_html_(self) -> str:
        from workbench.nouns import shown

        return shown.prompt(self)


@dataclass(frozen=True)
class Candidate:
    """The source of a `train`, and where it came from; `parent` is the digest of what it was made from."""

    code: str
    origin: Origin
    parent: str | None = None
    model: str = ""
    seconds: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    note: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the code, the first 12 hexadecimal digits."""
        return hashlib.sha256(self.code.encode()).hexdigest()[:12]

    def _repr_html_(self) -> str:
        from workbench.nouns import shown

        return shown.candidate(self)


@dataclass(frozen=True)
class Finding:
    """One verdict of one rule.

    `line` and `column` count from 1 and 0, as Python's syntax tree does, and are None where the finding is
    on the whole function. `sentence` is what the prompt asked for, `message` what was seen, `snippet` a
    script that shows a failing call again outside the workbench.
    """

    rule: str
    level: Level
    verdict: Verdict
    message: str
    sentence: str = ""
    line: int | None = None
    column: int | None = None
    snippet: str = ""
    traceback: str = ""

    def _repr_html_(self) -> str:
        from workbench.nouns import shown

        return shown.finding(self)


@dataclass(frozen=True)
class Report:
    """All findings on one candidate, and what they cost: calls of `train`, and seconds."""

    candidate: str
    findings: tuple[Finding, ...]
    calls: int = 0
    seconds: float = 0.0

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The failed must rules: a function with one is not run until a person overrides it."""
        return tuple(f for f in self.findings if f.verdict == "fail" and f.level == "must")

    def count(self, verdict: Verdict) -> int:
        """The number of findings with this verdict."""
        return sum(f.verdict == verdict for f in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form; `Report.from_dict` is its inverse."""
        return {**asdict(self), "findings": [asdict(f) for f in self.findings]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Report:
        """The inverse of `to_dict`."""
        return cls(**{**data, "findings": tuple(Finding(**f) for f in data["findings"])})

    def _repr_html_(self) -> str:
        from workbench.nouns import shown

        return shown.report(self)
