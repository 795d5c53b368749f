"""The first three panels without a browser: `set_state` and events stand for a person."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from waiting import settled
from workbench import facades
from workbench.nouns import FacadeError
from workbench.session import Session
from workbench.space import condition_text, from_json, from_yaml, to_yaml
from workbench.ui.panels.data import DataPanel
from workbench.ui.panels.optimiser import NUMBERS, OptimiserPanel
from workbench.ui.panels.panel import Field
from workbench.ui.panels.space import SpacePanel

CSV = "name,colour,size,price\n" + "".join(
    f"n{i},{'red' if i % 3 else 'blue'},{i % 7},{i * 1.5 + 0.25}\n" for i in range(60)
)


@pytest.fixture
def session(tmp_path):
    return Session(tmp_path / "runs")


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text(CSV)
    return path


def put(field: Field, value):
    """What a person leaves in an input: dropdowns send the position of what was chosen."""
    control = field.control
    if hasattr(control, "index"):
        control.set_state({"index": [v for _, v in pairs_of(control.options)].index(value)})
    else:
        control.set_state({"value": value})


def pairs_of(options):
    return [o if isinstance(o, tuple) else (o, o) for o in options]


def event(component, **content):
    """What a component's message from the browser does."""
    component._handle_custom_msg(content, [])


def remarks(panel):
    """What the remarks say, and the buttons beside them by their text."""
    made = panel.remarks.children
    buttons = {w.description: w for w in made if hasattr(w, "click")}
    return "".join(w.value for w in made if hasattr(w, "value")), buttons


