"""What a failed trial costs: finite, learned, and never better than a real one."""

from __future__ import annotations

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
        Finite, and above every one of them.
    """
    real = list(costs)
    if not real:
        return UNKNOWN
    worst, best = max(real), min(real)
    margin = max(worst - best, 0.1 * abs(worst), 1e-6)
    return worst + margin if worst + margin > worst else worst * 2 if worst > 0 else worst / 2
