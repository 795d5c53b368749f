"""More workers than memory are refused in a sentence, before anything starts."""

from __future__ import annotations

import dataclasses

import pytest

from workbench import contracts, facades
from workbench.facades._memory import WORKER_MB, memory_mb
from workbench.nouns import FacadeError, Hyperparameter, Scenario, Space

SPACE = Space((Hyperparameter("x", "float", 0.0, 1.0),))


def test_workers_that_have_no_room_are_refused_and_those_that_may_fill_it_are_warned_of() -> None:
    total = memory_mb()
    assert total > WORKER_MB
    parts = facades.get("random"), contracts.get("metrics"), SPACE
    many = Scenario(workers=total // WORKER_MB + 1)
    with pytest.raises(FacadeError, match=rf"workers need .* and this machine has {total:,} MB; .* workers would do"):
        facades.check(*parts, many)
    wide = Scenario(workers=2, memory_limit_mb=total)
    facades.check(*parts, wide)
    assert any("is more than the" in fit.text for fit in facades.fits(*parts, wide))
    narrow = dataclasses.replace(wide, workers=1)
    assert not any("MB" in fit.text for fit in facades.fits(*parts, narrow))
