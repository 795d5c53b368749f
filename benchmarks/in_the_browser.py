"""How soon the workbench answers a person: `python benchmarks/in_the_browser.py [--quick]` (needs Chromium).

Clicks before, during and after a run; the same with a run of 5,000 trials open; an upload of 500 MB with what it does
to the kernel's memory, and clicks meanwhile. Times are taken in the page, from the click to the change on the screen.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]
from many_trials import folder  # noqa: E402

from browser import CHROMIUM, FLAGS, Lab, LabServer  # noqa: E402  # it is no package

CELL = "from workbench import Workbench\nwb = Workbench()\nwb"
# Milliseconds until the panel of another step is on the screen: the kernel decides, the page shows
STEP = """async title => {
    const root = document.querySelector('.awb-root');
    const tab = [...root.querySelectorAll('[role=tab]')].find(t => t.textContent.includes(title));
    const shown = () => [...root.querySelectorAll('.awb-pane')].filter(p => p.offsetParent !== null);
    const before = shown()[0];
    const start = performance.now();
    tab.click();
    while (performance.now() - start < 20000) {
        await new Promise(requestAnimationFrame);
        const now = shown();
        if (tab.ariaSelected === 'true' && now.length === 1 && now[0] !== before) return performance.now() - start;
    }
    throw new Error('no panel came for ' + title);
}"""
# Milliseconds until the kernel has answered a message of the page
ECHO = """async () => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const start = performance.now();
    await kernel.requestKernelInfo();
    return performance.now() - start;
}"""
KERNEL_MB = (
    "import psutil, resource; print(psutil.Process().memory_info().rss / 2**20, "
    "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)"
)


def clicks(page: Page, count: int, steps: tuple[str, str] = ("Optimiser", "Run")) -> list[float]:
    """Milliseconds of so many changes of the step, to and fro."""
    taken = []
    for i in range(count):
        taken.append(page.evaluate(STEP, steps[i % 2]))
        page.wait_for_timeout(150)
    return taken


def echoes(page: Page, count: int) -> list[float]:
    taken = []
    for _ in range(count):
        taken.append(page.evaluate(ECHO))
        page.wait_for_timeout(50)
    return taken


def row(name: str, taken: list[float], base: float | None = None) -> float:
    middle = statistics.median(taken)
    worst = sorted(taken)[int(0.95 * (len(taken) - 1))]
    print(f"{name:<44}{middle:>9.0f}{worst:>9.0f}{middle / (base or middle):>9.1f}", flush=True)
    return middle


def megabytes(lab: Lab, page: Page) -> tuple[float, float]:
    now, peak = lab.run_cell(page, KERNEL_MB).split()
    return float(now), float(peak)


def upload(lab: Lab, page: Page, path: Path, base: float) -> None:
    root = page.locator(".awb-root")
    page.evaluate(STEP, "Data")
    root.get_by_role("button", name="Upload", exact=True).click()
    before, _ = megabytes(lab, page)
    size = path.stat().st_size / 2**20
    start = time.perf_counter()
    root.locator("input[type=file]").set_input_files(path)
    busy, taken = root.locator("progress, [role=progressbar]").locator("visible=true").first, []
    while not taken or busy.is_visible():
        taken.append(page.evaluate(ECHO))
        page.wait_for_timeout(100)
        if time.perf_counter() - start > 900:
            raise TimeoutError(f"{size:.0f} MB did not arrive in 15 minutes")
    seconds = time.perf_counter() - start
    row(f"kernel's answer during an upload of {size:,.0f} MB", taken, base)
    after, peak = megabytes(lab, page)
    print(f"{'upload, MB a second':<44}{size / seconds:>9.0f}")
    print(f"{'kernel memory before, after and at most, MB':<44}{before:>9.0f}{after:>9.0f}{peak:>9.0f}", flush=True)


def table_of(path: Path, megabytes: int) -> Path:
    """A CSV of about that size: one row a page of text, so that reading it afterwards is not what is measured."""
    line = ("x" * 1000 + ",") * 64 + "1\n"
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(f"c{i}" for i in range(64)) + ",y\n")
        for _ in range(max(2, megabytes * 2**20 // len(line))):
            file.write(line)
    return path


def main() -> None:
    quick = "--quick" in sys.argv
    count, trials, large, size = (2, 200, 60, 2) if quick else (40, 400, 5000, 500)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as p, LabServer(Path(made)) as server:
        browser = p.chromium.launch(executable_path=CHROMIUM or None, args=FLAGS)
        lab = Lab(server, browser)
        try:
            measure(lab, Path(made), count, trials, large, size)
        finally:
            lab.close()
            browser.close()


def measure(lab: Lab, made: Path, count: int, trials: int, large: int, size: int) -> None:
    page: Any = lab.open([CELL])
    page.locator(".awb-root").wait_for()
    lab.run_cell(page, "wb.load('builtin:breast_cancer'); wb.preset('decision_tree'); wb.generate(); _ = wb.check()")
    print(f"{'milliseconds until':<44}{'median':>9}{'95 %':>9}{'ratio':>9}")
    clicks(page, 4)
    base = row("a step is shown, no run", clicks(page, count))
    echo = row("the kernel answers, no run", echoes(page, count))
    lab.run_cell(page, f"wb.set_scenario(n_trials={trials}); _ = wb.run()")
    page.wait_for_timeout(3000)
    row("a step is shown, a run goes on", clicks(page, count), base)
    row("the kernel answers, a run goes on", echoes(page, count), echo)
    print(f"{'(trials done meanwhile)':<44}{lab.run_cell(page, 'print(wb.current_run.progress[0])').strip():>9}")
    lab.run_cell(page, "wb.stop(); wb.wait(60)")
    one = folder(lab.root / "runs", large)
    lab.run_cell(page, f"_ = wb.open_run({str(one)!r})")
    page.wait_for_timeout(3000)
    row(f"a step is shown, {large:,} trials are open", clicks(page, count), base)
    row(f"Results are shown, {large:,} trials are open", clicks(page, count, ("Results", "Run")), base)
    row(f"the kernel answers, {large:,} trials are open", echoes(page, count), echo)
    upload(lab, page, table_of(made / "large.csv", size), echo)


if __name__ == "__main__":
    main()
