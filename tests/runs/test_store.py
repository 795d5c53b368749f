"""Run folders: made whole, opened and found again."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import jobs
import pandas as pd
import pytest

from workbench import datasets, runs
from workbench.nouns import Candidate, Prompt, Report, RunError
from workbench.nouns.candidate import Finding


def test_a_run_folder_gives_back_all_that_was_asked(tmp_path: Path) -> None:
    job = jobs.job("hpo", n_trials=17, seed=3)
    candidate = Candidate("def train(): ...\n", "model", parent="abc", model="some-model", tokens_in=5, note="n")
    report = Report(candidate.digest, (Finding("seeded", "must", "fail", "no seed", line=3),), calls=2)
    prompt = Prompt("Write train.", (), "train/metrics", "d1", 4)
    made = runs.create(job, candidate, prompt=prompt, report=report, root=tmp_path / "deep" / "runs", override="mine")
    run = runs.open(made.folder)
    again = run.job()
    assert (again.space, again.facade, again.contract) == (job.space, "hpo", "metrics")
    assert (again.scenario, again.plan) == (job.scenario, "be quick")
    assert again.dataset.digest == job.dataset.digest
    pd.testing.assert_frame_equal(again.dataset.X, job.dataset.X)
    assert run.candidate == candidate
    assert run.report == report
    assert (run.folder / "prompt.md").read_text() == "Write train."
    assert run.about["override"] == "mine"
    assert run.about["versions"]["smac"]
    assert (run.state, run.trials, run.progress, run.error, run.models) == ("starting", (), (0, 17), "", ())
    assert run.folder.name.endswith(tuple("0123456789abcdef"))
    assert "-tiny-table-hpo-" in run.folder.name


def test_a_run_without_prompt_and_report_has_none(tmp_path: Path) -> None:
    run = jobs.made(tmp_path)
    assert run.report is None
    assert sorted(p.name for p in run.folder.iterdir()) == ["data", "job.json", "models", "space.json", "train.py"]
    assert run.log_tail() == ""
    assert list(run.frame().columns) == []


def test_a_folder_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(RunError) as caught:
        jobs.made(tmp_path / "runs")
    assert str(caught.value).startswith(f"cannot write the run folder {tmp_path / 'runs'}")
    assert str(caught.value).endswith("choose a folder that can be written to and has room")

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(RunError, match="No space left on device"):
        jobs.made(tmp_path / "full")
    assert list((tmp_path / "full").iterdir()) == []


def test_what_is_no_run_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        runs.open(tmp_path)
    assert str(caught.value) == f"there is no run in {tmp_path}; a run folder holds a job.json"
    (tmp_path / "job.json").write_text("{")
    with pytest.raises(RunError, match="cannot be read"):
        runs.open(tmp_path)
    (tmp_path / "job.json").write_text("[]")
    with pytest.raises(RunError, match="cannot be read"):
        runs.open(tmp_path)
    (tmp_path / "job.json").write_text('{"format": 99}')
    with pytest.raises(RunError) as caught:
        runs.open(tmp_path)
    says = "has format 99; this version reads format 1: it was made by a newer workbench; install that one"
    assert str(caught.value) == f"the run in {tmp_path} {says}"


def test_runs_are_found_newest_first_and_what_is_none_is_passed_over(tmp_path: Path) -> None:
    assert runs.find(tmp_path / "none") == ()
    made = [jobs.made(tmp_path, facade=facade).folder for facade in ("random", "hpo", "blackbox", "hpo")]
    (tmp_path / "notes").mkdir()
    broken = tmp_path / "99999999-broken"
    broken.mkdir()
    (broken / "job.json").write_text("no")
    making = tmp_path / ".half"
    making.mkdir()
    (making / "job.json").write_text(json.dumps({"format": 1}))
    assert [run.folder for run in runs.find(tmp_path)] == made[::-1]


def test_runs_in_a_folder_that_was_moved_are_found_where_they_are_now(tmp_path: Path) -> None:
    run = jobs.made(tmp_path / "here")
    known = {each.folder.name: each for each in runs.find(tmp_path / "here")}
    (tmp_path / "here").rename(tmp_path / "there")
    assert [each.folder for each in runs.find(tmp_path / "there", known)] == [tmp_path / "there" / run.folder.name]


def test_a_table_whose_file_has_a_name_in_an_old_encoding_is_run_as_any_other(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"caf\xe9.csv")
    file.write_text("a,label\n" + "".join(f"{i},{i % 2}\n" for i in range(30)))
    dataset = datasets.load(file, target="label")
    job = dataclasses.replace(jobs.job(n_trials=2), dataset=dataset)
    run = runs.create(job, Candidate(jobs.CODE.replace("BODY", "pass"), "file"), root=tmp_path)
    jobs.STARTED.append(run)
    run.start()
    jobs.ended(run)
    assert (run.state, run.progress) == ("finished", (2, 2)), run.log_tail()
    assert run.job().dataset.name == dataset.name


def test_a_model_file_that_a_trial_takes_away_meanwhile_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = jobs.made(tmp_path)
    for name in ("kept", "taken"):
        (run.folder / "models" / name).write_text("")
    look, looks = Path.stat, []

    def stat(path: Path, **how: bool) -> os.stat_result:
        looks.append(path.name)
        if looks.count("taken") > 1:
            (run.folder / "models" / "taken").unlink(missing_ok=True)
        return look(path, **how)

    monkeypatch.setattr(Path, "stat", stat)
    assert run.models == (run.folder / "models" / "kept",)


def test_a_run_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    run, other = jobs.made(tmp_path), jobs.made(tmp_path)
    (other.folder / "events.jsonl").mkdir()
    assert [each.folder for each in runs.find(tmp_path)] == [run.folder]
