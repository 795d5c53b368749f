"""What axe-core finds in the seven steps, in Chromium."""

from __future__ import annotations

import pytest
from axe import FIND, RESIZE, WIDE, bring_axe

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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_nothing_sticks_out_from_1200_to_545_pixels(lab, theme):
    page = lab.open([CELL], theme=theme)
    bring_axe(page)
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
