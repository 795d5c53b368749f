"""What a driver that starts again knows already, and how a fresh SMAC is told.

Trials come from `events.jsonl` and are told in their order. The rounds of successive halving that were open come
from `brackets.json`: SMAC knows them only in its intensifier, which gives and takes them by `get_state` and
`set_state`. What cannot be brought back is the state of SMAC's random numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.nouns import SpaceError, Trial
from workbench.runs import folder as files

if TYPE_CHECKING:
    import ConfigSpace
    from smac.facade.abstract_facade import AbstractFacade
    from smac.runhistory import TrialInfo

BRACKETS = "brackets.json"
_FIELDS = tuple(f.name for f in fields(Trial))


@dataclass(frozen=True)
class Known:
    """A trial of before, and what SMAC had asked for: its own seed, and where the configuration came from."""

    trial: Trial
    seed: int | None = None
    origin: str | None = None


@dataclass(frozen=True)
class Memory:
    """What a run folder says of itself: its trials, and how many seconds had gone by at its last event."""

    known: tuple[Known, ...]
    elapsed_s: float


def remember(folder: Path) -> Memory:
    """Read `events.jsonl`; a line that a killed driver left half written is passed over."""
    known, elapsed = [], 0.0
    for event in files.EventReader(folder / "events.jsonl").news():
        if event["event"] == "trial":
            asked = event.get("smac") or {}
            trial = Trial(**{name: value for name, value in event.items() if name in _FIELDS})
            known.append(Known(trial, asked.get("seed"), asked.get("origin")))
            elapsed = max(elapsed, trial.start_s + trial.seconds)
        elif event["event"] == "state":
            elapsed = max(elapsed, float(event.get("at_s", 0.0)))
    return Memory(tuple(known), elapsed)


def asked_before(
    known: Iterable[Known], configspace: ConfigSpace.ConfigurationSpace, seed: int
) -> list[tuple[TrialInfo, Trial]]:
    """Each trial with what SMAC had asked for, as `tell` wants it.

    Parameters
    ----------
    seed : int
        The seed of the scenario, from which SMAC draws its own.

    Raises
    ------
    SpaceError
        If a configuration is none of this space.
    """
    import numpy as np
    from smac.constants import MAXINT
    from smac.runhistory import TrialInfo

    from workbench import space

    drawn = int(np.random.RandomState(seed).randint(low=0, high=MAXINT, size=1)[0])
    found = []
    for one in known:
        try:
            config = space.configuration(configspace, one.trial.config)
        except SpaceError as error:
            raise SpaceError(f"trial {one.trial.number} is none of this space any more: {error}") from error
        config.origin = one.origin
        asked = drawn if one.seed is None else one.seed
        info = TrialInfo(config, instance=one.trial.instance, seed=asked, budget=one.trial.budget)
        found.append((info, one.trial))
    return found


def trial_to_dict(trial: Trial) -> dict[str, Any]:
    """A trial as it stands in `events.jsonl`."""
    values = {name: getattr(trial, name) for name in _FIELDS}  # its `__dict__` would be made for good by asking for it
    return {**values, "config": dict(trial.config), "metrics": dict(trial.metrics)}


class Brackets:
    """The open rounds of successive halving, kept in the folder whenever they change."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / BRACKETS
        self._kept = ""

    def keep(self, facade: AbstractFacade) -> None:
        """Write what SMAC says of them, where that is new; nothing for a facade that has none."""
        state = facade.intensifier.get_state()
        if "tracker" not in state:
            return
        text = json.dumps(state, default=_plain)
        if text != self._kept:
            files.write(self._path, text)
            self._kept = text

    def restore(self, facade: AbstractFacade) -> bool:
        """Give them back to SMAC before its first question; False where there are none, or none that can be read."""
        try:
            state = json.loads(self._path.read_text(encoding="utf-8"))
            if "tracker" not in facade.intensifier.get_state():
                return False
            facade.intensifier.set_state(state)
        except (OSError, ValueError, KeyError):
            return False
        return True


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
