"""What holds generated code back, as HTML for the Run step, and the question where something is missing."""

from __future__ import annotations

import html
from collections.abc import Callable

from workbench.runs import Run
from workbench.session import Isolation
from workbench.ui.components import Dialog
from workbench.ui.panels.painter import badge
from workbench.ui.panels.panel import Panel


def agreed(panel: Panel, dialog: Dialog, then: Callable[[], object]) -> bool:
    """Whether code may be run here; where a guard is missing a person is asked once, and `then` is called on a yes."""
    session = panel.session
    if session.isolation_agreed:
        return True

    def yes(_text: str) -> None:
        if panel.attempt(session.agree_to_isolation):
            then()

    dialog.ask(
        "Run with less isolation?",
        f"{session.isolation.text}\n\nYour choice is remembered: where no more than this is missing, "
        "nobody asks again.",
        "Run all the same",
        yes,
        danger=True,
        cancel="Do not run",
    )
    return False


def isolation_text(found: Isolation, run: Run | None) -> str:
    """The guards of this machine, one a line, and which trials of the run shared a process."""
    rows = "".join(_line(name, state) for name, state in found.guards.items())
    tone = "warn" if found.missing else "ok"
    said = f'<div class="awb-note awb-note-{tone}">{html.escape(found.text)}</div>'
    processes = f'<div class="awb-hint" style="margin-top: 8px">{html.escape(processes_text(run))}</div>'
    return f'{said}<ul class="awb-list" style="margin-top: 8px">{rows}</ul>{processes}'


def processes_text(run: Run | None) -> str:
    """Which trials had a process of their own, in a sentence or two."""
    rule = "A short trial that left nothing behind hands its process on to the next one."
    if run is None or not run.trials:
        return f"Each trial runs in a guarded process. {rule}"
    shared, done = run.in_a_reused_process, len(run.trials)
    if not shared:
        return f"Each of the {done:,} trials had a process of its own." if done > 1 else "It had a process of its own."
    verb = "trial" if shared == 1 else "trials"
    return f"{shared:,} {verb} of {done:,} ran in the process of the one before, the others each in a new one. {rule}"


def _line(name: str, state: str) -> str:
    word, _, more = state.partition(",")
    good = word.startswith(("in force", "watched"))
    said = badge("in force" if good else "missing", "ok" if good else "warn")
    detail = more.strip() if word == "in force" else state
    hint = f'<div class="awb-hint">{html.escape(detail)}</div>' if detail else ""
    return f'<li class="awb-said">{said}<div>{html.escape(name)}{hint}</div></li>'
