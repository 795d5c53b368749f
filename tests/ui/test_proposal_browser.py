"""The card for a proposal in Chromium, by keyboard alone."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

CELL = """
from workbench import Workbench
wb = Workbench()
wb.load("builtin:iris")
wb.step = "optimiser"
wb
"""
ACTIVE = "() => document.activeElement.textContent.trim() || document.activeElement.getAttribute('aria-label') || ''"


def tab_to(page, name, at_most=40):
    """Press Tab until something of this name has the focus; gives what was passed."""
    passed = []
    for _ in range(at_most):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(ACTIVE))
        if passed[-1] == name:
            return passed
    raise AssertionError(f"no Tab leads to {name!r}: {passed}")


def test_a_suggestion_is_asked_for_read_edited_and_accepted_without_a_mouse(lab):
    from playwright.sync_api import expect

    page = lab.open([CELL])
    root = page.locator(".awb-root")
    field = root.get_by_label("Time for the run (s)")
    field.focus()
    page.keyboard.type("90")
    tab_to(page, "Suggest")
    page.keyboard.press("Enter")
    expect(root.get_by_role("button", name="Accept the space", exact=True)).to_be_visible()
    for verb in ("Accept", "Edit", "Reject"):
        for part in ("the facade", "the numbers", "the plan", "the space"):
            expect(root.get_by_role("button", name=f"{verb} {part}", exact=True)).to_have_count(1)
    difference = root.get_by_role("region", name="What the numbers would change: minus is yours, plus is proposed")
    expect(difference).to_contain_text("+wall_limit_s: 90")

    field.focus()
    passed = tab_to(page, "Accept the numbers")
    assert passed.index("Reject the facade") < len(passed) - 1
    page.keyboard.press("Enter")
    expect(difference).to_have_count(0)
    assert page.evaluate(ACTIVE) == "Accept the numbers", "the focus stays where it was"
    assert lab.run_cell(page, "print(wb.scenario.wall_limit_s)").strip() == "90.0"

    tab_to(page, "Edit the plan")
    page.keyboard.press("Enter")
    editor = root.locator(".cm-content").locator("visible=true").first
    expect(editor).to_contain_text("Put a quarter")
    editor.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Scale the columns.")
    keep = root.get_by_role("button", name="Keep the edit of the plan")
    keep.focus()
    page.keyboard.press("Enter")
    expect(root.locator("li", has_text="Scale the columns.").locator("visible=true").first).to_be_visible()
    root.get_by_role("button", name="Accept the plan", exact=True).focus()
    page.keyboard.press("Enter")
    expect(root.get_by_text("The plan is part of the prompt now.")).to_be_visible()
    assert lab.run_cell(page, "print(wb.plan)").strip() == "1. Scale the columns."


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_card_fits_and_can_be_read_in_both_themes(lab, theme):
    from playwright.sync_api import expect

    page = lab.open([CELL + "\nwb.facade = 'random'\nwb.propose(90)\nwb"], theme=theme, width=1360)
    root = page.locator(".awb-root")
    row = root.get_by_text("+wall_limit_s: 90")
    expect(row).to_be_visible()
    wider = "e => e.scrollWidth > e.clientWidth + 1"
    card = root.locator(".awb-card", has_text="Suggestion").first
    assert not card.evaluate(wider)
    ratio = row.evaluate(
        """e => {
            const box = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
            const seen = (colours) => {
                for (const c of colours) { box.fillStyle = c; box.fillRect(0, 0, 1, 1); }
                return [...box.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255);
            };
            const light = (c) => {
                const [r, g, b] = c.map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const papers = [];
            for (let n = e; n; n = n.parentElement) papers.unshift(getComputedStyle(n).backgroundColor);
            const paper = seen(['#fff', ...papers]);
            const ink = seen([getComputedStyle(e).color]);
            const [a, b] = [light(paper), light(ink)].sort((x, y) => y - x);
            return (a + 0.05) / (b + 0.05);
        }"""
    )
    assert ratio >= 4.5
