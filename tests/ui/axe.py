"""What axe-core finds in a page, and what sticks out of it: for tests in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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


def bring_axe(page: Any) -> None:
    """Put axe-core into the page, or skip the test where it is not installed."""
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
