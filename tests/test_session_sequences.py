"""One action after another: what an earlier one left behind is not told as if it were so."""

from __future__ import annotations

import pytest

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
