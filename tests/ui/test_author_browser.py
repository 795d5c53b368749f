"""A person has a model write the function, in a real browser; the key that is typed is in no saved notebook."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "generate"))  # pytest puts there what it collects

from model_server import KEY, ModelServer

CELL = """\
import os
os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = os.path.abspath("home")
from workbench import Workbench
wb = Workbench()
wb.load("builtin:iris")
wb.contract = "loss"
wb.step = "function"
wb"""


STATE = """
import ipywidgets, json
there = list(ipywidgets.widgets.widget._instances.values())  # at once: panels are drawn in threads of their own
print(json.dumps(ipywidgets.Widget.get_manager_state(widgets=there)))
"""


@pytest.mark.browser
def test_a_model_s_reply_streams_into_the_editor_and_the_typed_key_is_not_saved(lab):
    from playwright.sync_api import expect

    with ModelServer() as server:
        page = lab.open([CELL], height=1100)
        root = page.locator(".awb-root")
        expect(root.locator(".awb-chip", has_text="model")).to_contain_text("offline")
        root.get_by_label("Written by").select_option(label="Another server")
        expect(root.get_by_role("button", name="Generate", exact=True)).to_be_disabled()
        address = root.get_by_label("Address", exact=True)
        address.fill(server.url)
        address.press("Tab")
        key = root.get_by_label("Key", exact=True)
        key.fill(KEY)
        key.press("Enter")
        expect(key).to_have_value("")
        expect(root.get_by_text("Given in this session")).to_be_visible()
        root.get_by_role("button", name="List models").click()
        expect(root.get_by_text("3 models listed")).to_be_visible()

        model = root.get_by_label("Model", exact=True)
        model.fill("slow")
        model.press("Tab")
        expect(root.locator(".awb-chip", has_text="model")).to_contain_text("slow")
        root.get_by_role("button", name="Generate", exact=True).click()
        expect(root.get_by_text("Receiving …")).to_be_visible()
        expect(root.locator(".cm-content").first).to_contain_text("0 1 2")
        if os.environ.get("AWB_SHOTS"):
            page.screenshot(path=f"{os.environ['AWB_SHOTS']}/author.png")
        root.get_by_role("button", name="Cancel", exact=True).click()
        expect(root.get_by_text("Receiving …")).to_be_hidden()
        expect(root.get_by_role("button", name="Cancel", exact=True)).to_be_hidden()

        model.fill("unlocked")
        model.press("Tab")
        expect(root.locator(".awb-chip", has_text="model")).to_contain_text("unlocked")
        root.get_by_role("button", name="Generate", exact=True).click()
        expect(root.locator(".cm-content").first).to_contain_text("def train(cfg, dataset, seed, model_dir=None):")
        assert server.headers[-1]["authorization"] == f"Bearer {KEY}"
        expect(root.get_by_text("Last reply: unlocked at 127.0.0.1")).to_be_visible()
        expect(root.get_by_role("button", name="Repair", exact=True)).to_be_enabled(timeout=90_000)
        if os.environ.get("AWB_SHOTS"):
            page.screenshot(path=f"{os.environ['AWB_SHOTS']}/author2.png")
        assert KEY not in json.dumps(lab.save(page))
        state = lab.run_cell(page, STATE)
        assert "unlocked" in state  # what a notebook is saved with where a person wants that
        assert KEY not in state
