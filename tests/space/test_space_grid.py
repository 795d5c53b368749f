"""Integers on a log scale lie exactly where their values do: conditions and forbidden clauses see them."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from ConfigSpace.util import get_one_exchange_neighbourhood

from workbench import space as spaces
from workbench.nouns import Clause, Condition, Forbidden, Hyperparameter, Prior, Space

PRIORS = [None, Prior("normal", 9, 1.0), Prior("beta", 1.0, 1.0)]
IDS = ["uniform", "normal", "beta"]


def spaced(prior: Prior | None) -> Space:
    width = Hyperparameter("width", "integer", 1, 12, True, prior=prior)
    child = Hyperparameter("child", "float", 0.0, 1.0)
    return Space(
        (width, child),
        (Condition("child", (Clause("width", "in", (2, 3, 5, 9)),)),),
        (Forbidden((Clause("width", "==", 7),)),),
    )


@pytest.mark.parametrize("prior", PRIORS, ids=IDS)
def test_every_draw_and_every_neighbour_follows_conditions_and_clauses(prior: Prior | None) -> None:
    space = spaced(prior)
    made = spaces.to_configspace(space, seed=1)
    drawn = made.sample_configuration(300)
    near = [n for c in drawn[:20] for n in get_one_exchange_neighbourhood(c, seed=3)]
    assert len(near) > 20
    for values in (spaces.plain(c) for c in [*drawn, *near]):
        assert ("child" in values) == (values["width"] in (2, 3, 5, 9))
        assert values["width"] != 7
    assert len({spaces.plain(c)["width"] for c in drawn}) >= 6


@pytest.mark.parametrize("prior", PRIORS, ids=IDS)
def test_the_part_of_configspace_that_is_wrapped_is_still_there_and_copies(prior: Prior | None) -> None:
    made = spaces.to_configspace(Space((Hyperparameter("width", "integer", 1, 100, True, prior=prior),)))
    twins = copy.deepcopy(made), pickle.loads(pickle.dumps(made))
    vectors = [c.get_array()[0] for c in made.sample_configuration(200)]
    width = made["width"]
    assert vectors == [width.to_vector(width.to_value(np.float64(v))) for v in vectors]
    for twin in twins:
        again = [c.get_array()[0] for c in twin.sample_configuration(50)]
        assert again == [width.to_vector(width.to_value(np.float64(v))) for v in again]
