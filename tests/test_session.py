"""The session, end to end, with no widget in sight."""

from __future__ import annotations

import ast
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest

from waiting import LIMIT_S
from workbench import datasets
from workbench.check.case import case
from workbench.check.snippet import snippet
from workbench.datasets import find_table
from workbench.nouns import Call, DatasetError, FacadeError, GenerateError, RunError, SpaceError
from workbench.session import Session

TITANIC = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "titanic.csv"

QUICK = """\
from typing import Any, Tuple

from ConfigSpace import Configuration
from sklearn.dummy import DummyClassifier


def train(cfg: Configuration, dataset: Any, seed: int, budget: int = None, model_dir: str = None) -> Tuple[float, Any]:
    depth = float(cfg.get("x", 0.5))
    model = DummyClassifier().fit(dataset["X"], dataset["y"])
    return (depth - 0.3) ** 2, model
"""


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "runs")
    yield made
    if made.current_run is not None and made.current_run.alive:
        made.stop()
        made.wait(LIMIT_S)


@pytest.fixture
def quick(session):
    """A session whose function costs nothing and breaks some rules."""
    session.load("builtin:iris")
    session.space.replace(type(session.space.space)())
    session.space["x"] = (0.0, 1.0)
    session.edit(QUICK)
    return session


def test_loading_a_table_fills_space_and_prompt_so_that_generate_is_the_next_step(session):
    session.load("builtin:breast_cancer")
    states = session.step_states()
    assert states["data"] == ("ready", "569×30")
    assert states["space"][0] == "ready"
    assert states["prompt"][0] == "ready"
    assert states["function"] == ("empty", "not written")
    assert session.prompt.text
    assert session.prompt_error == ""


def test_a_change_of_the_space_changes_the_prompt_and_forgets_the_report(session):
    session.load("builtin:breast_cancer")
    session.generate()
    session.check(probe=False)
    before = session.prompt.digest
    session.space["added_by_hand"] = (1, 7)
    assert "added_by_hand" in session.prompt.text
    assert session.prompt.digest != before
    assert session.report is None
    session.space.undo()
    assert session.prompt.digest == before
    report = session.check(probe=False)
    session.set_scenario(n_trials=7, seed=3)
    assert session.report is report
    session.facade = "hyperband"
    assert session.report is None


def test_a_report_of_a_job_that_changed_while_it_was_made_is_given_and_not_kept(session):
    session.load("builtin:iris")
    session.generate()
    session.observe(lambda change: setattr(session, "plan", "scale the columns"), "check_progress")
    assert session.check().findings
    assert session.report is None
    assert session.check() is session.report, "the plan is the same now"


def test_a_person_s_numbers_survive_a_change_of_facade(session):
    session.load("builtin:iris")
    session.set_scenario(n_trials=17, seed=5)
    session.facade = "hyperband"
    assert (session.scenario.n_trials, session.scenario.seed) == (17, 5)
    assert session.scenario.min_budget < session.scenario.max_budget
    session.facade = "hpo"
    assert (session.scenario.min_budget, session.scenario.max_budget) == (None, None)


def test_an_edit_grows_as_one_candidate_until_it_is_checked_and_any_can_be_current_again(session):
    session.load("builtin:iris")
    first = session.generate()
    second = session.edit(first.code + "\n# by hand\n")
    assert (second.origin, second.parent) == ("edit", first.digest)
    assert session.edit(second.code) is second
    assert [c.digest for c in session.candidates] == [first.digest, second.digest]
    third = session.edit(second.code + "# and more\n")
    assert third.parent == first.digest
    assert [c.digest for c in session.candidates] == [first.digest, third.digest]
    session.check(probe=False)
    fourth = session.edit(third.code + "# after a check\n")
    assert fourth.parent == third.digest
    assert [c.digest for c in session.candidates] == [first.digest, third.digest, fourth.digest]
    assert session.choose_candidate(first.digest).code == first.code
    assert session.candidate is first


def test_a_run_from_table_to_best_configuration(session):
    session.load("builtin:iris")
    session.contract = "metrics"
    session.set_scenario(n_trials=6)
    session.generate()
    report = session.check()
    assert report.blocking == ()
    run = session.run(wait=True)
    assert run.state == "finished", run.error
    assert len(session.trials) == 6
    assert set(session.best) <= set(session.space.space.names)
    assert session.step_states()["run"] == ("ready", "6 of 6 trials")
    assert session.plot().data[:4] == b"\x89PNG"
    assert list(session.runs.index) == [run.folder.name]
    assert [r.folder for r in session.find_runs()] == [run.folder]


