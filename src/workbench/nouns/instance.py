"""One of the tables, or of the seeds, that every configuration is raced over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Instance:
    """What a trial of the ac facade is tried on.

    Attributes
    ----------
    name : str
        As trials and SMAC call it.
    seed : int
        What `train` is given as its seed.
    where : tuple of str or None
        A column and its value, as text: `train` is given the rows that have it. None for the whole table.
    features : tuple of float
        What SMAC's model knows of it.
    """

    name: str
    seed: int = 0
    where: tuple[str, str] | None = None
    features: tuple[float, ...] = ()

    @property
    def variant(self) -> Mapping[str, Any]:
        """How the table is changed before the call; see `workbench.worker.variants`."""
        return {} if self.where is None else {"where": list(self.where)}


def as_text(column: pd.Series) -> pd.Series:
    """The values of a column as they are called in the name of an instance; what is missing stays missing."""
    return column.astype(object).where(column.notna(), None).map(str, na_action="ignore")
