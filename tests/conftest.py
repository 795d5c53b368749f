"""Fixtures for every room: `lab`, a JupyterLab in a browser."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest


class Loggers(dict[str, Any]):
    """All loggers by name. Before each test pytest goes through them, while a thread that imports may add some."""

    def values(self) -> Any:
        return list(super().values())


logging.Logger.manager.loggerDict = Loggers(logging.Logger.manager.loggerDict)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell has its background ignore Ctrl-C, and all below it
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same code has the same verdict: property tests draw the same examples each time, others where that is asked for.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis.settings.load_profile("explore" if os.environ.get("WORKBENCH_EXPLORE") else "same")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Of the tests in the browser alone, do not import the modules that have none: there are ten times as many."""
    if config.option.markexpr != "browser" or collection_path.suffix != ".py":
        return None
    return None if "mark.browser" in collection_path.read_text(encoding="utf-8") else True


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One JupyterLab for all tests."""
    from browser import LabServer

    with LabServer(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for all tests."""
    from browser import CHROMIUM, FLAGS

    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM:
        pytest.skip("no Chromium on the path: install the package chromium of your distribution")
    playwright.expect.set_options(timeout=90_000)  # a kernel that imports on a busy machine takes its time
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def lab(lab_server: Any, chromium: Any) -> Iterator[Any]:
    """Opens notebooks in a real browser; afterwards, no request may have left the machine."""
    from browser import Lab

    lab = Lab(lab_server, chromium)
    yield lab
    lab.close()
    assert lab.foreign == []
    assert lab.errors == []
