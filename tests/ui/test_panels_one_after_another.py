"""One thing after another in the panels: what is shown is of now, not of what was there before."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from waiting import settled
from workbench import prompts
from workbench.generate.record import Record
from workbench.nouns import Finding, Report
from workbench.session import Session
from workbench.ui.components import Toast
from workbench.ui.panels.data import DataPanel
from workbench.ui.panels.function import FunctionPanel
from workbench.ui.panels.optimiser import OptimiserPanel
from workbench.ui.panels.predictions import PredictionsView
from workbench.ui.panels.prompt import LAST, PromptPanel
from workbench.ui.panels.space import SpacePanel


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "runs")
    made.load("builtin:iris")
    return made


# ---------------------------------------------------------------------- Function


def test_a_recording_that_is_left_is_no_choice_any_more(session, tmp_path):
    author = FunctionPanel(session, Toast()).author
    Record(tmp_path / "record.sqlite").export(tmp_path / "calls.jsonl")
    session.use_recording(tmp_path / "calls.jsonl")
    assert author.who.value == "replay"
    author.who.set_state({"index": 0})
    assert session.author == "offline"
    assert "replay" not in [value for _, value in author.who.options]
    assert author.who.value == "offline"


def test_a_budget_that_code_has_set_is_shown_and_another_limit_leaves_it(session):
    session.set_budget(cost=2.5, calls=7)
    numbers = FunctionPanel(session, Toast()).author.numbers
    assert numbers["cost"].control.value == "2.5"
    numbers["tokens"].control.set_state({"value": "1000"})
    assert (session.budget.cost, session.budget.tokens, session.budget.calls) == (2.5, 1000, 7)
    session.set_budget(cost=3)
    assert (numbers["cost"].control.value, numbers["tokens"].control.value) == ("3", "")


def test_the_marks_of_a_report_are_there_again_after_a_reply_that_brought_nothing(session):
    panel = FunctionPanel(session, Toast())
    session.edit("def train(cfg, dataset, seed):\n    return 0.0\n")
    finding = Finding("seeded", "must", "fail", "the seed is not used", line=1)
    session.report = Report(session.candidate.digest, (finding,), calls=1)
    marks = panel.editor.diagnostics
    assert marks
    session.generating = True
    session.reply = "0 1 2"
    assert panel.editor.diagnostics == []
    session.generating = False
    assert panel.editor.value == session.candidate.code
    assert panel.editor.diagnostics == marks


def test_how_a_repair_ended_is_not_said_of_the_function_that_came_after_it(session):
    from workbench.generate.repair import Repair

    panel = FunctionPanel(session, Toast())
    session.generate()
    session.repaired = Repair("passes", "repaired in 1 round: every must rule holds")
    assert "every must rule holds" in panel.repaired.value
    session.edit("def train(cfg, dataset, seed):\n    return None\n")
    assert panel.repaired.value == ""


# ---------------------------------------------------------------------- Space


def test_ten_sampled_configurations_are_of_the_space_as_it_is(session):
    panel = SpacePanel(session)
    panel.ten.click()
    settled(lambda: len(panel.drawn.rows) == 10)
    session.space.replace(type(session.space.space)())
    session.space["x"] = (0.0, 1.0)
    settled(lambda: [c["title"] for c in panel.drawn.columns] == ["#", "x"])
    del session.space["x"]
    settled(lambda: panel.drawn.layout.display == "none")


# ---------------------------------------------------------------------- Prompt


def test_a_variant_whose_file_is_gone_is_compared_with_no_more(session):
    session.mute("short")
    path = session.save_variant("quiet")
    session.use_variant(None)
    panel = PromptPanel(session, Toast())
    panel.view.value = "changes"
    panel.against.control.value = prompts.read_variant(path).digest
    assert panel.editor.original
    path.unlink()
    session.plan = "scale the columns"
    assert panel.against.control.label == LAST
    assert panel.editor.original == panel._before != session.filled(None).text


def test_a_comparison_with_the_library_is_not_called_none(session):
    panel = PromptPanel(session, Toast())
    panel.view.value = "changes"
    assert "Nothing changed yet" in panel.note.value
    panel.against.control.value = ""
    assert panel.editor.original
    assert "Nothing changed yet" not in panel.note.value


def test_another_template_takes_the_place_of_a_wrong_one_that_was_typed(session, tmp_path):
    panel = PromptPanel(session, Toast())
    panel.view.value = "template"
    panel.own.click()
    panel.editor.set_state({"value": "{{ nothing_of_that_name }}"})
    assert panel.problem.value
    (tmp_path / "mine.md.j2").write_text("Write train for {{ task }}.")
    session.use_variant(prompts.Variant("mine", text="Write a short train."))
    assert panel.problem.value == ""
    assert panel.editor.value == "Write a short train."


# ---------------------------------------------------------------------- Optimiser


def test_the_edit_of_a_part_is_closed_when_another_table_takes_its_proposal_away(session):
    card = OptimiserPanel(session).proposal
    session.propose(offline=True)
    view = card.parts["space"]
    view.edit.click()
    assert view.area.layout.display is None
    session.load("builtin:diabetes")
    session.propose(offline=True)
    assert view.area.layout.display == "none"
    view.edit.click()
    session.propose(600, offline=True)
    assert view.editor.value == session.proposal_text("space") or view.area.layout.display == "none"


# ---------------------------------------------------------------------- Data


def test_what_went_wrong_with_one_table_is_not_said_of_the_next(session, tmp_path):
    panel = DataPanel(session)
    panel.kind.value = "path"
    panel.path.control.value = str(tmp_path / "none.csv")
    panel.load_button.click()
    settled(lambda: panel.source_error.value and not panel.load_button.disabled)
    (tmp_path / "shop.csv").write_text("a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
    session.load(tmp_path / "shop.csv", target="y")
    assert panel.path.control.value.endswith("shop.csv")
    assert panel.source_error.value == ""


# ---------------------------------------------------------------------- Results


def test_a_look_at_sealed_rows_is_one_look_however_often_the_run_is_shown_meanwhile(session):
    orders = []
    view = PredictionsView(session, lambda action, error, *busy: orders.append(action))
    run = SimpleNamespace(folder=Path("a"), about={"dataset": {"holdout": {"rows": 9, "digest": "d"}}})
    view.show_run(run, Path("best.joblib"))
    view.seal_button.click()
    view.show_run(run, Path("best.joblib"))
    assert view.seal_button.disabled
    view.seal_button.click()
    view.predict_button.click()
    assert len(orders) == 1


def test_what_a_model_predicts_is_gone_when_the_run_has_a_better_one(session):
    view = PredictionsView(session, lambda action, error, *busy: None)
    run = SimpleNamespace(folder=Path("a"), about={"dataset": {}})
    view.show_run(run, Path("first.joblib"))
    view.figure.draw(b"", "what the first one predicts")
    view.show_run(run, Path("first.joblib"))
    assert view.figure.value
    view.show_run(run, Path("better.joblib"))
    assert view.figure.value == ""
