"""Write docs/rules.md from the rules themselves: `make docs`. With `--check`, only say whether it is up to date."""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path

from workbench import contracts, rules
from workbench.nouns import Rule

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "rules.md"
MUTANTS = ROOT / "docs" / "mutants.json"
GROUPS = {
    "reply": "The reply",
    "robust": "Robust for every configuration",
    "data": "Works on any data",
    "budget": "Budget",
    "evaluation": "Evaluation",
    "result": "The result",
    "saved model": "The saved model",
    "practice": "Effort and practice",
}
INTRODUCTION = """\
# The rule book

<!-- made by `make docs` from src/workbench/rules; edit the rules, not this page -->

What a `train` function owes its caller. A rule is one file in `src/workbench/rules/`: its sentence is what the prompt
asks, its checks are what the report shows. **must**: a function that breaks it is not run until a person overrides it.
**should**: shown, never blocking. A check that cannot decide says `unknown`, with the reason; it never guesses a pass.

Checks *read* the code (its syntax tree; nothing is run) or *call* the function in the isolated worker on a sample of
at most 240 rows of your own table, and on a made-up table of another shape. The rules share one plan of some thirty
calls.
"""


def page() -> str:
    parts = [INTRODUCTION, mutation()]
    known = list(rules.rules().values())
    for group, title in GROUPS.items():
        parts.append(f"## {title}\n")
        parts += [section(rule) for rule in known if rule.group == group]
    parts.append("## The good functions\n\nThe examples above are lines of these; each keeps every rule.\n")
    for base in rules.BASES.values():
        parts.append(f"### {base.title} (`{base.contract}`)\n\n```python\n{base.code.rstrip()}\n```\n")
    return "\n".join(parts)


def mutation() -> str:
    if not MUTANTS.exists():
        return ""
    found = json.loads(MUTANTS.read_text(encoding="utf-8"))
    lines = [
        "## What the checks catch\n",
        "Rules ship mutators, which break good functions on their syntax tree. `make mutants` breaks every good",
        "function, those below and composed ones, in every way, and counts how many the rule itself catches. The",
        f"figures here are of: {'; '.join(found['good_functions'])}.",
        f"Must findings on the good functions themselves: {found['false_alarms']}.\n",
        "| rule | caught | of | share | 95 % interval | by reading alone |",
        "|---|---:|---:|---:|---|---:|",
    ]
    for row in found["table"]:
        share = row["caught"] / row["mutants"]
        between = f"{row['low']:.0%} to {row['high']:.0%}"
        lines.append(
            f"| [`{row['rule']}`](#{row['rule']}) | {row['caught']} | {row['mutants']} | {share:.0%} | {between} "
            f"| {row['by_reading']} |"
        )
    return "\n".join(lines) + "\n"


def section(rule: Rule) -> str:
    levels = {c: rule.level_for(c) for c in contracts.contracts()}
    held = {c: level for c, level in levels.items() if level}
    same = len(set(held.values())) == 1
    if same and len(held) == len(levels):
        level = f"**{next(iter(held.values()))}**"
    elif same:
        level = f"**{next(iter(held.values()))}** for {', '.join(f'`{c}`' for c in held)}"
    else:
        level = ", ".join(f"**{v}** for `{c}`" for c, v in held.items())
    lines = [f"### {rule.id}\n", f"{level}\n"]
    sentences = {c: rule.sentence(c) for c in held}
    if len(set(sentences.values())) == 1:
        lines.append(f"> {next(iter(sentences.values()))}\n")
    else:
        lines += [f"> `{c}`: {text}\n" for c, text in sentences.items()]
    lines.append(f"{decided(rule)}\n")
    for example in rule.examples:
        bad = example.bad.strip("\n") or "# (nothing)"
        lines.append(f"Good:\n\n```python\n{example.good.strip(chr(10))}\n```\n\nBad:\n\n```python\n{bad}\n```\n")
    return "\n".join(lines)


def decided(rule: Rule) -> str:
    """How it is decided, in the words of the checks' own docstrings."""

    def words(part: object) -> str:
        text = (inspect.getdoc(part) or "").splitlines()
        return text[0] if text else ""

    ways = []
    if rule.find is not None:
        ways.append(f"Read: {words(rule.find)}")
    if rule.probe is not None:
        called = [words(rule.probe.calls), words(rule.probe.judge)]
        ways.append(f"Called: {' '.join(w for w in called if w)}")
    if rule.asked is not None:
        ways.append(f"Holds where: {words(rule.asked)}")
    if rule.applies is not None:
        ways.append(f"Looked at: {words(rule.applies)}")
    return "\n\n".join(ways) or "Asked for in the prompt; not checked."


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        if current != text:
            print("docs/rules.md is not what the rules say; run `make docs`")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(rules.rules())} rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
