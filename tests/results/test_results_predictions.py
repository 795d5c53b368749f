"""What saved models predict, asked in the guarded worker; the sealed score with its interval and count of looks."""

from __future__ import annotations

import dataclasses
import io
import os

import joblib
import numpy as np
import pandas as pd
import pytest
from made_runs import made_trials
from matplotlib.image import imread
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import LinearSVC

from workbench import datasets, results
from workbench.nouns import Candidate, Hyperparameter, Job, RunError, Scenario, Space
from workbench.results.predictions import Predictions
from workbench.runs import create
from workbench.session import Session

CODE = "def train(cfg, dataset, seed, budget=None, model_dir=None):\n    return 0.5\n"


class Exits:
    """What a stranger's model file may be: loading it ends the process that does."""

    def __reduce__(self):
        return os._exit, (3,)


class Short:
    def predict(self, X):
        return [1]


def run_of(root, dataset, model):
    """A run folder with this model in it."""
    space = Space((Hyperparameter("lr", "float", 0.0, 1.0),))
    run = create(Job(dataset, space, "random", "loss", Scenario(n_trials=2)), Candidate(CODE, "file"), root=root)
    import json

    from workbench.runs.driver import trial_to_dict

    lines = [{"event": "trial", **trial_to_dict(t)} for t in made_trials(2)]
    lines.append({"event": "state", "state": "finished", "reason": ""})
    (run.folder / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    if model is not None:
        joblib.dump(model, run.folder / "models" / "model.joblib")
    run.refresh()
    return run


@pytest.fixture(scope="module")
def iris(tmp_path_factory):
    dataset = datasets.load("builtin:iris", test_share=0.3)
    model = LogisticRegression(max_iter=300).fit(dataset.X, dataset.y)
    return run_of(tmp_path_factory.mktemp("iris"), dataset, model), model


def test_the_test_part_is_predicted_as_the_model_itself_does(iris):
    run, model = iris
    dataset = datasets.open(run.folder / "data")
    before = {p: p.stat().st_mtime_ns for p in run.folder.rglob("*")}
    found = results.predictions(run)
    assert found.part == "test"
    assert [found.classes[i] for i in found.predicted] == list(model.predict(dataset.X_test))
    assert [found.classes[i] for i in found.true] == list(dataset.y_test)
    assert found.probability == pytest.approx(model.predict_proba(dataset.X_test), abs=1e-5)
    assert found.note == "45 rows of the test part."
    assert {p: p.stat().st_mtime_ns for p in run.folder.rglob("*")} == before


def test_classes_come_with_confusion_and_calibration(iris):
    found = results.predictions(iris[0])
    from workbench.results.prediction_figures import calibration, confusion

    labels, table = confusion(found)
    assert labels == [str(c) for c in found.classes]
    assert table.sum() == 45
    assert np.trace(table) == (found.true == found.predicted).sum()
    assert calibration(found)[:, 2].sum() == 45
    for dark in (False, True):
        assert (imread(io.BytesIO(results.predictions_png(found, dark=dark)))[0, 0, :3].mean() < 0.5) == dark
    assert results.predictions_text(found).startswith("Confusion of classes and calibration: accuracy 0.9")


def test_numbers_come_with_residuals_and_without_a_test_part_it_says_what_the_rows_are(tmp_path):
    dataset = datasets.load("builtin:diabetes")
    run = run_of(tmp_path, dataset, {"model": LinearRegression().fit(dataset.X, dataset.y), "note": "in a dict"})
    found = results.predictions(run)
    assert found.part == "train"
    assert "looks better than it is" in found.note
    told = {s.name: s for s in results.scores(found)}
    assert told["R²"].value == pytest.approx(0.5177, abs=1e-3)
    assert told["R²"].low < told["R²"].value < told["R²"].high
    assert results.predictions_png(found)[:4] == b"\x89PNG"
    with pytest.raises(RunError, match="has no test part"):
        results.predictions(run, "test")


def test_text_labels_and_a_model_without_probabilities(tmp_path):
    frame = pd.DataFrame({"a": np.r_[np.zeros(20), np.ones(20)], "b": np.arange(40.0)})
    frame["kind"] = ["no"] * 20 + ["yes"] * 20
    dataset = datasets.make(frame, "kind")
    found = results.predictions(run_of(tmp_path, dataset, LinearSVC().fit(dataset.X, dataset.y)))
    assert found.classes == ("no", "yes")
    assert found.probability is None
    assert results.predictions_png(found)[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (None, "saved no model"),
        (Exits(), "does not predict these rows: "),
        ({"weights": 3}, "which has no predict"),
        (Short(), "does not predict these rows: "),
    ],
)
def test_a_model_file_that_does_not_predict_is_a_sentence_and_never_runs_here(tmp_path, model, sentence):
    dataset = datasets.load("builtin:iris")
    with pytest.raises(RunError, match=sentence):
        results.predictions(run_of(tmp_path, dataset, model))


