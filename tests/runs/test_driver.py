"""Real runs: a driver process, SMAC, guarded workers, and the folder that they fill."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import jobs
import psutil
import pytest

from workbench import runs
from workbench.nouns import Hyperparameter, RunError, Space
from workbench.runs import folder as files

FACADES = ("hpo", "blackbox", "multifidelity", "hyperband", "random")


@pytest.mark.parametrize("facade", FACADES)
def test_a_run_of_every_facade_ends_with_its_trials_and_the_best_of_them(tmp_path: Path, facade: str) -> None:
    run = jobs.ended(jobs.started(tmp_path, facade=facade, n_trials=8, seed=5))
    assert (run.state, run.error) == ("finished", ""), run.log_tail()
    assert run.progress == (8, 8)
    assert [t.number for t in run.trials] == list(range(1, 9))
    assert {t.status for t in run.trials} == {"success"}
    assert {t.seed for t in run.trials} == {5}
    budgets = {t.budget for t in run.trials}
    assert budgets <= {1.0, 3.0, 9.0} if facade in jobs.NEEDS_BUDGET else budgets == {None}
    for trial in run.trials:
        x, n = trial.config["x"], trial.config["n"]
        expected = (x - 0.3) ** 2 + abs(n - 4) / 10 + (0.0 if trial.budget is None else 1 / trial.budget)
        assert trial.cost == pytest.approx(expected)
        assert trial.metrics == {"accuracy": pytest.approx(1 - expected), "seed": 5.0}
        assert type(x) is float
        assert type(n) is int
        assert 0 < trial.seconds < 20
    result = json.loads((run.folder / "result.json").read_text())
    assert (result["state"], result["trials"], result["succeeded"]) == ("finished", 8, 8)
    assert result["best"]["number"] == run.incumbent.number == run.trajectory[-1].number
    assert result["best"]["config"] == run.incumbent.config
    smac_history = json.loads(next((run.folder / "smac").rglob("runhistory.json")).read_text())
    assert len(smac_history["data"]) == 8
    assert len(run.frame()) == 8
    assert "trial    8  cost " in run.log_tail()
    assert jobs.processes_of(run) == []
    again = runs.open(run.folder)
    assert (again.state, again.trials) == ("finished", run.trials)
    with pytest.raises(RunError, match="has finished; start a new one"):
        again.start()


@pytest.mark.parametrize("facade", ["hpo", "multifidelity"])
def test_one_seed_gives_one_sequence_of_trials_and_another_seed_another(tmp_path: Path, facade: str) -> None:
    one, two, other = (
        [(t.config, t.budget, t.cost) for t in jobs.ended(jobs.started(tmp_path, facade=facade, seed=s)).trials]
        for s in (1, 1, 2)
    )
    assert len(one) == 8
    assert one == two
    assert one != other


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
    costs = {v["cost"] for v in _smac_trials(run)}
    assert max(t.cost for t in run.trials if t.cost is not None) < max(costs)
    assert len(_smac_trials(run)) == 12


def _smac_trials(run: runs.Run) -> list[dict]:
    data = json.loads(next((run.folder / "smac").rglob("runhistory.json")).read_text())["data"]
    return data if isinstance(data[0], dict) else [{"cost": row[4]} for row in data]


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


def test_limits_hold_for_one_trial_and_for_the_whole_run(tmp_path: Path) -> None:
    run = jobs.ended(
        jobs.started(tmp_path, "if n > 5: time.sleep(60)", trial_limit_s=0.5, wall_limit_s=6.0, n_trials=500)
    )
    assert run.state == "finished"
    assert run.error == "the limit of 6 s for the whole run was reached"
    assert {t.status for t in run.trials} == {"success", "timeout"}
    assert {t.error for t in run.trials} == {"", "train took longer than 0.5 s and was stopped"}
    assert jobs.processes_of(run) == []


def test_several_workers_share_the_trials(tmp_path: Path) -> None:
    run = jobs.ended(jobs.started(tmp_path, "time.sleep(0.3)", workers=2, n_trials=6))
    assert (run.state, len(run.trials)) == ("finished", 6)
    assert {t.worker for t in run.trials} == {0, 1}
    begun = sorted((t.start_s, t.start_s + t.seconds) for t in run.trials)
    assert any(start < end for (_, end), (start, _) in zip(begun, begun[1:], strict=False)), "never two at a time"


# ---------------------------------------------------------------- orders


@pytest.mark.parametrize("when", ["at once", "in a trial"])
def test_a_stop_keeps_what_is_done_and_leaves_no_process(tmp_path: Path, when: str) -> None:
    run = jobs.started(
        tmp_path, "if n > 5 or x > 0.5: time.sleep(60)" if when == "in a trial" else "pass", n_trials=5000
    )
    if when == "in a trial":
        jobs.until(lambda: run.refresh() or run.state == "running")
        jobs.until(lambda: any("sleep" in p.status() for p in jobs.processes_of(run)))
    alive = jobs.processes_of(run)
    assert alive
    run.stop()
    assert run.wait(10)
    run.refresh()
    assert (run.state, run.error) == ("stopped", "")
    assert jobs.gone(alive)
    assert jobs.processes_of(run) == []
    assert json.loads((run.folder / "result.json").read_text())["state"] == "stopped"
    run.stop()
    assert {t.status for t in run.trials} <= {"success"}


def test_a_stop_while_smac_thinks_ends_it(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, facade="blackbox", n_trials=500)
    jobs.until(lambda: run.refresh() and len(run.trials) > 9)
    alive = jobs.processes_of(run)
    run.stop()
    assert run.wait(10)
    assert run.state == "stopped"
    assert jobs.gone(alive)


def test_a_pause_starts_no_more_trials_until_it_is_lifted(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, "time.sleep(0.05)", n_trials=25)
    jobs.until(lambda: run.refresh() and len(run.trials) >= 2)
    run.pause()
    jobs.until(lambda: run.refresh() or run.state == "paused")
    jobs.until(lambda: not run.refresh())
    done = len(run.trials)
    assert not jobs_go_on(run)
    assert len(run.trials) in (done, done + 1), "the trial in flight may finish"
    assert len(run.trials) < 25
    other = runs.open(run.folder)  # orders come from any process
    assert other.state == "paused"
    other.resume()
    jobs.ended(run)
    assert (run.state, len(run.trials)) == ("finished", 25)
    assert [t.number for t in run.trials] == list(range(1, 26))


def jobs_go_on(run: runs.Run) -> bool:
    """Whether trials come in the time that several would take."""
    run.wait(0.5)
    run.refresh()
    before = len(run.trials)
    run.wait(1.0)
    run.refresh()
    return len(run.trials) > before


def test_a_paused_run_can_be_stopped(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, "time.sleep(0.05)", n_trials=500)
    jobs.until(lambda: run.refresh() and run.trials)
    run.pause()
    jobs.until(lambda: run.refresh() or run.state == "paused")
    run.stop()
    assert run.wait(10)
    assert run.state == "stopped"


def test_a_word_that_is_no_order_is_passed_over(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, "time.sleep(0.05)", n_trials=10)
    jobs.until(lambda: run.refresh() and run.trials)
    files.write(run.folder / "control", "dance")
    assert jobs.ended(run).state == "finished"


def test_a_second_driver_is_refused(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, "time.sleep(0.1)", n_trials=200)
    with pytest.raises(RunError) as caught:
        runs.open(run.folder).start()
    assert str(caught.value) == f"a driver is at the run {run.folder.name} already"
    run.stop()
    assert run.wait(10)


# ---------------------------------------------------------------- ends that nobody asked for


def test_a_killed_driver_is_a_failed_run_with_its_sentence_and_no_process_is_left(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, "time.sleep(60) if n > 5 else None", n_trials=100)
    jobs.until(lambda: run.refresh() or run.state == "running")
    alive = jobs.processes_of(run)
    assert len(alive) >= 3, "a driver, a zygote, a child"
    os.kill(json.loads((run.folder / "driver.json").read_text())["pid"], signal.SIGKILL)
    assert run.wait(10)
    sentence = "the driver of this run ended without a last word (it was killed, or the machine went down)"
    for seen in (run, runs.open(run.folder)):
        assert (seen.state, seen.error) == ("failed", sentence)
    jobs.until(lambda: jobs.gone(alive))
    assert jobs.processes_of(run) == []


def test_a_driver_told_by_sigterm_stops_and_sigint_does_nothing(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, "time.sleep(0.1)", n_trials=500)
    jobs.until(lambda: run.refresh() and run.trials)
    (driver,) = [p for p in jobs.processes_of(run) if "workbench.runs.driver" in p.cmdline()]
    driver.send_signal(signal.SIGINT)
    done = len(run.trials)
    jobs.until(lambda: run.refresh() and len(run.trials) > done + 2)
    driver.terminate()
    assert run.wait(10)
    assert run.state == "stopped"


def test_a_run_that_cannot_begin_says_why(tmp_path: Path) -> None:
    run = jobs.made(tmp_path)
    (run.folder / "data" / "train.parquet").write_bytes(b"no table")
    run.start()
    jobs.ended(run)
    assert run.state == "failed"
    assert "train.parquet' cannot be read" in run.error
    assert json.loads((run.folder / "result.json").read_text())["reason"] == run.error


def test_a_worker_that_is_killed_costs_one_trial(tmp_path: Path) -> None:
    run = jobs.started(tmp_path, "time.sleep(0.2)", n_trials=8)
    jobs.until(lambda: run.refresh() and run.trials)
    (zygote,) = [
        p for p in jobs.processes_of(run) if "workbench.worker.zygote" in p.cmdline() and p.ppid() in _drivers(run)
    ]
    zygote.kill()
    jobs.ended(run)
    assert run.state == "finished"
    assert [t.status for t in run.trials].count("crashed") == 1
    assert len(run.trials) == 8


def _drivers(run: runs.Run) -> set[int]:
    return {p.pid for p in jobs.processes_of(run) if "workbench.runs.driver" in p.cmdline()}


# ---------------------------------------------------------------- secrets


def test_no_secret_reaches_the_driver_the_worker_or_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "OPENAI_API_KEY": "sk-value-1",
        "HF_TOKEN": "hf-value-2",
        "DB_PASSWORD": "pw-value-3",
        "PGPASSFILE": "/pw-value-4",
        "DATABASE_URL": "postgres://user:pw-value-5@host/db",
        "https_proxy": "http://user:pw-value-6@proxy:1",
        "SSH_AUTH_SOCK": "/run/value-7",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    run = jobs.started(tmp_path, "time.sleep(0.1)", n_trials=100)
    jobs.until(lambda: run.refresh() and run.trials)
    seen = [p.environ() for p in jobs.processes_of(run) if p.status() != psutil.STATUS_ZOMBIE]
    assert len(seen) >= 2
    for environment in seen:
        assert "value-" not in repr(environment)
        assert environment["PATH"] == os.environ["PATH"]
    run.stop()
    assert run.wait(10)
    for path in run.folder.rglob("*"):
        assert path.is_dir() or b"value-" not in path.read_bytes()