def test_a_function_that_breaks_a_must_rule_runs_only_with_a_reason_which_the_run_keeps(quick):
    report = quick.check()
    assert report.blocking
    with pytest.raises(
        RunError, match=r"^train breaks what it must keep \(.+\); mend it, or run it anyway with override="
    ):
        quick.run()
    assert quick.current_run is None
    quick.set_scenario(n_trials=4)
    run = quick.run(override="a demonstration", wait=True)
    assert run.state == "finished", run.error
    assert "a demonstration" in (run.folder / "job.json").read_text()


def test_stop_ends_a_run_and_keeps_what_is_done(quick):
    slow = QUICK.replace("    depth =", "    import time\n\n    time.sleep(0.2)\n    depth =")
    quick.edit(slow)
    quick.set_scenario(n_trials=500)
    quick.run(override="a demonstration")
    some = threading.Event()
    quick.observe(lambda change: some.set() if len(quick.trials) >= 2 else None, "run_version")
    assert some.wait(LIMIT_S), quick.current_run.log_tail(40)
    with pytest.raises(RunError, match="is still going on; stop it first"):
        quick.run(override="a demonstration")
    quick.stop()
    quick.wait(LIMIT_S)
    assert quick.run_state == "stopped"
    assert 2 <= len(quick.trials) < 500


def test_what_goes_wrong_in_a_thread_becomes_a_message(session):
    session.generate_async().join()
    assert session.message.level == "error"
    assert session.message.text == "there is no dataset yet; load one in the Data step, or with load(path, target=...)"


def test_the_session_loads_no_widgets():
    code = "import sys; from workbench.session import Session; Session(); print('ipywidgets' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


# ---------------------------------------------------------------- wrong entries: one sentence, and nothing is lost


def test_a_wrong_choice_says_which_there_are_and_keeps_the_old_one(session):
    with pytest.raises(FacadeError, match="no facade named 'hp'; there are: "):
        session.facade = "hp"
    with pytest.raises(ValueError, match="no contract named 'float'; there are: loss, model, metrics"):
        session.contract = "float"
    with pytest.raises(SpaceError, match="no preset named 'deep' for this task; there are: "):
        session.preset("deep")
    assert (session.facade, session.contract) == ("hpo", "model")


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"n_trials": 0}, "n_trials is 0; it must be above 0"),
        ({"n_trials": 2.5}, "n_trials is 2.5; it must be a whole number"),
        ({"n_trials": "many"}, "n_trials is 'many'; it must be a number"),
        ({"trial_limit_s": float("nan")}, "trial_limit_s is nan; it must be a number"),
        ({"max_budget": -1}, "max_budget is -1; it must be above 0"),
        ({"seed": -1}, "seed is -1; it must be between 0 and 4294967295"),
        ({"ask_ahead": 1}, "ask_ahead is 1; it must be True or False"),
    ],
)
def test_a_wrong_number_is_refused_and_the_scenario_stays(session, numbers, sentence):
    before = session.scenario
    with pytest.raises(FacadeError) as caught:
        session.set_scenario(**numbers)
    assert str(caught.value) == sentence
    assert session.scenario == before


def test_an_unknown_number_names_those_that_there_are(session):
    with pytest.raises(
        FacadeError,
        match="a scenario has no 'trials'; it has: ask_ahead, cluster, devices, instances, max_budget, "
        "memory_limit_mb, min_budget, n_trials, objectives, seed, trial_limit_s, wall_limit_s, workers",
    ):
        session.set_scenario(trials=3)


def test_a_facade_that_needs_budgets_without_them_is_not_started(quick):
    quick.facade = "hyperband"
    quick.set_scenario(min_budget=None, max_budget=None)
    assert quick.step_states()["optimiser"][0] == "error"
    with pytest.raises(FacadeError, match="budget"):
        quick.run(override="a demonstration")


def test_a_table_that_cannot_be_read_leaves_the_one_before(session):
    session.load("builtin:iris")
    before = session.dataset
    with pytest.raises(DatasetError):
        session.load("no/such/table.csv", target="y")
    with pytest.raises(DatasetError):
        session.choose_target("no_such_column")
    assert session.dataset is before


