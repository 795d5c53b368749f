"""Racing over instances, as a person meets it: in a session, in the Optimiser step, from a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench import results
from workbench.nouns import FacadeError, Instance, RunError, Trial
from workbench.session import Session
from workbench.ui.panels.optimiser import OptimiserPanel
from workbench.ui.panels.run import trial_columns, trial_row
from workbench.worker import variants

TRAIN = """
import joblib


class Model:
    def predict(self, X):
        return [1] * len(X)


def train(cfg, dataset, seed, budget=None, model_dir=None):
    assert len(set(dataset["X"]["town"])) == 1
    joblib.dump(Model(), f"{model_dir}/model.joblib")
    return float(cfg["x"]) * len(dataset["X"]), Model()
"""


def towns() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"town": list("pppqqr") * 20, "size": rng.normal(size=120), "year": [2001.0, 2002.0] * 60})
    frame["y"] = rng.integers(0, 2, 120)
    return frame


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = Session(tmp_path / "runs")
    made.load(towns(), target="y", test=0.25)
    return made


def texts(session: Session) -> list[str]:
    return [f.text for f in session.fits()]


def test_what_it_is_raced_over_is_said_before_a_run(session: Session) -> None:
    session.facade = "ac"
    assert (session.scenario.instances, session.scenario.n_trials % 3) == (5, 0)
    assert "A configuration is tried with up to 5 seeds, and its cost is the mean." in texts(session)
    session.set_scenario(instances="town")
    assert any(
        t.startswith("A configuration is tried on up to 3 tables, one for each value of 'town'") for t in texts(session)
    )
    assert "column 'town'" in session.prompt.text
    session.set_scenario(instances="street")
    assert texts(session)[0].startswith(
        "The table has no column 'street' to divide it by; columns that do: town, year; or"
    )


def test_rows_without_a_value_and_small_tables_are_counted(session: Session) -> None:
    frame = towns()
    frame.loc[:9, "town"] = None
    frame.loc[10:14, "town"] = "tiny"
    session.load(frame, target="y")
    session.facade = "ac"
    session.set_scenario(instances="town")
    assert any(
        "; 15 of the 120 rows are in none. A model that is saved was trained on one of them." in t
        for t in texts(session)
    )


@pytest.mark.parametrize("wrong", [1, 0, 101, 2.5, True, "", " "])
def test_what_cannot_be_raced_over_is_refused_with_what_can(session: Session, wrong: object) -> None:
    with pytest.raises(FacadeError) as caught:
        session.set_scenario(instances=wrong)
    assert str(caught.value) == (
        f"instances is {wrong!r}; it must be a number of seeds from 2 to 100, or the name of a column whose values "
        "divide the table"
    )


def test_instances_come_back_with_the_facade_that_takes_them_and_are_saved(session: Session, tmp_path: Path) -> None:
    session.facade = "ac"
    session.set_scenario(instances="town")
    session.facade = "hpo"
    assert session.scenario.instances is None
    session.facade = "ac"
    assert session.scenario.instances == "town"


def test_the_step_takes_a_number_or_a_column_and_only_where_it_means_something(session: Session) -> None:
    panel = OptimiserPanel(session)
    field = panel.numbers["instances"]
    assert field.control.disabled
    session.facade = "ac"
    assert (field.control.disabled, field.control.value) == (False, "5")
    assert "the name of a column makes a table" in panel.reasons["instances"].value
    field.control.value = "town"
    assert session.scenario.instances == "town"
    field.control.value = "1"
    assert "must be a number of seeds from 2 to 100" in field.error.value
    assert session.scenario.instances == "town"
    field.control.value = "7"
    assert session.scenario.instances == 7


def test_the_table_of_trials_names_what_they_were_tried_on() -> None:
    told = [Trial(1, {"x": 1}, None, 0, "success", 0.5, instance="town=San José=2")]
    assert [c["title"] for c in trial_columns((told[0],))] == ["#", "status", "cost", "town", "s", "configuration"]
    assert trial_row(told[0], None)["instance"] == "San José=2"
    seed = Trial(1, {"x": 1}, None, 3, "success", 0.5, instance="seed 3")
    assert (trial_columns((seed,))[3]["title"], trial_row(seed, None)["instance"]) == ("seed", "3")


def test_the_rows_of_one_value_are_taken_from_both_parts(session: Session) -> None:
    dataset = session.dataset
    assert dataset is not None
    assert dataset.X_test is not None
    part = variants.apply(dataset, Instance("town=q", where=("town", "q")).variant, with_test=True)
    assert set(part["X"]["town"]) == set(part["X_test"]["town"]) == {"q"}
    assert (len(part["X"]), len(part["X_test"])) == (sum(dataset.X["town"] == "q"), sum(dataset.X_test["town"] == "q"))
    assert (len(part["y"]), len(part["y_test"])) == (len(part["X"]), len(part["X_test"]))
    year = variants.apply(dataset, {"where": ["year", "2001.0"]}, with_test=False)
    assert set(year["X"]["year"]) == {2001.0}


def test_a_model_of_one_part_is_not_asked_about_the_whole(session: Session) -> None:
    session.facade = "ac"
    session.space.replace(type(session.space.space)())
    session.space["x"] = (0.0, 1.0)
    session.set_scenario(instances="town", n_trials=4)
    session.edit(TRAIN)
    run = session.run(override="a short function for a test", wait=True)
    assert run.state == "finished", run.log_tail()
    assert run.models
    with pytest.raises(RunError, match=r"was trained on one value of 'town' alone; run its best configuration on the"):
        results.predictions(run)


def test_a_race_is_run_from_a_terminal(tmp_path: Path) -> None:
    towns().to_csv(tmp_path / "towns.csv", index=False)
    words = "--data towns.csv --target y --facade ac --trials 5 --preset decision_tree --contract loss --instances"
    done = subprocess.run(
        [Path(sys.executable).with_name("workbench"), "run", *words.split(), "town", "--runs", "runs"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "mean of " in done.stdout
    assert " instances)" in done.stdout
    (folder,) = (tmp_path / "runs").glob("*-ac-*")
    assert json.loads((folder / "job.json").read_text())["scenario"]["instances"] == "town"
