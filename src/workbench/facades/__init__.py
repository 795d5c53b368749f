"""SMAC's facades: what each needs and is good for, one file each. Importing this loads no SMAC."""

from __future__ import annotations

import sys
from functools import cache

from workbench.facades._brackets import Round, brackets, budget_of, trials_of
from workbench.facades._fitting import check, fits
from workbench.facades._instances import instances, instances_of
from workbench.facades._numbers import OF_SOME, check_number, is_whole, takes
from workbench.facades._reasons import explain_scenario
from workbench.facades._suggestion import suggest_scenario
from workbench.nouns import Facade, FacadeError
from workbench.registry import discover

__all__ = [
    "OF_SOME",
    "Round",
    "brackets",
    "budget_of",
    "check",
    "check_number",
    "explain_scenario",
    "facades",
    "fits",
    "get",
    "instances",
    "instances_of",
    "is_whole",
    "suggest_scenario",
    "takes",
    "trials_of",
]


@cache
def facades() -> dict[str, Facade]:
    """Every facade by id."""
    return discover(sys.modules[__name__], "FACADE", Facade).parts


def get(name: str) -> Facade:
    """One facade, by its id or by the name of SMAC's class.

    Raises
    ------
    FacadeError
        If there is none of that name; the sentence lists those that there are.
    """
    known = facades()
    for facade in known.values():
        if name in (facade.id, facade.smac_class):
            return facade
    raise FacadeError(f"no facade named {name!r}; there are: {', '.join(known)}")