def widgets_below(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widgets_below(child)


@pytest.mark.parametrize("panel", [DataPanel, SpacePanel, OptimiserPanel])
def test_every_input_says_what_it_is_and_at_most_one_button_is_the_primary_one(session, panel):
    made = list(widgets_below(panel(session)))
    inputs = [w for w in made if type(w).__name__ in ("Text", "Dropdown", "Button")]
    assert inputs
    assert all(w.description for w in inputs)
    assert all(w.label for w in made if type(w).__name__ in ("TableEditor", "DataTable", "CodeEditor", "Upload"))
    assert len([w for w in made if "awb-primary" in getattr(w, "_dom_classes", ())]) <= 1


# ---------------------------------------------------------------------- Data


def test_an_empty_data_panel_says_what_to_do(session):
    panel = DataPanel(session)
    assert "press Load" in panel.overview.value
    assert panel.columns.rows == []
    assert panel.target.control.disabled


def test_load_reads_the_chosen_built_in_set_and_describes_it(session):
    panel = DataPanel(session)
    put(panel.builtin, "diabetes")
    panel.load_button.click()
    settled(lambda: session.dataset is not None and not panel.load_button.disabled)
    assert session.dataset.name == "diabetes"
    assert [r["key"] for r in panel.columns.rows][-1] == "progression"
    assert panel.columns.rows[-1]["name"] == "progression (target)"
    assert sum(panel.columns.rows[0]["bars"]) == 442
    assert (panel.target.control.value, panel.task.control.value) == ("progression", "regression")
    assert len(panel.head.rows) == 8
    assert "442" in panel.overview.value
    assert "target range" in panel.overview.value


def test_a_path_that_cannot_be_read_is_told_below_the_input_and_the_dataset_stays(session, tmp_path):
    session.load("builtin:iris")
    panel = DataPanel(session)
    panel.kind.value = "path"
    put(panel.path, str(tmp_path / "nowhere.csv"))
    panel.load_button.click()
    settled(lambda: panel.source_error.value)
    assert "nowhere.csv" in panel.source_error.value
    assert panel.source_error.layout.display is None
    settled(lambda: not panel.load_button.disabled)
    assert session.dataset.name == "iris"
    assert panel.target.control.value == "species"


def test_a_file_waits_for_its_target_and_the_old_dataset_stays_in_force_meanwhile(session, csv):
    session.load("builtin:iris")
    panel = DataPanel(session)
    panel.kind.value = "path"
    panel.path.control._handle_custom_msg({"event": "enter", "value": str(csv)}, [])
    settled(lambda: panel.target.control.label == "Choose a column …")
    assert session.dataset.name == "iris"
    settled(lambda: "iris stays in force" in remarks(panel)[0])
    assert [n for n, _ in panel.target.control.options][1:] == ["name", "colour", "size", "price"]
    assert panel.columns.rows == []
    assert [c["title"] for c in panel.head.columns] == ["name", "colour", "size", "price"]
    put(panel.target, "colour")
    settled(lambda: session.dataset.name == "shop" and panel.task.control.value == "classification")
    assert session.dataset.classes == ("blue", "red")
    assert [r["key"] for r in panel.columns.rows] == ["name", "size", "price", "colour"]


def test_an_impossible_task_is_refused_beside_its_input_and_the_next_choice_clears_that(session, csv):
    session.load(csv, target="colour")
    panel = DataPanel(session)
    put(panel.task, "regression")
    settled(lambda: "awb-invalid" in panel.task.control._dom_classes)  # the mark follows the sentence
    assert "regression needs numbers" in panel.task.error.value
    assert session.dataset.task == "classification"
    put(panel.target, "price")
    settled(lambda: session.dataset.target == "price")
    settled(lambda: "awb-invalid" not in panel.task.control._dom_classes)
    assert not panel.task.error.value
    assert session.dataset.task == "regression"


def test_a_test_part_is_put_aside_and_what_code_put_aside_is_shown(session):
    session.load("builtin:iris")
    panel = DataPanel(session)
    put(panel.share, 0.2)
    settled(lambda: session.dataset.X_test is not None)
    assert (session.dataset.rows, len(session.dataset.X_test)) == (120, 30)
    session.load("builtin:wine", test_share=0.15)
    assert panel.share.control.value == pytest.approx(0.15, abs=0.005)
    assert panel.builtin.control.value == "wine"


def test_what_code_loads_is_shown_and_not_loaded_a_second_time(session, csv):
    panel = DataPanel(session)
    made = session.load(csv, target="price", test_share=0.25)
    settled()
    assert session.dataset is made
    assert (panel.kind.value, panel.path.control.value) == ("path", str(csv))
    assert (panel.target.control.value, panel.task.control.value, panel.share.control.value) == (
        "price",
        "regression",
        0.25,
    )
    assert "warning" in remarks(panel)[0]
    assert panel.columns.rows[0]["name"]["text"] == "⚠ name"


LEAKY = pd.DataFrame(
    {"size": [i % 7 for i in range(60)], "again": [i % 2 for i in range(60)], "label": [f"c{i % 2}" for i in range(60)]}
)


def ticks(panel):
    return {r["key"]: r["use"] for r in panel.columns.rows}


def test_a_column_that_repeats_the_target_is_left_out_by_the_button_beside_its_remark(session):
    session.load(LEAKY, target="label", test_share=0.2)
    panel = DataPanel(session)
    told, buttons = remarks(panel)
    assert "&#x27;again&#x27; repeats the target" in told
    buttons["Leave out again"].click()
    settled(lambda: session.dataset.dropped == ("again",) and "repeats the target" not in remarks(panel)[0])
    assert (list(session.dataset.X), session.dataset.test_share) == (["size"], 0.2)
    assert ticks(panel) == {"size": True, "again": False, "label": None}
    assert "Left out" in panel.overview.value
    assert remarks(panel)[1] == {}, "the last feature has no button"


def test_ticks_leave_columns_out_and_bring_them_back_and_the_last_choice_counts(session, csv):
    session.load(csv, target="price")
    panel = DataPanel(session)
    assert ticks(panel) == {"name": True, "colour": True, "size": True, "price": None}
    for column, value in (("name", False), ("size", False), ("name", True), ("colour", False)):
        event(panel.columns, event="tick", row=column, column="use", value=value)
    assert ticks(panel) == {"name": True, "colour": False, "size": False, "price": None}, "shown before it is made"
    settled(lambda: list(session.dataset.X) == ["name"] and session.dataset.dropped == ("size", "colour"))
    event(panel.columns, event="tick", row="name", column="use", value=False)
    settled(lambda: panel.columns_error.value)
    assert "only the target &#x27;price&#x27; is left" in panel.columns_error.value
    assert ticks(panel)["name"], "what is refused is taken back"
    session.choose_target("price", drop=["name"])
    assert ticks(panel) == {"name": False, "colour": True, "size": True, "price": None}
    event(panel.columns, event="tick", row="name", column="use", value=True)
    settled(lambda: session.dataset.dropped == () and not panel.columns_error.value)


@pytest.mark.browser
def test_in_the_page_a_tick_follows_the_session_by_mouse_and_by_key(lab):
    from playwright.sync_api import expect

    page = lab.open(
        [
            "import pandas as pd\nfrom workbench import Workbench\nwb = Workbench()\n"
            "leaky = pd.DataFrame({'size': [i % 7 for i in range(60)], 'again': [i % 2 for i in range(60)],"
            " 'label': [f'c{i % 2}' for i in range(60)]})\n"
            "wb.load(leaky, target='label', name='leaky')\nwb.panel.data"
        ]
    )
    page.get_by_role("button", name="Leave out again").click()
    again, size = (page.get_by_role("checkbox", name=f"Use: {name}") for name in ("again", "size"))
    expect(again).not_to_be_checked()
    expect(page.get_by_role("button", name="Leave out again")).to_have_count(0)
    size.click()
    expect(page.get_by_role("alert").filter(has_text="only the target 'label' is left")).to_be_visible()
    expect(size).to_be_checked()
    again.focus()
    page.keyboard.press("Space")
    expect(again).to_be_checked()
    expect(page.get_by_role("alert").filter(has_text="only the target")).to_have_count(0)
    assert lab.run_cell(page, "print(wb.dataset.dropped, list(wb.dataset.X))").strip() == "() ['size', 'again']"
    expect(page.get_by_role("checkbox")).to_have_count(2)


def test_what_is_left_out_stays_out_with_another_target_and_when_the_file_is_read_again(session, csv):
    session.load(csv, target="price", drop=["name", "colour"])
    panel = DataPanel(session)
    put(panel.target, "colour")
    settled(lambda: session.dataset.target == "colour")
    assert session.dataset.dropped == ("name",)
    before = session.dataset
    panel.load_button.click()
    settled(lambda: session.dataset is not before)
    assert (session.dataset.target, session.dataset.dropped) == ("colour", ("name",))


def test_the_same_file_read_again_keeps_its_target(session, csv):
    session.load(csv, target="price", test_share=0.2)
    before = session.dataset
    panel = DataPanel(session)
    csv.write_text(CSV + "n60,red,1,7\n" * 5)
    panel.load_button.click()
    settled(lambda: session.dataset is not before)
    assert (session.dataset.target, session.dataset.rows + len(session.dataset.X_test)) == ("price", 65)
    settled(lambda: panel.target.control.value == "price")


def test_an_uploaded_file_is_read_when_it_is_there(session):
    panel = DataPanel(session)
    panel.kind.value = "upload"
    data = CSV.encode()
    upload = panel.upload
    upload._handle_custom_msg({"event": "begin", "id": "1", "name": "shop.csv", "size": len(data)}, [])
    upload._handle_custom_msg({"event": "chunk", "id": "1", "at": 0}, [memoryview(data)])
    settled(lambda: session.table is not None)
    assert list(session.table.columns) == ["name", "colour", "size", "price"]
    assert panel.kind.value == "upload", "the chooser stays where the person is"
    settled(lambda: len(panel.target.control.options) == 5)
    put(panel.target, "size")
    settled(lambda: session.dataset is not None)
    assert session.dataset.name == "shop"


def test_a_dataframe_of_the_notebook_is_offered_by_its_name(session, monkeypatch, tmp_path):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    panel = DataPanel(session)
    panel.kind.value = "variable"
    assert "no table or array in the notebook" in panel.variable.error.value
    shell.push({"frame": pd.DataFrame({"a": range(20), "b": [0, 1] * 10}), "number": 3})
    panel.refresh_button.click()
    assert panel.variable.control.options == (("frame", "frame"),)
    assert panel.variable.error.value == ""
    panel.load_button.click()
    settled(lambda: session.table is not None and panel.target.control.options[1:] == (("a", "a"), ("b", "b")))
    put(panel.target, "b")
    settled(lambda: session.dataset is not None)
    assert session.dataset.classes == ("0", "1")
    assert session.dataset.name == "frame"
    assert "called frame" in panel.source_hint.value


def test_the_head_of_a_table_with_odd_values_can_be_sent(session):
    import json

    frame = pd.DataFrame(
        {
            "big": [2**60] * 6,
            "nothing": [None, 1.5] * 3,
            "day": pd.date_range("2024-01-01", periods=6),
            "long": ["x" * 500] * 6,
            7: [True, False] * 3,
        }
    )
    panel = DataPanel(session)
    session.read(frame)
    json.dumps(panel.head.rows, allow_nan=False)
    assert panel.head.rows[0]["c0"] == str(2**60)
    assert panel.head.rows[0]["c1"] is None
    assert len(panel.head.rows[0]["c3"]) == 48
    assert panel.head.columns[4]["title"] == "7"


# ---------------------------------------------------------------------- Space


@pytest.fixture
def space(session):
    session.load("builtin:breast_cancer")
    draft = session.space
    draft.replace(type(draft.space)())
    draft["depth"] = (1, 6)
    draft["loss"] = ["log", "exp"]
    draft["rate"] = (0.001, 0.5)
    draft.add_condition('rate active when loss == "log"')
    return SpacePanel(session)


def key(session, name):
    return next(r.key for r in session.space.rows if r.name == name)


def test_a_preset_replaces_the_space_and_one_step_back_brings_it_back(session, space):
    before = session.space.space
    wanted = session.presets()[1]
    put(space.preset, wanted.id)
    assert wanted.summary in space.summary.value
    space.apply.click()
    assert session.space.space == wanted.space
    assert [r["name"] for r in space.table.rows] == list(wanted.space.names)
    assert "It is the space below." in space.summary.value
    assert space.apply.disabled
    space.undo.click()
    assert session.space.space == before
    space.redo.click()
    assert session.space.space == wanted.space


def test_presets_follow_the_task(session):
    panel = SpacePanel(session)
    assert panel.preset.control.value == session.presets()[0].id
    session.load("builtin:diabetes")
    assert [v for _, v in panel.preset.control.options] == [p.id for p in session.presets()]
    assert {p.task for p in session.presets()} == {"regression"}
    assert "It is the space below." in panel.summary.value


def test_a_wrong_entry_keeps_its_text_is_marked_and_leaves_the_last_valid_space_in_force(session, space):
    depth = key(session, "depth")
    event(space.table, event="edit", row=depth, field="default", value="900")
    assert next(r for r in space.table.rows if r["key"] == depth)["default"] == "900"
    (error,) = space.table.errors
    assert (error["row"], error["field"]) == (str(depth), "default")
    assert "900" in error["text"]
    assert session.space.space["depth"].default != 900
    assert "1 problem" in space.state.value
    assert "last valid space stays in force" in space.remarks.value
    event(space.table, event="edit", row=depth, field="default", value="5")
    assert space.table.errors == []
    assert session.space.space["depth"].default == 5
    assert "valid" in space.state.value


def test_the_buttons_of_a_row_add_copy_move_and_remove_it(session, space):
    event(space.table, event="add")
    event(space.table, event="duplicate", row=key(session, "depth"))
    assert list(session.space) == ["depth", "depth_2", "loss", "rate", "x1"]
    event(space.table, event="move", row=key(session, "x1"), by=-1)
    event(space.table, event="remove", row=key(session, "depth_2"))
    assert list(session.space) == ["depth", "loss", "x1", "rate"]
    assert [r["name"] for r in space.table.rows] == ["depth", "loss", "x1", "rate"]
    for _ in range(4):
        space.undo.click()
    assert [r["name"] for r in space.table.rows] == ["depth", "loss", "rate"]


def test_cells_that_do_not_apply_to_a_type_are_off(session, space):
    session.space["always"] = 3
    off = {r["name"]: set(r["disabled"]) for r in space.table.rows}
    assert off == {
        "depth": {"weights"},
        "loss": {"log", "prior"},
        "rate": {"weights"},
        "always": {"log", "prior", "range", "weights"},
    }


def test_weights_have_a_column_where_somebody_wants_them(session, space):
    def titles():
        return [c["title"] for c in space.table.columns]

    assert titles() == ["Name", "Type", "Range / choices", "Log", "Default"]
    space.weights.set_state({"value": True})
    assert titles()[-1] == "Weights"
    space.weights.set_state({"value": False})
    assert titles()[-1] == "Default"
    session.space.set(key(session, "loss"), "weights", "0.9, 0.1")
    assert titles()[-1] == "Weights"
    assert session.space.space["loss"].weights == (0.9, 0.1)


def test_an_edit_of_a_row_that_is_gone_is_told_and_changes_nothing(session, space):
    before = session.space.space
    event(space.table, event="edit", row=999, field="name", value="x")
    assert session.space.space == before
    assert [m["level"] for m in space.toast.messages] == ["error"]


def test_a_condition_is_added_by_its_text_and_a_wrong_one_is_told_below_it(session, space):
    conditions = space.conditions
    assert [r["text"] for r in conditions.list.rows] == ['rate active when loss == "log"']
    put(conditions.new, "depth active when los == exp")
    conditions.add_button.click()
    assert "los" in conditions.new.error.value
    assert conditions.new.control.value == "depth active when los == exp", "what was typed is not lost"
    conditions.new.control._handle_custom_msg({"event": "enter", "value": "depth active when loss == exp"}, [])
    assert (conditions.new.control.value, conditions.new.error.value) == ("", "")
    assert [condition_text(c) for c in session.space.space.conditions] == [
        'rate active when loss == "log"',
        'depth active when loss == "exp"',
    ]
    event(conditions.list, event="remove", row=0)
    assert [r["text"] for r in conditions.list.rows] == ['depth active when loss == "exp"']


def test_a_condition_is_edited_in_place_and_stays_in_force_while_the_text_is_wrong(session, space):
    session.space.add_condition("depth active when loss == exp")
    conditions = space.conditions
    event(conditions.list, event="edit", row=0, field="text", value="rate active when")
    assert conditions.list.rows[0]["text"] == "rate active when"
    (error,) = conditions.list.errors
    assert error["row"] == "0"
    assert condition_text(session.space.space.conditions[0]) == 'rate active when loss == "log"'
    event(conditions.list, event="edit", row=0, field="text", value="rate active when depth > 3")
    assert conditions.list.errors == []
    assert [condition_text(c) for c in session.space.space.conditions] == [
        "rate active when depth > 3",
        'depth active when loss == "exp"',
    ]
    session.space.undo()
    assert conditions.list.rows[0]["text"] == 'rate active when loss == "log"'


def test_a_condition_that_an_edit_of_the_table_breaks_is_marked_in_its_list(session, space):
    event(space.table, event="edit", row=key(session, "loss"), field="range", value="mse, mae")
    assert space.table.errors == [] or all(e["field"] != "condition" for e in space.table.errors)
    assert [e["row"] for e in space.conditions.list.errors] == ["0"]
    assert "log" in space.conditions.list.errors[0]["text"]


def test_a_forbidden_clause_is_added_edited_and_removed(session, space):
    put(space.forbidden.new, "depth == 6 and loss == exp")
    space.forbidden.add_button.click()
    assert [r["text"] for r in space.forbidden.list.rows] == ['depth == 6 and loss == "exp"']
    event(space.forbidden.list, event="edit", row=0, field="text", value="depth == 5 and loss == exp")
    assert session.space.space.forbidden[0].clauses[0].value == 5
    put(space.forbidden.new, "depth == 3 or loss == exp")
    space.forbidden.add_button.click()
    assert "joins by" in space.forbidden.new.error.value
    event(space.forbidden.list, event="remove", row=0)
    assert session.space.space.forbidden == ()


def test_the_space_stands_there_as_yaml_json_and_python_and_follows_every_edit(session, space):
    text = space.definition
    settled(lambda: text.editor.value and from_yaml(text.editor.value) == session.space.space)
    session.space["extra"] = (0.0, 1.0)
    settled(lambda: from_yaml(text.editor.value) == session.space.space)
    put(text.format, "json")
    settled(lambda: text.editor.language == "json" and from_json(text.editor.value) == session.space.space)
    put(text.format, "python")
    settled(lambda: text.editor.language == "python" and "ConfigurationSpace" in text.editor.value)
    made = {}
    exec(text.editor.value, made)
    assert set(made["space"]) == set(session.space.space.names)


def test_pasted_text_replaces_the_space_and_text_that_is_none_is_refused_below_it(session, space):
    text = space.definition
    text.open_button.click()
    assert text.area.layout.display is None
    before = session.space.space
    text.import_button.click()
    settled(lambda: "Nothing is pasted" in text.error.value and not text.import_button.disabled)
    text.paste.set_state({"value": "hyperparameters: 3"})
    text.import_button.click()
    settled(lambda: "This is not a space" in text.error.value and not text.import_button.disabled)
    assert session.space.space == before
    wanted = session.presets()[0].space
    text.paste.set_state({"value": to_yaml(wanted)})
    text.import_button.click()
    settled(lambda: session.space.space == wanted and not text.import_button.disabled)
    assert text.area.layout.display == "none"
    session.space.undo()
    assert session.space.space == before


def test_code_that_is_pasted_builds_the_space_in_another_process(session, space, tmp_path):
    (tmp_path / "kept.txt").write_text("kept")
    text = space.definition
    text.open_button.click()
    code = (
        "import os, pathlib\n"
        "from ConfigSpace import ConfigurationSpace, Float, Normal\n"
        f"try:\n    pathlib.Path({str(tmp_path / 'kept.txt')!r}).unlink()\nexcept OSError:\n    pass\n"
        "os.environ['BUILT'] = 'here'\n"
        "def get_search_space():\n"
        "    return ConfigurationSpace({'rate': Float('rate', (0.001, 1.0), log=True), 'depth': (1, 9)})\n"
    )
    text.paste.set_state({"value": code})
    text.import_button.click()
    settled(lambda: not text.import_button.disabled)
    assert text.error.value == ""
    assert set(session.space.space.names) == {"rate", "depth"}
    assert session.space.space["rate"].log
    assert (tmp_path / "kept.txt").exists(), "it cannot reach the person's files"
    assert "BUILT" not in os.environ
    text.paste.set_state(
        {"value": "from ConfigSpace import ConfigurationSpace\nspace = ConfigurationSpace({'a': (3, 1)})\n"}
    )
    text.import_button.click()
    settled(lambda: not text.import_button.disabled)
    assert "The code failed, line 2: " in text.error.value
    assert set(session.space.space.names) == {"rate", "depth"}


def test_ten_sampled_configurations_stand_below_each_other(session, space):
    space.ten.click()
    settled(lambda: len(space.drawn.rows) == 10)
    titles = [c["title"] for c in space.drawn.columns]
    assert titles == ["#", *session.space.space.names]
    assert any("–" in row.values() for row in space.drawn.rows), "what is not active is no value"


def test_priors_have_a_column_where_somebody_wants_them(session, space):
    assert "prior" not in [c["key"] for c in space.table.columns]
    space.priors.value = True
    row = next(r for r in space.table.rows if r["kind"] == "float")
    event(space.table, event="edit", row=row["key"], field="prior", value="beta(2, 3)")
    assert session.space.space[row["name"]].prior.kind == "beta"
    event(space.table, event="edit", row=row["key"], field="prior", value="gauss")
    assert "is no prior" in space.table.errors[0]["text"]
    assert session.space.space[row["name"]].prior.kind == "beta"


def test_configspaces_own_formats_are_written_and_read(session, space):
    text = space.definition
    for form in ("configspace-json", "configspace-yaml"):
        put(text.format, form)
        settled(lambda: "format_version" in text.editor.value and not text.import_button.disabled)
        before = session.space.space
        text.paste.set_state({"value": text.editor.value})
        text.import_button.click()
        settled(lambda: not text.import_button.disabled)
        assert text.error.value == ""
        assert set(session.space.space.names) == set(before.names)


def test_the_rail_counts_what_is_active_and_draws_another_configuration(session, space):
    settled(lambda: "active at once" in space.overview.value)
    assert ">2–3<" in space.overview.value
    assert "∞" in space.overview.value
    first = space.sampled.value
    space.another.click()
    settled(lambda: space.sampled.value != first)
    settled(lambda: not space.another.disabled)
    del session.space["rate"]
    settled(lambda: ">12<" in space.overview.value)


def test_a_space_without_a_row_says_what_to_do(session):
    panel = SpacePanel(session)
    settled(lambda: "No hyperparameter yet" in panel.overview.value)
    assert panel.another.disabled
    panel.apply.click()
    assert len(session.space) > 0


def test_a_name_that_is_no_python_name_is_remarked_on(session, space):
    session.space["n estimators"] = (1, 9)
    assert "is no Python name" in space.remarks.value


# ---------------------------------------------------------------------- Optimiser


@pytest.fixture
def optimiser(session):
    session.load("builtin:iris")
    return OptimiserPanel(session)


def test_a_click_on_a_facade_takes_it_and_its_budgets_appear(session, optimiser):
    assert optimiser.numbers["min_budget"].control.disabled
    optimiser.facades.use["hyperband"].click()
    assert session.facade == "hyperband"
    assert not optimiser.numbers["min_budget"].control.disabled
    assert float(optimiser.numbers["max_budget"].control.value) == session.scenario.max_budget
    assert "awb-chosen" in optimiser.facades.cards["hyperband"]._dom_classes
    assert "Bracket 1" in optimiser.brackets.value
    found = facades.brackets(facades.get("hyperband"), session.scenario)
    assert f"<b>{sum(map(facades.trials_of, found))} trials</b>" in optimiser.brackets.value
    assert f"sum of budgets <b>{sum(map(facades.budget_of, found)):,.4g}</b>" in optimiser.brackets.value
    session.facade = "random"
    assert optimiser.facades.use["random"].disabled
    assert optimiser.facades.use["random"].description == "Random search is in use"
    assert optimiser.numbers["max_budget"].control.value == ""
    assert optimiser.brackets_card.layout.display == "none"


def test_every_facade_says_whether_it_fits_before_it_is_chosen(session, optimiser):
    assert all(">fits<" in fit.value for fit in optimiser.facades.fit.values())
    session.contract = "loss"
    told = optimiser.facades.fit["multifidelity"].value
    assert "does not fit" in told
    assert "choose the model or metrics contract" in told
    assert ">fits<" in optimiser.facades.fit["hpo"].value
    with pytest.raises(FacadeError, match="no facade named 'best'"):
        session.fits("best")


def test_every_number_says_why_it_is_what_it_is(session, optimiser):
    searched = len(session.space.space)
    assert f"Ten for each of the {searched} hyperparameters" in optimiser.reasons["n_trials"].value
    assert "The table has 150 rows" in optimiser.reasons["trial_limit_s"].value
    assert all(line.value for line in optimiser.reasons.values())
    session.set_scenario(n_trials=7)
    assert "You set it; " in optimiser.reasons["n_trials"].value


def test_objectives_follow_the_contract_and_loss_stays(session, optimiser):
    session.contract = "metrics"
    assert "accuracy" in optimiser.objective.control.options
    optimiser.objective.control.value = ("accuracy", "fit_seconds")
    assert session.scenario.objectives == ("loss", "accuracy", "fit_seconds")
    session.contract = "model"
    assert session.scenario.objectives == ("loss", "fit_seconds")
    with pytest.raises(
        FacadeError, match="'accuracy' cannot be an objective under the model contract; there are: loss"
    ):
        session.choose_objectives("accuracy")
    assert session.set_scenario(objectives=["loss"]).objectives == ("loss",)


def test_the_contracts_stand_side_by_side_and_one_is_in_use(session, optimiser):
    assert list(optimiser.use) == ["loss", "model", "metrics"]
    optimiser.use["metrics"].click()
    assert session.contract == "metrics"
    assert [b.description for b in optimiser.use.values()] == ["Use loss", "Use model", "metrics is in use"]
    assert [c for c, made in optimiser.cards.items() if "awb-chosen" in made._dom_classes] == ["metrics"]


def test_what_does_not_fit_is_said_with_what_would(session, optimiser):
    session.facade = "multifidelity"
    optimiser.use["loss"].click()
    assert "does not fit" in optimiser.verdict.value
    assert "choose the model or metrics contract" in optimiser.verdict.value
    optimiser.use["model"].click()
    assert "does not fit" not in optimiser.verdict.value


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("n_trials", "many", "n_trials is &#x27;many&#x27;; it must be a number"),
        ("n_trials", "2.5", "n_trials is 2.5; it must be a whole number"),
        ("n_trials", "", "n_trials is &#x27;&#x27;; it must be a number"),
        ("workers", "0", "workers is 0; it must be above 0"),
        ("wall_limit_s", "-3", "wall_limit_s is -3; it must be above 0"),
        ("seed", "-1", "seed is -1; it must be between 0 and 4294967295"),
        ("trial_limit_s", "nan", "trial_limit_s is nan; it must be a number"),
    ],
)
def test_a_wrong_number_stays_marked_and_the_last_valid_one_in_force(session, optimiser, name, typed, told):
    field = optimiser.numbers[name]
    before = getattr(session.scenario, name)
    put(field, typed)
    assert told in field.error.value
    assert "awb-invalid" in field.control._dom_classes
    assert field.control.value == typed
    assert getattr(session.scenario, name) == before
    session.set_scenario(memory_limit_mb=2048)
    assert field.control.value == typed, "news about another number do not take it away"
    put(field, "7")
    assert field.error.value == ""
    assert getattr(session.scenario, name) == 7


