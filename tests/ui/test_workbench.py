"""The shell around the panels: one widget for the whole, one for each step, both views on one session."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

import nbformat
import pytest
from ipywidgets.widgets import widget as widgets

from waiting import LIMIT_S, settled, until
from workbench import Workbench
from workbench.session import Message
from workbench.ui.panels import TITLES
from workbench.ui.throttle import Throttle

NOTEBOOK = Path(__file__).resolve().parent.parent.parent / "notebooks" / "workbench.ipynb"


@pytest.fixture
def wb(tmp_path):
    return Workbench(tmp_path / "runs")


def choose(wb, step):
    """What a click on a step does."""
    wb.shell.stepper.set_state({"selected": step})


def chips(wb):
    return {c["label"]: (c["text"], c.get("detail")) for c in wb.shell.stepper.chips}


def visible(wb):
    return [step for step, panel in wb.shell.panels.items() if panel.layout.display != "none"]


def test_the_process_that_workers_are_forked_from_starts_when_a_table_is_there(tmp_path):
    from workbench.worker import nursery

    nursery.close_all()
    Workbench(tmp_path / "runs").load("builtin:iris")
    assert any(started.alive for started in nursery._nurseries.values())


def test_the_last_line_of_a_cell_shows_one_widget_and_a_short_text(wb):
    bundle = wb._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == wb.shell.model_id
    assert bundle["text/plain"] == repr(wb) == "Workbench(None, 0 hyperparameters, hpo, model)"
    assert wb._repr_mimebundle_()["application/vnd.jupyter.widget-view+json"]["model_id"] == wb.shell.model_id


def test_no_widget_is_made_before_one_is_shown(wb):
    settled()  # what another test began may make widgets
    before = len(widgets._instances)
    wb.load("builtin:iris")
    wb.facade = "random"
    wb.message = Message("info", "nobody looks")
    repr(wb)
    assert len(widgets._instances) == before
    wb._repr_mimebundle_()
    assert len(widgets._instances) > before


def test_seven_steps_stand_in_the_header_with_the_states_that_the_session_gives(wb):
    steps = wb.shell.stepper.steps
    assert [s["id"] for s in steps] == list(TITLES) == list(wb.step_states())
    assert steps[0] == {"id": "data", "title": "Data", "state": "empty", "text": "no table"}
    assert "error" not in {s["state"] for s in steps}, "nothing is wrong in a workbench that was just opened"


def test_what_code_does_is_in_the_header_a_moment_later(wb):
    assert chips(wb)["data"] == ("–", None)
    wb.load("builtin:iris")
    until(lambda: chips(wb)["data"] == ("iris", "150×4"))
    until(lambda: wb.shell.stepper.steps[0]["text"] == "150×4")
    assert chips(wb)["model"] == ("offline", None)
    until(lambda: chips(wb)["space"] == (str(len(wb.space.space)), None))
    wb.space.set(wb.space.rows[0].key, "name", "")
    until(lambda: wb.shell.stepper.steps[1]["state"] == "error")
    assert wb.shell.stepper.status == {"text": "idle", "tone": "neutral"}
    wb.generating = True
    until(lambda: wb.shell.stepper.status == {"text": "writing", "tone": "info"})


def test_a_click_on_a_step_shows_its_panel_and_hides_the_others(wb):
    assert visible(wb) == ["data"]
    choose(wb, "space")
    assert wb.step == "space"
    assert visible(wb) == ["space"]
    assert [s for s, p in wb.shell.panels.items() if p.shown] == ["space"]
    wb.step = "data"
    assert visible(wb) == ["data"]
    assert wb.shell.stepper.selected == "data"


@pytest.mark.parametrize("step", list(TITLES))
def test_every_step_has_a_panel_that_opens_in_an_empty_workbench_and_in_a_filled_one(wb, step):
    choose(wb, step)
    assert wb.shell.panels[step].id == step
    assert wb.shell.panels[step].title == TITLES[step]
    wb.load("builtin:iris")
    assert visible(wb) == [step]
    assert getattr(wb.panel, step) is getattr(wb.panel, step)


def test_a_step_that_is_not_there_is_refused_by_its_name(wb):
    with pytest.raises(AttributeError) as caught:
        wb.panel.spice  # noqa: B018  # the access is the test
    assert str(caught.value) == f"there is no panel 'spice'; there are: {', '.join(TITLES)}"
    assert dir(wb.panel) == sorted(TITLES)


def test_a_panel_in_its_own_cell_and_the_shell_show_the_same_session(wb):
    alone = wb.panel.space.children[0]
    choose(wb, "space")
    inside = wb.shell.panels["space"]
    assert alone is not inside
    alone.table._handle_custom_msg({"event": "add"}, [])
    assert len(wb.space) == 1
    assert [r["name"] for r in inside.table.rows] == [r["name"] for r in alone.table.rows] == list(wb.space)


def test_what_the_session_has_to_say_is_said_as_a_toast_once_for_all_views(wb):
    shell = wb.shell
    assert wb.panel.data.children[1] is shell.toast
    wb.message = Message("error", "no facade named 'x'")
    assert [(m["level"], m["text"]) for m in shell.toast.messages] == [("error", "no facade named 'x'")]


def test_a_workbench_whose_widgets_were_closed_shows_itself_again(wb):
    old = wb.shell
    old.close()
    wb._repr_mimebundle_()
    assert wb.shell is not old
    wb.load("builtin:iris")
    until(lambda: chips(wb)["data"] == ("iris", "150×4"))


def test_a_thousand_changes_redraw_the_header_a_few_times_and_the_last_one_is_seen():
    seen, now = [], 0

    def look():
        seen.append(now)

    throttle, began = Throttle(look, 0.1), time.monotonic()
    for now in range(1, 1001):  # noqa: B007  # `look` reads it
        throttle()
    until(lambda: seen[-1] == 1000)
    assert seen[0] == 1
    assert len(seen) <= 2 + (time.monotonic() - began) / 0.1


def test_a_view_in_the_background_keeps_the_caller_waiting_for_nothing_and_runs_once_at_a_time():
    running, most, finished = 0, 0, threading.Event()

    def slow():
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        running -= 1
        assert threading.current_thread() is not threading.main_thread()
        finished.set()

    throttle = Throttle(slow, 0.0, background=True)
    for _ in range(20):
        throttle()
        time.sleep(0.002)
    assert finished.wait(LIMIT_S)
    until(lambda: running == 0)
    assert most == 1


def test_a_view_that_fails_does_not_stop_what_it_looks_at(caplog):
    def fail():
        raise RuntimeError("no paper")

    with caplog.at_level(logging.ERROR):
        Throttle(fail, 0.0)()
    assert "a view could not be brought up to date" in caplog.text


def test_the_notebook_is_valid_carries_no_output_and_shows_the_workbench_when_it_is_run(tmp_path):
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert [c.cell_type for c in notebook.cells] == ["markdown", "code"]
    assert all(c.id for c in notebook.cells)
    assert notebook.cells[1].outputs == []
    client = NotebookClient(notebook, timeout=LIMIT_S, startup_timeout=LIMIT_S, iopub_timeout=LIMIT_S)
    client.resources = {"metadata": {"path": str(tmp_path)}}
    client.execute()
    (output,) = notebook.cells[1].outputs
    assert "application/vnd.jupyter.widget-view+json" in output["data"]
    assert output["data"]["text/plain"] == "Workbench(None, 0 hyperparameters, hpo, model)"


@pytest.mark.browser
def test_a_person_goes_from_data_to_the_optimiser_with_the_pointer_and_the_keyboard(lab):
    from playwright.sync_api import expect

    page = lab.open(NOTEBOOK)
    root = page.locator(".awb-root")
    root.get_by_label("Built-in set").select_option(label="Wine (178×13, 3 classes)")
    root.get_by_role("button", name="Load", exact=True).click()
    expect(root.locator(".awb-chip", has_text="data")).to_contain_text("wine")
    expect(root.get_by_label("Target")).to_have_value("cultivar")
    expect(root.get_by_role("table", name="Columns of the table").locator("tbody tr")).to_have_count(14)

    root.get_by_role("tab", name="Data").focus()
    page.keyboard.press("ArrowRight")
    expect(root.get_by_role("tab", name="Space")).to_have_attribute("aria-selected", "true")
    table = root.get_by_role("table", name="Hyperparameters")
    expect(table).to_be_visible()
    expect(root.get_by_role("table", name="Columns of the table")).to_be_hidden()
    first = table.locator("tbody tr").first
    name = first.get_by_label("name of").input_value()
    cell = table.get_by_label(f"default of {name}")
    right = cell.input_value()
    cell.fill("nonsense")
    expect(table.locator(".awb-cell-error")).to_be_visible()
    expect(root.get_by_role("tab", name="Space")).to_contain_text("1 problem")
    expect(cell).to_be_focused()
    root.get_by_role("button", name="Undo").click()
    expect(cell).to_have_value(right)
    expect(root.get_by_role("tab", name="Space")).not_to_contain_text("problem")

    root.get_by_role("tab", name="Optimiser").click()
    root.get_by_role("button", name="Hyperband").click()
    expect(root.get_by_role("tab", name="Optimiser")).to_contain_text("Hyperband")
    trials = root.get_by_label("Trials")
    trials.fill("many")
    trials.press("Enter")
    expect(root.get_by_role("alert")).to_have_text("n_trials is 'many'; it must be a number")
    assert lab.run_cell(page, "print(wb.facade, wb.scenario.n_trials, wb.dataset.name)").split()[::2] == [
        "hyperband",
        "wine",
    ]


@pytest.mark.browser
def test_what_code_says_is_in_the_page_and_the_page_fits_a_narrow_notebook(lab):
    from playwright.sync_api import expect

    page = lab.open(["from workbench import Workbench\nwb = Workbench()\nwb"], theme="dark", width=640)
    root = page.locator(".awb-root")
    lab.run_cell(page, "wb.load('builtin:iris'); wb.step = 'space'; wb.space['by_hand'] = (1, 7)")
    expect(root.get_by_label("name of by_hand")).to_have_value("by_hand")
    for step in ("data", "space", "optimiser"):
        lab.run_cell(page, f"wb.step = '{step}'")
        expect(root.locator(f".awb-step[data-step='{step}']")).to_have_attribute("aria-selected", "true")
        page.wait_for_timeout(300)
        over = page.evaluate(
            """() => {
                const root = document.querySelector('.awb-root').getBoundingClientRect();
                return [...document.querySelectorAll('.awb-root button, .awb-root input, .awb-root select')]
                    .filter(e => e.offsetParent && !e.closest('.awb-scroll'))
                    .map(e => [e.textContent || e.ariaLabel, e.getBoundingClientRect()])
                    .filter(([, box]) => box.right > root.right + 1 || box.left < root.left - 1).map(([text]) => text);
            }"""
        )
        assert over == [], f"outside the workbench in the {step} step"
