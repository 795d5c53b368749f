"""Integers on a log scale, drawn exactly where their values lie.

ConfigSpace 1.2 compares conditions and forbidden clauses on the unit scale, and draws a log-scaled integer a last digit
beside its value, one with a prior anywhere between two values: `depth == 3` then fails for a depth of 3.
"""

from __future__ import annotations

from typing import Any


def on_the_grid(hyperparameter: Any) -> Any:
    """The same hyperparameter of ConfigSpace, whose draws and neighbours are what its own values map to.

    The two fields it wraps are private to ConfigSpace; where another version has none of that name, nothing changes.
    """
    found = [getattr(hyperparameter, name, None) for name in ("_vector_dist", "_transformer", "_neighborhood")]
    if all(part is not None for part in found):
        distribution, transformer, neighbours = found
        hyperparameter._vector_dist = _Drawn(distribution, transformer)
        hyperparameter._neighborhood = _Near(neighbours, transformer)
    return hyperparameter


def _snapped(vector: Any, transformer: Any) -> Any:
    return transformer.to_vector(transformer.to_value(vector)) if len(vector) else vector


class _Drawn:
    """A distribution of ConfigSpace whose samples are snapped; all else is the distribution's own."""

    def __init__(self, distribution: Any, transformer: Any) -> None:
        self._distribution, self._transformer = distribution, transformer

    def sample_vector(self, n: int, *, seed: Any = None) -> Any:
        return _snapped(self._distribution.sample_vector(n, seed=seed), self._transformer)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_distribution" not in self.__dict__:  # while a copy is being made
            raise AttributeError(name)
        return getattr(self._distribution, name)

    def __eq__(self, other: object) -> bool:
        return bool(self._distribution == (other._distribution if isinstance(other, _Drawn) else other))

    __hash__ = None  # type: ignore[assignment]


class _Near:
    """A neighbourhood of ConfigSpace whose members are snapped."""

    def __init__(self, neighbours: Any, transformer: Any) -> None:
        self._neighbours, self._transformer = neighbours, transformer

    def __call__(self, vector: Any, n: int, *, std: float | None = None, seed: Any = None) -> Any:
        return _snapped(self._neighbours(vector, n, std=std, seed=seed), self._transformer)
