"""Components in JupyterLab, in Chromium, by keyboard and pointer."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def one_page(lab_server, chromium):
    from browser import OnePage

    lab = OnePage(lab_server, chromium)
    yield lab
    lab.close()


@pytest.fixture
def bench(one_page):
    """Shows cells in the page of the test before, with its kernel: a page of one's own takes seconds."""
    yield one_page
    assert one_page.foreign == []
    assert one_page.errors == []


TABLE = """
from workbench.ui.components import TableEditor
events = []
columns = [{"key": "name", "title": "Name", "type": "text"},
           {"key": "kind", "title": "Type", "type": "select", "options": ["integer", "float"]},
           {"key": "log", "title": "Log", "type": "checkbox"},
           {"key": "default", "title": "Default", "type": "text"}]
rows = [{"key": i, "name": n, "kind": "float", "log": False, "default": str(i)}
        for i, n in enumerate(["lr", "max_depth", "alpha"])]
table = TableEditor(columns=columns, rows=rows, label="Hyperparameters", row_noun="hyperparameter")
def listen(e):
    events.append(e)
    rows = [dict(r) for r in table.rows]
    if e["event"] == "edit":
        next(r for r in rows if r["key"] == e["row"])[e["field"]] = e["value"]
    if e["event"] == "remove":
        rows = [r for r in rows if r["key"] != e["row"]]
    if e["event"] == "add":
        rows.append({"key": 99, "name": "", "kind": "float", "log": False, "default": ""})
    table.rows = rows
    table.errors = [{"row": str(r["key"]), "field": "default", "text": "9 is outside [1, 6]; try 6."}
                    for r in rows if r["default"] == "9"]
table.on_event(listen)
table
"""


def label_of_focus(page):
    return page.evaluate("document.activeElement.getAttribute('aria-label')")


def wait_for(lab, page, expression):
    """Until the kernel says so; JupyterLab's widgets have a thread of their own in it, and may come later."""
    for _ in range(200):
        if lab.run_cell(page, f"print(bool({expression}))").strip() == "True":
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {expression}; events: {lab.run_cell(page, 'print(events)')}")


def test_a_table_is_edited_by_keyboard_without_losing_the_focus(bench):
    from playwright.sync_api import expect

    page = bench.show(TABLE)
    root = page.locator(".awb-editor")
    cell = root.get_by_label("default of max_depth")
    cell.click()
    cell.fill("9")
    error = root.locator(".awb-cell-error")
    expect(error).to_have_text("9 is outside [1, 6]; try 6.")
    expect(cell).to_be_focused()
    expect(cell).to_have_attribute("aria-invalid", "true")
    assert cell.get_attribute("aria-describedby") == error.get_attribute("id")

    cell.fill("6")
    expect(error).to_have_count(0)
    expect(cell).to_be_focused()
    page.keyboard.press("ArrowUp")
    assert label_of_focus(page) == "default of lr"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert label_of_focus(page) == "log of lr"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    wait_for(bench, page, "events[-1] == {'event': 'edit', 'row': 1, 'field': 'log', 'value': True}")
    page.keyboard.press("ArrowLeft")
    assert label_of_focus(page) == "type of max_depth"
    page.keyboard.press("ArrowLeft")
    assert label_of_focus(page) == "name of max_depth"


def test_typing_on_is_not_undone_by_the_answer_to_what_was_typed_before(bench):
    from playwright.sync_api import expect

    page = bench.show(TABLE.replace("    events.append(e)", "    import time; time.sleep(0.25); events.append(e)"))
    cell = page.locator(".awb-editor").get_by_label("name of lr")
    cell.click()
    page.keyboard.press("End")
    # slower than the pause after which an edit is sent, faster than the answers
    page.keyboard.type("_of_the_booster", delay=450)
    expect(cell).to_have_value("lr_of_the_booster")
    page.keyboard.press("Tab")
    wait_for(bench, page, "table.rows[0]['name'] == 'lr_of_the_booster'")
    expect(cell).to_have_value("lr_of_the_booster")


