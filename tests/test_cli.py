"""The commands, run as a person runs them: in a process of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from waiting import LIMIT_S

TITANIC = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "titanic.csv"


def workbench(*words: object, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.mark.skipif(not TITANIC.exists(), reason="the real tables are not beside the checkout")
def test_a_run_prints_progress_and_its_folder_and_open_prints_the_result_again(tmp_path):
    words = [
        "--data",
        TITANIC,
        "--target",
        "survived",
        "--drop",
        "alive",
        "--facade",
        "hyperband",
        "--contract",
        "model",
        "--trials",
        "12",
        "--ask-ahead",
    ]
    ran = workbench("run", *words, cwd=tmp_path)
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("run folder: runs/")
    folder = lines[0].removeprefix("run folder: ")
    assert lines[-1] == lines[0]
    assert any("of 12 trials   best cost 0." in line for line in lines)
    assert not any("best cost 0 " in line for line in lines)
    assert "workbench: note: 'deck' is missing" in ran.stderr
    assert "gives the target" not in ran.stderr
    assert "repeats the target" not in ran.stderr
    again = workbench("open", folder, cwd=tmp_path)
    result = ran.stdout[ran.stdout.rindex(again.stdout.splitlines()[0]) :]
    assert result == again.stdout
    held = {p.name for p in (tmp_path / folder).iterdir()}
    assert {"job.json", "space.json", "prompt.md", "train.py", "report.json", "events.jsonl", "result.json"} <= held
    assert {"log.txt", "models", "data", "smac"} <= held
    assert json.loads((tmp_path / folder / "job.json").read_text())["scenario"]["ask_ahead"] is True
    listed = workbench("runs", cwd=tmp_path).stdout
    assert folder in listed
    assert listed.startswith("finished")


def test_compose_prints_a_function_that_check_passes(tmp_path):
    job = ["--data", "builtin:iris", "--contract", "metrics"]
    code = workbench("compose", *job, cwd=tmp_path).stdout
    (tmp_path / "train.py").write_text(code)
    checked = workbench("check", "train.py", *job, "--format", "json", cwd=tmp_path)
    report = json.loads(checked.stdout)
    assert [f for f in report["findings"] if f["verdict"] == "fail" and f["level"] == "must"] == []


def test_check_exits_with_1_on_a_must_finding_and_names_line_and_rule(tmp_path):
    code = workbench("compose", "--data", "builtin:iris", cwd=tmp_path).stdout
    (tmp_path / "train.py").write_text(code.replace("seed: int", "sead: int"))
    done = workbench("check", "train.py", "--data", "builtin:iris", "--static", cwd=tmp_path, code=1)
    assert "signature" in done.stdout


def test_what_is_unusual_in_a_table_is_noted_on_stderr_before_a_check_and_a_column_can_be_left_out(tmp_path):
    rows = "".join(f"{i % 7},{i % 2},{'yes' if i % 2 else 'no'}\n" for i in range(60))
    (tmp_path / "shop.csv").write_text("size,again,label\n" + rows)
    job = ["--data", "shop.csv", "--target", "label"]
    code = workbench("compose", *job, cwd=tmp_path)
    assert code.stderr == ""
    (tmp_path / "train.py").write_text(code.stdout)
    noted = workbench("check", "train.py", *job, "--static", "--format", "json", cwd=tmp_path)
    assert "workbench: note: 'again' repeats the target 'label'" in noted.stderr
    assert json.loads(noted.stdout)["findings"] is not None
    quiet = workbench("check", "train.py", *job, "--static", "--drop", "again", cwd=tmp_path)
    assert "'again'" not in quiet.stderr
    both = workbench("prompt", *job, "--drop", "again", "--drop", "size", cwd=tmp_path, code=2)
    assert "only the target 'label' is left: 'again', 'size' were left out" in both.stderr


def test_types_parts_and_a_holdout_are_chosen_by_words(tmp_path):
    rows = "".join(f"{i % 7},{i // 3},{'yes' if i % 2 else 'no'}\n" for i in range(60))
    (tmp_path / "shop.csv").write_text("size,day,label\n" + rows)
    job = ["prompt", "--data", "shop.csv", "--target", "label", "--type", "size=category"]
    told = workbench(*job, "--test-time", "day", "--test-share", "0.25", "--holdout", "0.1", cwd=tmp_path).stdout
    assert "'size': category (category)" in told
    assert "A separate test part of 1" in told
    assert len([p for p in (tmp_path / "runs" / ".sealed").iterdir() if p.is_dir()]) == 1
    told = workbench(*job, "--test-column", "size=3", "--type", "day=leave out", cwd=tmp_path, code=2).stderr
    assert "only the target 'label' is left" in told
    told = workbench(*job, "--test-file", "shop.csv", "--test-share", "0.2", cwd=tmp_path, code=2).stderr
    assert told == "workbench: --test-file and --test-share cannot go together; give one of them\n"


def test_the_prompt_is_printed_as_it_would_be_sent(tmp_path):
    assert "iris" in workbench("prompt", "--data", "builtin:iris", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "--data", "gone.csv", "--target", "y"], "gone.csv"),
        (["compose", "--data", "builtin:iris", "--facade", "hyperbad"], "no facade named 'hyperbad'; there are: "),
        (
            ["run", "--data", "builtin:iris", "--facade", "hyperband", "--contract", "loss"],
            "Hyperband varies the budget",
        ),
        (["open", "runs/none"], "runs/none"),
        (["compose", "--data", "builtin:iris", "--space", "none.json"], "cannot read the space none.json"),
        (
            ["compose", "--data", "builtin:iris", "--drop", "petal width"],
            "no column is named 'petal width', so it cannot be left out; did you mean 'petal width (cm)'?",
        ),
        (["check", "none.py", "--data", "builtin:iris"], "cannot read the function none.py"),
        (["compose", "--data", "builtin:iris", "--type", "age"], "--type 'age' names no type; write COLUMN=TYPE"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_2(tmp_path, words, sentence):
    done = workbench(*words, cwd=tmp_path, code=2)
    assert sentence in done.stderr
    assert done.stderr.startswith("workbench: ")
    assert done.stderr.count("\n") == 1


def test_doctor_says_what_guards_this_machine_has(tmp_path):
    out = workbench("doctor", cwd=tmp_path).stdout
    assert "guard around generated code:" in out
    assert "smac" in out


@pytest.mark.parametrize("words", [["--help"], ["doctor"], ["open", "none"]])
def test_a_reader_who_goes_away_is_no_error(tmp_path, words):
    reader, writer = os.pipe()
    os.close(reader)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with open(writer, "w") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "workbench.cli", *words],
            cwd=tmp_path,
            env=environment,
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            timeout=LIMIT_S,
        )
    assert (done.returncode, "Error" in done.stderr) == (2 if "open" in words else 0, False), done.stderr


def test_ctrl_c_is_one_sentence_and_exit_130(tmp_path):
    (tmp_path / "waits.py").write_text(
        "import signal\nfrom workbench import cli\n\n\ndef wait(arguments):\n    print('waits', flush=True)\n"
        "    while True:\n        signal.pause()\n\n\ncli._doctor = wait\nraise SystemExit(cli.main(['doctor']))\n"
    )
    command = [sys.executable, str(tmp_path / "waits.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "waits\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "workbench: interrupted\n"
    assert process.returncode == 130


LAB = """
import os, signal, sys, time


def end(*_):
    time.sleep(1)  # as JupyterLab, which ends its kernels first
    print("ended in order", flush=True)
    sys.exit(0)


signal.signal(signal.SIGINT, end)
print("serves", flush=True)
while True:
    signal.pause()
"""


def test_ctrl_c_is_for_jupyterlab_which_ends_in_order(tmp_path):
    (tmp_path / "jupyterlab.py").write_text(LAB)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", "lab", "--no-browser"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout.readline() == "serves\n"
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, *said) == (0, "ended in order\n", "")


def test_a_space_that_is_no_text_is_one_sentence(tmp_path):
    (tmp_path / "space.json").write_bytes(b"\xff\xfe\x00")
    done = workbench("compose", "--data", "builtin:iris", "--space", "space.json", cwd=tmp_path, code=2)
    assert done.stderr == "workbench: space.json is not UTF-8 text (byte 0); save it as UTF-8\n"
