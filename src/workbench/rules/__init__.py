"""The rule book: one file a rule, with its sentence, its static check, its probe and its examples."""

from __future__ import annotations

import sys
from functools import cache

from workbench.nouns import Rule
from workbench.registry import Parts, discover
from workbench.rules._bases import BASES, Base

__all__ = ["BASES", "Base", "broken", "get", "rules"]


@cache
def _found() -> Parts[Rule]:
    return discover(sys.modules[__name__], "RULE", Rule)


def rules() -> dict[str, Rule]:
    """Every rule by id, in the order of the rule book."""
    return _found().parts


def broken() -> dict[str, str]:
    """Rule files that could not be loaded, each with its reason."""
    return _found().broken


def get(rule_id: str) -> Rule:
    """One rule by id.

    Raises
    ------
    ValueError
        If there is none of that id; the sentence lists those that there are.
    """
    known = rules()
    if rule_id not in known:
        raise ValueError(f"no rule named {rule_id!r}; there are: {', '.join(known)}")
    return known[rule_id]
