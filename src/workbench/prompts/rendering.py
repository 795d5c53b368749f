"""Filling a template: strictly, in a sandbox, with every span known."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import jinja2
from jinja2.exceptions import SecurityError

from workbench.nouns import Job, Prompt, PromptError, Rule
from workbench.prompts.braces import fill
from workbench.prompts.library import folder, template_names
from workbench.prompts.sandbox import LIMIT_S, MAX_CHARACTERS, BoundedEnvironment, TooLongError, rendered
from workbench.prompts.spans import unmarked
from workbench.prompts.tokens import count_tokens
from workbench.prompts.values import plain_values, values
from workbench.prompts.variant import Variant


@cache
def _environment() -> BoundedEnvironment:
    return BoundedEnvironment(jinja2.FileSystemLoader(folder()))


def render(job: Job, variant: Variant | None = None) -> Prompt:
    """Fill the template of a job's contract, or a variant of it.

    Raises
    ------
    PromptError
        If the template asks for a value that there is none of, cannot be read, or does not come to an end; the
        sentence names what is wrong and where.
    """
    chosen = variant or Variant("plain")

    def spoken(rule: Rule) -> str | None:
        return chosen.sentence(rule, job.contract)

    return filled(chosen, f"train/{job.contract}.md.j2", lambda: values(job, spoken), lambda: plain_values(job))


def filled(
    variant: Variant, own: str, jinja: Callable[[], dict[str, Any]], braces: Callable[[], dict[str, str]]
) -> Prompt:
    """Fill a variant's template.

    Parameters
    ----------
    own : str
        The template of the library where the variant has none.
    jinja, braces : callable
        The values for either style.

    Raises
    ------
    PromptError
        As `render`.
    """
    if variant.style == "braces":
        text, spans = unmarked(fill(variant.text, braces()))
        return Prompt(text, spans, variant.name, variant.digest, *count_tokens(text))
    name = variant.name if variant.text else variant.template or own
    try:
        environment = _environment()
        template = environment.from_string(variant.text) if variant.text else environment.get_template(name)
        raw = rendered(template, jinja(), trusted=not variant.text)
    except jinja2.TemplateNotFound as error:
        raise PromptError(f"no template {error.name!r}; there are: {', '.join(template_names())}") from error
    except jinja2.TemplateSyntaxError as error:
        raise PromptError(f"{error.name or name}, line {error.lineno}: {error.message}") from error
    except jinja2.UndefinedError as error:
        raise PromptError(f"{name} asks for something that there is none of: {error.message}") from error
    except TooLongError as error:
        raise PromptError(
            f"{name} does not come to an end: after {LIMIT_S:g} s or {MAX_CHARACTERS:,} characters it was stopped"
        ) from error
    except SecurityError as error:
        raise PromptError(f"{name}: {error}") from error
    except (ValueError, TypeError, ArithmeticError, LookupError, RecursionError, MemoryError) as error:
        raise PromptError(f"{name}: {type(error).__name__}: {error}") from error
    text, spans = unmarked(_tidy(raw))
    made_from = _digest() if not variant.text and not variant.rules else f"{_digest()[:6]}{variant.digest[:6]}"
    return Prompt(text, spans, name, made_from, *count_tokens(text))


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
