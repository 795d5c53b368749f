"""Rewrite docs/screenshots from a real browser: each step of a filled workbench, in the light and in the dark.

scripts/screenshots.py [--data FILE] [--target NAME] [--out FOLDER] [--width PIXELS] [--steps NAME,NAME]
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from browser import CHROMIUM, FLAGS, Lab, LabServer  # noqa: E402  # it is no package

TITANIC = ROOT.parent / "shared" / "data" / "titanic.csv"
LEFT_OUT = {"titanic.csv": ["alive"]}  # it repeats the target
MARGIN_PX = 20
LARGEST_KB = 200
TALLEST_PX = 1500
TRIALS = 60
STEPS = ("data", "space", "optimiser", "prompt", "function", "run", "results")
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=TITANIC if TITANIC.is_file() else None)
    parser.add_argument("--target", default="survived")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--width", type=int, default=1280, help="of the pictures, a margin included")
    parser.add_argument("--steps", default=",".join(STEPS))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    steps = asked.steps.split(",")
    with opened(asked.width) as (lab, page):
        fill(lab, page, asked.data, asked.target)
        for step in steps:
            if step == "run":
                lab.run_cell(page, "wb.run_async(); None")
                until(lab, page, f"wb.run_state == 'running' and wb.current_run.progress[0] >= {TRIALS // 3}")
            elif step == "results":
                lab.run_cell(page, "wb.current_run is None and wb.run_async().join()")
                until(lab, page, "wb.run_state == 'finished'", 300)
                compare(lab, page)
            for theme in THEMES:
                show(lab, page, step, theme)
                save(page, asked.out / f"{step}-{theme}.png")


@contextmanager
def opened(width: int) -> Iterator[tuple[Lab, Page]]:
    """A page with the workbench in it, so wide that the pictures are `width` pixels."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with LabServer(Path(folder)) as server:
            lab = Lab(server, browser)
            page = lab.open(ROOT / "notebooks" / "workbench.ipynb", width=width + 200, height=TALLEST_PX + 2500)
            inside = page.locator(".awb-root").bounding_box()["width"]
            outside = width + 200 - inside
            page.set_viewport_size({"width": round(width - 2 * MARGIN_PX + outside), "height": TALLEST_PX + 2500})
            yield lab, page
            lab.close()
        browser.close()


def fill(lab: Lab, page: Page, data: Path | None, target: str) -> None:
    """Load the data, choose a space and a facade, and have the function written and checked."""
    if data is None:
        lab.run_cell(page, "wb.load('builtin:breast_cancer')")
    else:
        (lab.root / data.name).write_bytes(data.read_bytes())
        lab.run_cell(page, f"wb.load({data.name!r}, target={target!r}, drop={LEFT_OUT.get(data.name, [])})")
    lab.run_cell(
        page,
        "wb.preset('gradient_boosting'); wb.facade = 'hyperband'; wb.contract = 'model'\n"
        f"wb.set_scenario(n_trials={TRIALS})\n"
        "wb.generate_async(); None",
    )
    until(lab, page, "wb.report is not None", 180)


def compare(lab: Lab, page: Page) -> None:
    """Run a random search beside, and put both runs into the comparison."""
    lab.run_cell(page, f"wb.facade = 'random'; wb.set_scenario(n_trials={TRIALS // 2}); wb.run_async(); None")
    until(lab, page, "wb.current_run.about['facade'] == 'random' and wb.current_run.state == 'finished'", 300)
    lab.run_cell(page, "wb.step = 'results'")
    rows = page.get_by_role("grid", name="runs", exact=True).locator("tbody tr")
    rows.first.click()
    page.get_by_role("button", name="Compare alike").click()
    page.get_by_text("Runs over each other").wait_for()
    page.evaluate("document.activeElement.blur()")


def until(lab: Lab, page: Page, true: str, limit_s: float = 120) -> None:
    """Wait until an expression is true in the kernel."""
    deadline = time.monotonic() + limit_s
    while lab.run_cell(page, f"print({true})").strip() != "True":
        if time.monotonic() > deadline:
            raise TimeoutError(f"not true after {limit_s:g} s: {true}; {lab.run_cell(page, 'print(wb, wb.message)')}")
        time.sleep(0.2)


def show(lab: Lab, page: Page, step: str, theme: str) -> None:
    """Choose the step and the theme, and wait until all is drawn."""
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", THEMES[theme])
    page.wait_for_selector(f"body[data-jp-theme-light={str(theme == 'light').lower()}]", state="attached")
    lab.run_cell(page, f"wb.step = {step!r}")
    page.mouse.move(0, 0)
    if step in ("run", "results"):
        page.locator(".awb-figure img").locator("visible=true").first.wait_for()
        page.wait_for_timeout(2000)  # the figures of the other theme stand until those of this one are drawn
        if step == "results":
            page.get_by_text("fANOVA of a random forest on").locator("visible=true").wait_for(timeout=150_000)
    page.wait_for_timeout(1500)


def save(page: Page, path: Path) -> None:
    """The workbench with a margin around it, in as many colours as the size allows."""
    root = page.locator(".awb-root").first
    root.scroll_into_view_if_needed()
    picture = Image.open(io.BytesIO(root.screenshot(animations="disabled"))).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, TALLEST_PX)))
    framed = Image.new("RGB", (picture.width + 2 * MARGIN_PX, picture.height + 2 * MARGIN_PX), picture.getpixel((0, 0)))
    framed.paste(picture, (MARGIN_PX, MARGIN_PX))
    framed.save(path, optimize=True)
    for colours in (256, 128, 64):
        if path.stat().st_size <= 1000 * LARGEST_KB:
            break
        reduced(framed, colours).save(path, optimize=True)
    print(f"{path} {framed.width}×{framed.height} {path.stat().st_size // 1000} kB")


def reduced(picture: Image.Image, colours: int) -> Image.Image:
    """The picture in a palette: its large areas keep their very colour, the rest gets the nearest of a good choice."""
    pixels = np.asarray(picture).reshape(-1, 3)
    found, where, count = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    large = found[np.argsort(-count)[: colours // 2]]
    others = picture.quantize(colours - len(large), method=Image.Quantize.MAXCOVERAGE).getpalette()
    palette = np.concatenate([large, np.asarray(others, dtype=np.uint8).reshape(-1, 3)[: colours - len(large)]])
    nearest = np.empty(len(found), dtype=np.uint8)
    for i in range(0, len(found), 4096):
        apart = found[i : i + 4096, None].astype(int) - palette[None].astype(int)
        nearest[i : i + 4096] = (apart**2).sum(axis=2).argmin(axis=1)
    made = Image.fromarray(nearest[where].reshape(picture.height, picture.width), mode="P")
    made.putpalette(palette.tobytes())
    return made


if __name__ == "__main__":
    main()
