"""The template library: plain files, shipped with the package."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from workbench.nouns import PromptError

PACKAGE = Path(__file__).resolve().parent.parent


@cache
def folder() -> Path:
    """Where the templates lie: in the package when it was installed from a wheel, else at the top of the checkout.

    Raises
    ------
    PromptError
        If they are in neither place.
    """
    places = (PACKAGE / "templates", PACKAGE.parent.parent / "templates")
    for place in places:
        if (place / "train").is_dir():
            return place
    raise PromptError(f"the prompt templates are in neither {places[0]} nor {places[1]}; install the package again")


def template_names() -> tuple[str, ...]:
    """The templates for `train`, one for each contract that has one."""
    return tuple(sorted(p.name.removesuffix(".md.j2") for p in (folder() / "train").glob("*.md.j2")))


def template_source(contract: str) -> str:
    """A contract's template with the parts that it is made of, in the order in which they are used.

    Raises
    ------
    PromptError
        If the contract has none.
    """
    path = folder() / "train" / f"{contract}.md.j2"
    if not path.exists():
        raise PromptError(f"no template for the contract {contract!r}; there are: {', '.join(template_names())}")
    parts = sorted((folder() / "parts").glob("*.md.j2"))
    files = [path, *parts]
    return "\n".join(f"{{# {p.relative_to(folder())} #}}\n{p.read_text(encoding='utf-8')}" for p in files)


def whole_template(contract: str) -> str:
    """A contract's template in one piece: the shared one with this contract's blocks in their places.

    It fills to the same prompt, and is what a person edits; parts that are included stay so.

    Raises
    ------
    PromptError
        If the contract has none.
    """
    path = folder() / "train" / f"{contract}.md.j2"
    if not path.exists():
        raise PromptError(f"no template for the contract {contract!r}; there are: {', '.join(template_names())}")
    own = dict(re.findall(r"{% block (\w+) %}(.*?){% endblock %}", path.read_text(encoding="utf-8"), re.DOTALL))
    shared = (folder() / "parts" / "train.md.j2").read_text(encoding="utf-8")
    return re.sub(
        r"{% block (\w+) %}(.*?){% endblock %}",
        lambda block: str(own.get(block[1], block[2])).removeprefix("\n"),
        shared,
        flags=re.DOTALL,
    )
