"""Templates of other people: `{name}` is filled, doubled braces are literal ones, as in `str.format`."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

from workbench.nouns import PromptError
from workbench.prompts.spans import marked

MAX_WIDTH = 10_000


def fill(text: str, values: Mapping[str, str]) -> str:
    """What `text.format(**values)` gives, with marks around every value that was filled.

    Raises
    ------
    PromptError
        If the braces do not match, or a placeholder has no value; the sentence names all that have none.
    """
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise PromptError(f"the braces of the template do not match ({error}); write literal ones twice") from error
    names = [field for _, field, _, _ in parts if field is not None]
    unknown = sorted({n for n in names if n not in values})
    if unknown:
        listed = ", ".join(f"{{{n}}}" for n in unknown)
        raise PromptError(
            f"the template asks for {listed}, which nothing fills; there are: "
            f"{', '.join(f'{{{n}}}' for n in values)}. Write a literal brace twice: {{{{ }}}}"
        )
    pieces = []
    for literal, field, form, conversion in parts:
        pieces.append(literal)
        if field is None:
            continue
        if form and any(
            run.isdigit() and int(run) > MAX_WIDTH for run in "".join(c if c.isdigit() else " " for c in form).split()
        ):
            raise PromptError(f"{{{field}:{form}}} is wider than {MAX_WIDTH:,} characters")
        once = "{0" + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "") + "}"
        try:
            pieces.append(marked(field, once.format(values[field])))
        except (ValueError, IndexError, KeyError) as error:
            raise PromptError(f"{{{field}:{form}}} cannot be filled: {error}") from error
    return "".join(pieces)
