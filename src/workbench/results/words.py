"""A run in words: beside a figure, and in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.nouns import Trial, Value
from workbench.nouns.trial import effort
from workbench.runs.front import values
from workbench.runs.trajectory import Point, incumbent, trajectory

if TYPE_CHECKING:
    from workbench.runs import Run

SHOWN_STEPS = 12


def number(value: float) -> str:
    """Four significant digits."""
    return f"{value:.4g}"


def duration(seconds: float) -> str:
    """`8.2 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def plural(count: int, noun: str) -> str:
    """`1 trial`, `2,000 trials`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _at(point: Point) -> str:
    return ", ".join(filter(None, (f"trial {point.number}", effort(point.budget, point.instance))))


def alt_text(trials: Sequence[Trial]) -> str:
    """What the trajectory shows, for those who don't see it."""
    if not trials:
        return "Trajectory: no trial has finished yet."
    failed = sum(t.status != "success" for t in trials)
    head = f"Trajectory of {plural(len(trials), 'trial')}" + (f", {failed} of them failed" if failed else "")
    points = trajectory(trials)
    if not points:
        return f"{head}: none succeeded."
    first, last = points[0], points[-1]
    if len(points) == 1:
        return f"{head}: the best cost is {number(last.cost)} ({_at(last)})."
    steps = plural(len(points) - 1, "change")
    return (
        f"{head}: from cost {number(first.cost)} ({_at(first)}) to {number(last.cost)} ({_at(last)}) "
        f"in {duration(last.elapsed_s)}, with {steps} of the incumbent."
    )


def summary(run: Run) -> str:
    """The state of a run, its best configuration, its trajectory, what failed and its folder, for a terminal."""
    trials = tuple(run.trials)
    done, total = run.progress
    lines = [f"{run.folder.name}: {run.state}, {done} of {plural(total, 'trial')}"]
    counts = Counter(t.status for t in trials)
    if trials:
        spent = duration(max(t.start_s + t.seconds for t in trials))
        lines[0] += f" ({', '.join(f'{n} {status}' for status, n in counts.most_common())}) in {spent}"
    if run.error:
        lines += ["", f"Error: {run.error}"]
    best = incumbent(trials)
    if best is not None:
        assert best.cost is not None
        tried = f", {best.effort}" if best.effort else ""
        lines += ["", f"Best cost {best.cost:.6g} (trial {best.number}{tried})", *_configuration(best)]
        lines += _metrics(best)
        lines += ["", *_steps(trajectory(trials))]
        if len(run.objectives) > 1:
            lines += ["", *_front(run)]
    failures = Counter((t.status, t.error or t.status) for t in trials if t.status != "success")
    if failures:
        lines += ["", "Failed trials"]
        lines += [f"  {n} × {status}: {error}" for (status, error), n in failures.most_common(5)]
    lines += ["", f"run folder: {run.folder}"]
    return "\n".join(lines)


def _configuration(best: Trial) -> list[str]:
    width = max((len(name) for name in best.config), default=0)

    def text(value: Value) -> str:
        return f"{value:.6g}" if isinstance(value, float) else str(value)

    return [f"  {name:<{width}}  {text(value)}" for name, value in best.config.items()]


def _metrics(best: Trial) -> list[str]:
    shown = ", ".join(f"{name} {number(value)}" for name, value in best.metrics.items() if name != "loss")
    return [f"Metrics: {shown}"] if shown else []


def _front(run: Run) -> list[str]:
    """The Pareto front, a row a trial."""
    found = run.front
    rows = [("trial", *(values(found[0], run.objectives) if found else ()))]
    rows += [(str(t.number), *(f"{v:.6g}" for v in values(t, run.objectives).values())) for t in found[:SHOWN_STEPS]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  " + "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    more = [f"  … {len(found) - SHOWN_STEPS} more"] if len(found) > SHOWN_STEPS else []
    return [f"Pareto front of {plural(len(found), 'trial')}", *lines, *more]


def _steps(points: Sequence[Point]) -> list[str]:
    budgets = any(p.budget is not None for p in points)
    called = "instances" if any(p.instance is not None for p in points) else "budget"
    rows = [("trial", "elapsed", *((called,) if budgets else ()), "cost")]
    shown = list(points)
    if len(shown) > SHOWN_STEPS:
        shown = [*shown[:3], *shown[3 - SHOWN_STEPS :]]
    for p in shown:
        budget = (number(p.budget) if p.budget is not None else "–",) if budgets else ()
        rows.append((str(p.number), duration(p.elapsed_s), *budget, f"{p.cost:.6g}"))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  " + "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    if len(points) > len(shown):
        lines.insert(4, f"  … {len(points) - len(shown)} more")
    return ["Trajectory", *lines]