def test_the_sealed_score_has_an_interval_and_counts_every_look(tmp_path):
    session = Session(tmp_path / "runs")
    dataset = session.load("builtin:breast_cancer", holdout=0.3)
    run = run_of(session.runs_folder, dataset, LogisticRegression(max_iter=5000).fit(dataset.X, dataset.y))
    found = session.sealed_score(run)
    accuracy = found.scores[0]
    assert accuracy.name == "accuracy"
    assert 0.85 < accuracy.low < accuracy.value < accuracy.high <= 1.0
    assert len(found.predictions.true) == dataset.holdout.rows == 171
    assert found.looks == 1
    assert "looked at for the first time." in found.text
    again = session.sealed_score(run.folder.name)
    assert again.scores == found.scores
    assert again.looks == 2
    assert "for the 2nd time; the more often" in again.text
    looks = datasets.holdout.looks(dataset.holdout, vault=session.vault)
    assert [look.why for look in looks] == [f"score of {run.folder.name}"] * 2
    without = run_of(session.runs_folder, dataset, None)
    with pytest.raises(RunError, match="saved no model"):
        session.sealed_score(without)
    assert len(datasets.holdout.looks(dataset.holdout, vault=session.vault)) == 2


def test_without_sealed_rows_it_says_how_to_seal_some(iris):
    with pytest.raises(RunError, match=r"no rows were sealed before the run .*holdout=0.2"):
        results.sealed_score(iris[0], iris[0].folder)


def known(true, said):
    true, said = np.asarray(true), np.asarray(said)
    classes = tuple(range(int(max(true.max(), said.max())) + 1))
    return Predictions("classification", "test", true, said, classes, None, len(true))


def test_the_interval_covers_as_often_as_it_says():
    random = np.random.default_rng(0)
    covered = 0
    for seed in range(100):
        right = random.random(200) < 0.8
        score = results.scores(known(np.ones(200, int), right.astype(int)), seed=seed, resamples=200)[0]
        covered += score.low <= 0.8 <= score.high
    assert covered >= 88


def test_balanced_accuracy_counts_each_class_alike():
    told = {s.name: s.value for s in results.scores(known([0] * 90 + [1] * 10, [0] * 100), resamples=10)}
    assert told == {"accuracy": 0.9, "balanced accuracy": 0.5}


def test_many_classes_are_put_together_in_the_confusion():
    from workbench.results.prediction_figures import MOST_SHOWN, confusion

    true = np.arange(40).repeat(3)
    found = dataclasses.replace(known(true, true), classes=tuple(f"c{i}" for i in range(40)))
    labels, table = confusion(found)
    assert len(labels) == MOST_SHOWN
    assert labels[-1] == "29 others"
    assert np.trace(table) == table.sum() == 120


def test_classes_with_dollar_signs_are_shown_as_they_stand():
    classes = ("$_0$", "$^10$")
    found = Predictions("classification", "test", np.array([0, 1]), np.array([1, 1]), classes, np.eye(2), 2)
    assert results.predictions_png(found).startswith(b"\x89PNG")


def test_a_class_that_is_predicted_as_a_float_is_the_same_class(tmp_path):
    frame = pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0) % 7, "kind": np.arange(40) // 20})
    dataset = datasets.make(frame, "kind", task="classification")
    found = results.predictions(run_of(tmp_path, dataset, KNeighborsRegressor(1).fit(dataset.X, dataset.y)))
    assert found.classes == (0, 1)
    assert (found.true == found.predicted).all()
