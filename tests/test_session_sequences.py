"""One action after another: what an earlier one left behind is not told as if it were so."""

from __future__ import annotations

import pytest

from workbench.generate.record import Record
from workbench.session import Session


@pytest.fixture
def session(tmp_path):
    return Session(tmp_path / "runs")


def test_a_report_is_forgotten_when_the_job_changes_while_another_is_made(session):
    session.load("builtin:iris")
    session.generate()
    session.check(probe=False)
    assert session.report is not None
    session.observe(lambda change: setattr(session, "plan", "scale the columns"), "checking")
    session.check(probe=False)
    assert session.report is None, "a run would have gone by it"


def test_a_person_s_budgets_come_back_with_a_facade_that_needs_them(session):
    session.load("builtin:iris")
    session.facade = "hyperband"
    session.set_scenario(min_budget=2, max_budget=18)
    session.facade = "hpo"
    assert (session.scenario.min_budget, session.scenario.max_budget) == (None, None)
    assert all(fit.ok for fit in session.fits("multifidelity"))
    session.facade = "multifidelity"
    assert (session.scenario.min_budget, session.scenario.max_budget) == (2, 18)
    assert all(fit.ok for fit in session.fits())


def test_a_space_that_was_made_before_the_table_stays(session):
    session.space["x"] = (0.0, 1.0)
    session.load("builtin:iris")
    assert session.space.space.names == ("x",)


def test_a_preset_that_was_chosen_before_the_table_stays_while_the_task_has_it(session):
    session.preset("svm")
    session.load("builtin:iris")
    assert session.space.space == {p.id: p.space for p in session.presets()}["svm"]
    session.load("builtin:diabetes")
    assert session.space.space == {p.id: p.space for p in session.presets()}["svm"]
    session.preset("ridge")
    session.preset("svm")
    session.space.undo()
    session.load("builtin:iris")
    assert session.space.space == {p.id: p.space for p in session.presets()}["ridge"], "that of the new task"


def test_typing_back_to_an_earlier_version_is_that_version_and_loses_none(session):
    session.load("builtin:iris")
    first = session.generate()
    session.edit(first.code + "# more\n")
    assert session.edit(first.code) is first
    assert session.candidates == (first,)
    third = session.edit(first.code + "# other\n")
    assert session.candidates == (first, third)
    assert third.parent == first.digest


def changed_file(session, folder, columns):
    """A file is loaded, with choices of its columns; then it has others, and is read again."""
    path, rows = folder / "shop.csv", "".join(f"{i},{i % 3},{i % 2}\n" for i in range(40))
    path.write_text("a,b,y\n" + rows)
    session.load(path, target="y", drop=["a"], types={"b": "category"}, test_share=0.25)
    path.write_text(f"{columns}\n{rows}")
    session.read(path)


def test_a_file_that_has_other_columns_now_is_chosen_of_as_a_new_one(session, tmp_path):
    changed_file(session, tmp_path, "c,d,z")
    session.choose(target="z")
    assert (session.dataset.target, session.dataset.features) == ("z", 2)


def test_what_is_left_out_of_a_file_stays_out_where_the_column_is_still_there(session, tmp_path):
    changed_file(session, tmp_path, "a,c,y")
    session.choose(task="classification")
    assert (session.dataset.dropped, session.dataset.types, session.dataset.test_share) == (("a",), (), 0.25)


def test_what_comes_next_names_the_recording_that_answers(session, tmp_path):
    session.load("builtin:iris")
    assert session.next_step() == ("function", "Have the function written, by the offline composer.")
    Record(tmp_path / "record.sqlite").export(tmp_path / "calls.jsonl")
    session.use_recording(tmp_path / "calls.jsonl")
    assert session.next_step() == ("function", "Have the function written, by the replay of calls.jsonl.")
