"""One run in rows and HTML, for the Results step."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.nouns import Space
from workbench.runs import Run
from workbench.ui.panels.painter import facts
from workbench.ui.panels.run import TONES, duration

RUN_COLUMNS: list[dict[str, Any]] = [
    {"key": "compared", "title": "", "type": "check", "width": "34px", "hint": "drawn over each other"},
    {"key": "name", "title": "run", "width": "150px"},
    {"key": "state", "title": "state", "type": "badge"},
    {"key": "data", "title": "data"},
    {"key": "facade", "title": "facade"},
    {"key": "contract", "title": "contract"},
    {"key": "seed", "title": "seed", "type": "text", "align": "end"},
    {"key": "trials", "title": "trials", "type": "text", "align": "end"},
    {"key": "best", "title": "best cost", "type": "number"},
    {"key": "elapsed", "title": "time", "type": "text", "align": "end"},
]


def run_row(run: Run) -> dict[str, Any]:
    """One row of the table of runs, all but whether it is compared."""
    about, state = run.about, run.state
    done, total = run.progress
    best, elapsed = run.incumbent, run.elapsed_s
    return {
        "key": run.folder.name,
        "name": {"text": short(run), "hint": run.folder.name, "sort": run.folder.name},
        "data": about["dataset"]["name"],
        "facade": about["facade"],
        "contract": about["contract"],
        "seed": str(about["scenario"]["seed"]),
        "trials": f"{done:,} / {total:,}",
        "best": best.cost if best is not None else None,
        "elapsed": {"text": duration(elapsed), "sort": elapsed},
        "state": {"text": state, "tone": TONES.get(state, "info")},
    }


def short(run: Run) -> str:
    """A run's day, time, and the end of its folder's name."""
    created = datetime.fromisoformat(run.about["created"])
    return f"{created.day} {created:%b %H:%M} · {run.folder.name.rsplit('-', 1)[-1]}"


def space_of(run: Run) -> Space | None:
    """The search space, None where its file cannot be read."""
    with suppress(OSError, ValueError, KeyError):
        return Space.from_dict(json.loads((run.folder / "space.json").read_text(encoding="utf-8")))
    return None


def models_html(run: Run, files: Sequence[Path], best: Path | None) -> str:
    """Where the model is, and a word of caution."""
    if best is None:
        return '<div class="awb-empty">This run saved no model.</div>'
    count = f"one of {len(files):,} saved models" if len(files) > 1 else "the only saved model"
    return (
        f'<div class="awb-mono" style="overflow-wrap: anywhere">{html.escape(str(best.relative_to(run.folder)))}</div>'
        f'<div class="awb-hint">{best.stat().st_size / 1000:,.0f} kB, {count}. Loading a model runs what lies in its '
        "file: do that only where you would run the function itself.</div>"
    )


def about_html(run: Run) -> str:
    """What the run was made of."""
    about: Mapping[str, Any] = run.about
    data = about["dataset"]
    override = str(about.get("override", ""))
    return facts(
        (
            ("Started", html.escape(str(about["created"]).replace("T", " "))),
            ("Data", html.escape(f"{data['name']}, {data['rows']:,}×{data['features']}, target {data['target']}")),
            ("Function", f'{about["candidate"]["origin"]}, <span class="awb-mono">{run.candidate.digest}</span>'),
            ("Seed", str(about["scenario"]["seed"])),
            *((("Run although rules failed", html.escape(override)),) if override else ()),
            ("Folder", f'<span class="awb-mono">{html.escape(str(run.folder))}</span>'),
            (
                "Read it in Python",
                f'<span class="awb-mono">workbench.runs.open({html.escape(repr(str(run.folder)))}).frame()</span>',
            ),
        )
    )
