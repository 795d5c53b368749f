"""A page that is reloaded and a kernel that is restarted, both while a run goes on."""

from __future__ import annotations

import json

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect
pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

CELL = "from workbench import Workbench\n\nwb = Workbench()\nwb"
WORK = """
from workbench import runs
wb.load("builtin:iris")
wb.preset("decision_tree")
wb.space["max_depth"] = (2, 9)
wb.facade, wb.contract = "random", "loss"
wb.set_scenario(n_trials=5000)
wb.generate()
wb.step = "run"
run = runs.create(wb.job(), wb.candidate, root=wb.runs_folder)
run.start()
wb.attach(run)
print(run.folder.name)
"""
MOVED = """before => {
    const bar = document.querySelector('.awb-root [role=progressbar]');
    return bar && Number(bar.getAttribute('aria-valuenow')) > before;
}"""
RUN_MS = 120_000


def test_a_reload_and_a_restart_of_the_kernel_find_the_work_and_the_run_that_goes_on(lab):
    page = lab.open([CELL])
    name = lab.run_cell(page, WORK).strip()
    root = page.locator(".awb-root")
    bar = root.get_by_role("progressbar", name="trials done")
    page.wait_for_function(MOVED, arg=0, timeout=RUN_MS)
    lab.save(page)

    done = int(bar.get_attribute("aria-valuenow"))
    page.reload()
    lab.reload_settled(page)
    expect(root).to_be_visible()
    page.wait_for_function(MOVED, arg=done, timeout=RUN_MS)
    expect(root.locator(".awb-status")).to_have_text("running")
    expect(root.get_by_text("Restored from")).to_have_count(0)

    done = int(bar.get_attribute("aria-valuenow"))
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:restart-run-all'); }")
    page.get_by_role("dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    said = root.get_by_role("status").filter(has_text="Restored from")
    expect(said).to_be_visible(timeout=RUN_MS)
    for part in ("iris (150×4)", "4 hyperparameters", "the facade random", "1 version of train", f"the run {name}"):
        expect(said).to_contain_text(part)
    expect(said).not_to_contain_text("Not restored")
    page.wait_for_function(MOVED, arg=done, timeout=RUN_MS)
    expect(root.locator(".awb-status")).to_have_text("running")
    assert json.loads(lab.run_cell(page, "import json; print(json.dumps(wb.space['max_depth'].high))")) == 9

    root.get_by_role("button", name="Stop", exact=True).click()
    expect(root.locator(".awb-status")).to_have_text("stopped", timeout=RUN_MS)
    root.get_by_role("button", name="Dismiss", exact=True).click()
    expect(said).to_be_hidden()
    assert json.loads((lab.root / "runs" / name / "result.json").read_text())["state"] == "stopped"
