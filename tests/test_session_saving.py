"""What a session was worked on outlives its kernel: saved by itself, restored with a sentence, never in two hands."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap

import pandas as pd
import pytest

from waiting import LIMIT_S
from workbench import Workbench, prompts, runs
from workbench.nouns import Split
from workbench.session import Session, autosave
from workbench.session.autosave import Autosave
from workbench.session.saving import restore, snapshot

TRAIN = "def train(config, X, y, seed):\n    return 0.5\n"


@pytest.fixture(autouse=True)
def _places():
    """The places that a test took are given back."""
    yield
    from workbench.session import autosave

    for owner in list(autosave._owners.values()):
        owner.close()


def opened(folder, **arguments):
    return Workbench(folder / "runs", **{"fresh": False, **arguments})


def closed(wb):
    """What the end of a kernel does."""
    wb.autosave.close()
    return wb


def passengers(folder):
    path = folder / "passengers.csv"
    rows = 120
    pd.DataFrame(
        {
            "age": [20 + i % 50 for i in range(rows)],
            "fare": [7.5 + i for i in range(rows)],
            "alive": ["yes" if i % 2 else "no" for i in range(rows)],
            "survived": [i % 2 for i in range(rows)],
        }
    ).to_csv(path, index=False)
    return path


def worked_on(wb, folder):
    """A session in which every part was touched."""
    wb.load(passengers(folder), target="survived", drop=["alive"], types={"age": "category"}, test_share=0.25)
    wb.preset("decision_tree")
    wb.space["max_depth"] = (2, 9)
    wb.space.add_condition("min_samples_leaf active when max_depth > 4")
    wb.space.set(wb.space.rows[0].key, "default", "not a number")
    wb.facade, wb.contract = "hyperband", "model"
    wb.set_scenario(n_trials=7, seed=3)
    wb.plan = "keep it small"
    wb.mute("self-contained")
    wb.edit(TRAIN)
    first = wb.candidate
    wb.check(probe=False)
    wb.edit(TRAIN + "# more\n")
    wb.choose_candidate(first.digest)
    wb.use_model("some-model", "other", "http://127.0.0.1:9/v1", temperature=0.5)
    wb.set_budget(tokens=1000)
    return wb


def test_every_part_comes_back(tmp_path):
    wb = worked_on(opened(tmp_path), tmp_path)
    wb.step = "prompt"
    closed(wb)
    back = opened(tmp_path)
    assert json.loads(json.dumps(snapshot(back))) == json.loads(json.dumps({**snapshot(wb)}))
    assert back.dataset.digest == wb.dataset.digest
    assert back.dataset.split == Split("share", 0.25)
    assert back.dataset.dropped == ("alive",)
    assert back.space.space == wb.space.space
    assert back.space.problems == wb.space.problems != ()
    assert back.scenario == wb.scenario
    assert back.variant == wb.variant
    assert back.candidates == wb.candidates
    assert back.candidate == wb.candidate
    assert back.model == wb.model
    assert back.budget == wb.budget
    assert back.step == "prompt"
    assert back.restored.startswith("Restored from ")
    for part in ("passengers (90×2)", "4 hyperparameters", "the facade hyperband", "2 versions of train", "some-model"):
        assert part in back.restored
    assert "Not restored" not in back.restored
    assert not back.autosave.warned
    assert "awb-note-info" in back.shell.notice.text.value
    assert "Workbench(fresh=True) begins anew" in back.restored


def test_the_report_comes_back_with_the_function_that_it_speaks_of(tmp_path):
    wb = opened(tmp_path)
    wb.load("builtin:iris")
    wb.edit(TRAIN)
    report = wb.check(probe=False)
    closed(wb)
    assert opened(tmp_path).report == report


def test_a_key_is_never_saved(tmp_path):
    wb = opened(tmp_path)
    wb.use_model("some-model", "other", "http://127.0.0.1:9/v1")
    wb.give_key("sk-very-secret-0123456789")
    wb.plan = "anything"
    closed(wb)
    saved = "".join(p.read_text() for p in (tmp_path / "runs.session").rglob("*") if p.is_file())
    assert "some-model" in saved
    assert "very-secret" not in saved


def test_nothing_is_written_before_something_was_done(tmp_path):
    wb = opened(tmp_path)
    assert wb.restored == ""
    closed(wb)
    assert list(tmp_path.iterdir()) == []


def test_outside_of_a_notebook_nothing_is_saved_unless_it_is_asked_for(tmp_path):
    wb = Workbench(tmp_path / "runs")
    wb.plan = "anything"
    assert wb.autosave is None
    assert list(tmp_path.iterdir()) == []


def test_a_change_is_saved_soon_by_itself_and_in_one_step(tmp_path, monkeypatch):
    monkeypatch.setattr(autosave, "DELAY_S", 3.0)  # the second change comes within it on a busy machine too
    wb = opened(tmp_path)
    wb.plan = "first"
    timer = wb.autosave._timer
    wb.plan = "second"
    assert wb.autosave._timer is timer, "both are saved together"
    timer.join()
    saved = tmp_path / "runs.session" / "session.json"
    assert json.loads(saved.read_text())["plan"] == "second"
    assert sorted(p.name for p in saved.parent.iterdir()) == ["session.json", "session.lock"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is no JSON"),
        ("[1, 2]", "is no session of the workbench"),
        ('{"format": 99}', "is of a newer workbench (format 99; this one reads 1)"),
        ('{"format": 0}', "is of an older workbench"),
    ],
)
def test_a_file_that_is_no_session_is_told_of_and_kept(tmp_path, text, why):
    place = tmp_path / "runs.session"
    place.mkdir()
    (place / "session.json").write_text(text)
    wb = opened(tmp_path)
    assert why in wb.restored
    assert "begins anew; the old file is kept" in wb.restored
    assert "awb-note-warn" in wb.shell.notice.text.value
    assert wb.dataset is None
    wb.plan = "go on"
    closed(wb)
    assert (place / "session.before.json").read_text() == text
    assert json.loads((place / "session.json").read_text())["plan"] == "go on"


def test_each_part_that_cannot_be_restored_is_told_of_and_the_others_are(tmp_path):
    wb = worked_on(opened(tmp_path), tmp_path)
    good = json.loads(json.dumps(snapshot(wb)))
    broken = {
        "data": {"source": str(tmp_path / "gone.csv"), "name": "gone", "choices": None, "digest": None},
        "space": {"rows": [{"key": "one"}]},
        "facade": "no-such-facade",
        "variant": {"name": "edited", "rules": {"no-such-rule": "mute"}},
        "model": {"model": "m", "base_url": "not an address"},
        "candidates": [{"text": "no code"}],
        "run": "no-such-run",
    }
    for name, value in broken.items():
        session = Session(tmp_path / "other")
        found = restore(session, {**good, name: value})
        assert len(found.lost) == 1, (name, found.lost)
        assert found.parts, name
    nothing = restore(Session(tmp_path / "other"), dict.fromkeys(good, 7))
    assert len(nothing.lost) >= 6
    assert restore(Session(tmp_path / "other"), {}).lost


def test_what_could_not_be_restored_stays_in_the_old_file(tmp_path):
    wb = opened(tmp_path)
    wb.load(passengers(tmp_path), target="survived")
    closed(wb)
    (tmp_path / "passengers.csv").unlink()
    back = opened(tmp_path)
    assert "passengers.csv is not there any more" in back.restored
    back.plan = "go on"
    closed(back)
    before = json.loads((tmp_path / "runs.session" / "session.before.json").read_text())
    assert before["data"]["source"].endswith("passengers.csv")


def test_a_table_with_other_content_is_told_of(tmp_path):
    wb = opened(tmp_path)
    path = passengers(tmp_path)
    wb.load(path, target="survived")
    closed(wb)
    path.write_text(path.read_text() + "33,8.5,no,0\n")
    back = opened(tmp_path)
    assert "passengers.csv has other content now" in back.restored
    assert back.dataset.rows == 121


def test_a_table_of_the_notebook_has_to_be_loaded_again_and_finds_its_space(tmp_path):
    wb = opened(tmp_path)
    table = pd.read_csv(passengers(tmp_path))
    wb.load(table, target="survived")
    wb.space["my_own"] = (1, 5)
    closed(wb)
    back = opened(tmp_path)
    assert "it was a value of the notebook; load it again" in back.restored
    back.load(table, target="survived")
    assert "my_own" in back.space


def test_an_upload_outlives_the_kernel_that_it_came_to(tmp_path):
    folder = tmp_path / "workbench-upload-1"
    folder.mkdir()
    path = passengers(folder)
    wb = opened(tmp_path)
    wb.load(path, target="survived")
    digest = wb.dataset.digest
    closed(wb)
    path.unlink()
    back = opened(tmp_path)
    assert back.dataset.digest == digest
    back.load("builtin:iris")
    closed(back)
    assert not list((tmp_path / "runs.session").glob("table/*")), "the copy is deleted with its session"


def test_a_fresh_session_begins_anew_and_keeps_the_old_one(tmp_path):
    wb = opened(tmp_path)
    wb.plan = "the old one"
    closed(wb)
    new = opened(tmp_path, fresh=True)
    assert new.plan == ""
    assert new.restored == ""
    new.plan = "the new one"
    closed(new)
    place = tmp_path / "runs.session"
    assert json.loads((place / "session.before.json").read_text())["plan"] == "the old one"
    assert opened(tmp_path).plan == "the new one"


def test_the_cell_that_is_run_again_goes_on_where_it_was(tmp_path):
    first = opened(tmp_path)
    first.plan = "as it was"
    second = opened(tmp_path)
    assert second.plan == "as it was"
    first.plan = "too late"
    assert "Another Workbench of this notebook is saved now" in first.message.text
    second.plan = "mine"
    closed(second)
    assert opened(tmp_path).plan == "mine"


def test_a_place_that_cannot_be_written_is_told_of_once_and_work_goes_on(tmp_path):
    wb = opened(tmp_path)
    (tmp_path / "runs.session").write_text("a file where the folder would be")
    wb.plan = "one"
    wb.autosave.flush()
    assert "The session is not saved any more" in wb.message.text
    wb.message = None
    wb.plan = "two"
    wb.autosave.flush()
    assert wb.message is None
    assert wb.plan == "two"


OTHER = """
    import sys
    from workbench import Workbench
    wb = Workbench(sys.argv[1], fresh=False)
    print(wb.restored, flush=True)
    for line in sys.stdin:
        wb.plan = line.strip()
        wb.autosave.flush()
        print(wb.message.text if wb.message else "-", wb.autosave.folder.name, sep="|", flush=True)
