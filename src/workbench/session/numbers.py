"""The numbers of a scenario: which can be, and which a report depends on."""

from __future__ import annotations

import dataclasses
from typing import Any

from workbench.facades import check_number
from workbench.nouns import Scenario

__all__ = ["check_number", "same_to_a_check"]


def same_to_a_check(before: Any, after: Scenario) -> bool:
    """Whether a report holds on: it does not depend on how many trials there are, how many at a time, or on what."""
    if not isinstance(before, Scenario):
        return False
    free: dict[str, Any] = {
        "n_trials": 1,
        "workers": 1,
        "wall_limit_s": None,
        "seed": 0,
        "devices": (),
        "cluster": None,
        "instances": None,
        "ask_ahead": False,
    }
    return dataclasses.replace(before, **free) == dataclasses.replace(after, **free)
