"""The first minutes: from the open notebook to a growing trajectory, where each step says what comes next."""

from __future__ import annotations

from pathlib import Path

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "workbench.ipynb"
COUNT = "window.clicks = 0; addEventListener('click', (e) => { if (e.isTrusted) window.clicks += 1 }, true)"


def test_a_person_follows_what_comes_next_and_sees_a_trajectory_after_fewer_than_ten_clicks(lab):
    page = lab.open(NOTEBOOK, run=False)
    page.evaluate(COUNT)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    root = page.locator(".awb-root")
    expect(root).to_be_visible()
    following = root.locator(".awb-next")

    expect(following).to_contain_text("Load a table: a built-in set will do for a first look.")
    root.get_by_role("button", name="Load", exact=True).click()
    expect(following).to_contain_text("Have the function written, by the offline composer.")
    following.get_by_role("button", name="Go to Function").click()
    root.get_by_role("button", name="Generate", exact=True).click()
    expect(following).to_contain_text("Start the run")
    following.get_by_role("button", name="Go to Run").click()
    root.get_by_role("button", name="Run", exact=True).click()
    trials = root.get_by_role("table", name="trials", exact=True).locator("tbody tr")
    expect(trials.nth(3)).to_be_visible()
    expect(root.get_by_role("img", name="Trajectory of").first).to_be_visible()
    expect(following).to_contain_text("The run goes on")
    assert page.evaluate("window.clicks") < 10
    root.get_by_role("button", name="Stop", exact=True).click()
    expect(following).to_contain_text("See what the run found")
