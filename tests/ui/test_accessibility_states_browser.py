"""What axe-core finds in Chromium where there is nothing yet, in dialogs, beside a run, and in its results."""

from __future__ import annotations

from typing import Any

import pytest
from axe import FIND, RESIZE, WIDE, bring_axe

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]  # a guard alone: with nothing beside it, a minute

STEPS = ("data", "space", "optimiser", "prompt", "function", "run", "results")
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
CELL = """
from workbench import Workbench
wb = Workbench("runs-of-states")
wb
"""
TRAIN = '''
SLOW = """
import time
from typing import Any, Tuple

from ConfigSpace import Configuration
from sklearn.dummy import DummyClassifier


def train(cfg: Configuration, dataset: Any, seed: int, budget: int = None, model_dir: str = None) -> Tuple[float, Any]:
    time.sleep(0.2)
    return float(cfg["x"]) + 1.0, DummyClassifier().fit(dataset["X"], dataset["y"])
"""
from workbench.nouns import Finding, Report
wb.load("builtin:iris")
wb.space.replace(type(wb.space.space)())
wb.space["x"] = (0.0, 1.0)
wb.space["y"] = (0.0, 1.0)
wb.facade = "random"
wb.set_scenario(n_trials=400, wall_limit_s=3600.0)
wb.propose()
wb.edit(SLOW)
broken = Finding("return-type", "must", "fail", "it returns None", line=7)
wb.report = Report(wb.candidate.digest, (broken,), calls=1)
'''
FINISHED = """
from workbench.nouns import Report
wb.load("builtin:iris")
wb.facade = "random"
wb.set_scenario(n_trials=12)
wb.generate()
wb.report = Report(wb.candidate.digest, (), calls=1)
wb.run(wait=True)
"""


class Looker:
    """Looks at a page with axe-core, in both themes."""

    def __init__(self, lab: Any, page: Any) -> None:
        self.lab, self.page = lab, page
        self.found: list[str] = []

    def step(self, name: str) -> None:
        """Go to a step, and wait until it is there."""
        self.lab.run_cell(self.page, f"wb.step = {name!r}")
        self.page.wait_for_selector(f"[role=tab][aria-selected=true] >> text={name.capitalize()}")
        self.page.wait_for_function("() => !document.querySelector('.awb-root .awb-code-wait')")

    def look(self, what: str, widths: tuple[int, ...] = ()) -> None:
        """Note what is found, with a name for what is looked at."""
        for theme, name in THEMES.items():
            self.page.evaluate("t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})", name)
            light = str(theme == "light").lower()
            self.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
            self.lab.run_cell(self.page, "pass")
            self.found += [f"{what}, {theme}: {text}" for text in self.page.evaluate(FIND)]
        for width in widths:
            self.page.evaluate(RESIZE, width)
            self.found += [f"{what} at {width} px: {text}" for text in self.page.evaluate(WIDE)]
        if widths:
            self.page.evaluate("() => { document.querySelector('.awb-root').style.width = ''; }")

    def wait(self, true: str) -> None:
        """Wait, in the kernel, until an expression holds."""
        self.lab.run_cell(
            self.page,
            "import time\nuntil = time.monotonic() + 120\n"
            f"while not ({true}):\n    assert time.monotonic() < until, 'never came true'\n    time.sleep(0.05)",
        )


def test_axe_finds_nothing_serious_in_empty_steps_in_dialogs_and_beside_a_run(lab: Any) -> None:
    page = lab.open([CELL])
    bring_axe(page)
    looker = Looker(lab, page)
    for name in STEPS:
        looker.step(name)
        looker.look(f"empty {name}")

    lab.run_cell(page, TRAIN)
    for name in ("space", "prompt", "optimiser"):
        looker.step(name)
        looker.look(f"{name} with a suggestion", (1200, 545))

    looker.step("run")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("dialog").wait_for()
    looker.look("dialog with an input")
    page.get_by_role("dialog").get_by_role("textbox").fill("a test")
    page.get_by_role("button", name="Run anyway").click()
    looker.wait("wb.current_run is not None and wb.current_run.progress[0] >= 2")
    page.locator(".awb-figure img").locator("visible=true").first.wait_for()
    looker.look("run that is going on", (1200, 800, 545))
    looker.step("function")
    looker.look("function beside a run")
    looker.step("run")
    page.get_by_role("button", name="Pause").click()
    looker.wait("wb.run_state == 'paused'")
    page.get_by_role("button", name="Resume", exact=True).wait_for()
    looker.look("paused run")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Resume the run").wait_for()
    looker.look("stopped run", (545,))
    page.get_by_label("More trials").fill("-1")
    page.get_by_role("button", name="Run more trials").click()
    page.get_by_text("-1 more trials cannot be asked for").wait_for()
    looker.look("refused order")

    assert looker.found == []


def test_axe_finds_nothing_serious_in_a_finished_run_and_its_results(lab: Any) -> None:
    page = lab.open([CELL.replace("states", "results"), FINISHED])
    bring_axe(page)
    looker = Looker(lab, page)
    looker.step("run")
    page.get_by_role("button", name="Run again").wait_for()
    looker.look("finished run")
    looker.step("results")
    page.get_by_text("fANOVA of a random forest on").locator("visible=true").wait_for(timeout=150_000)
    looker.look("results of a finished run", (1200, 545))
    assert looker.found == []
