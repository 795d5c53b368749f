"""The Data panel: types by column, the test part in every way, a sealed holdout."""

from __future__ import annotations

import pandas as pd
import pytest

from waiting import settled
from workbench.nouns import Split
from workbench.session import Session
from workbench.ui.panels.data import DataPanel

N = 60
TABLE = pd.DataFrame(
    {
        "size": [i % 7 for i in range(N)],
        "fold": ["test" if i % 4 == 0 else "train" for i in range(N)],
        "day": [f"2024-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(N)],
        "label": ["a", "b"] * (N // 2),
    }
)


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "runs")
    made.load(TABLE, "label")
    return made


def put(field, value):
    control = field.control
    if hasattr(control, "index"):
        options = [o if isinstance(o, tuple) else (o, o) for o in control.options]
        control.set_state({"index": [v for _, v in options].index(value)})
    else:
        control.set_state({"value": value})


def row(panel, name):
    return next(r for r in panel.columns.rows if r["key"] == name)


def test_a_column_is_read_as_the_list_beside_it_says_and_as_found_again(session):
    panel = DataPanel(session)
    assert row(panel, "size")["type"] == {"value": "", "empty": "number"}
    panel.columns._handle_custom_msg({"event": "choose", "row": "size", "column": "type", "value": "category"}, [])
    settled(lambda: session.dataset.types == (("size", "category"),))
    settled(lambda: row(panel, "size")["type"] == {"value": "category", "empty": "as found"})
    assert row(panel, "size")["kind"]["text"] == "category"
    panel.columns._handle_custom_msg({"event": "choose", "row": "fold", "column": "type", "value": "number"}, [])
    settled(lambda: "cannot be read as a number" in panel.columns_error.value)
    assert row(panel, "fold")["type"]["value"] == ""
    panel.columns._handle_custom_msg({"event": "choose", "row": "size", "column": "type", "value": ""}, [])
    settled(lambda: session.dataset.types == ())


def test_choices_that_come_at_once_are_all_kept(session):
    panel = DataPanel(session)
    panel.columns._handle_custom_msg({"event": "choose", "row": "size", "column": "type", "value": "category"}, [])
    panel.columns._handle_custom_msg({"event": "tick", "row": "day", "column": "use", "value": False}, [])
    put(panel.holdout.how, 0.1)
    put(panel.share, 0.25)
    settled(lambda: session.dataset.X_test is not None and session.dataset.holdout is not None)
    assert (session.dataset.types, session.dataset.dropped) == ((("size", "category"),), ("day",))


def test_a_test_part_by_column_by_time_and_by_file_is_described_step_by_step(session, tmp_path):
    panel = DataPanel(session)
    part = panel.test_part
    put(panel.share, "column")
    assert part.children == (part.how, part.column, part.value)
    assert session.dataset.X_test is None
    put(part.column, "fold")
    settled(lambda: session.dataset.split == Split("column", column="fold", value="test"))
    settled(lambda: part.value.control.value == "test")
    put(panel.share, "time")
    put(part.column, "day")
    settled(lambda: session.dataset.split is not None and session.dataset.split.by == "time")
    settled(lambda: "the latest 20 %" in panel.overview.value)
    TABLE.head(9).to_csv(tmp_path / "more.csv", index=False)
    put(panel.share, "file")
    put(part.file, str(tmp_path / "gone.csv"))
    settled(lambda: "there is no file" in part.how.error.value)
    assert (panel.share.control.value, part.file.control.value) == ("file", str(tmp_path / "gone.csv"))
    put(part.file, str(tmp_path / "more.csv"))
    settled(lambda: session.dataset.split == Split("file", file=str(tmp_path / "more.csv")))
    put(panel.share, 0.0)
    settled(lambda: session.dataset.X_test is None)
    settled(lambda: part.children == (part.how,))


def test_a_column_that_does_not_tell_the_part_is_refused_beside_it_and_the_draft_stays(session):
    panel = DataPanel(session)
    part = panel.test_part
    put(panel.share, "column")
    put(part.column, "size")
    settled(lambda: session.dataset.split is not None or part.how.error.value)
    put(part.value, "99")
    settled(lambda: "is never" in part.how.error.value)
    assert part.column.control.value == "size"
    put(part.value, "3")
    settled(lambda: session.dataset.split == Split("column", column="size", value="3"))
    settled(lambda: part.how.error.value == "")


def test_what_code_chose_is_shown_and_a_holdout_is_counted_in_the_rail(session):
    panel = DataPanel(session)
    session.choose(test=Split("time", column="day", value="2024-02-20"), holdout=0.2, types={"size": "category"})
    part = panel.test_part
    assert (part.how.control.value, part.column.control.value, part.value.control.value) == (
        "time",
        "day",
        "2024-02-20",
    )
    assert panel.holdout.how.control.value == 0.2
    assert "12 rows" in panel.overview.value
    assert "Sealed holdout" in panel.overview.value


@pytest.mark.browser
def test_in_the_page_a_type_is_chosen_from_a_list_which_shows_what_is_in_force(lab):
    from playwright.sync_api import expect

    page = lab.open(
        [
            "import pandas as pd\nfrom workbench import Workbench\nwb = Workbench()\n"
            "table = pd.DataFrame({'size': [i % 7 for i in range(60)], 'name': [f'n{i % 9}' for i in range(60)],"
            " 'label': [f'c{i % 2}' for i in range(60)]})\n"
            "wb.load(table, target='label', name='table')\nwb.panel.data"
        ]
    )
    size = page.get_by_label("Read as: size")
    size.select_option("category")
    expect(size).to_have_value("category")
    page.get_by_label("Read as: name").select_option("number")
    expect(page.get_by_role("alert").filter(has_text="cannot be read as a number")).to_be_visible()
    expect(page.get_by_label("Read as: name")).to_have_value("")
    assert lab.run_cell(page, "print(wb.dataset.types)").strip() == "(('size', 'category'),)"


def test_variables_of_the_notebook_are_offered_with_what_could_be_their_target(tmp_path, monkeypatch):
    import numpy as np
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    X, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
    whole = {"X": X[:30], "y": y[:30], "X_test": X[30:], "y_test": y[30:]}
    shell.push({"features": X, "labels": pd.Series(y), "short": y[:5], "whole": whole, "word": "x", "_hidden": X})
    session = Session(tmp_path / "runs")
    panel = DataPanel(session)
    panel.kind.value = "variable"
    assert [n for n, _ in panel.variable.control.options] == ["features", "whole"]
    assert [v for _, v in panel.values.control.options] == ["", "labels"]
    put(panel.values, "labels")
    panel.load_button.click()
    settled(lambda: session.dataset is not None)
    assert (session.dataset.name, session.dataset.rows, session.dataset.target) == ("features", 40, "y")
    settled(lambda: not panel.load_button.disabled)
    put(panel.variable, "whole")
    assert panel.values.control.value == ""
    panel.load_button.click()
    settled(lambda: session.dataset.name == "whole")
    assert (session.dataset.rows, len(session.dataset.X_test)) == (30, 10)
    settled(lambda: panel.share.control.value == "given")


def test_a_table_whose_source_knows_the_target_needs_no_choice_and_openml_says_what_is_wrong(tmp_path):
    text = "@relation r\n@attribute a real\n@attribute class {x,y}\n@data\n" + "1,x\n2,y\n" * 10
    (tmp_path / "r.arff").write_text(text)
    session = Session(tmp_path / "runs")
    panel = DataPanel(session)
    panel.kind.value = "path"
    put(panel.path, str(tmp_path / "r.arff"))
    panel.load_button.click()
    settled(lambda: session.dataset is not None and panel.target.control.value == "class")
    settled(lambda: not panel.load_button.disabled)
    panel.kind.value = "openml"
    put(panel.openml, "iris")
    panel.load_button.click()
    settled(lambda: "names no number" in panel.source_error.value)
    assert session.dataset.name == "r"
