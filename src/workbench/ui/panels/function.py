"""The Function step."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from workbench.generate.model import Model
from workbench.nouns import Candidate, Finding, Report
from workbench.ui.components import CodeEditor
from workbench.ui.panels.author import Author
from workbench.ui.panels.painter import badge, facts, prose, show
from workbench.ui.panels.panel import Panel, box, button, card
from workbench.ui.panels.recordings import Recordings
from workbench.ui.panels.repairing import repair_text
from workbench.ui.quiet import Quiet

ORIGINS = {"composer": "composer", "model": "model", "edit": "by hand", "replay": "replay", "file": "file"}
GROUPS = (
    ("must", "fail", "Must be mended", "fails", "bad"),
    ("should", "fail", "Should be mended", "remark", "warn"),
    ("", "unknown", "Could not be told", "unknown", "info"),
)
SHOWN_REPLY = 50_000
"""Characters of a reply that are shown beside the function in it, from its end."""
SEVERITY = {("must", "fail"): "error", ("should", "fail"): "warning"}


class FunctionPanel(Panel):
    """Have `train` written, read it, change it, and see it checked against the rule book."""

    id = "function"
    title = "Function"

    def build(self) -> tuple[ipywidgets.Widget, ...]:  # noqa: D102 - of Panel
        session = self.session
        self._quiet = Quiet()
        self._reported: Report | None = None
        self._pool: list[FindingView] = []

        self.generate_button = button(
            "Generate", self.session.generate_async, "awb-primary", "Write train, then check it"
        )
        self.cancel_button = button("Cancel", session.cancel, "awb-danger", "Stop the reply; what came is kept")
        self.check_button = button("Check", session.check_async, tooltip="Read the code, and call it in a worker")
        self.repair_button = button("Repair", session.repair_async, tooltip="Send it back to the model with what fails")
        self.versions = ipywidgets.Dropdown(description="Version", layout={"width": "290px"})
        self.versions.style.description_width = "initial"
        self.versions.observe(self._version_chosen, "value")
        self.changes = ipywidgets.ToggleButton(description="Changes", tooltip="What changed since the version before")
        self.changes.observe(lambda change: self._show_diff(), "value")
        self.status = ipywidgets.HTML()
        self.editor = CodeEditor(
            label="the train function",
            language="python",
            max_height="720px",
            placeholder="Press Generate, or write train(…) here.",
        )
        self.editor.observe(self._typed, "value")
        self.hint = ipywidgets.HTML()
        self.repaired = ipywidgets.HTML()
        self.summary = ipywidgets.HTML()
        self.findings = ipywidgets.VBox()
        self.findings.add_class("awb-main")
        self.passed = ipywidgets.HTML()
        self.reply = ipywidgets.HTML()
        self._streamed = ""
        self.about = ipywidgets.HTML()
        self.about_card = card("This version", self.about)
        self.recordings = Recordings(self)

        self.author = Author(self, self._show_author)
        self.author.follow()
        self.follow(
            ("candidate", "candidates", "generating", "checking", "report", "prompt", "prompt_error", "model"),
            self._show,
        )
        self.follow(("reply",), self._stream)
        self.follow(("repair_round", "repaired"), self._show)
        calls = card("Recorded calls", self.recordings)
        return (
            box(
                "awb-toolbar",
                self.author.who,
                self.generate_button,
                self.cancel_button,
                self.check_button,
                self.repair_button,
                self.versions,
                self.changes,
                self.status,
            ),
            self.author.card,
            box(
                "awb-columns",
                box("awb-main", self.hint, self.repaired, self.editor, self.author.usage, self.reply),
                box("awb-rail", card("Rule report", self.summary, self.findings, self.passed), self.about_card, calls),
            ),
        )

    # ------------------------------------------------------------------ what a person does

    def _typed(self, change: dict[str, Any]) -> None:
        code = str(change["new"])
        if self._quiet.here or (self.session.candidate is None and not code.strip()):
            return
        self.session.edit(code)

    def _version_chosen(self, change: dict[str, Any]) -> None:
        digest = change["new"]
        if self._quiet.here or digest is None:
            return
        current = self.session.candidate
        if current is None or current.digest != digest:
            self.attempt(lambda: self.session.choose_candidate(digest))

    def _go(self, line: int, column: int) -> None:
        self.changes.value = False  # the line may lie among those that did not change, which are folded away
        self.editor.goto(line, column)

    # ------------------------------------------------------------------ what is shown

    def _show(self) -> None:
        with self._quiet:
            session = self.session
            candidate, busy = session.candidate, session.generating or session.checking
            self._show_author()
            self.cancel_button.layout.display = None if session.generating or session.repair_round[0] else "none"
            self.check_button.disabled = busy or candidate is None or session.dataset is None
            self.editor.read_only = session.generating
            if not session.generating:
                self._finish_stream(candidate)
            if candidate is not None and self.editor.value != candidate.code and not self._streamed:
                self.editor.value = candidate.code
            word = "writing" if session.generating else "checking" if session.checking else ""
            round_, rounds = session.repair_round
            word = f"{word or 'repairing'}, round {round_} of {rounds}" if round_ else word
            show(self.status, badge(f"{word} …", "info") if word else "")
            show(self.repaired, repair_text(session.repaired, session.candidates))
            show(self.hint, _hint(session.prompt_error, candidate, session.model))
            self._show_versions(session.candidates, candidate)
            self._show_diff()
            self._show_report(session.report, candidate)

    def _show_author(self) -> None:
        session = self.session
        busy = session.generating or session.checking or bool(session.repair_round[0])
        self.generate_button.disabled = busy or session.prompt is None or bool(self.author.unfinished)
        fails = session.report is not None and session.report.count("fail") > 0
        self.repair_button.disabled = busy or not fails or session.author == "offline"

    def _stream(self) -> None:
        """The reply as it comes, in the place of the function that it is to bring."""
        reply = self.session.reply
        if not self.session.generating or not reply or self.session.recording is not None:
            return
        with self._quiet:
            if not self._streamed or not reply.startswith(self._streamed):
                self.changes.value = False
                self.editor.diagnostics = []
                self.editor.value, self._streamed = "", ""
            self.editor.append(reply[len(self._streamed) :])
            self._streamed = reply

    def _finish_stream(self, candidate: Candidate | None) -> None:
        reply, self._streamed = self._streamed, ""
        if reply:
            self.editor.value = candidate.code if candidate is not None else ""
            self.editor.finish()
            self._mark(self.session.report)
        show(self.reply, _details("Show the whole reply", self.session.reply[-SHOWN_REPLY:]))

    def _show_versions(self, candidates: tuple[Candidate, ...], current: Candidate | None) -> None:
        numbers = {c.digest: i for i, c in enumerate(candidates, 1)}
        options = [(_version(c, numbers), c.digest) for c in reversed(candidates)]
        if list(self.versions.options) != options:
            self.versions.options = options
        self.versions.value = current.digest if current is not None and current.digest in numbers else None
        self.versions.layout.display = None if len(options) > 1 else "none"
        self.about.value = _about(current, numbers) if current is not None else ""
        self.about_card.layout.display = None if current is not None else "none"

    def _show_diff(self) -> None:
        with self._quiet:
            parent = self._parent()
            self.changes.disabled = parent is None
            if parent is None:
                self.changes.value = False
            self.editor.original = parent.code if parent is not None else ""
            self.editor.diff = bool(self.changes.value)

    def _parent(self) -> Candidate | None:
        current = self.session.candidate
        if current is None or current.parent is None:
            return None
        return next((c for c in self.session.candidates if c.digest == current.parent), None)

    def _show_report(self, report: Report | None, candidate: Candidate | None) -> None:
        if report is None:
            self.summary.value = _unreported(candidate, self.session.checking)
        if report is self._reported:
            return
        self._reported = report
        findings = report.findings if report is not None else ()
        self._mark(report)
        if report is not None:
            self.summary.value = _summary(report)
        children: list[ipywidgets.Widget] = []
        used = 0
        for level, verdict, title, word, tone in GROUPS:
            group = [f for f in findings if f.verdict == verdict and level in ("", f.level)]
            for i, alike in enumerate(_alike(group)):
                if used == len(self._pool):
                    self._pool.append(FindingView(self._go))
                view = self._pool[used]
                view.tell(alike, badge(word, tone), title=f"{title} ({len(group)})" if i == 0 else "")
                children.append(view)
                used += 1
        self.findings.children = children
        show(self.passed, _passed([f for f in findings if f.verdict == "pass"], alone=not children))

    def _mark(self, report: Report | None) -> None:
        found = report.findings if report is not None else ()
        self.editor.diagnostics = [_diagnostic(f) for f in found if f.line is not None and f.verdict != "pass"]


class FindingView(ipywidgets.VBox):
    """What was seen, where, which rules asked, and how to see it again; of findings that are no pass."""

    def __init__(self, on_go: Callable[[int, int], None]) -> None:
        self._on_go = on_go
        self._finding: Finding | None = None
        self.text = ipywidgets.HTML()
        self.goto = button("Go to line", self._go, tooltip="Show the line in the editor")
        self.more = ipywidgets.HTML()
        super().__init__([self.text, self.goto, self.more])
        self.layout.overflow = "visible"
        self.goto.layout.align_self = "flex-start"

    def tell(self, findings: Sequence[Finding], verdict: str, title: str) -> None:
        """Show these findings, which say the same, under a title if they are the first of their group."""
        finding = self._finding = findings[0]
        one = len(findings) == 1
        asked = f'<div class="awb-hint">Asked: {prose(finding.sentence)}</div>' if one and finding.sentence else ""
        heading = f'<h4 style="margin: 4px 0 8px; font-size: 13px">{html.escape(title)}</h4>' if title else ""
        rules = html.escape(", ".join(dict.fromkeys(f.rule for f in findings)))
        self.text.value = (
            f'{heading}<div>{verdict} <span class="awb-mono"><b>{rules}</b></span></div>'
            f'<div style="overflow-wrap: anywhere; margin: 4px 0">{prose(_sentence(finding.message))}</div>'
            f"{asked}"
        )
        self.goto.layout.display = None if finding.line is not None else "none"
        self.goto.description = f"Go to line {finding.line}"
        show(
            self.more,
            _details("Show the failing call", finding.snippet) + _details("Show the traceback", finding.traceback),
        )

    def _go(self) -> None:
        if self._finding is not None and self._finding.line is not None:
            self._on_go(self._finding.line, self._finding.column or 0)


# ---------------------------------------------------------------------- words and HTML


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings that say the same of the same place together: a worker that does not start is one matter, not thirty."""
    found: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        found.setdefault((finding.message, finding.line, finding.column, finding.snippet), []).append(finding)
    return list(found.values())


