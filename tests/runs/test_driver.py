"""Real runs: a driver process, SMAC, guarded workers, and the folder that they fill."""

from __future__ import annotations

import itertools
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import jobs
import psutil
import pytest

from waiting import LIMIT_S, alive
from workbench import runs
from workbench.nouns import Hyperparameter, RunError, Space
from workbench.runs import depot
from workbench.runs import folder as files

HANGS_IN_THE_SECOND = (
    "os.makedirs(model_dir, exist_ok=True); mark = str(len(os.listdir(model_dir))); "
    "open(os.path.join(model_dir, mark), 'w').close(); time.sleep(60 if mark == '1' else 0)"
)
FACADES = ("hpo", "blackbox", "multifidelity", "hyperband", "random", "ac")


@pytest.fixture(autouse=True)
def end_all() -> Iterator[None]:
    yield
    jobs.end_all()


@pytest.mark.parametrize("facade", FACADES)
def test_a_run_of_every_facade_ends_with_its_trials_and_the_best_of_them(tmp_path: Path, facade: str) -> None:
    run = jobs.ended(jobs.started(tmp_path, facade=facade, n_trials=7, seed=5))
    assert (run.state, run.error) == ("finished", ""), run.log_tail()
    assert run.progress == (7, 7)
    assert [t.number for t in run.trials] == list(range(1, 8))
    assert {t.status for t in run.trials} == {"success"}
    seeds = {t.instance: t.seed for t in run.trials}
    assert all(seed in range(5, 10) for seed in seeds.values()) if facade == "ac" else seeds == {None: 5}
    assert (len(seeds) > 1) == (facade == "ac")
    budgets = {t.budget for t in run.trials}
    assert budgets <= {1.0, 3.0, 9.0} if facade in jobs.NEEDS_BUDGET else budgets == {None}
    for trial in run.trials:
        x, n = trial.config["x"], trial.config["n"]
        expected = (x - 0.3) ** 2 + abs(n - 4) / 10 + (0.0 if trial.budget is None else 1 / trial.budget)
        assert trial.cost == pytest.approx(expected)
        assert trial.metrics == {"accuracy": pytest.approx(1 - expected), "seed": float(trial.seed)}
        assert (type(x), type(n)) == (float, int)
        assert 0 < trial.seconds < 20
    result = json.loads((run.folder / "result.json").read_text())
    assert (result["state"], result["trials"], result["succeeded"]) == ("finished", 7, 7)
    assert 0 < result["in_a_reused_process"] < 7, "short trials that leave nothing behind share a process"
    assert result["best"]["number"] == run.incumbent.number == run.trajectory[-1].number
    assert result["best"]["config"] == run.incumbent.config
    smac_history = json.loads(next((run.folder / "smac").rglob("runhistory.json")).read_text())
    assert len(smac_history["data"]) == 7
    assert len(run.frame()) == 7
    assert "trial    7  cost " in run.log_tail()
    jobs.none_left(run, [])
    again = runs.open(run.folder)
    assert (again.state, again.trials) == ("finished", run.trials)
    with pytest.raises(RunError, match=r"has finished; extend\(n\) gives it n more trials"):
        again.start()


@pytest.mark.parametrize("facade", ["hpo", "multifidelity", "ac"])
def test_one_seed_gives_one_sequence_of_trials(tmp_path: Path, facade: str) -> None:
    started = [jobs.started(tmp_path, facade=facade, seed=1, n_trials=12) for _ in range(2)]
    one, two = ([(t.config, t.budget, t.cost) for t in jobs.ended(run).trials] for run in started)
    assert len(one) == 12
    assert one == two


def test_failed_trials_are_told_and_none_of_them_is_the_best(tmp_path: Path) -> None:
    run = jobs.ended(
        jobs.started(tmp_path, "if n < 6: raise ValueError(f'n is {n} \\udc80')", facade="hpo", n_trials=12)
    )
    assert run.state == "finished", run.error
    crashed = [t for t in run.trials if t.status == "crashed"]
    assert 0 < len(crashed) < 12
    for trial in crashed:
        assert (trial.cost, trial.metrics) == (None, {})
        assert trial.error == f"train raised ValueError: n is {trial.config['n']} ?"
        assert "raise ValueError(f'n is {n} \\udc80')" in trial.traceback
    assert run.incumbent.config["n"] >= 6


