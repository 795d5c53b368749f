"""What a session says of the runs in its folder."""

from __future__ import annotations

import pytest

from waiting import LIMIT_S
from workbench import runs as run_folders
from workbench.nouns import Candidate, RunError
from workbench.session import Session

TRAIN = """\
def train(cfg, dataset, seed, budget=None, model_dir=None):
    return abs(float(cfg.get("C", 0.3)) - 0.3) + seed / 100
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session with the runs of two facades, each with two seeds."""
    made = Session(tmp_path_factory.mktemp("outcomes") / "runs")
    made.load("builtin:iris")
    made.contract = "loss"
    made.preset("linear")
    for facade in ("random", "hpo"):
        made.facade = facade
        for seed in (1, 2):
            made.set_scenario(n_trials=4, seed=seed)
            run = run_folders.create(made.job(), Candidate(TRAIN, "file"), root=made.runs_folder)
            run.start()
            made.attach(run)
            made.wait(LIMIT_S)
            assert run.state == "finished", run.log_tail()
    return made


def test_runs_are_a_table_and_those_that_differ_in_the_seed_alone_share_a_group(session):
    table = session.runs
    assert list(table["facade"]) == ["hpo", "hpo", "random", "random"]
    assert sorted(table["seed"]) == [1, 1, 2, 2]
    assert set(table["group"]) == {"hpo", "random"}
    assert [r.folder.name for r in session.find_runs()] == list(table.index)


def test_a_run_that_has_ended_is_read_once(session):
    first, again = session.find_runs(), session.find_runs()
    assert all(a is b for a, b in zip(first, again, strict=True))


def test_a_comparison_takes_every_run_of_the_same_data_and_contract_or_those_that_are_named(session):
    everything = session.comparison()
    assert sorted(everything.index) == ["hpo", "random"]
    assert list(everything["runs"]) == [2, 2]
    two = session.comparison(*session.runs.query("facade == 'random'").index)
    assert list(two.index) == ["random"]
    assert session.plot_runs(x="time").data[:4] == b"\x89PNG"
    shown = session.plot_runs(x="trials")
    assert shown.data[:4] == b"\x89PNG"
    assert "hpo: over 2 runs the median cost is" in shown.alt


def test_a_run_is_opened_by_its_name_and_one_that_is_not_there_says_so(session):
    name = session.runs.index[-1]
    other = Session(session.runs_folder)
    assert other.attach(name).folder.name == name
    assert len(other.trials) == 4
    with pytest.raises(RunError, match="there is no run in nowhere"):
        other.open_run("nowhere")
    with pytest.raises(RunError, match="there is no run yet"):
        Session(session.runs_folder).open_run()