def test_a_new_row_takes_the_focus_and_a_removed_one_hands_it_on(bench):
    from playwright.sync_api import expect

    page = bench.show(TABLE)
    root = page.locator(".awb-editor")
    root.get_by_text("+ Add hyperparameter").click()
    expect(root.get_by_label("name of row 4")).to_be_focused()
    page.keyboard.type("gamma\t")
    expect(root.get_by_label("default of gamma")).to_be_visible()
    root.get_by_label("Remove max_depth").focus()
    page.keyboard.press("Enter")
    expect(root.locator("tbody tr")).to_have_count(3)
    expect(root.get_by_label("Remove alpha")).to_be_focused()


def test_keys_on_a_checkbox_do_not_reach_the_commands_of_jupyterlab(bench):
    page = bench.show(TABLE, "2 + 2")
    page.locator(".awb-editor").get_by_label("log of lr").focus()
    for key in "ddbax":
        page.keyboard.press(key)
    page.keyboard.press("ArrowDown")
    assert page.locator(".jp-CodeCell").count() == 2
    assert label_of_focus(page) == "log of max_depth"


EDITOR = """
from workbench.ui.components import CodeEditor
events = []
a = CodeEditor(value="def train(cfg):\\n    return cfg['l2']\\n", label="train function")
b = CodeEditor(value="# Rôle 🎓\\nname: titanic\\n", language="markdown", read_only=True, label="prompt",
    marks=[{"start": 15, "end": 22, "name": "dataset.name"}])
a.on_event(events.append); b.on_event(events.append)
import ipywidgets
ipywidgets.VBox([a, ipywidgets.Button(description="after"), b])
"""


def test_an_editor_follows_typing_shows_findings_and_lets_go_of_the_focus(bench):
    from playwright.sync_api import expect

    page = bench.show(EDITOR)
    editor = page.get_by_role("textbox", name="train function")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("x = 1")
    wait_for(bench, page, "a.value.endswith('x = 1')")

    finding = "{'line': 2, 'column': 11, 'severity': 'error', 'message': \"no 'l2'\", 'rule': 'exact-names'}"
    bench.run_cell(page, f"a.diagnostics = [{finding}]")
    expect(page.locator(".cm-lintRange-error")).to_have_text("cfg['l2']")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)

    page.keyboard.press("Tab")  # indents
    expect(editor).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="after")).to_be_focused()

    bench.run_cell(page, "a.goto(2, 4)")
    expect(editor).to_be_focused()
    expect(page.locator(".cm-activeLine").first).to_have_text("    return cfg['l2']")


def test_leaving_an_editor_sends_what_was_typed_at_once(bench):
    page = bench.show(EDITOR)
    page.get_by_role("textbox", name="train function").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("done")
    page.get_by_role("button", name="after").focus()
    wait_for(bench, page, "a.value.endswith('done')")


def test_marks_count_characters_as_python_does_and_streamed_text_appears_once(bench):
    from playwright.sync_api import expect

    page = bench.show(EDITOR)
    expect(page.locator(".awb-mark")).to_have_text("titanic")
    page.locator(".awb-mark").click()
    wait_for(bench, page, "events == [{'event': 'mark', 'name': 'dataset.name'}]")
    bench.run_cell(page, "a.value = ''\nfor i in range(200): a.append(f'line_{i} = {i}\\n')")
    expect(page.locator(".awb-code-state").first).to_have_text("Receiving …")
    bench.run_cell(page, "a.finish()")
    expect(page.locator(".awb-code-state").first).to_have_text("")
    page.get_by_role("textbox", name="train function").press("Control+End")
    expect(page.locator(".awb-code .cm-line", has_text="line_199 = 199")).to_have_count(1)
    numbers = page.locator(".awb-code").first.locator(".cm-lineNumbers .cm-gutterElement")
    expect(numbers.last).to_have_text("201")


def test_a_diff_shows_what_changed(bench):
    from playwright.sync_api import expect

    page = bench.show(
        "from workbench.ui.components import CodeEditor\n"
        "CodeEditor(value='a = 1\\nb = 3\\n', original='a = 1\\nb = 2\\n', diff=True, read_only=True)"
    )
    expect(page.locator(".cm-deletedChunk")).to_contain_text("b = 2")
    expect(page.locator(".cm-changedLine")).to_have_text("b = 3")


