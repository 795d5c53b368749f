"""A run taken out of the workbench: as a script, as a notebook, as a report in one HTML file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.nouns import RunError
from workbench.results.exports.notebook import to_notebook
from workbench.results.exports.report import to_report
from workbench.results.exports.script import to_script

if TYPE_CHECKING:
    from workbench.runs import Run

FORMS: dict[str, tuple[str, Callable[[Run], str]]] = {
    "script": ("optimise.py", to_script),
    "notebook": ("optimise.ipynb", to_notebook),
    "report": ("report.html", to_report),
}
"""By name: the usual file name, and what writes the text."""


def export(run: Run, form: str) -> tuple[str, str]:
    """A run as text.

    Parameters
    ----------
    form : {"script", "notebook", "report"}

    Returns
    -------
    str, str
        The usual file name, and the text.

    Raises
    ------
    RunError
        If there is no such form, or a file of the run is missing.
    """
    if form not in FORMS:
        raise RunError(f"a run cannot be exported as {form!r}; it can as: {', '.join(FORMS)}")
    name, write = FORMS[form]
    try:
        return name, write(run)
    except (OSError, KeyError, ValueError) as error:
        why = f"{type(error).__name__}: {error}"
        raise RunError(
            f"the run {run.folder.name} cannot be exported as {form} ({why}); is its folder whole?"
        ) from error


__all__ = ["FORMS", "export", "to_notebook", "to_report", "to_script"]