def test_numbers_that_code_sets_are_shown_and_an_empty_limit_is_none(session, optimiser):
    session.set_scenario(n_trials=17, wall_limit_s=90.5)
    assert optimiser.numbers["n_trials"].control.value == "17"
    assert optimiser.numbers["wall_limit_s"].control.value == "90.5"
    assert "90.5 s" not in optimiser.estimate.value
    assert "1.51 min" in optimiser.estimate.value
    put(optimiser.numbers["wall_limit_s"], "")
    assert session.scenario.wall_limit_s is None
    assert {n.name for n in NUMBERS} == set(optimiser.numbers)


def test_asking_ahead_is_a_box_to_tick_with_its_reason(session, optimiser):
    box = optimiser.ask_ahead.control
    assert (box.value, session.scenario.ask_ahead) == (False, False)
    assert "some tenths of a second" in optimiser.reasons["ask_ahead"].value
    box.value = True
    assert session.scenario.ask_ahead is True
    session.set_scenario(workers=3, n_trials=33)
    assert "You set it" in optimiser.reasons["n_trials"].value
    assert all("You set it" not in optimiser.reasons[name].value for name in ("ask_ahead", "workers"))
    session.set_scenario(ask_ahead=False)
    assert box.value is False
    session.facade = "random"
    assert "learns nothing from costs" in optimiser.reasons["ask_ahead"].value


def test_the_number_that_code_sets_takes_the_place_of_a_wrong_entry(session, optimiser):
    put(optimiser.numbers["n_trials"], "many")
    session.set_scenario(n_trials=23)
    assert optimiser.numbers["n_trials"].control.value == "23"
    assert optimiser.numbers["n_trials"].error.value == ""


def test_no_file_of_the_first_three_panels_shows_output_of_its_own():
    folder = Path(__file__).resolve().parent.parent.parent / "src" / "workbench" / "ui"
    for file in folder.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "pyplot" not in text, file
        assert "ipywidgets.Output" not in text, file
        assert "display(" not in text, file