UPLOAD = """
import hashlib
from workbench.ui.components import Upload
events = []
up = Upload(accept=".bin", label="Upload a table")
def complete(path, name):
    data = path.read_bytes()
    events.append([name, len(data), hashlib.sha256(data).hexdigest()])
up.on_complete(complete)
up
"""


def test_a_file_above_the_limit_of_messages_arrives_whole(bench, tmp_path):
    import hashlib

    from playwright.sync_api import expect

    data = bytes(range(256)) * (24 * 4096 + 1)
    file = tmp_path / "big.bin"
    file.write_bytes(data)
    page = bench.show(UPLOAD)
    chooser = page.get_by_label("Upload a table")
    chooser.set_input_files(file)
    expect(page.locator(".awb-upload")).to_contain_text("25.2 MB, uploaded")
    wait_for(bench, page, "events")
    [got] = json.loads(bench.run_cell(page, "import json; print(json.dumps(events))"))
    assert got == ["big.bin", len(data), hashlib.sha256(data).hexdigest()]


def test_an_upload_is_cancelled_by_keyboard_and_leaves_nothing(lab, tmp_path):
    from playwright.sync_api import expect

    file = tmp_path / "big.bin"
    file.write_bytes(b"x" * 80_000_000)
    page = lab.open([UPLOAD])
    lab.run_cell(page, "import tempfile, pathlib; tempfile.tempdir = str(pathlib.Path('tmp').absolute())")
    (lab.root / "tmp").mkdir()
    page.get_by_label("Upload a table").set_input_files(file)
    cancel = page.get_by_role("button", name="Cancel")
    cancel.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".awb-upload")).to_contain_text("Cancelled; nothing was kept.")
    wait_for(lab, page, "up.state == 'cancelled'")
    assert list((lab.root / "tmp").iterdir()) == []


def test_an_upload_whose_page_went_away_is_cancelled_from_the_next_one(bench):
    from playwright.sync_api import expect

    page = bench.show(UPLOAD)
    begin = "{'event': 'begin', 'id': 'gone', 'name': 'a.bin', 'size': 100}"
    bench.run_cell(page, f"up._handle_custom_msg({begin}, []); folder = up._folder")
    expect(page.locator(".awb-upload")).to_contain_text("0 % of 100 B, from another page; cancel it to choose again")
    page.get_by_role("button", name="Cancel").click()
    wait_for(bench, page, "up.state == 'cancelled' and not folder.exists()")
    expect(page.get_by_text("Choose file…")).to_be_visible()


STEPS = """
import ipywidgets
from workbench.ui.components import DataTable, Dialog, Stepper, Toast
events = []
stepper = Stepper(title="AutoML Workbench", selected="data", status={"text": "running", "tone": "info"},
    chips=[{"label": "data", "text": "titanic", "detail": "891×14"}],
    steps=[{"id": i, "title": i.title(), "state": s, "text": t} for i, s, t in
           [("data", "ready", "891×14"), ("space", "error", "1 problem"), ("run", "empty", "")]])
pane = ipywidgets.VBox([ipywidgets.HTML("content")]); pane.add_class("awb-pane")
dialog, toast = Dialog(), Toast()
table = DataTable(label="Trials", sortable=True, selectable=True,
    rows=[{"key": i, "n": i, "cost": 1 / (i + 1)} for i in range(4)],
    columns=[{"key": "n", "title": "trial", "type": "number"}, {"key": "cost", "title": "cost", "type": "number"}])
root = ipywidgets.VBox([stepper, pane, table, dialog, toast]); root.add_class("awb"); root.add_class("awb-root")
root
"""


