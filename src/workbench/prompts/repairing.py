"""The prompt that sends a function back with what was found in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workbench import contracts, space
from workbench.nouns import Job, Prompt
from workbench.prompts.rendering import filled
from workbench.prompts.spans import marked
from workbench.prompts.variant import Variant

_LINE_END = "\ue003"
"""A line end that is not tidied away: the numbers of lines must hold."""


def render_repair(job: Job, code: str, findings: str, signatures: str, variant: Variant | None = None) -> Prompt:
    """Fill the template that asks for a repair, or a variant of it.

    Parameters
    ----------
    findings : str
        What does not hold, one part for each matter.
    signatures : str
        Those of the library functions that were called there, one a line; may be empty.

    Raises
    ------
    PromptError
        As `prompts.render`.
    """
    said = {
        "task": job.dataset.task,
        "code": code.strip("\n"),
        "signature": contracts.get(job.contract).signature,
        "config_space": space.definition(job.space),
        "findings": findings,
        "signatures": signatures,
    }

    def jinja() -> dict[str, Any]:
        return {name: marked(name, text) if text else "" for name, text in said.items()}

    for name in ("code", "findings"):
        said[name] = said[name].replace("\n", _LINE_END)
    prompt = filled(variant or Variant("repair"), "repair/function.md.j2", jinja, lambda: said)
    return replace(prompt, text=prompt.text.replace(_LINE_END, "\n"))