def _hint(problem: str, candidate: Candidate | None, model: Model | None) -> str:
    if problem:
        return f'<div class="awb-note awb-note-warn">{html.escape(_sentence(problem))}</div>'
    if candidate is None:
        who = html.escape(model.model) if model is not None else "the offline composer"
        return (
            f'<div class="awb-empty"><b>No train function yet.</b> Press <b>Generate</b>: {who} writes '
            "one for this data, space and contract, and has it checked. Or write your own below.</div>"
        )
    return ""


def _version(candidate: Candidate, numbers: dict[str, int]) -> str:
    parent = numbers.get(candidate.parent or "")
    return f"{numbers[candidate.digest]} · {ORIGINS[candidate.origin]} · {candidate.digest[:7]}" + (
        f" · from {parent}" if parent is not None else ""
    )


def _about(candidate: Candidate, numbers: dict[str, int]) -> str:
    origin = ORIGINS[candidate.origin] + (f" ({candidate.model})" if candidate.model else "")
    parent = numbers.get(candidate.parent or "")
    tokens = candidate.tokens_in + candidate.tokens_out
    lines = candidate.code.count("\n") + 1
    return facts(
        (
            ("Written by", html.escape({"by hand": "hand"}.get(origin, origin))),
            ("Digest", f'<span class="awb-mono">{candidate.digest}</span>'),
            *((("Made from", f"version {parent}"),) if parent is not None else ()),
            ("Length", f"{lines:,} lines"),
            *((("Tokens", f"{candidate.tokens_in:,} in, {candidate.tokens_out:,} out"),) if tokens else ()),
            *((("Note", html.escape(candidate.note)),) if candidate.note else ()),
        )
    )