"""


class Kernel:
    """Another process with a workbench on the same runs folder."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(OTHER), str(folder / "runs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "MPLBACKEND": "agg"},
        )
        self.restored = self.process.stdout.readline().strip()

    def plan(self, text):
        print(text, file=self.process.stdin, flush=True)
        message, _, folder = self.process.stdout.readline().strip().rpartition("|")
        return message, folder

    def kill(self):
        self.process.kill()
        self.process.communicate()


def test_two_kernels_do_not_eat_each_others_work(tmp_path):
    one, two = Kernel(tmp_path), Kernel(tmp_path)
    try:
        assert (one.restored, two.restored) == ("", "")
        assert one.plan("of the first") == ("-", "runs.session")
        message, folder = two.plan("of the second")
        assert folder == "runs.session-2"
        assert (
            f"Another kernel (process {one.process.pid} on {socket.gethostname()}) has the session of runs open"
            in message
        )
        assert "saved beside it, in runs.session-2" in message
        three = Kernel(tmp_path)
        try:
            assert f"process {one.process.pid}" in three.restored
            assert "Restored from" in three.restored, "it starts as a copy of the first"
            assert three.plan("of the third")[1] == "runs.session-3"
        finally:
            three.kill()
        one.plan("of the first, still")
    finally:
        one.kill()
        two.kill()
    plans = [
        json.loads((tmp_path / f / "session.json").read_text())["plan"] for f in ("runs.session", "runs.session-2")
    ]
    assert plans == ["of the first, still", "of the second"]
    assert opened(tmp_path).plan == "of the first, still", "a killed kernel holds no lock"


def test_a_running_run_is_followed_again(tmp_path):
    wb = opened(tmp_path)
    wb.load("builtin:iris")
    wb.preset("decision_tree")
    wb.facade, wb.contract = "random", "loss"
    wb.set_scenario(n_trials=3)
    wb.generate()
    run = runs.create(wb.job(), wb.candidate, root=wb.runs_folder)
    run.start()
    wb.attach(run)
    closed(wb)
    back = opened(tmp_path)
    assert back.current_run.folder == run.folder
    assert f"the run {run.folder.name}" in back.restored
    back.wait(LIMIT_S)
    assert back.run_state == "finished"
    assert len(back.trials) == 3


def test_a_prompt_variant_in_ones_own_words_comes_back(tmp_path):
    wb = opened(tmp_path)
    wb.load("builtin:iris")
    wb.edit_template("Write train for {{ dataset.name if dataset is defined else 'it' }}.")
    closed(wb)
    back = opened(tmp_path)
    assert back.variant == wb.variant
    assert isinstance(back.variant, prompts.Variant)
    assert Autosave is type(back.autosave)
