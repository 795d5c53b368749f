"""Runs of the ac facade: configurations are raced over seeds, or over the tables that a column makes."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jobs import SPACE, ended, job

from workbench import datasets, facades, runs
from workbench.nouns import Candidate, FacadeError, Job, Scenario, Trial
from workbench.results import band, exports, groups, summary, trials_table
from workbench.runs import Run, incumbent, trajectory

SITES = """
def train(cfg, dataset, seed, budget=None, model_dir=None):
    site, = set(dataset["X"]["site"])
    right = {"a": 0.2, "b": 0.4, "c": 0.9}[site]
    return {"loss": (float(cfg["x"]) - right) ** 2, "rows": float(len(dataset["X"]))}
"""
SEEDS = """
def train(cfg, dataset, seed, budget=None, model_dir=None):
    return {"loss": abs(float(cfg["x"]) - 0.5) + seed % 7, "rows": float(len(dataset["X"])), "seed": float(seed)}
"""


def job_of(instances: int | str, n_trials: int = 24, **numbers: object) -> Job:
    frame = pd.DataFrame({"site": list("aaabbc") * 20, "b": np.arange(120.0), "label": np.arange(120) // 6 % 2})
    scenario = Scenario(n_trials=n_trials, trial_limit_s=20.0, instances=instances, **numbers)  # type: ignore[arg-type]
    return Job(datasets.make(frame, "label", name="Sites"), SPACE, "ac", "metrics", scenario)


def driven(root: Path, code: str, what: Job) -> Run:
    run = runs.create(what, Candidate(code, "file"), root=root)
    run.start()
    return ended(run)


@pytest.fixture(scope="module")
def raced(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return driven(tmp_path_factory.mktemp("raced"), SITES, job_of("site"))


def test_each_trial_sees_the_rows_of_one_value_and_the_best_is_best_on_average(raced: Run) -> None:
    assert raced.state == "finished"
    assert {t.instance for t in raced.trials} == {"site=a", "site=b", "site=c"}
    rows = {"site=a": 60.0, "site=b": 40.0, "site=c": 20.0}
    assert all(t.metrics["rows"] == rows[t.instance or ""] for t in raced.trials)
    assert {t.seed for t in raced.trials} == {0}
    assert raced.in_a_reused_process > 0, "short trials that leave nothing behind share a process here, too"
    costs: dict[str, dict[str, float]] = {}
    for t in raced.trials:
        costs.setdefault(repr(sorted(t.config.items())), {})[t.instance or ""] = t.cost or 0.0
    complete = [sum(its.values()) / 3 for its in costs.values() if len(its) == 3]
    best = raced.incumbent
    assert best is not None
    assert len(complete) >= 2
    assert (best.cost, best.budget, best.effort) == (pytest.approx(min(complete)), 3.0, "mean of 3 instances")


def test_what_is_shown_of_a_race_speaks_of_instances(raced: Run) -> None:
    said = summary(raced)
    assert "mean of 3 instances)" in said
    assert "instances       cost" in said
    assert "budget" not in said
    table = trials_table(raced.trials)
    assert set(table["instance"]) == {"site=a", "site=b", "site=c"}
    found = band([raced.trials])
    assert found.median[-1] == pytest.approx(raced.incumbent.cost)  # type: ignore[union-attr]
    (group,) = groups([raced])
    assert group.asked["instances"] == 'instances "site"'


def test_seeds_are_counted_on_from_the_scenario_s_own(tmp_path: Path) -> None:
    run = driven(tmp_path, SEEDS, job_of(3, n_trials=9, seed=5))
    assert {(t.instance, t.seed, t.metrics["seed"]) for t in run.trials} == {
        ("seed 5", 5, 5.0),
        ("seed 6", 6, 6.0),
        ("seed 7", 7, 7.0),
    }
    assert {t.metrics["rows"] for t in run.trials} == {120.0}
    best = run.incumbent
    assert best is not None
    assert best.metrics["seed"] == 6.0


def test_a_race_goes_on_after_its_trials_and_repeats_none(tmp_path: Path) -> None:
    run = driven(tmp_path, SITES, job_of("site", n_trials=7))
    run.extend(8)
    run = ended(run)
    assert len(run.trials) == 15
    tried = [(repr(sorted(t.config.items())), t.instance) for t in run.trials]
    assert len(set(tried)) == len(tried)


def test_a_failure_on_one_instance_is_no_mean_of_the_others(tmp_path: Path) -> None:
    body = SITES.replace("return", 'assert cfg["x"] > 0.5 or site != "c", "site c needs more"\n    return')
    run = driven(tmp_path, body, job_of("site", n_trials=30))
    failed = [t for t in run.trials if t.status != "success"]
    assert {t.instance for t in failed} <= {"site=c"}
    assert len({t.status for t in run.trials}) == 2
    best = run.incumbent
    assert best is not None
    assert best.budget == 3.0
    assert float(best.config["x"]) > 0.5


def test_trials_of_other_instances_are_not_taken_over(raced: Run, tmp_path: Path) -> None:
    same = runs.reusable(raced, job_of("site", n_trials=40), Candidate(SITES, "file"))
    assert len(same.kept) == 24
    other = runs.reusable(raced, job_of(3), Candidate(SITES, "file"))
    assert (len(other.kept), other.left) == (0, ((24, "their instances are none of now's"),))
    assert "the instances were site and are 3" in {d.text for d in other.differences}
    whole = runs.reusable(raced, dataclasses.replace(job_of(3), facade="random"), Candidate(SITES, "file"))
    assert not whole.kept


def test_the_exported_script_races_in_plain_smac(raced: Run, tmp_path: Path) -> None:
    (tmp_path / "optimise.py").write_text(exports.to_script(raced), encoding="utf-8")
    fixed = {**os.environ, "PYTHONHASHSEED": "0"}  # as drivers have it: SMAC's own search goes by it
    done = subprocess.run(
        [sys.executable, "optimise.py", "8"],
        cwd=tmp_path,
        env=fixed,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    ours = [f"cost {t.cost:.6g}  {t.instance}  " for t in raced.trials[:8]]
    lines = [line for line in done.stdout.splitlines() if line.startswith("trial")]
    assert all(said in line for said, line in zip(ours, lines, strict=True))
    compile(exports.to_notebook(raced), "notebook", "eval")


# ---------------------------------------------------------------------- what cannot be raced over


@pytest.mark.parametrize(
    ("instances", "sentence"),
    [
        ("where", "the table has no column 'where' to divide it by; columns that do: site; or give a number of seeds"),
        ("b", "column 'b' gives 0 tables with 10 rows or more and two classes, and there must be two at least"),
    ],
)
def test_a_column_that_does_not_divide_the_table_is_refused_with_those_that_do(
    tmp_path: Path, instances: str, sentence: str
) -> None:
    with pytest.raises(FacadeError) as caught:
        runs.create(job_of(instances), Candidate(SITES, "file"), root=tmp_path)
    assert str(caught.value)[1:].startswith(sentence[1:])
    assert not list(tmp_path.iterdir())


def test_seeds_begin_anew_after_the_last_that_libraries_take() -> None:
    found = facades.instances_of(job_of(3, seed=2**32 - 2))
    assert {n: i.seed for n, i in found.items()} == {
        "seed 4294967294": 2**32 - 2,
        "seed 4294967295": 2**32 - 1,
        "seed 0": 0,
    }


def test_a_table_is_divided_once_however_often_it_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    what = job_of("site")
    first = facades.instances_of(what)
    monkeypatch.setattr(pd.Series, "groupby", None)
    assert facades.instances_of(what) == first
    assert {one.seed for one in first.values()} == {what.scenario.seed}


def test_several_objectives_are_refused() -> None:
    with pytest.raises(FacadeError, match=r"^Racing over instances compares one number; leave rows out\.$"):
        runs.create(job_of(3, objectives=("loss", "rows")), Candidate(SEEDS, "file"))


def test_a_run_of_another_facade_has_no_instances(tmp_path: Path) -> None:
    run = driven(
        tmp_path,
        "def train(cfg, dataset, seed, budget=None, model_dir=None):\n    return {'loss': 1.0}\n",
        job(n_trials=2),
    )
    assert [t.instance for t in run.trials] == [None, None]
    assert "instance" not in trials_table(run.trials)


# ---------------------------------------------------------------------- the incumbent


def trial(number: int, x: float, instance: str, cost: float | None) -> Trial:
    status = "crashed" if cost is None else "success"
    return Trial(number, {"x": x}, None, 0, status, cost, {"m": cost or 0.0}, start_s=number, instance=instance)


def test_means_are_compared_over_equally_many_instances() -> None:
    told = [
        trial(1, 0.1, "a", 1.0),
        trial(2, 0.1, "b", 3.0),  # 2 instances: takes over with a mean of 2
        trial(3, 0.2, "a", 0.5),  # lower, of one instance alone
        trial(4, 0.2, "b", None),
        trial(5, 0.3, "a", 0.9),
        trial(6, 0.3, "b", 2.9),  # a mean of 1.9
    ]
    points = trajectory(told)
    assert [(p.number, p.cost, p.budget) for p in points] == [
        (1, 1.0, 1.0),
        (2, 2.0, 2.0),
        (6, pytest.approx(1.9), 2.0),
    ]
    assert [p.budget_spent for p in points] == [1.0, 2.0, 6.0]
    best = incumbent(told)
    assert best is not None
    assert (best.config, best.metrics["m"], best.effort) == ({"x": 0.3}, pytest.approx(1.9), "mean of 2 instances")