def test_a_function_that_always_fails_ends_the_run_early_with_the_first_error(tmp_path: Path) -> None:
    run = jobs.ended(jobs.started(tmp_path, "raise KeyError('missing')", n_trials=50))
    assert run.state == "failed"
    assert run.error == "all 5 trials failed; the first one: train raised KeyError: 'missing'"
    assert len(run.trials) == 5
    assert run.incumbent is None
    result = json.loads((run.folder / "result.json").read_text())
    assert result["best"] is None
    assert "KeyError: 'missing'" in result["traceback"]


def test_a_small_space_that_was_gone_through_ends_the_run_with_its_sentence(tmp_path: Path) -> None:
    space = Space((Hyperparameter("x", "categorical", choices=(0.1, 0.5), default=0.1), jobs.SPACE["n"]))
    space = Space((space["x"], Hyperparameter("n", "integer", 4, 5, default=4)))
    run = jobs.ended(jobs.started(tmp_path, space=space, n_trials=30))
    assert run.state == "finished"
    assert run.error == "SMAC had no further configuration to try: the space is small and was gone through"
    assert len(run.trials) == 4


def test_a_limit_holds_for_each_trial(tmp_path: Path) -> None:
    run = jobs.ended(jobs.started(tmp_path, "if n > 4: time.sleep(60)", trial_limit_s=2.0, n_trials=8))
    assert run.state == "finished"
    assert {t.status for t in run.trials} == {"success", "timeout"}
    assert {t.error for t in run.trials} == {"", "train took longer than 2 s and was stopped"}


def test_a_limit_holds_for_the_whole_run_and_several_workers_share_it(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, "time.sleep(0.3)", workers=2, n_trials=500, wall_limit_s=15.0)
    jobs.ended(run)
    assert run.state == "finished"
    assert run.error == "the limit of 15 s for the whole run was reached"
    assert {t.worker for t in run.trials} == {0, 1}
    begun = sorted((t.start_s, t.start_s + t.seconds) for t in run.trials)
    assert any(start < end for (_, end), (start, _) in itertools.pairwise(begun)), "never two at a time"
    jobs.none_left(run, [])


# ---------------------------------------------------------------- orders


def test_a_stop_while_it_starts_ends_it(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, n_trials=5000)
    processes = jobs.processes_of(run)
    assert processes
    run.stop()
    assert run.wait(LIMIT_S)
    run.refresh()
    assert (run.state, run.error) == ("stopped", "")
    jobs.none_left(run, processes)
    run.stop()


def test_a_stop_in_a_trial_keeps_what_is_done_and_leaves_no_process(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, HANGS_IN_THE_SECOND, n_trials=5000, trial_limit_s=120.0)
    jobs.until((run.folder / "models" / "1").exists)
    processes = jobs.processes_of(run)
    run.stop()
    assert run.wait(LIMIT_S)
    run.refresh()
    assert (run.state, run.error) == ("stopped", "")
    jobs.none_left(run, processes)
    result = json.loads((run.folder / "result.json").read_text())
    assert (result["state"], result["trials"], len(run.trials)) == ("stopped", 1, 1)
    assert {t.status for t in run.trials} == {"success"}


def test_a_stop_while_smac_thinks_ends_it(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, facade="blackbox", n_trials=40)
    jobs.has_trials(run, 11)  # a quarter is the initial design; from here on it thinks
    processes = jobs.processes_of(run)
    run.stop()
    assert run.wait(LIMIT_S)
    run.refresh()
    assert (run.state, len(run.trials) < 40) == ("stopped", True)
    jobs.none_left(run, processes)


