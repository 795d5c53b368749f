"""Filling a template: strictly, in a sandbox, with every span known."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from workbench.nouns import Job, Prompt, PromptError, Rule
from workbench.prompts.library import folder, template_names
from workbench.prompts.spans import unmarked
from workbench.prompts.tokens import estimate_tokens
from workbench.prompts.values import values


@cache
def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folder()),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the text is for a model, not for a browser
    )


def render(job: Job) -> Prompt:
    """Fill the template of a job's contract.

    Raises
    ------
    PromptError
        If the template asks for a value that there is none of, or cannot be read; the sentence names it.
    """
    name = f"train/{job.contract}.md.j2"
    try:
        template = _environment().get_template(name)
        raw = template.render(values(job, _sentence_for(job)))
    except jinja2.TemplateNotFound as error:
        raise PromptError(f"no template {error.name!r}; there are: {', '.join(template_names())}") from error
    except jinja2.TemplateSyntaxError as error:
        raise PromptError(f"{error.name or name}, line {error.lineno}: {error.message}") from error
    except jinja2.UndefinedError as error:
        raise PromptError(f"{name} asks for something that there is none of: {error.message}") from error
    except ValueError as error:
        raise PromptError(f"{name}: {error}") from error
    text, spans = unmarked(_tidy(raw))
    return Prompt(text, spans, name, _digest(), estimate_tokens(text))


def _sentence_for(job: Job) -> Callable[[Rule], str | None]:
    def sentence(rule: Rule) -> str | None:
        return rule.sentence(job.contract) or None

    return sentence


def _tidy(text: str) -> str:
    """No line that ends in blanks, never two empty lines, one line end at the end."""
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _digest() -> str:
    """The content of every template file: what a prompt was made from."""
    made = hashlib.sha256()
    for path in sorted(folder().rglob("*.j2")):
        made.update(path.relative_to(folder()).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return made.hexdigest()[:12]