def test_steps_are_tabs_that_say_their_state_in_words(bench):
    from playwright.sync_api import expect

    page = bench.show(STEPS)
    tabs = page.locator(".awb-stepper").get_by_role("tab")
    expect(tabs).to_have_text(["✓Data, ready, 891×14", "!Space, error, 1 problem", "3Run, to do, to do"])
    tabs.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    wait_for(bench, page, "stepper.selected == 'space'")
    page.keyboard.press("End")
    wait_for(bench, page, "stepper.selected == 'run'")
    panel = page.locator(".awb-pane")
    expect(panel).to_have_attribute("role", "tabpanel")
    expect(panel).to_have_attribute("aria-labelledby", tabs.nth(2).get_attribute("id"))
    bench.run_cell(page, "stepper.selected = 'data'")
    expect(tabs.nth(0)).to_have_attribute("aria-selected", "true")


def test_a_dangerous_question_has_the_focus_on_the_safe_answer(bench):
    from playwright.sync_api import expect

    page = bench.show(STEPS)
    ask = "dialog.ask('Delete the run?', 'Its folder goes too.', 'Delete', events.append, danger=True)"
    bench.run_cell(page, ask)
    dialog = page.get_by_role("dialog", name="Delete the run?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    wait_for(bench, page, "not dialog.shown and events == []")
    bench.run_cell(page, ask)
    dialog.get_by_role("button", name="Delete").click()
    wait_for(bench, page, "not dialog.shown and events == ['']")


def test_messages_are_announced_and_dismissed(bench):
    from playwright.sync_api import expect

    page = bench.show(STEPS)
    bench.run_cell(
        page, "toast.say('The model was saved.', 'success', seconds=0); toast.say('The disk is full.', 'error')"
    )
    toasts = page.locator(".awb-toasts")
    expect(toasts.get_by_role("status")).to_contain_text("The model was saved.")
    expect(toasts.get_by_role("alert")).to_contain_text("The disk is full.")
    toasts.get_by_role("alert").get_by_label("Dismiss").click()
    expect(toasts.get_by_role("alert")).to_have_text("")
    wait_for(bench, page, "[m['text'] for m in toast.messages] == ['The model was saved.']")


def test_a_table_keeps_its_rows_in_the_page_sorts_and_selects(bench):
    from playwright.sync_api import expect

    page = bench.show(STEPS)
    table = page.locator(".awb-data-table")
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(4)
    page.evaluate("document.querySelectorAll('.awb-data-table tbody tr').forEach((tr, i) => { tr.dataset.old = i; })")
    bench.run_cell(page, "table.update([*table.rows, {'key': 4, 'n': 4, 'cost': 0.01}])")
    expect(rows).to_have_count(5)
    assert page.evaluate("document.querySelectorAll('.awb-data-table tr[data-old]').length") == 4

    table.get_by_role("button", name="cost").click()
    expect(rows.first).to_have_text("40.01")
    table.get_by_role("button", name="cost").click()
    expect(rows.first).to_have_text("01")
    expect(table.locator("th").nth(1)).to_have_attribute("aria-sort", "descending")

    rows.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    wait_for(bench, page, "table.selected == 1")


def test_everything_is_there_again_after_a_reload(lab):
    from playwright.sync_api import expect

    page = lab.open([STEPS])
    lab.run_cell(page, "stepper.selected = 'run'; table.append([{'key': 9, 'n': 9, 'cost': 2.0}])")
    lab.save(page)
    page.reload()
    lab.reload_settled(page)
    expect(page.locator(".awb-stepper").get_by_role("tab", name="Run")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".awb-data-table tbody tr")).to_have_count(5)
    colour = page.locator(".awb-bar").evaluate("e => getComputedStyle(e).display")
    assert colour == "flex", "the stylesheet is there too"


def test_the_kernel_knows_whether_the_page_is_dark(lab):
    page = lab.open(["from workbench.ui.components import style, Toast\nevents = []\nToast()"], theme="dark")
    wait_for(lab, page, "style().dark")
    page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")
    wait_for(lab, page, "not style().dark")


