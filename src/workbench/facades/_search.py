"""The search for the next configuration, on arrays: random points as many as SMAC's, and local searches side by side.

SMAC's own maximiser makes an object of each of ten thousand random points and of each neighbour, one after the other.
Here points are rows of one array from the draw to the last step, and only those that are handed on become
configurations. The scheme is SMAC's: the best of the random points and the best of what was tried are starts; each goes
to its best neighbour, one hyperparameter changed at a time, until it has not got better for some steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from ConfigSpace import Configuration, ConfigurationSpace
from ConfigSpace.exceptions import ForbiddenValueError, IllegalVectorizedValueError
from ConfigSpace.hyperparameters import CategoricalHyperparameter, Constant, OrdinalHyperparameter
from smac.acquisition.function.abstract_acquisition_function import AbstractAcquisitionFunction
from smac.acquisition.maximizer.abstract_acquisition_maximizer import AbstractAcquisitionMaximizer

NEIGHBOURS = 64
"""Of each start, in each step: as many as SMAC looks at before it gives a step up."""
PATIENCE = 3
"""Steps without getting better that end a local search."""
STEPS = 50
HANDED_ON = 20
"""Random points that are handed on behind what the local searches found."""
WIDEST, NARROWEST = 0.2, 0.005
"""Standard deviations of a step on the unit scale: the one is ConfigSpace's, the other the smallest that SMAC takes."""


@dataclass(frozen=True)
class Point:
    """A row where SMAC expects a configuration: all that it asks of one here is its vector."""

    vector: np.ndarray

    def get_array(self) -> np.ndarray:
        """The vector."""
        return self.vector


