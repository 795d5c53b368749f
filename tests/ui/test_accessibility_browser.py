"""What axe-core finds in the seven steps, in Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

STEPS = ("data", "space", "optimiser", "prompt", "function", "run", "results")
CELL = """
from workbench import Workbench
wb = Workbench("runs")
wb.load("builtin:iris")
wb.space.add_condition('max_depth active when criterion == "gini"')
wb.space.add_forbidden("min_samples_leaf >= min_samples_split")
wb.facade = "hyperband"
wb.mute("short")
wb.generate()
wb.check(probe=False)
wb
"""
FIND = """async () => {
    const found = await axe.run('.awb-root', {resultTypes: ['violations']});
    return found.violations.filter(v => ['serious', 'critical'].includes(v.impact))
        .flatMap(v => v.nodes.map(n => `${v.impact} ${v.id}: ${n.html.slice(0, 200)}`));
}"""
# what is wider than the root, and is not within something that scrolls
WIDE = """() => {
    const root = document.querySelector('.awb-root'), edge = root.getBoundingClientRect().right + 1;
    const inside = e => {
        for (let p = e.parentElement; p && p !== root; p = p.parentElement)
            if (getComputedStyle(p).overflowX !== 'visible' && p.getBoundingClientRect().right <= edge) return true;
        return false;
    };
    return [...root.querySelectorAll('*')].filter(e => !e.closest('.awb-visually-hidden'))
        .filter(e => e.getBoundingClientRect().width && e.getBoundingClientRect().right > edge && !inside(e))
        .map(e => `${e.tagName}.${e.className}`).slice(0, 5);
}"""
RESIZE = "width => { document.querySelector('.awb-root').style.width = `${width}px`; }"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_nothing_sticks_out_from_1200_to_545_pixels(lab, theme):
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    source = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    page = lab.open([CELL], theme=theme)
    page.evaluate(source)
    found: list[str] = []
    for step in STEPS:
        lab.run_cell(page, f"wb.step = {step!r}")
        page.wait_for_selector(f"[role=tab][aria-selected=true] >> text={step.capitalize()}")
        page.wait_for_function("() => !document.querySelector('.awb-root .awb-code-wait')")
        views = ("filled", "rendered", "template", "changes", "rules") if step == "prompt" else ("",)
        for view in views:
            if view:
                page.get_by_role("button", name=view.capitalize(), exact=True).click()
            lab.run_cell(page, "pass")  # what the click made has been sent
            found += [f"{step} {view}: {text}" for text in page.evaluate(FIND)]
            for width in (1200, 800, 545):
                page.evaluate(RESIZE, width)
                found += [f"{step} {view} at {width} px: {text}" for text in page.evaluate(WIDE)]
    assert found == []