def test_a_run_is_paused_resumed_disturbed_and_told_to_end(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, "time.sleep(0.05)", n_trials=5000)
    jobs.has_trials(run, 2)

    run.pause()
    jobs.reaches(run, "paused")
    other = runs.open(run.folder)  # orders and news go through the folder, from any process
    run.wait(0.5)
    other.refresh()
    done = len(other.trials)
    run.wait(1.0)
    run.refresh()
    assert (run.state, other.state) == ("paused", "paused")
    assert len(run.trials) == done
    other.resume()
    jobs.has_trials(run, done + 2)
    assert run.state == "running"

    with pytest.raises(RunError) as caught:
        other.start()
    assert str(caught.value) == f"a driver is at the run {run.folder.name} already"

    files.write(run.folder / "control", "dance")
    driver = psutil.Process(jobs.driver_of(run))
    driver.send_signal(signal.SIGINT)
    (nursery,) = jobs.nurseries_of(run)
    os.kill(nursery, signal.SIGKILL)
    done = len(run.trials)
    jobs.has_trials(run, done + 3)
    assert [t.status for t in run.trials].count("crashed") <= 1, "a killed worker costs one trial at most"

    run.pause()
    jobs.reaches(run, "paused")
    driver.terminate()
    assert run.wait(LIMIT_S)
    run.refresh()
    assert (run.state, run.error) == ("stopped", "")
    assert [t.number for t in run.trials] == list(range(1, len(run.trials) + 1))


# ---------------------------------------------------------------- ends that nobody asked for


SECRETS = {
    "OPENAI_API_KEY": "sk-value-1",
    "HF_TOKEN": "hf-value-2",
    "DB_PASSWORD": "pw-value-3",
    "PGPASSFILE": "/pw-value-4",
    "DATABASE_URL": "postgres://user:pw-value-5@host/db",
    "https_proxy": "http://user:pw-value-6@proxy:1",
    "SSH_AUTH_SOCK": "/run/value-7",
}


def test_a_killed_driver_leaves_a_failed_run_no_process_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with jobs.own_depot():
        run = jobs.started(tmp_path, HANGS_IN_THE_SECOND, n_trials=1000, trial_limit_s=120.0)
    jobs.until((run.folder / "models" / "1").exists)
    processes = jobs.processes_of(run)
    assert len(processes) == 4, "a driver, a nursery, a zygote, a child"
    environments = [p.environ() for p in alive(processes)]
    assert len(environments) >= 2
    for environment in environments:
        assert "value-" not in repr(environment)
        assert environment["PATH"] == os.environ["PATH"]

    os.kill(jobs.driver_of(run), signal.SIGKILL)
    assert run.wait(LIMIT_S)
    sentence = "the driver of this run ended without a last word (it was killed, or the machine went down)"
    for seen in (run, runs.open(run.folder)):
        assert (seen.state, seen.error) == ("failed", sentence)
    jobs.none_left(run, processes)
    for path in run.folder.rglob("*"):
        assert path.is_dir() or b"value-" not in path.read_bytes()


def test_a_run_that_cannot_begin_says_why(tmp_path: Path) -> None:
    run = jobs.made(tmp_path)
    (run.folder / "data" / "train.parquet").write_bytes(b"no table")
    run.start()
    jobs.ended(run)
    assert run.state == "failed"
    assert run.error.startswith(f"{str((run.folder / 'data' / 'train.parquet').resolve())!r} cannot be read (")
    assert json.loads((run.folder / "result.json").read_text())["reason"] == run.error


def test_a_stop_before_the_driver_is_there_is_no_lost_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = jobs.made(tmp_path, n_trials=3)
    fork = depot.start

    def stopped_meanwhile(folder: Path, code: str, threads: int | None) -> depot.Started:
        runs.open(folder).stop()  # as another process would, while this one imports
        return fork(folder, code, threads)

    monkeypatch.setattr(depot, "start", stopped_meanwhile)
    run.start()
    jobs.ended(run)
    assert (run.state, run.trials) == ("stopped", ())


def test_an_interrupt_while_a_run_starts_leaves_no_run_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = jobs.made(tmp_path, n_trials=3)
    fork = depot.start

    def interrupted(folder: Path, code: str, threads: int | None) -> depot.Started:
        run._driver = fork(folder, code, threads)  # its pipe stays open
        raise KeyboardInterrupt

    monkeypatch.setattr(depot, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.start()
    jobs.until(lambda: run._driver is not None and not run._driver.alive)
    run.refresh()
    assert (run.state, run.trials) == ("stopped", ())


def test_a_run_is_followed_and_stopped_from_another_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = jobs.started(Path("runs"), n_trials=5000)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    jobs.has_trials(run, 1)
    assert (run.alive, run.state) == (True, "running")
    run.stop()
    jobs.ended(run)
    assert run.state == "stopped"
