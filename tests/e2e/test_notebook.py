"""Notebooks without a browser: the one that is shipped, and a scripted one."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from waiting import LIMIT_S

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "workbench.ipynb"


def executed(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """The notebook after a run of all its cells in this folder."""
    from nbclient import NotebookClient

    client = NotebookClient(notebook, timeout=LIMIT_S, startup_timeout=LIMIT_S, iopub_timeout=LIMIT_S)
    client.resources = {"metadata": {"path": str(folder)}}
    client.execute()
    return notebook


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_the_shipped_notebook_runs_and_shows_one_workbench(tmp_path):
    notebook = executed(nbformat.read(NOTEBOOK, as_version=4), tmp_path)
    (shown,) = outputs(notebook)
    model = shown["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
    saved = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert "awb-root" in saved[model]["state"]["_dom_classes"]
    titles = [[s["title"] for s in w["state"]["steps"]] for w in saved.values() if "steps" in w["state"]]
    assert titles == [["Data", "Space", "Optimiser", "Prompt", "Function", "Run", "Results"]]


@pytest.mark.timeout(900)
def test_a_scripted_notebook_goes_from_a_file_to_a_figure_without_a_click(tmp_path, titanic):
    cells = [
        "from workbench import Workbench\nwb = Workbench()",
        f"wb.load({str(titanic)!r}, target='survived', drop=['alive'])\nwb.preset('decision_tree')\n"
        "wb.space['max_depth'] = (2, 9)\nwb.facade = 'random'\nwb.contract = 'loss'\n_ = wb.set_scenario(n_trials=3)",
        "wb.generate()\nreport = wb.check(probe=False)\nprint(len(report.blocking), report.calls)",
        "run = wb.run(wait=True)\nprint(run.state, len(wb.trials), sorted(wb.best))",
        "wb.plot()",
    ]
    notebook = executed(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells]), tmp_path)
    said = ["".join(o.get("text", "") for o in cell.outputs) for cell in notebook.cells]
    assert said[2] == "0 0\n"
    assert said[3] == "finished 3 ['ccp_alpha', 'max_depth', 'min_samples_leaf', 'min_samples_split']\n"
    (figure,) = notebook.cells[4].outputs
    assert figure["data"]["image/png"]
    assert not [o for o in outputs(notebook) if o.output_type == "error" or o.get("name") == "stderr"]
    (folder,) = (tmp_path / "runs").iterdir()
    assert "max_depth" in (folder / "space.json").read_text()
    assert (folder / "result.json").is_file()
