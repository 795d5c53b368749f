"""What a person chooses of a table, in the session: each choice stays until it is changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench import datasets
from workbench.nouns import DatasetError, Split
from workbench.session import Session

N = 80
TABLE = pd.DataFrame(
    {"size": np.arange(N) % 7, "day": np.arange(N) // 2, "twin": np.arange(N) % 5, "label": ["a", "b"] * (N // 2)}
)


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "runs")
    made.load(TABLE, "label")
    return made


def test_a_choice_changes_one_thing_and_keeps_the_others(session):
    session.choose(types={"size": "category"}, holdout=0.1)
    session.choose(test=Split("time", column="day", share=0.2))
    session.choose(drop=["twin"])
    data = session.dataset
    assert (data.types, data.dropped, str(data.split)) == (
        (("size", "category"),),
        ("twin",),
        "the latest 20 % by 'day'",
    )
    assert (data.holdout.rows, data.rows, len(data.X_test)) == (8, 57, 15)
    assert session.choices.holdout == Split("share", share=0.1)
    session.choose(test=None, holdout=None)
    assert (session.dataset.rows, session.dataset.holdout, session.dataset.dropped) == (N, None, ("twin",))


def test_another_target_has_its_task_guessed_anew_and_keeps_the_rest(session):
    session.choose(drop=["twin", "size"], holdout=0.1)
    session.choose(target="size", task="regression")
    assert (session.dataset.task, session.dataset.dropped, session.dataset.holdout.rows) == ("regression", ("twin",), 8)
    session.choose(target="label")
    assert session.dataset.task == "classification"


def test_the_type_leave_out_drops_a_column_and_another_type_brings_it_back(session):
    session.choose(types={"twin": "leave out"})
    assert (session.dataset.dropped, session.dataset.types) == (("twin",), ())
    session.choose(types={"twin": "category"})
    assert (session.dataset.dropped, session.dataset.types) == ((), (("twin", "category"),))


def test_a_choice_that_cannot_be_keeps_the_dataset_and_the_choices(session):
    before, chosen = session.dataset, session.choices
    with pytest.raises(DatasetError, match="there is no choice 'split' of a table; there are: target, task, drop"):
        session.choose(split=0.2)
    with pytest.raises(DatasetError, match="no column is named 'dy'"):
        session.choose(test=Split("time", column="dy"))
    assert (session.dataset, session.choices) == (before, chosen)
    with pytest.raises(DatasetError, match="there is no table yet"):
        Session().choose(target="label")


def test_the_rows_of_a_holdout_lie_in_the_runs_folder_and_in_no_run(session, tmp_path):
    session.choose(holdout=0.25, test=0.2)
    X, _ = datasets.holdout.open(session.dataset.holdout, "a test", vault=session.vault)
    assert session.vault == tmp_path / "runs" / ".sealed"
    assert len(X) == 20
    session.preset("decision_tree")
    from workbench.nouns import Candidate
    from workbench.runs import create, find

    run = create(session.job(), Candidate("def train(): ...", "file"), root=session.runs_folder)
    assert run.about["dataset"]["holdout"] == {"rows": 20, "digest": session.dataset.holdout.digest}
    assert sum(len(pd.read_parquet(p)) for p in run.folder.rglob("*.parquet")) == 60
    assert [r.folder for r in find(session.runs_folder)] == [run.folder]