def shop(rows=60):
    """A table whose column `again` repeats the target."""
    label = ["no", "yes", "no"] * (rows // 3)
    return pd.DataFrame({"size": range(rows), "again": [int(v == "yes") for v in label], "label": label})


def test_columns_that_are_left_out_stay_out_of_data_prompt_and_job_of_a_run(quick, tmp_path):
    shop().to_csv(tmp_path / "shop.csv", index=False)
    whole = quick.load(tmp_path / "shop.csv", target="label")
    assert "'again'" in quick.prompt.text
    data = quick.load(tmp_path / "shop.csv", target="label", drop=["again"])
    assert (list(data.X), data.dropped) == (["size"], ("again",))
    assert data.digest != whole.digest
    assert "'again'" not in quick.prompt.text
    quick.set_scenario(n_trials=2)
    run = quick.run(override="a demonstration", wait=True)
    assert run.about["dataset"]["dropped"] == ["again"]
    job = run.job()
    assert (job.dataset.digest, job.dataset.dropped) == (data.digest, ("again",))


def test_the_script_that_shows_a_failing_call_reads_the_columns_that_are_used(quick, tmp_path):
    shop().to_csv(tmp_path / "shop.csv", index=False)
    (tmp_path / "train.py").write_text(
        "def train(cfg, dataset, seed, budget=None):\n    return list(dataset['X'].columns)\n"
    )
    for source, target, drop in (
        (tmp_path / "shop.csv", "label", ["again"]),
        ("builtin:iris", "species", ["petal width (cm)", "sepal width (cm)"]),
    ):
        data = quick.load(source, target=target, drop=drop)
        script = snippet(case(QUICK, ast.parse(QUICK), quick.job(), to_call=False), Call({"x": 0.5}))
        ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
        assert ran.stdout.strip() == str(list(data.X)), ran.stderr


def test_the_target_is_chosen_anew_without_the_columns_that_are_left_out(session):
    session.read(shop(), name="shop")
    assert session.choose_target("label", drop=["again"]).dropped == ("again",)
    assert session.dataset.name == "shop"
    with pytest.raises(DatasetError, match="'label' is the target, so it cannot be left out"):
        session.choose_target("label", drop=["label"])
    with pytest.raises(DatasetError, match="no column is named 'agian', so it cannot be left out; did you mean 'again"):
        session.choose_target("label", drop=["agian"])
    assert session.dataset.dropped == ("again",)
    assert session.choose_target("label").dropped == ()


def test_a_table_is_read_once(session, tmp_path, monkeypatch):
    shop().to_csv(tmp_path / "shop.csv", index=False)
    read = []
    monkeypatch.setattr(datasets, "find_table", lambda source: read.append(source) or find_table(source))
    session.load(tmp_path / "shop.csv", target="label")
    assert len(read) == 1
    assert (session.table_name, list(session.table)) == ("shop", ["size", "again", "label"])
    session.load(shop(), target="label", name="mine")
    assert (session.dataset.name, session.table_name) == ("mine", "mine")


def test_a_newer_table_waits_for_its_target_while_the_dataset_of_the_old_one_is_in_force(session):
    iris = session.load("builtin:iris")
    session.read(shop())
    assert session.step_states()["data"] == ("warning", "pick a target")
    assert session.dataset is iris
    assert session.pending
    session.choose_target("label")
    assert session.step_states()["data"][1] == "60×2"
    assert not session.pending


@pytest.mark.skipif(not TITANIC.exists(), reason="the real tables are not beside the checkout")
def test_a_table_that_repeats_its_target_is_warned_of_on_the_tab(session):
    session.load(TITANIC, target="survived")
    assert session.step_states()["data"] == ("warning", "891×14")
    assert any(n.column == "alive" for n in session.dataset.profile.notices)
    session.load(TITANIC, target="survived", drop=["alive"])
    assert not any(n.column == "alive" for n in session.dataset.profile.notices)


def test_a_function_with_a_syntax_error_is_a_finding_and_cannot_be_run(quick):
    quick.edit("def train(cfg, dataset, seed:\n    return 1\n")
    report = quick.check()
    (finding,) = report.blocking
    assert finding.line == 1
    with pytest.raises(RunError, match="train breaks what it must keep"):
        quick.run()


def test_an_endless_train_times_out_and_the_run_says_so(quick):
    quick.edit(QUICK.replace("    depth =", "    while True:\n        pass\n    depth ="))
    quick.set_scenario(n_trials=3, trial_limit_s=0.5)
    run = quick.run(override="a demonstration", wait=True)
    assert run.state == "failed"
    assert {t.status for t in run.trials} == {"timeout"}
    assert "0.5 s" in run.error


def test_a_train_that_kills_its_process_is_a_crashed_trial_and_the_session_goes_on(quick):
    quick.edit(
        QUICK.replace("    depth =", "    import os, signal\n\n    os.kill(os.getpid(), signal.SIGKILL)\n    depth =")
    )
    quick.set_scenario(n_trials=3)
    run = quick.run(override="a demonstration", wait=True)
    assert run.state == "failed"
    assert {t.status for t in run.trials} == {"crashed"}
    quick.edit(QUICK)
    assert quick.run(override="a demonstration", wait=True).state == "finished"


def test_generating_for_a_hyperparameter_that_nobody_knows_names_it_and_keeps_the_candidate(session):
    session.load("builtin:iris")
    candidate = session.generate()
    session.space["n_estimatorz"] = (1, 5)
    with pytest.raises(GenerateError, match="n_estimatorz"):
        session.generate()
    assert session.candidate is candidate
    assert not session.generating
