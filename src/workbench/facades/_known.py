"""Whether a configuration is known, asked of a table instead of a list: the ten-thousandth trial costs as the tenth.

SMAC 2.4 keeps the configurations that were proposed, and those that lost against the incumbent, in lists, and looks
through both before each trial; each look compares two configurations value by value. What is decided stays the same.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from ConfigSpace import Configuration
from smac import Scenario
from smac.intensifier.intensifier import Intensifier
from smac.main.config_selector import ConfigSelector


class Known(list[Configuration]):
    """A list that only grows, which finds a configuration by its hash."""

    def __init__(self, configurations: Iterable[Configuration] = ()) -> None:
        super().__init__(configurations)
        self._found = set(self)

    def append(self, configuration: Configuration) -> None:
        super().append(configuration)
        self._found.add(configuration)

    def __contains__(self, configuration: object) -> bool:
        return configuration in self._found


class Proposing(ConfigSelector):
    """SMAC's selector, which finds what it proposed before at once."""

    @property
    def _processed_configs(self) -> Known:
        return self._known

    @_processed_configs.setter
    def _processed_configs(self, configurations: Iterable[Configuration]) -> None:
        self._known = Known(configurations)


class Drawing(Proposing):
    """The selector of random search: nothing is collected for a model, and no best vector looked for."""

    def _collect_data(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As many rows of nothing as there are trials: SMAC asks only whether there are more than before."""
        assert self._runhistory is not None
        rows = np.zeros((self._runhistory.finished, len(self._scenario.configspace)))
        return rows, rows, rows

    def _get_evaluated_configs(self) -> list[Configuration]:
        return []

    def _get_x_best(self, X: np.ndarray) -> tuple[np.ndarray, float]:
        return X[0], 0.0


class Rejected(list[Configuration]):
    """What lost against the incumbent, found by its number in the history."""

    def __init__(self, numbers: Iterable[int], history: Any) -> None:
        super().__init__()
        self._numbers, self._history = set(numbers), history

    def __contains__(self, configuration: object) -> bool:
        return self._history.has_config(configuration) and self._history.get_config_id(configuration) in self._numbers

    def __iter__(self) -> Iterator[Configuration]:
        return (self._history.get_config(number) for number in self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


class Racing(Intensifier):
    """SMAC's intensifier, which finds what was rejected at once."""

    def get_rejected_configs(self) -> list[Configuration]:
        return Rejected(self._rejected_config_ids, self.runhistory)


def proposing(facade: Any, scenario: Scenario, kind: type[Proposing] = Proposing) -> Proposing:
    """A selector with the numbers that a SMAC facade gives its own."""
    numbers = _defaults(facade.get_config_selector)
    return kind(scenario, retrain_after=numbers["retrain_after"], max_new_config_tries=numbers["retries"])


def racing(facade: Any, scenario: Scenario) -> Racing:
    """An intensifier with the numbers that a SMAC facade gives its own."""
    return Racing(scenario, **_defaults(facade.get_intensifier))


def _defaults(method: Any) -> dict[str, Any]:
    return {n: p.default for n, p in inspect.signature(method).parameters.items() if p.default is not p.empty}
