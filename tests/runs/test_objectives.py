"""Several objectives: real runs, a penalty for each, and the front that comes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jobs
import pytest

from workbench import results
from workbench.nouns import Candidate, ContractError, FacadeError, Trial
from workbench.nouns.objective import objective_costs, objective_problem
from workbench.runs import create
from workbench.runs.front import front

TWO = "if n > 7: raise ValueError(n)\n    return {'loss': loss, 'accuracy': x}"


@pytest.fixture(autouse=True)
def end_all() -> Iterator[None]:
    yield
    jobs.end_all()


def trial(number: int, cost: float | None, accuracy: float = 0.0, budget: float | None = None) -> Trial:
    status = "crashed" if cost is None else "success"
    return Trial(number, {"x": number}, budget, 0, status, cost, {} if cost is None else {"accuracy": accuracy})


@pytest.mark.parametrize("facade", ["hpo", "multifidelity"])
def test_a_run_of_two_objectives_ends_with_a_front_and_penalties_that_are_worse_in_both(
    tmp_path: Path, facade: str
) -> None:
    run = jobs.ended(jobs.started(tmp_path, TWO, facade, n_trials=18, objectives=("loss", "accuracy")))
    assert (run.state, run.error) == ("finished", ""), run.log_tail()
    done = [t for t in run.trials if t.status == "success"]
    found = run.front
    assert run.incumbent in found, "the least loss is on the front"
    for one in found:
        same = [t for t in done if t.budget == one.budget]
        assert not [t for t in same if t.cost < one.cost and t.metrics["accuracy"] >= one.metrics["accuracy"]]
    result = json.loads((run.folder / "result.json").read_text())
    assert [entry["number"] for entry in result["front"]] == [t.number for t in found]
    assert result["front"][0]["accuracy"] == found[0].metrics["accuracy"]
    history = json.loads(next((run.folder / "smac").rglob("runhistory.json")).read_text())["data"]
    real = [e["cost"] for e in history if e["additional_info"]["status"] == "success"]
    failed = [e["cost"] for e in history if e["additional_info"]["status"] == "crashed"]
    assert len(real) == len(done)
    assert failed, "the default crashes"
    for part in (0, 1):
        assert min(cost[part] for cost in failed) > max(cost[part] for cost in real)
    table = results.trials_table(run.trials, run.objectives)
    assert table.index[table["front"]].tolist() == sorted(t.number for t in found)
    assert f"Pareto front of {len(found)} trial" in results.summary(run)


def test_a_metric_that_is_not_returned_is_a_crash_that_names_it_and_the_time_is_measured(tmp_path: Path) -> None:
    run = jobs.ended(jobs.started(tmp_path, objectives=("loss", "f1", "fit_seconds")))
    assert run.state == "failed"
    assert run.trials[0].error == (
        "the returned dict has no 'f1', which is an objective (its keys: loss, accuracy, seed, fit_seconds)"
    )
    run = jobs.ended(jobs.started(tmp_path, objectives=("loss", "fit_seconds"), n_trials=3))
    assert run.state == "finished", run.error
    assert all(t.metrics["fit_seconds"] == pytest.approx(t.seconds, abs=0.05) for t in run.trials)


def test_a_front_keeps_what_none_dominates_at_the_highest_budget() -> None:
    trials = [trial(1, 0.1, 0.5), trial(2, 0.2, 0.9), trial(3, 0.2, 0.8), trial(4, None), trial(5, 0.1, 0.5)]
    assert [t.number for t in front(trials, ("loss", "accuracy"))] == [1, 2]
    assert [t.number for t in front(trials, ("loss",))] == [1]
    higher = [*trials, trial(6, 0.9, 0.1, 9.0)]
    assert [t.number for t in front(higher, ("loss", "accuracy"))] == [6]
    assert front([], ("loss", "accuracy")) == ()


def test_what_is_minimised_of_a_metric_depends_on_whether_more_is_better() -> None:
    assert objective_costs(
        ("loss", "accuracy", "max:speed", "size"), 0.5, {"accuracy": 0.75, "speed": 3, "size": 7}
    ) == (
        0.5,
        0.25,
        -3,
        7,
    )
    with pytest.raises(ContractError, match="has no 'f1', which is an objective"):
        objective_costs(("loss", "f1"), 0.5, {})
    assert objective_problem(("loss", "f1")) == ""


@pytest.mark.parametrize(
    ("objectives", "sentence"),
    [
        (("f1", "loss"), "The first objective is 'f1'; it must be 'loss', which the trajectory follows."),
        (("loss", "f1", "max:f1"), "The objective 'f1' is named twice; once is enough."),
        ((), "The first objective is missing; it must be 'loss', which the trajectory follows."),
    ],
)
def test_objectives_that_cannot_be_are_refused_before_a_folder_is_made(
    tmp_path: Path, objectives: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(FacadeError) as caught:
        create(jobs.job(objectives=objectives), Candidate(jobs.CODE, "file"), root=tmp_path)
    assert str(caught.value) == sentence
    assert list(tmp_path.iterdir()) == []
