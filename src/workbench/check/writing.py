"""A report as text, JSON and SARIF."""

from __future__ import annotations

import json
import textwrap
from importlib.metadata import version
from typing import Any

from workbench import rules
from workbench.nouns import Finding, Report

_MARK = {"fail": "✗", "unknown": "?", "pass": "✓"}
WIDTH = 110


def to_text(report: Report, code: str = "") -> str:
    """For a terminal: what fails with its line and evidence, what could not be told, and how many rules are kept."""
    lines: list[str] = []
    source = code.splitlines()
    failed = [f for f in report.findings if f.verdict == "fail"]
    for finding in sorted(failed, key=lambda f: f.level != "must"):
        lines += [*_shown(finding, source), ""]
    unknown = [f for f in report.findings if f.verdict == "unknown"]
    lines += [_wrapped(f"? {f.rule}: {f.message}", "  ") for f in unknown]
    kept = sorted({f.rule for f in report.findings} - {f.rule for f in failed} - {f.rule for f in unknown})
    if kept:
        lines.append(_wrapped(f"✓ kept: {', '.join(kept)}", "  "))
    must = sum(f.level == "must" for f in failed)
    called = f"{report.calls} calls, " if report.calls else "read only, "
    lines.append(
        f"{must} must and {len(failed) - must} should findings, {len(unknown)} not decided "
        f"({called}{report.seconds:.1f} s)"
    )
    return "\n".join(lines)


def _shown(finding: Finding, source: list[str]) -> list[str]:
    place = f" line {finding.line}" if finding.line else ""
    lines = [_wrapped(f"{_MARK[finding.verdict]} {finding.rule} ({finding.level}){place}: {finding.message}", "    ")]
    if finding.line and finding.line <= len(source):
        lines.append(f"    {finding.line:>4} | {source[finding.line - 1].rstrip()[: WIDTH - 12]}")
    if finding.sentence:
        lines.append(_wrapped(f"    asked: {finding.sentence}", "           "))
    if finding.traceback:
        lines.append(textwrap.indent(finding.traceback.rstrip(), "    "))
    return lines


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def to_json(report: Report, code: str = "") -> str:
    """Everything, as `Report.from_dict` reads it."""
    return json.dumps(report.to_dict(), indent=2, ensure_ascii=False)


def to_sarif(report: Report, code: str = "", path: str = "train.py") -> str:
    """SARIF 2.1.0: what editors and code hosts show beside the lines. Rules that are kept are results of kind `pass`.

    References
    ----------
    OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0, sections 3.27.9 (kind) and 3.27.10 (level).
    """
    described = {f.rule: f.sentence for f in report.findings}
    groups = {r.id: r.group for r in rules.rules().values()}
    driver = {
        "name": "workbench",
        "version": version("automl-workbench"),
        "rules": [
            {
                "id": name,
                "shortDescription": {"text": sentence or name},
                "properties": {"group": groups.get(name, "")},
            }
            for name, sentence in described.items()
        ],
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_result(f, path) for f in report.findings]}],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _result(finding: Finding, path: str) -> dict[str, Any]:
    kind = {"fail": "fail", "unknown": "review", "pass": "pass"}[finding.verdict]
    level = {"must": "error", "should": "warning"}[finding.level] if kind == "fail" else "none"
    location: dict[str, Any] = {"artifactLocation": {"uri": path}}
    if finding.line is not None:
        location["region"] = {"startLine": finding.line}
        if finding.column is not None:
            location["region"]["startColumn"] = finding.column + 1
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "kind": kind,
        "level": level,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": location}],
    }
    if finding.snippet or finding.traceback:
        result["properties"] = {"reproduce": finding.snippet, "traceback": finding.traceback}
    return result
