"""How a repair went, as HTML for the Function step."""

from __future__ import annotations

import html

from workbench.generate.repair import Repair
from workbench.nouns import Candidate
from workbench.ui.panels.painter import badge, prose

WORDS = {
    "passes": ("repaired", "ok"),
    "rounds": ("not repaired", "bad"),
    "budget": ("budget spent", "warn"),
    "unchanged": ("not repaired", "bad"),
    "cancelled": ("stopped", "warn"),
}


def repair_text(repair: Repair | None, candidates: tuple[Candidate, ...]) -> str:
    """Its end in a sentence, and where a finding came back unchanged, that finding in both versions."""
    if repair is None:
        return ""
    word, tone = WORDS[repair.reason]
    numbers = {c.digest: i for i, c in enumerate(candidates, 1)}
    both = "".join(
        f"<li><b>Version {numbers.get(c.digest, '–')}</b>{f', line {f.line}' if f.line is not None else ''}: "
        f"{prose(f.message)}{_line(c, f.line)}</li>"
        for c, f in repair.same
    )
    text = repair.text[:1].upper() + repair.text[1:]
    return (
        f'<div class="awb-note awb-note-{tone}" role="status">{badge(word, tone)} {prose(text)}.'
        + (f'<ul class="awb-list">{both}</ul>' if both else "")
        + "</div>"
    )


def _line(candidate: Candidate, number: int | None) -> str:
    lines = candidate.code.splitlines()
    if number is None or not 0 < number <= len(lines):
        return ""
    return f'<div class="awb-mono" style="overflow-wrap: anywhere">{html.escape(lines[number - 1].strip())}</div>'
