"""The workbench where there is no JupyterLab: in Notebook 7, and as a page of Voila without a line of code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect
pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

TRIALS = 3
CELL = f"""from workbench import Workbench

wb = Workbench()
wb.load("builtin:iris")
wb.preset("decision_tree")
wb.facade, wb.contract = "random", "loss"
wb.set_scenario(n_trials={TRIALS})
wb.generate()
wb"""
STEPS = ["Data", "Space", "Optimiser", "Prompt", "Function", "Run", "Results"]
START_MS, RUN_MS = 120_000, 120_000


def write_notebook(path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


NOTEBOOKS_OWN = "Cannot read properties of undefined (reading 'schema')"
"""What Notebook 7.6 throws while it loads its shortcuts, with any notebook."""
VOILAS_OWN = "https://cdn.jsdelivr.net/npm/@fortawesome/"
"""Where Voila's own template looks for icons; nothing of the workbench needs them, and here nobody answers."""


@pytest.fixture
def visit(chromium: Any) -> Any:
    """Opens an address; on closing, nothing may have been complained of, and no request may have left the machine."""
    from browser import foreign

    context = chromium.new_context(viewport={"width": 1360, "height": 900}, reduced_motion="reduce")
    requests: list[str] = []
    complaints: list[str] = []

    @contextmanager
    def visit(url: str) -> Iterator[Any]:
        page = context.new_page()
        page.route(f"{VOILAS_OWN}**", lambda route: route.abort())
        page.on("request", lambda r: requests.append(r.url))
        page.on("websocket", lambda w: requests.append(w.url))
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.on("console", lambda m: complaints.append(f"{m.text} ({m.location})") if m.type == "error" else None)
        page.goto(url, timeout=START_MS)  # Voila has run the cells when its page is there
        yield page
        page.close()  # before its server: a page that has lost it says so
        assert [u for u in foreign(requests) if not u.startswith(VOILAS_OWN)] == []
        complained = [c for c in complaints if c != NOTEBOOKS_OWN and VOILAS_OWN not in c]
        assert complained == [], "\n".join(complained)

    yield visit
    context.close()


def go_from_data_to_a_trajectory(root: Any, folder: Path) -> None:
    expect(root).to_be_visible(timeout=START_MS)
    tabs = root.get_by_role("tab")
    expect(tabs).to_have_count(len(STEPS))
    for title, tab in zip(STEPS, tabs.all(), strict=True):
        expect(tab).to_contain_text(title)
    expect(tabs.first).to_contain_text("150×4")
    expect(root.get_by_role("table", name="Columns of the table").locator("tbody tr")).to_have_count(5)

    tabs.nth(5).click()
    root.get_by_role("button", name="Run", exact=True).click()
    expect(root.locator(".awb-status")).to_have_text("finished", timeout=RUN_MS)
    expect(tabs.nth(5)).to_contain_text(f"{TRIALS} of {TRIALS} trials")
    picture = root.get_by_role("img", name=f"Trajectory of {TRIALS} trials")
    expect(picture).to_be_visible()
    root.page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
    expect(root.get_by_role("table", name="trials", exact=True).locator("tbody tr")).to_have_count(TRIALS)
    assert [run.name for run in folder.iterdir() if (run / "result.json").is_file()]
    assert root.locator(".awb-toast[data-level='error']").count() == 0


def test_in_notebook_7_the_cell_shows_the_workbench_and_a_run_ends_with_a_trajectory(visit, tmp_path):
    pytest.importorskip("notebook", reason="Notebook 7 is not installed")
    from browser import READY, LabServer

    with LabServer(tmp_path, "notebook") as server:
        write_notebook(server.root / "steps.ipynb")
        with visit(f"{server.url}/notebooks/steps.ipynb?token={server.token}") as page:
            page.wait_for_function(READY, timeout=START_MS)  # what is asked of it before is lost
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            go_from_data_to_a_trajectory(page.locator(".awb-root"), server.root / "runs")
            assert page.locator(".jp-OutputArea-output").count() == 1, "the workbench is all that stands below the cell"
            assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
            assert (server.root / "runs.session" / "session.json").is_file()


def test_voila_shows_the_workbench_without_code_and_a_run_ends_with_a_trajectory(visit, tmp_path):
    pytest.importorskip("voila", reason="Voila is not installed")
    from browser import VoilaServer

    with VoilaServer(tmp_path) as server:
        write_notebook(server.root / "steps.ipynb")
        with visit(f"{server.url}/voila/render/steps.ipynb") as page:
            go_from_data_to_a_trajectory(page.locator(".awb-root"), server.root / "runs")
            assert page.locator(".jp-InputArea, .jp-CodeCell .cm-editor").count() == 0
            assert "from workbench import" not in page.content()
            assert page.locator(".jp-OutputArea-output").count() == 1
            assert not (server.root / "runs.session").exists(), "the next visitor begins anew"