def _unreported(candidate: Candidate | None, checking: bool) -> str:
    if checking:
        return '<div class="awb-empty">The code is read, and called in the isolated worker …</div>'
    if candidate is None:
        return '<div class="awb-empty">The verdict of every rule stands here once there is a function.</div>'
    return '<div class="awb-empty"><b>Not checked.</b> Press <b>Check</b>; a run checks by itself.</div>'


def _summary(report: Report) -> str:
    must = len(report.blocking)
    should = report.count("fail") - must
    parts = [
        badge(f"{must} {'fails' if must == 1 else 'fail'}", "bad") if must else "",
        badge(f"{should} remark{'s' if should > 1 else ''}", "warn") if should else "",
        badge(f"{report.count('unknown')} unknown", "info") if report.count("unknown") else "",
        badge(f"{report.count('pass')} pass", "ok") if report.count("pass") else "",
    ]
    calls = "no call of train" if not report.calls else f"{report.calls} call{'s' if report.calls > 1 else ''} of train"
    return (
        f'<div style="display: flex; flex-wrap: wrap; gap: 4px">{"".join(parts)}</div>'
        f'<div class="awb-hint" style="margin-top: 6px">{calls}, {report.seconds:.1f} s</div>'
    )


def _passed(findings: list[Finding], alone: bool) -> str:
    if not findings:
        return ""
    rows = "".join(
        f'<li class="awb-said">{badge("passes", "ok")}<div><span class="awb-mono">{html.escape(f.rule)}</span>'
        f'<div class="awb-hint">{prose(_sentence(f.sentence or f.message))}</div></div></li>'
        for f in findings
    )
    return (
        f'<details{" open" if alone else ""}><summary style="cursor: pointer"><b>Passed ({len(findings)})</b></summary>'
        f'<ul class="awb-list awb-passed" tabindex="0" aria-label="rules that pass">{rows}</ul></details>'
    )


def _details(title: str, text: str) -> str:
    if not text.strip():
        return ""
    return (
        f'<details style="margin-top: 4px"><summary style="cursor: pointer">{title}</summary>'
        f'<div class="awb-log" tabindex="0" role="region" aria-label="{title}">{html.escape(text.strip())}</div>'
        "</details>"
    )


def _diagnostic(finding: Finding) -> dict[str, Any]:
    return {
        "line": finding.line,
        "column": finding.column,
        "severity": SEVERITY.get((finding.level, finding.verdict), "info"),
        "message": _sentence(finding.message),
        "rule": finding.rule,
    }


def _sentence(text: str) -> str:
    """With a capital letter, unless it begins with a name or a number of the code."""
    first = text.split(" ")[0]
    return text[:1].upper() + text[1:] if first.isalpha() and first != "train" else text
