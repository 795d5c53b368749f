"""What still holds of an earlier run is taken over, and the rest is named."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import jobs
import pytest

from waiting import LIMIT_S
from workbench.nouns import Candidate, Hyperparameter, RunError, Space
from workbench.runs import Run, create, identity
from workbench.session import Session

TRAIN = Candidate(jobs.CODE.replace("BODY", "if n == 9: raise ValueError('nine')"), "file")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = create(jobs.job(n_trials=8), TRAIN, root=tmp_path_factory.mktemp("old"))
    run.start()
    return jobs.ended(run)


def x(high: float) -> Space:
    return Space((Hyperparameter("x", "float", 0.0, high, default=0.9 * min(high, 1)), jobs.SPACE["n"]))


def test_a_wider_range_keeps_all_trials_and_the_new_run_goes_on_after_them(old: Run, tmp_path: Path) -> None:
    run = create(jobs.job(facade="hpo", space=x(2.0), n_trials=4), TRAIN, root=tmp_path, reuse=old)
    assert run.about["reused"]["text"] == f"8 of the 8 trials of {old.folder.name} hold here"
    assert run.progress == (8, 12)
    assert [(t.number, t.config, t.cost) for t in run.trials] == [(t.number, t.config, t.cost) for t in old.trials]
    jobs.STARTED.append(run)
    run.start()
    jobs.ended(run)
    assert (run.state, run.progress) == ("finished", (12, 12)), run.log_tail()
    assert len({repr(t.config) for t in run.trials}) == 12
    jobs.end_all()


def test_a_narrower_range_leaves_out_what_is_outside_and_says_so(old: Run, tmp_path: Path) -> None:
    inside = [t for t in old.trials if t.config["x"] <= 0.5]
    assert 0 < len(inside) < 8
    run = create(jobs.job(space=x(0.5)), TRAIN, root=tmp_path, reuse=old.folder)
    assert [t.config for t in run.trials] == [t.config for t in inside]
    assert [t.number for t in run.trials] == list(range(1, len(inside) + 1))
    assert run.about["reused"]["text"].endswith(
        f"; {8 - len(inside)} do not: their configurations are none of this space"
    )


def test_another_facade_keeps_trials_where_it_would_give_their_budgets(old: Run, tmp_path: Path) -> None:
    assert len(create(jobs.job("blackbox"), TRAIN, root=tmp_path, reuse=old).trials) == 8
    run = create(jobs.job("hyperband"), TRAIN, root=tmp_path, reuse=old)
    assert run.trials == ()
    assert "8 do not: their budgets are none of this facade's" in run.about["reused"]["text"]


def test_a_tighter_limit_leaves_out_what_took_longer(old: Run, tmp_path: Path) -> None:
    limit = sorted(t.seconds for t in old.trials)[4]
    run = create(jobs.job(trial_limit_s=limit), TRAIN, root=tmp_path, reuse=old)
    assert all(t.seconds <= limit for t in run.trials if t.status == "success")
    assert "they took longer than a trial may take now" in run.about["reused"]["text"]


def test_another_function_seed_or_contract_is_refused_in_words(old: Run, tmp_path: Path) -> None:
    other = Candidate(TRAIN.code.replace("/ 10", "/ 11"), "edit")
    with pytest.raises(RunError) as caught:
        create(jobs.job(), other, root=tmp_path, reuse=old)
    assert str(caught.value) == (
        f"no trial of {old.folder.name} holds here: the function has changed; start without reuse"
    )
    with pytest.raises(RunError, match="the seed was 0 and is 4"):
        create(jobs.job(seed=4), TRAIN, root=tmp_path, reuse=old)
    with pytest.raises(RunError, match="the contract was metrics and is model, the seed was 0 and is 4"):
        create(dataclasses.replace(jobs.job(seed=4), contract="model"), TRAIN, root=tmp_path, reuse=old)
    assert list(tmp_path.iterdir()) == []


def test_an_identity_sees_constants_and_no_comments() -> None:
    code = "def train(cfg):\n    return 0.3\n"
    assert identity.function_digest(code) == identity.function_digest("# hm\ndef train( cfg ): return 0.3")
    assert identity.function_digest(code) != identity.function_digest(code.replace("0.3", "0.31"))
    assert identity.function_digest("def (") != identity.function_digest("def [")


def test_a_session_goes_on_with_a_run_and_asks_more_of_it(old: Run, tmp_path: Path) -> None:
    session = Session(old.folder.parent)
    with pytest.raises(RunError, match="there is no run yet"):
        session.resume_run()
    with pytest.raises(RunError, match=r"has finished; extend\(n\) gives it n more trials"):
        session.resume_run(old.folder.name)
    run = session.more_trials(500, old.folder.name)
    jobs.STARTED.append(run)
    jobs.has_trials(run, 9)
    session.stop()
    session.wait(LIMIT_S)
    assert session.run_state == "stopped"
    done = len(run.trials)
    assert session.resume_run() is run
    jobs.has_trials(run, done + 1)
    with pytest.raises(RunError, match="is still going on; stop it first"):
        session.resume_run(create(jobs.job(), TRAIN, root=tmp_path))
    session.stop()
    session.wait(LIMIT_S)
    assert [t.number for t in run.trials] == list(range(1, len(run.trials) + 1))


def test_a_trial_that_was_taken_over_ran_in_no_process_of_this_run(old: Run, tmp_path: Path) -> None:
    run = create(jobs.job(n_trials=2), TRAIN, root=tmp_path, reuse=old)
    old.refresh()
    assert (len(run.trials), run.in_a_reused_process) == (len(old.trials), 0)


def test_a_limit_of_time_is_for_the_new_trials_not_for_those_that_are_taken_over(old: Run, tmp_path: Path) -> None:
    late = tmp_path / "late"
    shutil.copytree(old.folder, late)
    events = [json.loads(line) for line in (late / "events.jsonl").read_text().splitlines()]
    moved = [{**e, "start_s": e["start_s"] + 5000} if e["event"] == "trial" else e for e in events]
    (late / "events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in moved))
    run = create(jobs.job(n_trials=2, wall_limit_s=600.0), TRAIN, root=tmp_path / "new", reuse=late)
    jobs.STARTED.append(run)
    run.start()
    jobs.ended(run)
    old.refresh()
    assert (run.state, run.error, len(run.trials)) == ("finished", "", len(old.trials) + 2), run.log_tail()


def with_trials(old: Run, place: Path, **values: object) -> Path:
    """A copy of a run, its trials with other values."""
    shutil.copytree(old.folder, place)
    events = [json.loads(line) for line in (place / "events.jsonl").read_text().splitlines()]
    changed = [e | values if e["event"] == "trial" else e for e in events]
    (place / "events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in changed))
    return place


def test_a_trial_that_ended_just_in_time_holds_under_the_same_limit(old: Run, tmp_path: Path) -> None:
    late = with_trials(old, tmp_path / "late", seconds=20.02)
    old.refresh()
    assert len(create(jobs.job(), TRAIN, root=tmp_path, reuse=late).trials) == len(old.trials)


def test_trials_that_lacked_an_objective_are_no_failures_where_it_is_none(tmp_path: Path) -> None:
    train = Candidate(jobs.CODE.replace("BODY", "pass"), "file")
    run = create(jobs.job(n_trials=2, objectives=("loss", "size")), train, root=tmp_path)
    run.start()
    jobs.ended(run)
    assert [t.status for t in run.trials] == ["crashed", "crashed"]
    new = create(jobs.job(), train, root=tmp_path, reuse=run)
    assert new.trials == ()
    assert "2 do not: they failed where other objectives were asked of them" in new.about["reused"]["text"]
