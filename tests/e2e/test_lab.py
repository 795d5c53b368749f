"""From a file to the best configuration in a real JupyterLab, with clicks and keys alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect
pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "workbench.ipynb"
RUN_FILES = ("job.json", "space.json", "prompt.md", "train.py", "report.json", "events.jsonl", "result.json", "log.txt")
CHECK_MS, RUN_MS = 120_000, 120_000
TRIALS, MANY_TRIALS = 8, 400


def test_a_person_goes_from_a_file_to_the_best_configuration_with_clicks_and_keys(lab, titanic):
    page = lab.open(NOTEBOOK, run=False)
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    run_the_cell(page)
    root = page.locator(".awb-root")

    load_the_table(root, titanic)
    edit_the_space(root)
    choose_the_optimiser(root)
    read_the_prompt(root)
    have_the_function_written(page, root)
    first = run_to_the_end(lab, root)
    second = run_and_stop(lab, page, root)
    read_the_results(root, first, second)

    outputs = page.locator(".jp-OutputArea-output")
    assert outputs.count() == 1, "the workbench is all that stands below the cell"
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert root.locator(".awb-toast[data-level='error']").count() == 0
    assert complaints == []


def step(root: Any, title: str) -> Any:
    return root.get_by_role("tab").filter(has=root.page.get_by_text(title, exact=True))


def run_the_cell(page: Any) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    expect(page.locator(".awb-root")).to_be_visible()


def load_the_table(root: Any, titanic: Path) -> None:
    tab = step(root, "Data")
    root.get_by_role("button", name="File path").click()
    box = root.get_by_role("textbox", name="File path")
    box.fill(str(titanic.with_name("titanik.csv")))
    box.press("Enter")
    expect(root.get_by_role("alert").locator("visible=true")).to_contain_text("the nearest name there: 'titanic.csv'")
    box.fill(str(titanic))
    box.press("Enter")
    expect(tab).to_contain_text("pick a target")
    root.get_by_label("Target", exact=True).select_option("survived")
    columns = root.get_by_role("table", name="Columns of the table")
    expect(columns.locator("tbody tr", has_text="survived (target)")).to_have_count(1)
    expect(columns.locator("tbody tr", has_text="age")).to_contain_text("20 %")
    expect(root.get_by_text("'alive' repeats the target 'survived'").first).to_be_visible()
    expect(tab).to_contain_text("891×")


def edit_the_space(root: Any) -> None:
    tab = step(root, "Space")
    tab.click()
    root.get_by_label("Preset", exact=True).select_option(label="Decision tree")
    root.get_by_role("button", name="Apply", exact=True).click()
    table = root.get_by_role("table", name="Hyperparameters")
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(4)
    ends = table.get_by_label("range / choices of max_depth")
    ends.fill("2, 9")
    ends.press("Tab")
    text = root.locator(".cm-content").locator("visible=true")
    expect(text).to_contain_text("high: 9")

    root.get_by_role("button", name="Add hyperparameter").click()
    expect(rows).to_have_count(5)
    name = rows.last.get_by_label("name of")
    added = name.input_value()
    root.get_by_role("button", name=f"Remove {added}").click()
    expect(rows).to_have_count(4)
    undo = root.get_by_role("button", name="Undo")
    undo.click()
    expect(rows).to_have_count(5)
    undo.click()
    expect(rows).to_have_count(4)
    expect(ends).to_have_value("2, 9")
    expect(tab).to_contain_text("4 hyperparameters")


def choose_the_optimiser(root: Any) -> None:
    tab = step(root, "Optimiser")
    tab.click()
    root.get_by_role("button", name="Hyperband").click()
    root.get_by_title("Use the loss contract").click()
    expect(tab).to_contain_text("does not fit")
    expect(
        root.get_by_text("Hyperband varies the budget, and train under the loss contract takes none").first
    ).to_be_visible()
    root.get_by_title("Use the model contract").click()
    expect(tab).to_contain_text("Hyperband")
    trials = root.get_by_label("Trials", exact=True)
    trials.fill(str(TRIALS))
    trials.press("Enter")
    expect(root.locator(".awb-tile", has_text="trials").locator("visible=true").first).to_contain_text(str(TRIALS))


def read_the_prompt(root: Any) -> None:
    step(root, "Prompt").click()
    marks = root.locator(".awb-mark").locator("visible=true")
    expect(marks.first).to_have_text("classification")  # only marks in sight are in the page
    expect(marks.nth(1)).to_have_text("Any, Tuple")
    placeholders = root.get_by_role("grid", name="placeholders")
    expect(placeholders).to_contain_text("rule:every-configuration")
    placeholders.locator("tbody tr", has_text="config_space").click()
    expect(marks.filter(has_text="max_depth: integer from 2 to 9").first).to_be_visible()


def have_the_function_written(page: Any, root: Any) -> None:
    tab = step(root, "Function")
    tab.click()
    editor = root.get_by_role("textbox", name="the train function")
    root.get_by_role("button", name="Generate", exact=True).click()
    expect(editor).to_contain_text("DecisionTreeClassifier")
    expect(tab).to_contain_text("checks pass", timeout=CHECK_MS)
    passed = root.get_by_text("Passed (")
    expect(passed).to_be_visible()

    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("# a word of my own\n")
    expect(tab).to_contain_text("not checked")
    root.get_by_role("button", name="Check", exact=True).click()
    expect(tab).to_contain_text("checks pass", timeout=CHECK_MS)
    expect(editor).to_contain_text("# a word of my own")
    expect(root.get_by_label("Version", exact=True).locator("option")).to_have_count(2)


def folders(lab: Any) -> set[Path]:
    """The runs that there are."""
    return set((lab.root / "runs").glob("*"))


def run_to_the_end(lab: Any, root: Any) -> Path:
    tab = step(root, "Run")
    tab.click()
    known = folders(lab)
    root.get_by_role("button", name="Run", exact=True).click()
    progress = root.get_by_role("progressbar", name="trials done")
    expect(root.locator(".awb-status")).to_have_text("finished", timeout=RUN_MS)
    expect(tab).to_contain_text(f"{TRIALS} of {TRIALS} trials")
    expect(progress).to_have_attribute("aria-valuenow", str(TRIALS))
    expect(root.get_by_role("img", name=f"Trajectory of {TRIALS} trials")).to_be_visible()
    expect(root.get_by_role("table", name="trials", exact=True).locator("tbody tr")).to_have_count(TRIALS)
    (folder,) = folders(lab) - known
    assert not [name for name in RUN_FILES if not (folder / name).is_file()]
    assert json.loads((folder / "job.json").read_text())["facade"] == "hyperband"
    assert "# a word of my own" in (folder / "train.py").read_text()
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert len(events) > TRIALS
    result = json.loads((folder / "result.json").read_text())
    assert result["state"] == "finished"
    assert len(list((folder / "models").glob("*.joblib"))) == TRIALS
    return folder


def run_and_stop(lab: Any, page: Any, root: Any) -> Path:
    """A long run: the page moves, the kernel answers meanwhile, and Stop ends it."""
    known = folders(lab)
    step(root, "Optimiser").click()
    trials = root.get_by_label("Trials", exact=True)
    trials.fill(str(MANY_TRIALS))
    trials.press("Enter")
    expect(root.locator(".awb-tile", has_text="trials").locator("visible=true").first).to_contain_text(str(MANY_TRIALS))
    step(root, "Run").click()
    root.get_by_role("button", name="Run again", exact=True).click()
    status, picture = root.locator(".awb-status"), root.locator(".awb-figure img").locator("visible=true")
    expect(status).to_have_text("running", timeout=CHECK_MS)
    progress = root.get_by_role("progressbar", name="trials done")
    expect(progress).to_have_attribute("aria-valuemax", str(MANY_TRIALS))
    page.wait_for_function(MOVED, arg=0, timeout=RUN_MS)
    before = int(progress.get_attribute("aria-valuenow"))
    seen = picture.get_attribute("src")
    page.wait_for_function(MOVED, arg=before, timeout=RUN_MS)
    page.wait_for_function(OTHER_PICTURE, arg=seen, timeout=RUN_MS)

    # what the kernel has to answer: another axis is another picture, another step another panel
    root.get_by_role("button", name="Time", exact=True).click()
    step(root, "Optimiser").click()
    expect(root.get_by_role("button", name="Hyperband")).to_be_visible()
    root.get_by_role("button", name="Random search").click()
    expect(root.get_by_text("RandomFacade")).to_be_visible()
    expect(status).to_have_text("running")
    root.get_by_role("button", name="Hyperband").click()
    expect(root.get_by_text("HyperbandFacade")).to_be_visible()
    expect(status).to_have_text("running")

    step(root, "Run").click()
    root.get_by_role("button", name="Stop", exact=True).click()
    expect(status).to_have_text("stopped")
    done = int(progress.get_attribute("aria-valuenow"))
    assert 0 < done < MANY_TRIALS
    (folder,) = folders(lab) - known
    assert json.loads((folder / "result.json").read_text())["state"] == "stopped"
    return folder


def read_the_results(root: Any, first: Path, second: Path) -> None:
    step(root, "Results").click()
    runs = root.get_by_role("grid", name="runs", exact=True)
    expect(runs.locator("tbody tr")).to_have_count(2)
    best = root.get_by_role("table", name="best configuration of this run").locator("tbody tr")
    expect(best).to_have_count(4)
    runs.locator("tbody tr").last.click()
    result = json.loads((first / "result.json").read_text())
    for name, value in result["best"]["config"].items():
        shown = f"{value:.6g}" if isinstance(value, float) else str(value)
        expect(best.filter(has_text=name)).to_contain_text(shown)
    expect(root.get_by_text("models/").locator("visible=true").first).to_be_visible()
    assert first != second


MOVED = """before => {
    const bar = document.querySelector('.awb-root [role=progressbar]');
    return bar && Number(bar.getAttribute('aria-valuenow')) > before;
}"""
OTHER_PICTURE = """before => [...document.querySelectorAll('.awb-root .awb-figure img')].some(
    image => image.checkVisibility() && image.complete && image.naturalWidth > 0 && image.src !== before)"""
