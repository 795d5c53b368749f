"""How the nouns look as the last line of a notebook's cell: small, plain, in the colours of the page, escaped.

Each noun has a `_repr_html_` that calls its function here. Nothing of a table's rows is shown.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.nouns.candidate import Candidate, Finding, Prompt, Report
    from workbench.nouns.dataset import Dataset
    from workbench.nouns.scenario import Scenario
    from workbench.nouns.space import Clause, Condition, Forbidden, Hyperparameter, Relation, Space
    from workbench.nouns.trial import Trial

ROWS = 30
CHARACTERS = 6000
LINE = "1px solid color-mix(in srgb, currentColor 22%, transparent)"
CELL = f"padding: 2px 10px 2px 0; text-align: left; vertical-align: top; border-bottom: {LINE}; white-space: normal"


def frame(title: str, words: str, *parts: str) -> str:
    """A heading, a line of words, and parts that are HTML already."""
    return (
        f'<div style="color: inherit; border: {LINE}; border-radius: 6px; padding: 8px 12px; max-width: 900px; '
        f'overflow: auto; font-variant-numeric: tabular-nums"><b>{html.escape(title)}</b> '
        f"<span>{html.escape(words)}</span>{''.join(parts)}</div>"
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], total: int | None = None) -> str:
    """A table of texts; `total` says how many rows there are where not all are given."""
    found = [list(r) for r in rows]
    head = "".join(f'<th scope="col" style="{CELL}">{html.escape(c)}</th>' for c in columns)
    body = "".join(
        "<tr>" + "".join(f'<td style="{CELL}">{html.escape(_short(v))}</td>' for v in row) + "</tr>"
        for row in found[:ROWS]
    )
    count = len(found) if total is None else total
    more = f"<div>… and {count - ROWS:,} more</div>" if count > ROWS else ""
    return (
        '<table style="border-collapse: collapse; margin: 6px 0 0; background: transparent; color: inherit">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
    )


def code(text: str, what: str) -> str:
    """A text that opens with a click."""
    cut = text[:CHARACTERS] + (f"\n… {len(text) - CHARACTERS:,} more characters" if len(text) > CHARACTERS else "")
    return (
        f'<details><summary>{html.escape(what)}</summary><pre style="white-space: pre-wrap; color: inherit; '
        f'background: transparent; margin: 6px 0 0">{html.escape(cut)}</pre></details>'
    )


def _short(value: object) -> str:
    text = "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 300 else f"{text[:299]}…"


def dataset(data: Dataset) -> str:
    """Size, task, parts, every column with its kind, the remarks."""
    parts = [f"{data.rows:,} rows, {data.features:,} features, {data.task} of {data.target!r}"]
    if data.X_test is not None:
        parts.append(f"test part of {len(data.X_test):,} rows")
    if data.holdout is not None:
        parts.append(f"sealed holdout of {data.holdout.rows:,} rows")
    columns = data.profile.columns
    rows = [(c.name, c.kind, f"{c.missing:,}", f"{c.unique:,}") for c in columns[:ROWS]]
    notices = "".join(f"<li>{html.escape(n.text)}</li>" for n in data.profile.notices[:ROWS])
    return frame(
        f"Dataset {data.name}",
        "; ".join(parts),
        table(("column", "kind", "missing", "different"), rows, len(columns)),
        f'<ul style="margin: 6px 0 0">{notices}</ul>' if notices else "",
    )


def space(made: Space) -> str:
    """Every hyperparameter in a row, then conditions and forbidden clauses."""
    when = {name: "; ".join(_condition(c) for c in made.conditions_of(name)) for name in made.names}
    rows = [(h.name, h.kind, _domain(h), h.default, when[h.name]) for h in made.hyperparameters[:ROWS]]
    forbidden = "".join(f"<li>never {html.escape(_forbidden(f))}</li>" for f in made.forbidden[:ROWS])
    return frame(
        f"Space {made.name}".strip(),
        f"{len(made):,} hyperparameters, {len(made.conditions):,} conditions, {len(made.forbidden):,} forbidden",
        table(("name", "kind", "range", "default", "active when"), rows, len(made)) if rows else "",
        f'<ul style="margin: 6px 0 0">{forbidden}</ul>' if forbidden else "",
    )


def _domain(h: Hyperparameter) -> str:
    if h.kind in ("integer", "float"):
        prior = f", {h.prior.kind}({h.prior.first:g}, {h.prior.second:g})" if h.prior is not None else ""
        return f"{h.low} to {h.high}{', log' if h.log else ''}{prior}"
    return ", ".join(map(str, h.choices)) + (
        f" (weights {', '.join(f'{w:g}' for w in h.weights)})" if h.weights else ""
    )


def _condition(condition: Condition) -> str:
    return f" {condition.join} ".join(map(_clause, condition.clauses))


def _forbidden(forbidden: Forbidden) -> str:
    return " and ".join(map(_clause, forbidden.clauses))


def _clause(clause: Clause | Relation) -> str:
    parts: tuple[Any, ...] = tuple(vars(clause).values())  # parent or left, operator, value or right
    return " ".join(map(str, parts))


def scenario(numbers: Scenario) -> str:
    """The numbers, one a row."""
    rows = [(k.replace("_", " "), ", ".join(v) if isinstance(v, tuple) else v) for k, v in vars(numbers).items()]
    return frame(
        "Scenario", f"{numbers.n_trials:,} trials", table(("number", "value"), [r for r in rows if r[1] is not None])
    )


def prompt(made: Prompt) -> str:
    """Its template, size and digest; the text on a click."""
    about = "" if made.tokens_exact else "about "
    words = f"{made.template}, {about}{made.tokens:,} tokens, digest {made.digest}"
    return frame("Prompt", words, code(made.text, "the filled text"))


def candidate(made: Candidate) -> str:
    """Where it came from; the code on a click."""
    by = f"{made.origin}{f' {made.model}' if made.model else ''}"
    words = f"{made.digest}, by {by}, {len(made.code.splitlines()):,} lines" + (f"; {made.note}" if made.note else "")
    return frame("Candidate", words, code(made.code, "the code"))


def report(made: Report) -> str:
    """How many rules hold, and every finding that is no pass."""
    words = f"{made.count('pass')} pass, {made.count('fail')} fail, {made.count('unknown')} unknown; {made.calls} calls"
    open_ones = [f for f in made.findings if f.verdict != "pass"]
    rows = [(f.verdict, f.level, f.rule, f.line, f.message) for f in open_ones[:ROWS]]
    return frame(
        f"Report on {made.candidate}",
        words,
        table(("verdict", "weight", "rule", "line", "what was seen"), rows, len(open_ones)) if rows else "",
    )


def finding(made: Finding) -> str:
    """The verdict, what was seen, and the sentence that asked."""
    where = f", line {made.line}" if made.line is not None else ""
    parts = [f"<div>{html.escape(made.message)}</div>"]
    if made.sentence:
        parts.append(f"<div>The prompt asks: {html.escape(made.sentence)}</div>")
    if made.snippet:
        parts.append(code(made.snippet, "a script that shows it"))
    return frame(f"{made.verdict}: {made.rule}", f"({made.level}{where})", *parts)


def trial(made: Trial) -> str:
    """Its outcome, its configuration, its metrics."""
    outcome = f"cost {made.cost:.6g}" if made.cost is not None else made.error
    effort = f", {made.effort}" if made.effort else ""
    rows = [*made.config.items(), *made.metrics.items()]
    words = f"{made.status}{effort}, seed {made.seed}, {made.seconds:.3g} s: {outcome}"
    return frame(f"Trial {made.number}", words, table(("name", "value"), rows) if rows else "")


def run(name: str, state: str, progress: tuple[int, int], best: Trial | None) -> str:
    """Its state, how far it is, and the best trial so far."""
    facts: Mapping[str, object] = dict(best.config) if best is not None else {}
    words = f"{state}, {progress[0]:,} of {progress[1]:,} trials"
    if best is not None and best.cost is not None:
        words += f"; best cost {best.cost:.6g} in trial {best.number}"
    return frame(f"Run {name}", words, table(("best configuration", "value"), facts.items()) if facts else "")
