"""Sending a function back with what a colleague would send: what was asked, seen, where, and how to see it again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from workbench import prompts
from workbench.generate.signatures import signatures
from workbench.nouns import Candidate, Finding, Job, Prompt, Report

MATTERS = 8
"""So many matters are sent at a time, those that must be mended first."""
SHOWN = 3_000
"""Characters of a script or a traceback that are sent."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")

Reason = Literal["passes", "rounds", "budget", "unchanged", "cancelled"]


@dataclass(frozen=True)
class Round:
    """One round of a repair: the function that came, and what was found in it."""

    candidate: Candidate
    report: Report


@dataclass(frozen=True)
class Repair:
    """How a repair ended.

    Parameters
    ----------
    reason : str
        passes, rounds, budget, unchanged or cancelled.
    text : str
        The same in a sentence.
    rounds : tuple of Round
        What came, in order; the function that was sent first is not among them.
    same : tuple of (Candidate, Finding)
        With "unchanged", the finding in the two newest functions.
    """

    reason: Reason
    text: str
    rounds: tuple[Round, ...] = ()
    same: tuple[tuple[Candidate, Finding], ...] = ()


def failing(report: Report) -> tuple[Finding, ...]:
    """What is to be mended: failed must rules first."""
    failed = [f for f in report.findings if f.verdict == "fail"]
    return tuple(sorted(failed, key=lambda f: f.level != "must"))


def request(candidate: Candidate, report: Report, job: Job, variant: prompts.Variant | None = None) -> Prompt:
    """What the model is sent.

    Raises
    ------
    PromptError
        If a variant's template cannot be filled.
    """
    matters = _matters(failing(report))
    lines = list(dict.fromkeys(m[0].line for m in matters[:MATTERS] if m[0].line is not None))
    said, shown = [], dict[str, int]()
    for number, findings in enumerate(matters[:MATTERS], 1):
        said.append(_told(number, findings, candidate.code, shown))
    if len(matters) > MATTERS:
        said.append(f"There are {len(matters) - MATTERS} more; they are for the next round.")
    return prompts.render_repair(
        job, candidate.code, "\n\n".join(said), "\n".join(signatures(candidate.code, lines)), variant
    )


def mark(finding: Finding, code: str) -> tuple[str, str, str]:
    """What makes a finding the same in another version: the rule, what was seen but for numbers, the line's text."""
    return finding.rule, _NUMBER.sub("#", finding.message), _line(code, finding.line)


def _matters(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings that say the same of the same place together."""
    found: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        found.setdefault((finding.message, finding.line, finding.snippet), []).append(finding)
    return list(found.values())


def _told(number: int, findings: list[Finding], code: str, shown: dict[str, int]) -> str:
    first = findings[0]
    where = f", line {first.line}" if first.line is not None else ""
    rules = ", ".join(dict.fromkeys(f"`{f.rule}`" for f in findings))
    level = "must be kept" if any(f.level == "must" for f in findings) else "should be kept"
    parts = [f"### {number}. {rules} ({level}){where}"]
    parts += [f"Asked: {s}" for s in dict.fromkeys(f.sentence for f in findings if f.sentence)]
    parts.append(f"Seen: {first.message}")
    line = _line(code, first.line)
    if line:
        parts.append(f"The line:\n\n```python\n{line}\n```")
    if first.traceback.strip():
        parts.append(f"The traceback:\n\n```text\n{_end(first.traceback.strip())}\n```")
    if first.snippet.strip():
        before = shown.setdefault(first.snippet, number)
        parts.append(
            f"The failing call is that of {before}."
            if before != number
            else f"The smallest call that shows it:\n\n```python\n{_beginning(first.snippet.strip())}\n```"
        )
    return "\n\n".join(parts)


def _line(code: str, number: int | None) -> str:
    lines = code.splitlines()
    return lines[number - 1].strip() if number is not None and 0 < number <= len(lines) else ""


def _beginning(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}\n# … and {len(text) - SHOWN:,} characters more"


def _end(text: str) -> str:
    return text if len(text) <= SHOWN else f"… after {len(text) - SHOWN:,} characters:\n{text[-SHOWN:]}"
