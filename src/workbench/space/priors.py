"""Priors of numbers: as texts, what is wrong with them, the likeliest value, and ConfigSpace's form of them.

ConfigSpace 1.2 measures the deviation of a normal prior on a log scale as `|log(low + sigma)|`. A person means a
factor: `normal(0.01, 1)` puts most values within 0.01 / e and 0.01 · e. `to_sigma` and `from_sigma` go between the two.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Literal

from workbench.nouns import Hyperparameter, Prior, SpaceError
from workbench.space.values import parse_number

_TEXT = re.compile(r"(?P<kind>\w+)\s*[(\[]?\s*(?P<first>[^,;()\[\]\s]+)\s*[,;\s]\s*(?P<second>[^,;()\[\]\s]+)\s*[)\]]?")
EXAMPLES = "normal(0.1, 0.05) for mean and deviation, or beta(2, 5)"
SMALLEST = 1e-9
"""A deviation below this share of the range is lost in rounding."""


def prior_text(prior: Prior | None) -> str:
    """`normal(0.1, 0.05)`, `beta(2, 5)`; empty for none. `parse_prior` reads it back."""
    return "" if prior is None else f"{prior.kind}({prior.first!r}, {prior.second!r})"


def parse_prior(text: str) -> Prior | None:
    """Read a prior; nothing, or `uniform`, is none.

    Raises
    ------
    SpaceError
        If it cannot be read.
    """
    plain = text.strip()
    if plain.lower() in ("", "uniform"):
        return None
    match = _TEXT.fullmatch(plain)
    if match is None or match["kind"].lower() not in ("normal", "beta"):
        raise SpaceError(f"{plain[:40]!r} is no prior; write {EXAMPLES}, or nothing for an even one")
    first, second = (float(parse_number(match[part], "float")) for part in ("first", "second"))
    kind: Literal["normal", "beta"] = "normal" if match["kind"].lower() == "normal" else "beta"
    return Prior(kind, first, second)


def prior_problems(h: Hyperparameter) -> Iterator[str]:
    """What is wrong with the prior of a row whose range is sound."""
    prior = h.prior
    if prior is None or h.low is None or h.high is None:
        return
    if prior.kind not in ("normal", "beta"):
        yield f"no prior is named {prior.kind!r}; write {EXAMPLES}"
        return
    if not (math.isfinite(prior.first) and math.isfinite(prior.second)):
        yield f"the prior of {h.name!r}, {prior_text(prior)}, holds what is not a finite number; write {EXAMPLES}"
    elif prior.kind == "beta":
        if prior.first < 1 or prior.second < 1:
            yield f"the prior of {h.name!r}, {prior_text(prior)}, has a number below 1; both are 1 or more"
    elif not h.low <= prior.first <= h.high:
        shown = f"{h.low!r} to {h.high!r}"
        yield f"the mean {prior.first!r} of the prior of {h.name!r} is outside its range; take one from {shown}"
    else:
        width = math.log(h.high / h.low) if h.log else h.high - h.low
        if not prior.second >= SMALLEST * width:
            yield f"the deviation {prior.second!r} of the prior of {h.name!r} is too small; give one above 0"


def likeliest(h: Hyperparameter) -> float:
    """Where the prior of a sound row has its peak."""
    assert h.prior is not None
    assert h.low is not None
    assert h.high is not None
    if h.prior.kind == "normal":
        return h.prior.first
    a, b = h.prior.first, h.prior.second
    share = (a - 1) / (a + b - 2) if a + b > 2 else 0.5
    if h.log:
        return math.exp(math.log(h.low) + share * (math.log(h.high) - math.log(h.low)))
    return h.low + share * (h.high - h.low)


def to_sigma(h: Hyperparameter) -> float:
    """The deviation as ConfigSpace wants it."""
    assert h.prior is not None
    assert h.low is not None
    return math.exp(h.prior.second) - h.low if h.log else h.prior.second


def from_sigma(low: float, log: bool, sigma: float) -> float:
    """The deviation that ConfigSpace draws by; `to_sigma`'s inverse."""
    return abs(math.log(low + sigma)) if log else sigma
