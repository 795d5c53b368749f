"""What a failed trial costs: finite, learned, and never better than a real one."""

from __future__ import annotations

import sys
from collections.abc import Iterable

UNKNOWN = 1.0
"""While no trial has succeeded, any number will do: they are all replaced by the first real cost."""


def penalty(costs: Iterable[float]) -> float:
    """A cost worse than all real ones, by their spread (or a tenth of their size where they are all alike).

    Parameters
    ----------
    costs : iterable of float
        The costs of the trials that succeeded.

    Returns
    -------
    float
        Finite, and above every one of them that is not the largest float itself.
    """
    real = list(costs)
    if not real:
        return UNKNOWN
    worst, best = max(real), min(real)
    margin = max(worst - best, 0.1 * abs(worst), 1e-6)
    return min(worst + margin, sys.float_info.max)
