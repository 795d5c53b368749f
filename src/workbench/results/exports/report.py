"""A run as one HTML file: figures inside it, every word escaped, nothing fetched from anywhere."""

from __future__ import annotations

import base64
import html
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from workbench.nouns import Space, Trial
from workbench.results.coordinates import hyperparameters_png, parallel_coordinates_png
from workbench.results.figures import trajectory_png
from workbench.results.importance import importance
from workbench.results.models import load_lines, model_file
from workbench.results.tables import rank_correlation
from workbench.results.words import alt_text, duration, number, plural
from workbench.runs.trajectory import incumbent
from workbench.space import definition

if TYPE_CHECKING:
    from workbench.runs import Run

MOST_TRIALS = 100
CSS = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #212121; background: #fff; max-width: 960px; margin: 32px auto;
  padding: 0 16px; }
h1 { font-size: 26px; margin-bottom: 4px; } h2 { font-size: 19px; margin-top: 36px; border-bottom: 1px solid #e3e3e3; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; overflow-x: auto; }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid #ececec; vertical-align: top; }
td.n, th.n { text-align: right; } th { font-weight: 600; }
pre { background: #f6f6f6; padding: 12px; overflow-x: auto; font-size: 13px; line-height: 1.45; }
img { max-width: 100%; height: auto; } .dim { color: #5f6368; } figure { margin: 0; }
figcaption { color: #5f6368; font-size: 13px; } summary { cursor: pointer; } .bad { color: #c62828; }
"""


def to_report(run: Run) -> str:
    """The run as an HTML page: what was asked, what came of it, and how to use it.

    The page holds all that it shows and a policy that lets it load nothing.

    Raises
    ------
    OSError, KeyError, ValueError
        If a file of the run is missing or cannot be read.
    """
    trials = run.trials
    space = Space.from_dict(json.loads((run.folder / "space.json").read_text(encoding="utf-8")))
    name = run.about["dataset"]["name"]
    title = f"{run.about['facade']} on {name}"
    sections = [
        _summary(run, trials),
        _section("Trajectory", _figure(trajectory_png(trials, width_px=900), alt_text(trials))),
        _best(trials),
        _space_figures(trials, space),
        _budgets(trials),
        _model(run),
        _section("Search space", f"<pre>{_e(definition(space))}</pre>"),
        _section("The function", f"<pre>{_e(run.candidate.code)}</pre>"),
        _rules(run),
        _prompt(run),
        _trials(trials),
        _versions(run),
    ]
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_e(title)}</title><style>{CSS}</style></head>\n<body><main>"
        f'<h1>{_e(title)}</h1><p class="dim">Run {_e(run.folder.name)}, '
        f"{_e(run.about['created'].replace('T', ' '))}</p>\n"
        + "\n".join(s for s in sections if s)
        + "\n</main></body></html>\n"
    )


def _e(text: object) -> str:
    return html.escape(str(text))


def _section(title: str, body: str) -> str:
    return f"<section><h2>{_e(title)}</h2>{body}</section>" if body else ""


def _figure(png: bytes, text: str) -> str:
    data = base64.b64encode(png).decode()
    alt = _e(text)
    return f'<figure><img alt="{alt}" src="data:image/png;base64,{data}"><figcaption>{alt}</figcaption></figure>'


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]], numeric: Sequence[int] = ()) -> str:
    def cells(values: Sequence[Any], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=n' if i in numeric else ''}{' scope=col' if tag == 'th' else ''}>{_e(v)}</{tag}>"
            for i, v in enumerate(values)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f"<table><thead><tr>{cells(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"


def _pairs(rows: Iterable[tuple[str, Any]]) -> str:
    body = "".join(f'<tr><th scope="row">{_e(name)}</th><td>{_e(value)}</td></tr>' for name, value in rows)
    return f"<table><tbody>{body}</tbody></table>"


def _value(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _config(trial: Trial) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in trial.config.items())


def _summary(run: Run, trials: Sequence[Trial]) -> str:
    about, best = run.about, incumbent(trials)
    data, scenario = about["dataset"], about["scenario"]
    done, total = run.progress
    counts = ", ".join(f"{n} {status}" for status, n in Counter(t.status for t in trials).most_common())
    budgets = ""
    if scenario.get("min_budget") is not None and scenario.get("max_budget") is not None:
        budgets = f", budgets {scenario['min_budget']:g} to {scenario['max_budget']:g}"
    if scenario.get("instances") is not None:
        budgets = f", instances: {scenario['instances']}"
    rows = [
        ("Best cost", number(best.cost) if best is not None and best.cost is not None else "no trial succeeded"),
        ("State", run.state + (f": {run.error}" if run.error else "")),
        ("Trials", f"{done:,} of {total:,}" + (f" ({counts})" if counts else "")),
        ("Time", duration(max((t.start_s + t.seconds for t in trials), default=0.0))),
        ("Data", f"{data['name']}, {data['rows']:,}×{data['features']}, {data['task']} of {data['target']}"),
        ("Data digest", str(data["digest"])[:16]),
        ("Facade, contract", f"{about['facade']}, {about['contract']}"),
        ("Seed", f"{scenario['seed']}{budgets}"),
        ("Limits of a trial", f"{scenario['trial_limit_s']:g} s, {scenario['memory_limit_mb']:,} MiB"),
    ]
    if about.get("override"):
        rows.append(("Run although rules failed", about["override"]))
    return _section("Summary", _pairs(rows))


def _best(trials: Sequence[Trial]) -> str:
    best = incumbent(trials)
    if best is None:
        return ""
    metrics = _pairs((n, number(v)) for n, v in best.metrics.items()) if best.metrics else ""
    at = f", {best.effort}" if best.effort else ""
    told = f'<p>Trial {best.number}{at}. <span class="dim">Its cost was what the search went by: on new data expect '
    told += "somewhat more.</span></p>"
    return _section("Best configuration", told + _pairs((n, _value(v)) for n, v in best.config.items()) + metrics)


def _space_figures(trials: Sequence[Trial], space: Space) -> str:
    done = [t for t in trials if t.status == "success"]
    if not done:
        return ""
    told = importance(trials, space)
    rows = [
        (name, f"{100 * line['share']:.0f} % ± {100 * line['std']:.0f}", f"{line['permutation']:.3g}")
        for name, line in zip(told.table.index, told.table.to_dict("records"), strict=True)
    ]
    table = _table(("hyperparameter", "alone (fANOVA)", "when shuffled (drop in R²)"), rows, (1, 2)) if rows else ""
    text = f"Parallel coordinates of {plural(len(done), 'successful trial')}, coloured by the rank of their cost."
    return (
        _section("Importance", f"<p>{_e(told.note)}</p>{table}")
        + _section("Configurations", _figure(parallel_coordinates_png(trials, space, width_px=900), text))
        + _section(
            "Cost by each hyperparameter",
            _figure(hyperparameters_png(trials, space, width_px=900), "The best configuration is a diamond."),
        )
    )


def _budgets(trials: Sequence[Trial]) -> str:
    table = rank_correlation(trials)
    if not len(table):
        return ""
    rows = [
        (f"{r['low']:g}", f"{r['high']:g}", "–" if r["n"] < 3 else f"{r['spearman']:.2f}", r["n"])
        for r in table.to_dict("records")
    ]
    head = ("budget", "and budget", "Spearman's ρ", "configurations at both")
    return _section("Rank correlation between budgets", _table(head, rows, (0, 1, 2, 3)))


def _model(run: Run) -> str:
    file = model_file(run)
    if file is None:
        return ""
    lines = "\n".join([*load_lines(str(file.resolve())), "model.predict(X)  # X: a table with the same columns"])
    caution = "Loading a model runs what lies in its file: do that only where you would run the function itself."
    return _section("The model", f"<p>{_e(file.relative_to(run.folder))}. {caution}</p><pre>{_e(lines)}</pre>")


def _rules(run: Run) -> str:
    report = run.report
    if report is None:
        return ""
    count = ", ".join(f"{report.count(v)} {v}" for v in ("pass", "fail", "unknown"))
    rows = [(f.rule, f.level, f.line or "", f.message) for f in report.findings if f.verdict == "fail"]
    table = _table(("rule", "level", "line", "what was seen"), rows) if rows else ""
    return _section("Rule book", f"<p>{count}; {plural(report.calls, 'call')} of train.</p>{table}")


def _prompt(run: Run) -> str:
    path = run.folder / "prompt.md"
    if not path.is_file():
        return ""
    text = _e(path.read_text(encoding="utf-8"))
    return _section(
        "Prompt", f"<details><summary>What a model is asked for this job</summary><pre>{text}</pre></details>"
    )


def _trials(trials: Sequence[Trial]) -> str:
    if not trials:
        return ""
    budgets = any(t.effort for t in trials)
    good = sorted((t for t in trials if t.cost is not None), key=lambda t: (-(t.budget or 0.0), t.cost))[:MOST_TRIALS]
    bad = [t for t in trials if t.cost is None][:MOST_TRIALS]
    rows = [
        (
            t.number,
            t.status,
            "–" if t.cost is None else f"{t.cost:.6g}",
            *((t.effort.removeprefix("budget ") or "–",) if budgets else ()),
            f"{t.seconds:.2f}",
            t.error or _config(t),
        )
        for t in [*good, *bad]
    ]
    called = "instance" if any(t.instance is not None for t in trials) else "budget"
    head = ("#", "status", "cost", *((called,) if budgets else ()), "s", "configuration, or what failed")
    left = len(trials) - len(rows)
    more = f'<p class="dim">{left:,} more are in the run\'s events.jsonl.</p>' if left else ""
    return _section("Trials", _table(head, rows, (0, 2, 3, 4) if budgets else (0, 2, 3)) + more)


def _versions(run: Run) -> str:
    return _section("Versions", _pairs((str(n), v) for n, v in run.about.get("versions", {}).items()))