class Search(AbstractAcquisitionMaximizer):
    """Random points and local search, on arrays.

    Parameters
    ----------
    configspace : ConfigurationSpace
        What is searched.
    challengers : int
        Random points for each search.
    starts : int
        Local searches from random points, and as many from configurations that were tried.
    seed : int
        For the draws.
    """

    def __init__(
        self, configspace: ConfigurationSpace, *, challengers: int = 10_000, starts: int = 10, seed: int = 0
    ) -> None:
        super().__init__(configspace, None, challengers=challengers, seed=seed)
        self._starts = starts
        self._columns = _Columns(configspace)

    @property
    def meta(self) -> dict[str, Any]:
        """What SMAC writes about it into its files."""
        return {**super().meta, "starts": self._starts, "neighbours": NEIGHBOURS, "patience": PATIENCE}

    def _maximize(self, previous_configs: list[Configuration], n_points: int) -> list[tuple[float, Configuration]]:
        drawn = self._columns.draw(n_points, self._rng)
        values = self._value(drawn)
        best = np.argsort(-(values + 1e-12 * self._rng.rand(len(values))), kind="stable")
        starts = [drawn[best[: self._starts]]]
        if previous_configs:
            starts.append(self._columns.filled(self._promising(previous_configs), self._rng))
        found, reached = self._climb(np.vstack(starts))
        order = np.argsort(-reached, kind="stable")
        rows = [(reached[i], found[i], "Local Search") for i in order]
        rows += [(values[i], drawn[i], "Random Search (sorted)") for i in best[: 10 * HANDED_ON]]
        return list(islice(self._configurations(rows, previous_configs), len(order) + HANDED_ON))

    def _value(self, rows: np.ndarray) -> np.ndarray:
        """The acquisition function's value of each row."""
        function = self._acquisition_function
        assert function is not None
        masked = self._columns.masked(rows)
        if type(function).__call__ is not AbstractAcquisitionFunction.__call__:
            points: Any = [Point(row) for row in masked]
            return np.asarray(function(points)).reshape(-1)
        values = function._compute(masked).reshape(-1)
        return np.where(np.isnan(values), -np.finfo(float).max, values)

    def _promising(self, tried: list[Configuration]) -> np.ndarray:
        """Vectors of the tried configurations that the model expects to be cheapest."""
        assert self._acquisition_function is not None
        vectors = np.array([c.get_array() for c in tried])
        model = self._acquisition_function.model
        if model is None:
            return vectors[: self._starts]
        costs = np.asarray(model.predict_marginalized(vectors)[0])
        if costs.shape[1] > 1:  # several objectives: weighed at random, as SMAC does
            weights = self._rng.rand(costs.shape[1])
            costs = (costs @ (weights / weights.sum())).reshape(-1, 1)
        return vectors[np.lexsort((self._rng.rand(len(costs)), costs[:, 0]))[: self._starts]]

    def _climb(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the local searches end, and the value there."""
        rows, values = rows.copy(), self._value(rows)
        waited = np.zeros(len(rows), dtype=int)
        for _ in range(STEPS):
            going = np.flatnonzero(waited < PATIENCE)
            if not len(going):
                break
            around = self._columns.neighbours(rows[going], NEIGHBOURS, self._rng)
            seen = self._value(around).reshape(len(going), NEIGHBOURS)
            chosen = seen.argmax(axis=1)
            reached = seen[np.arange(len(going)), chosen]
            better = reached > values[going]
            moved = going[better]
            rows[moved] = around.reshape(len(going), NEIGHBOURS, -1)[np.flatnonzero(better), chosen[better]]
            values[moved] = reached[better]
            waited[going] += 1
            waited[moved] = 0
        return rows, values

    def _configurations(
        self, rows: list[tuple[float, np.ndarray, str]], tried: list[Configuration]
    ) -> Iterator[tuple[float, Configuration]]:
        """Rows as configurations, each once; what was tried or is forbidden by the space is left out."""
        seen = {_key(c.get_array()) for c in tried}
        vectors = self._columns.masked(np.array([row for _, row, _ in rows]))
        for (value, _, origin), vector in zip(rows, vectors, strict=True):
            if _key(vector) in seen:
                continue
            seen.add(_key(vector))
            try:
                made = Configuration(self._configspace, vector=vector)
                made.check_valid_configuration()
            except (ForbiddenValueError, IllegalVectorizedValueError, ValueError):
                continue
            made.origin = f"Acquisition Function Maximizer: {origin}"
            yield float(value), made


def _key(vector: np.ndarray) -> bytes:
    """Equal for vectors of equal configurations."""
    return np.where(np.isnan(vector), -1.0, np.round(vector, 10)).tobytes()


class _Columns:
    """The hyperparameters of a space as columns of an array, parents before children.

    Rows are *full*: an inactive hyperparameter has a value too, which it takes up when it becomes active. `masked` rows
    are what SMAC knows: there it is NaN.
    """

    def __init__(self, configspace: ConfigurationSpace) -> None:
        self._hyperparameters = list(configspace.values())
        place = configspace.index_of
        self._conditions = [
            (place[name], configspace.parent_conditions_of[name])
            for name in configspace
            if configspace.parent_conditions_of[name]
        ]
        self._free = np.array([i for i, h in enumerate(self._hyperparameters) if h.size != 1], dtype=int)

    def draw(self, rows: int, random: np.random.RandomState) -> np.ndarray:
        """So many full rows, each hyperparameter drawn as it says itself."""
        return np.column_stack([h.sample_vector(rows, seed=random) for h in self._hyperparameters]).astype(float)

    def filled(self, masked: np.ndarray, random: np.random.RandomState) -> np.ndarray:
        """Full rows of masked ones: what is inactive gets a value that was drawn."""
        return np.where(np.isnan(masked), self.draw(len(masked), random), masked)

    def masked(self, rows: np.ndarray) -> np.ndarray:
        """The rows with NaN where a hyperparameter is inactive."""
        masked = rows.copy()
        for column, conditions in self._conditions:
            active = np.ones(len(masked), dtype=bool)
            for condition in conditions:
                active &= np.asarray(
                    condition.satisfied_by_vector_array(masked.T), dtype=bool
                )  # a row for each hyperparameter
            masked[~active, column] = np.nan
        return masked

    def neighbours(self, rows: np.ndarray, each: int, random: np.random.RandomState) -> np.ndarray:
        """Of every row so many others, each with one active hyperparameter changed; shape (rows × each, columns)."""
        around = np.repeat(rows, each, axis=0)
        if not len(self._free):
            return around
        active = ~np.isnan(self.masked(around))[:, self._free]
        chances = np.where(active, random.rand(*active.shape), -1.0)
        changed = self._free[chances.argmax(axis=1)]
        for column in np.unique(changed):
            where = np.flatnonzero(changed == column)
            around[where, column] = self._moved(self._hyperparameters[column], around[where, column], random)
        return around

    @staticmethod
    def _moved(hyperparameter: Any, values: np.ndarray, random: np.random.RandomState) -> np.ndarray:
        """Other values near those: any other of a choice, the next of an order, a step on a range."""
        if isinstance(hyperparameter, Constant):
            return values
        if isinstance(hyperparameter, CategoricalHyperparameter):
            number = len(hyperparameter.choices)
            return (values + random.randint(1, number, size=len(values))) % number
        if isinstance(hyperparameter, OrdinalHyperparameter):
            last = len(hyperparameter.sequence) - 1
            steps = np.where(values <= 0, 1, np.where(values >= last, -1, random.choice([-1, 1], size=len(values))))
            return values + steps
        spread = np.exp(random.uniform(np.log(NARROWEST), np.log(WIDEST), size=len(values)))
        low, high = hyperparameter.lower_vectorized, hyperparameter.upper_vectorized
        moved = np.clip(values + (high - low) * spread * random.normal(size=len(values)), low, high)
        return np.asarray(hyperparameter.to_vector(hyperparameter.to_value(moved)), dtype=float)
