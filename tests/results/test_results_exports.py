"""Exports of real runs: the script in a fresh process, the notebook in a kernel, the report as a page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from made_runs import CODE, made_run, made_trials

from waiting import LIMIT_S
from workbench import runs as run_folders
from workbench.nouns import RunError
from workbench.results import exports
from workbench.session import Session

WITHOUT_WORKBENCH = "import sys\nsys.modules['workbench'] = None\nsys.modules['ipywidgets'] = None\n"
TRAIN = '''\
"""A function with a line that must stand first."""

from __future__ import annotations

import json

import joblib
from sklearn.linear_model import LogisticRegression


def train(cfg, dataset, seed, budget=None, model_dir=None):
    C = float(cfg["C"])
    model = LogisticRegression(C=C, max_iter=50 if budget is None else int(budget)).fit(dataset["X"], dataset["y"])
    assert "species" not in dataset["X"].columns
    name = f"{model_dir}/model-{seed}-{budget}-{C:.9g}"
    joblib.dump(model, name + ".joblib")
    with open(name + ".json", "w") as file:
        json.dump({"configuration": {"C": C}, "budget": budget}, file)
    return abs(C - 0.3) + (0.0 if budget is None else 1 / budget), model
'''


def run_of(folder: Path, facade: str, code: str, **numbers: float) -> run_folders.Run:
    session = Session(folder / "runs")
    session.load("builtin:iris")
    session.facade = facade
    session.space.replace(type(session.space.space)())
    session.space["C"] = (0.01, 1.0)
    session.set_scenario(n_trials=7, seed=3, **numbers)
    from workbench.nouns import Candidate

    run = run_folders.create(session.job(), Candidate(code, "file"), prompt=session.prompt, root=session.runs_folder)
    run.start()
    assert run.wait(LIMIT_S)
    run.refresh()
    assert run.state == "finished", run.log_tail()
    return run


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of the hpo facade that saved models, in a folder with a space in its name."""
    return run_of(tmp_path_factory.mktemp("exports") / "my runs", "hpo", TRAIN)


@pytest.fixture(scope="module")
def budgeted(tmp_path_factory):
    return run_of(tmp_path_factory.mktemp("budgets"), "hyperband", TRAIN, min_budget=5, max_budget=45)


def ran(text: str, folder: Path, *words: str) -> str:
    (folder / "optimise.py").write_text(text)
    start = f"{WITHOUT_WORKBENCH}import runpy\nsys.argv = ['optimise.py', *{list(words)!r}]\n"
    start += "runpy.run_path('optimise.py', run_name='__main__')\n"
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, "-c", start], cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def costs_in(said: str) -> list[float]:
    return [float(found) for found in re.findall(r"^trial +\d+  cost (\S+)", said, re.M)]


def test_the_script_begins_as_the_run_did_and_goes_on_with_smacs_own_search(finished, tmp_path):
    costs = costs_in(ran(exports.to_script(finished), tmp_path))
    tried = [t.cost for t in finished.trials]
    assert len(costs) == len(tried)
    assert costs[:2] == pytest.approx(tried[:2], rel=1e-5), "the default and the initial design are the same"
    assert list((tmp_path / "models").glob("*.joblib"))


def test_the_script_goes_the_same_way_as_a_run_without_a_model_without_the_workbench(budgeted, tmp_path):
    run = budgeted
    said = ran(exports.to_script(run), tmp_path)
    assert costs_in(said) == pytest.approx([t.cost for t in run.trials], rel=1e-5)
    assert f"best cost {run.incumbent.cost}"[:14] in said
    assert list((tmp_path / "models").glob("*.joblib"))


def test_the_script_takes_a_number_of_trials_and_one_that_fails_costs_more_than_all_others(finished, tmp_path):
    second = finished.trials[1].config["C"]
    line = '    C = float(cfg["C"])\n'
    text = exports.to_script(finished).replace(line, f"{line}    assert abs(C - {second}) > 1e-9, C\n")
    said = ran(text, tmp_path, "3")
    lines = [line for line in said.splitlines() if line.startswith("trial ")]
    assert ["AssertionError" in line for line in lines] == [False, True, False]
    costs = [float(line.split()[3]) for line in lines]
    assert costs[1] > max(costs[0], costs[2])


