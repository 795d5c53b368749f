"""Going on with runs from a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import jobs
import pytest

from waiting import LIMIT_S
from workbench import cli, runs
from workbench.runs import folder as files


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "nothing to run: give --data TABLE for a new run, or --resume RUN"),
        (["--resume"], "which run? give its folder: workbench run --resume RUN"),
        (["--more", "20"], "which run? give its folder: workbench run --more 20 RUN"),
        (["some"], "what is to be done with some? give --resume, --more N or --reuse with it"),
        (["--resume", "none"], "there is no run in none; a run folder holds a job.json"),
        (
            ["--resume", "some", "--data", "builtin:iris"],
            "a run that goes on has its data and its function; give --data with --reuse RUN for a new one",
        ),
    ],
)
def test_words_that_do_not_say_what_to_run_get_a_sentence_and_exit_2(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", *words]) == 2
    assert capsys.readouterr().err == f"workbench: {sentence}\n"


def test_a_stopped_run_is_resumed_made_longer_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = jobs.started(tmp_path, "time.sleep(0.4)", n_trials=6)
    jobs.has_trials(run, 1)
    run.stop()
    assert run.wait(LIMIT_S)
    assert cli.main(["run", "--resume", str(run.folder)]) == 0
    assert f"{run.folder.name}: finished, 6 of 6 trials" in capsys.readouterr().out
    assert cli.main(["run", "--resume", str(run.folder)]) == 2
    assert "has finished; extend(n) gives it n more trials" in capsys.readouterr().err
    assert cli.main(["run", "--more", "2", "--wall-limit", "0.01", str(run.folder)]) == 2
    assert "its limit for the whole run (wall_limit_s) is 0.01 s: ask for more trials with" in capsys.readouterr().err
    assert cli.main(["run", "--more", "2", "--wall-limit", "inf", str(run.folder)]) == 0
    assert f"{run.folder.name}: finished, 8 of 8 trials" in capsys.readouterr().out
    assert cli.main(["runs", "--runs", str(tmp_path)]) == 0
    assert re.match(r"finished +8/8 ", capsys.readouterr().out)
    assert len(runs.open(run.folder).trials) == 8


def test_a_finished_run_takes_more_trials_with_other_versions_where_that_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = jobs.ended(jobs.started(tmp_path, n_trials=2))
    run.about["identity"]["versions"]["scikit-learn"] = "0.24.1"
    files.write_json(run.folder / "job.json", run.about)
    assert cli.main(["run", "--more", "1", str(run.folder)]) == 2
    assert "go on all the same with accept_changes (--accept-changes)" in capsys.readouterr().err
    assert cli.main(["run", "--more", "1", "--accept-changes", str(run.folder)]) == 0
    assert f"{run.folder.name}: finished, 3 of 3 trials" in capsys.readouterr().out


def test_a_terminal_that_cannot_show_a_character_gets_the_rest(tmp_path: Path) -> None:
    run = jobs.made(tmp_path)
    listed = subprocess.run(
        [sys.executable, "-m", "workbench.cli", "runs", "--runs", str(tmp_path)],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert (listed.returncode, listed.stderr) == (0, "")
    assert re.search(rf"0/8 +best \\u2013 +{run.folder}\n", listed.stdout)