CONTRAST = """() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const rgba = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
    };
    const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3])).concat(1);
    const linear = v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = c => { const [r, g, b] = c.map(v => linear(v / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const paper = node => { const chain = []; for (let n = node; n; n = n.parentElement) chain.unshift(n);
        return chain.reduce((b, n) => over(rgba(getComputedStyle(n).backgroundColor), b), [255, 255, 255, 1]); };
    const bad = [];
    for (const node of document.querySelectorAll('.awb *')) {
        const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || node.closest('.awb-visually-hidden, .cm-editor, option') || !node.getClientRects().length) continue;
        const below = paper(node); const ink = over(rgba(getComputedStyle(node).color), below);
        const [a, b] = [light(ink), light(below)].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        const name = `${node.className || node.tagName}: ${node.textContent.trim().slice(0, 30)}`;
        if (ratio < 4.5) bad.push(`${name} ${ratio.toFixed(2)}`);
    }
    return bad;
}"""


MORE = """
from workbench.ui.components import TableEditor, Upload
tones = ["ok", "warn", "bad", "info", "neutral"]
badges = DataTable(columns=[{"key": "b", "title": "badge", "type": "badge"}],
    rows=[{"key": t, "b": {"text": t, "tone": t}} for t in tones])
states = ["empty", "ready", "warning", "error", "running"]
steps = Stepper(steps=[{"id": s, "title": s, "state": s, "text": s} for s in states], selected="error")
editor = TableEditor(columns=[{"key": "name", "title": "Name", "type": "text"}], rows=[{"key": 0, "name": "lr"}],
    errors=[{"row": 0, "field": "name", "text": "'lr' is taken; try 'lr_2'."}])
stop = ipywidgets.Button(description="Stop"); stop.add_class("awb-danger")
go = ipywidgets.Button(description="Run"); go.add_class("awb-primary")
root.children = [*root.children, badges, Upload(accept=".csv"), steps, editor, stop, go]
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_word_has_enough_contrast(lab, theme):
    page = lab.open([STEPS + MORE + "root"], theme=theme, height=1600)
    page.locator(".awb-cell-error").wait_for()
    page.locator(".awb-badge-neutral").first.wait_for()
    assert page.evaluate(CONTRAST) == []


ENTRY = """
import time
from workbench.ui.components import TextBox
events = []
line = TextBox(label="File path", placeholder="data/titanic.csv")
line.observe(lambda change: time.sleep(0.5), ["value"])  # the kernel has something to do
line.on_event(lambda e: events.append((e["event"], e["value"], line.value)))
line
"""


def test_enter_in_a_line_of_text_means_all_that_stands_there_also_where_the_kernel_lags_behind(bench):
    from playwright.sync_api import expect

    page = bench.show(ENTRY)
    box = page.get_by_role("textbox", name="File path")
    expect(box).to_have_attribute("placeholder", "data/titanic.csv")
    box.click()
    page.keyboard.type("some/table.csv")
    page.keyboard.press("Enter")
    wait_for(bench, page, "events")
    assert bench.run_cell(page, "print(events)").strip() == "[('enter', 'some/table.csv', 'some/table.csv')]"
    bench.run_cell(page, "line.value = 'another.csv'")
    expect(box).to_have_value("another.csv")
    bench.run_cell(page, "line.disabled = True")
    expect(box).to_be_disabled()


TYPED = """
import time
import ipywidgets
from workbench.ui.components import CodeEditor
from workbench.ui.panels.panel import button
seen = []
code = CodeEditor(value="", label="train function")
code.observe(lambda change: time.sleep(0.5), ["value"])  # the kernel has something to do
run = button("Try it", lambda: seen.append(code.value))
ipywidgets.VBox([code, run])
"""


def test_a_click_acts_on_all_that_was_typed_before_it_also_where_the_kernel_lags_behind(bench):
    page = bench.show(TYPED)
    page.get_by_role("textbox", name="train function").click()
    page.keyboard.type("a = 1")
    page.wait_for_timeout(400)  # the first part is on its way, and holds back what comes after it
    page.keyboard.type(" + 1")
    page.get_by_role("button", name="Try it").click()
    wait_for(bench, page, "seen")
    assert bench.run_cell(page, "print(seen, [code.value])").strip() == "['a = 1 + 1'] ['a = 1 + 1']"