def test_the_lines_that_load_the_model_work_as_they_stand_in_the_script(finished, tmp_path):
    text = exports.to_script(finished)
    lines = text[text.index("# the model that the run kept") :].splitlines()[2:]
    body = "\n".join(line.removeprefix("# ").removeprefix("#") for line in lines)
    start = text[: text.index("# the search space")]
    (tmp_path / "load.py").write_text(start + "\n" + body)
    done = subprocess.run([sys.executable, "load.py"], cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[")
    assert str(finished.folder) in body


def test_the_notebook_runs_without_widgets_and_ends_in_a_figure_and_a_model(budgeted, tmp_path):
    from nbclient import NotebookClient

    notebook = nbformat.reads(exports.to_notebook(budgeted), as_version=4)
    nbformat.validate(notebook)
    assert not any("workbench" in cell.source or "widget" in cell.source for cell in notebook.cells[2:])
    notebook.cells.insert(0, nbformat.v4.new_code_cell(WITHOUT_WORKBENCH))
    client = NotebookClient(notebook, timeout=LIMIT_S, startup_timeout=LIMIT_S, iopub_timeout=LIMIT_S)
    client.resources = {"metadata": {"path": str(tmp_path)}}
    client.execute()
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [o for o in shown if o.output_type == "error"]
    assert any("image/png" in o.get("data", {}) for o in shown)
    assert shown[-1]["text"].startswith("[")


def test_a_function_that_uses_a_name_of_the_script_is_kept_apart(tmp_path):
    code = "import time as json\nspace = 3\n\n\ndef train(cfg, dataset, seed, budget=None, model_dir=None):\n"
    code += "    assert json.time() > 1\n    return space + cfg['depth'] + seed\n"
    run = made_run(tmp_path, made_trials(3), code=code)
    said = ran(exports.to_script(run), tmp_path)
    assert "trial    3  cost " in said
    assert "Error" not in said


def test_whatever_the_folder_and_the_source_hold_the_script_is_valid_python(tmp_path):
    code = "\f\nfrom __future__ import annotations\n\n\f\nimport joblib\n\n\n"
    code += "def train(cfg, dataset, seed, budget=None, model_dir=None):\n"
    code += "    return float(len('a\u2028b\x1cc'))\n"
    run = made_run(tmp_path, made_trials(3), code=code)
    run = run_folders.open(run.folder.rename(tmp_path / 'my "best" C:\\x'))
    said = ran(exports.to_script(run), tmp_path)
    assert costs_in(said) == [5.0] * 3


def test_the_script_takes_a_single_trial_and_a_loss_that_is_no_number(tmp_path):
    code = "import math\n\n\ndef train(cfg, dataset, seed, budget=None, model_dir=None):\n"
    code += "    return math.nan if cfg['depth'] > 4 else cfg['lr']\n"
    run = made_run(tmp_path, made_trials(1), facade="hpo", code=code)
    assert len(costs_in(ran(exports.to_script(run), tmp_path))) == 1
    said = ran(exports.to_script(run), tmp_path, "10")
    assert "ValueError: the loss is nan" in said
    assert len(costs_in(said)) == 10


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.loads += [value for name, value in attributes if name in ("src", "href", "srcset") and value]

    def handle_data(self, data):
        self.text += data


def test_the_report_holds_everything_and_loads_nothing(finished):
    page = _Page()
    page.feed(exports.to_report(finished))
    assert page.tags.count("img") == 3
    assert all(load.startswith("data:image/png;base64,") for load in page.loads)
    for words in ("Best configuration", "Trajectory of 7 trials", "def train(", "hpo on iris", "joblib.load(", "smac"):
        assert words in page.text, words


def test_whatever_a_run_says_is_text_in_the_report(tmp_path):
    evil = "</pre><script>alert(1)</script>"
    run = made_run(tmp_path, made_trials(12), code=CODE + f"# {evil}\n")
    run.about["dataset"]["name"] = evil
    run.about["override"] = "<img src=x onerror=alert(1)>"
    (run.folder / "prompt.md").write_text(evil)
    text = exports.to_report(run)
    page = _Page()
    page.feed(text)
    assert "script" not in page.tags
    assert evil in page.text
    assert "no <such> depth" in page.text
    assert "default-src 'none'" in text
    assert all(load.startswith("data:image/png") for load in page.loads)


def test_a_run_without_a_trial_still_has_a_report_and_a_script(tmp_path):
    run = made_run(tmp_path, [], n_trials=3)
    assert "no trial succeeded" in exports.to_report(run)
    assert "# the model" not in exports.to_script(run)


def test_the_session_and_the_command_write_the_file_and_say_where(finished, tmp_path):
    session = Session(finished.folder.parent)
    written = session.export("script", run=finished.folder.name)
    assert written == finished.folder / "export" / "optimise.py"
    assert session.export("report", tmp_path, run=finished) == tmp_path / "report.html"
    with pytest.raises(RunError, match="exported as 'pdf'; it can as: script, notebook, report"):
        session.export("pdf", run=finished)
    with pytest.raises(RunError, match="cannot write"):
        session.export("script", tmp_path / "none" / "x.py", run=finished)
    words = ["export", str(finished.folder), "--as", "notebook", "--out", str(tmp_path / "my.ipynb")]
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli", *words], capture_output=True, text=True, timeout=LIMIT_S
    )
    assert done.stdout == f"{tmp_path / 'my.ipynb'}\n", done.stderr
    assert nbformat.read(tmp_path / "my.ipynb", as_version=4).nbformat == 4


def test_a_folder_that_is_not_whole_is_a_sentence(tmp_path):
    run = made_run(tmp_path, made_trials(2))
    (run.folder / "space.json").unlink()
    with pytest.raises(RunError, match=r"cannot be exported as script .*is its folder whole"):
        exports.export(run, "script")
