"""The test part: rows that no training sees, the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.nouns import DatasetError, Task

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def rows_aside(
    y: pd.Series, task: Task, share: float, seed: int, *, part: str = "test"
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows are the test part, as a mask.

    For classification each class gives its share (rounded by largest remainder), and keeps at least one row for
    training. The rows stay in their order. `part` is what an error calls them.

    Raises
    ------
    DatasetError
        If `share` is not in (0, 1), or leaves one part empty.
    """
    import numpy as np

    if not 0 < share < 1:
        raise DatasetError(f"{part}_share is {share}; it must be above 0 and below 1, such as 0.25")
    n = len(y)
    total = round(n * share)
    if total < 1 or total > n - 2:
        raise DatasetError(f"{part}_share={share} of {n} rows makes a {part} part of {total}; leave rows in both parts")
    rng = np.random.default_rng(seed)
    mask = np.zeros(n, dtype=bool)
    if task == "regression":
        mask[rng.permutation(n)[:total]] = True
        return mask
    import pandas as pd

    codes, _ = pd.factorize(y, sort=True)
    counts = np.bincount(codes)
    exact = counts * share
    take = np.floor(exact).astype(int)
    for k in np.argsort(-(exact - take), kind="stable")[: total - int(take.sum())]:
        take[k] += 1
    take = np.minimum(take, counts - 1)
    if take.sum() == 0:
        raise DatasetError(
            f"{part}_share={share} leaves the {part} part empty: every class has one row, kept for training"
        )
    for k in range(len(counts)):
        mask[rng.permutation(np.flatnonzero(codes == k))[: take[k]]] = True
    return mask
