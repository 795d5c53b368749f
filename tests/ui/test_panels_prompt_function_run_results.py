"""The later four steps without a browser: what a person does to the widgets, and what the session makes of it."""

from __future__ import annotations

import threading

import pytest

from waiting import LIMIT_S, settled, until
from workbench.nouns import Finding, Report
from workbench.results import model_of
from workbench.session import Session
from workbench.ui.components import Toast, style
from workbench.ui.panels.function import FunctionPanel
from workbench.ui.panels.painter import Painter
from workbench.ui.panels.prompt import PromptPanel
from workbench.ui.panels.results import ResultsPanel
from workbench.ui.panels.run import RunPanel

QUICK = """\
from typing import Any, Tuple

from ConfigSpace import Configuration
from sklearn.dummy import DummyClassifier


def train(cfg: Configuration, dataset: Any, seed: int, budget: int = None, model_dir: str = None) -> Tuple[float, Any]:
    x = float(cfg.get("x", 0.5))
    print(f"trying {x}")
    model = DummyClassifier().fit(dataset["X"], dataset["y"])
    return (x - 0.3) ** 2 + 1.0, model
"""
SLOW = QUICK.replace("    x =", "    import time\n\n    time.sleep(0.2)\n    x =")
BROKEN = QUICK.replace("    x =", "    raise ValueError('no <luck>')\n    x =")


def say(widget, content):
    """What a message from the browser does."""
    widget._handle_custom_msg(content, [])


def typed(widget, **state):
    """What a change in the browser does."""
    widget.set_state(state)


def drawn(panel):
    """Wait until a panel has drawn all that it was asked for."""
    settled()  # what was clicked may ask for more
    assert panel.painter.wait(LIMIT_S)


def sent(widget, monkeypatch):
    """The custom messages that the widget sends from now on."""
    messages = []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: messages.append(content))
    return messages


def shown(widget):
    return widget.layout.display != "none"


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "runs")
    yield made
    if made.current_run is not None and made.current_run.alive:
        made.stop()
        made.wait(LIMIT_S)


@pytest.fixture
def loaded(session):
    session.load("builtin:iris")
    return session


@pytest.fixture
def quick(loaded):
    """A session whose function costs nothing and breaks some rules."""
    loaded.space.replace(type(loaded.space.space)())
    loaded.space["x"] = (0.0, 1.0)
    loaded.facade = "random"
    loaded.set_scenario(n_trials=4)
    loaded.edit(QUICK)
    return loaded


def blocked(session):
    """A report, as if it had been made, in which a must rule fails."""
    finding = Finding("return-type", "must", "fail", "it returns None", line=7)
    session.report = Report(session.candidate.digest, (finding,), calls=1)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A session with two real runs of a composed function."""
    made = Session(tmp_path_factory.mktemp("results") / "runs")
    made.load("builtin:iris")
    made.generate()
    made.facade = "random"
    for trials in (11, 3):
        made.set_scenario(n_trials=trials)
        made.report = Report(made.candidate.digest, (), calls=1)
        assert made.run(wait=True).state == "finished", made.current_run.log_tail()
    return made


# ---------------------------------------------------------------- drawing aside


def test_what_is_asked_while_it_draws_is_drawn_once_afterwards():
    started, go, count = threading.Event(), threading.Event(), []

    def draw():
        count.append(1)
        started.set()
        go.wait(LIMIT_S)

    painter = Painter(draw, interval_s=0.0)
    painter.ask()
    assert started.wait(LIMIT_S)
    for _ in range(5):
        painter.ask()
    go.set()
    assert painter.wait(LIMIT_S)
    assert len(count) == 2


def test_a_drawing_that_fails_does_not_end_the_later_ones(caplog):
    count = []

    def draw():
        count.append(1)
        if len(count) == 1:
            raise ValueError("no such font")

    painter = Painter(draw, interval_s=0.0)
    painter.ask()
    assert painter.wait(LIMIT_S)
    painter.ask()
    assert painter.wait(LIMIT_S)
    assert len(count) == 2
    assert "no such font" in caplog.text


# ---------------------------------------------------------------- Prompt


def test_without_data_the_prompt_step_says_what_to_do(session):
    panel = PromptPanel(session, Toast())
    assert "there is no dataset yet; load one in the Data step" in panel.empty.value
    assert not shown(panel.editor)
    session.load("builtin:iris")
    assert shown(panel.editor)
    assert not shown(panel.empty)


def test_the_filled_prompt_is_shown_with_every_placeholder_marked_and_listed(loaded):
    panel = PromptPanel(loaded, Toast())
    assert panel.editor.value == loaded.prompt.text
    names = {span.name for span in loaded.prompt.spans}
    assert names
    assert {m["name"] for m in panel.editor.marks} == names
    assert {r["key"] for r in panel.placeholders.rows} == names
    assert loaded.prompt.digest in panel.about.value
    assert f"{loaded.prompt.tokens:,}" in panel.size.value


def test_choosing_a_placeholder_scrolls_to_where_it_was_filled_in(loaded, monkeypatch):
    panel = PromptPanel(loaded, Toast())
    typed(panel.view, index=1)
    messages = sent(panel.editor, monkeypatch)
    span = loaded.prompt.spans[-1]
    say(panel.placeholders, {"event": "select", "row": span.name})
    first = next(s for s in loaded.prompt.spans if s.name == span.name)
    line = loaded.prompt.text[: first.start].count("\n") + 1
    assert messages[-1] == {"do": "goto", "line": line, "column": 0, "focus": False}
    assert panel.view.value == "filled"
    say(panel.editor, {"event": "mark", "name": loaded.prompt.spans[0].name})
    assert panel.placeholders.selected == loaded.prompt.spans[0].name


def test_the_plan_goes_both_ways(loaded):
    panel = PromptPanel(loaded, Toast())
    typed(panel.plan, value="scale the columns first")
    assert loaded.plan == "scale the columns first"
    assert "scale the columns first" in panel.editor.value
    loaded.plan = "use few trees"
    assert panel.plan.value == "use few trees"


def test_changes_are_those_since_the_step_was_last_looked_at(loaded):
    panel = PromptPanel(loaded, Toast())
    panel.view.value = "changes"
    assert not panel.editor.diff
    seen = loaded.prompt.text
    panel.shown = False
    loaded.plan = "a first thought"
    loaded.plan = "a second thought"
    panel.shown = True
    assert panel.editor.diff
    assert panel.editor.original == seen
    assert "a second thought" in panel.editor.value
    assert panel.editor.marks == []


def test_the_template_is_shown_before_anything_is_filled_in(session):
    panel = PromptPanel(session, Toast())
    panel.view.value = "template"
    assert shown(panel.editor)
    assert "{{" in panel.editor.value
    before = panel.editor.value
    session.contract = "metrics"
    assert panel.editor.value != before


# ---------------------------------------------------------------- Function


def test_without_data_nothing_is_generated_and_the_reason_stands_there(session):
    panel = FunctionPanel(session, Toast())
    assert panel.generate_button.disabled
    assert panel.check_button.disabled
    assert "There is no dataset yet; load one in the Data step" in panel.hint.value


def test_generate_writes_a_function_and_has_it_checked(loaded):
    panel = FunctionPanel(loaded, Toast())
    panel.generate_button.click()
    settled(lambda: panel.passed.value)
    assert not panel.generate_button.disabled
    assert "def train(" in panel.editor.value
    assert f"{loaded.report.calls} call" in panel.summary.value
    assert f"Passed ({loaded.report.count('pass')})" in panel.passed.value
    told = "".join(view.text.value for view in panel.findings.children)
    assert all(f.rule in told for f in loaded.report.findings if f.verdict != "pass")


def test_what_is_typed_is_a_candidate_and_what_code_sets_is_shown_without_another(loaded):
    panel = FunctionPanel(loaded, Toast())
    typed(panel.editor, value=QUICK)
    assert loaded.candidate.code == QUICK
    assert loaded.candidate.origin == "edit"
    loaded.edit(SLOW)
    assert panel.editor.value == SLOW
    assert [c.code for c in loaded.candidates] == [SLOW], "one version grows while it is neither checked nor run"


def test_an_earlier_version_can_be_chosen_and_compared_with_its_parent(quick):
    quick.check(probe=False)
    panel = FunctionPanel(quick, Toast())
    assert panel.changes.disabled
    typed(panel.editor, value=SLOW)
    typed(panel.changes, value=True)
    assert (panel.editor.diff, panel.editor.original) == (True, QUICK)
    labels = [label for label, _ in panel.versions.options]
    assert labels[0].startswith("2 · by hand · ")
    assert labels[0].endswith(" · from 1")
    typed(panel.versions, index=1)
    assert quick.candidate.code == QUICK
    assert panel.editor.value == QUICK
    assert not panel.editor.diff


FINDINGS = (
    Finding("seeded", "must", "pass", "two calls agree", "Pass the seed."),
    Finding("short", "should", "fail", "x is never used", "No dead code.", line=3),
    Finding("held-out", "must", "unknown", "no split was found", "Measure on held-out data."),
    Finding(
        "every-configuration",
        "must",
        "fail",
        "it raises ValueError: <nan>",
        "No configuration may crash it.",
        line=8,
        column=4,
        snippet="train({'x': 0.0}, data, 0)",
        traceback="ValueError: <nan>",
    ),
)


def test_the_report_puts_what_must_be_mended_first_with_its_place_and_evidence(quick, monkeypatch):
    panel = FunctionPanel(quick, Toast())
    quick.report = Report(quick.candidate.digest, FINDINGS, calls=41, seconds=2.25)
    first, second, third = panel.findings.children
    assert "Must be mended (1)" in first.text.value
    assert "raises ValueError: &lt;nan&gt;" in first.text.value
    assert "No configuration may crash it." in first.text.value
    assert "train({&#x27;x&#x27;: 0.0}, data, 0)" in first.more.value
    assert "Should be mended (1)" in second.text.value
    assert "Could not be told (1)" in third.text.value
    assert not shown(third.goto)
    assert "41 calls of train" in panel.summary.value
    assert "Passed (1)" in panel.passed.value
    assert [(d["line"], d["severity"], d["rule"]) for d in panel.editor.diagnostics] == [
        (3, "warning", "short"),
        (8, "error", "every-configuration"),
    ]
    messages = sent(panel.editor, monkeypatch)
    assert first.goto.description == "Go to line 8"
    first.goto.click()
    assert messages[-1] == {"do": "goto", "line": 8, "column": 4, "focus": True}


def test_rules_that_could_not_be_told_for_one_reason_are_one_remark(quick):
    panel = FunctionPanel(quick, Toast())
    rules = ("seeded", "sign", "held-out")
    findings = tuple(Finding(r, "must", "unknown", "the worker did not start", f"Keep {r}.") for r in rules)
    quick.report = Report(quick.candidate.digest, (*findings, FINDINGS[2]))
    first, second = panel.findings.children
    assert "Could not be told (4)" in first.text.value
    assert "seeded, sign, held-out" in first.text.value
    assert "held-out" in second.text.value
    assert "4 unknown" in panel.summary.value
    assert "no call of train" in panel.summary.value


def test_a_report_of_other_code_is_gone_as_soon_as_the_code_changes(quick):
    panel = FunctionPanel(quick, Toast())
    quick.report = Report(quick.candidate.digest, FINDINGS, calls=41)
    typed(panel.editor, value=QUICK + "\n# a remark\n")
    assert panel.editor.diagnostics == []
    assert panel.findings.children == ()
    assert "Not checked." in panel.summary.value


def test_a_report_that_comes_from_another_thread_is_shown(quick):
    panel = FunctionPanel(quick, Toast())
    thread = threading.Thread(
        target=lambda: setattr(quick, "report", Report(quick.candidate.digest, FINDINGS, calls=2))
    )
    thread.start()
    thread.join()
    assert len(panel.findings.children) == 3


# ---------------------------------------------------------------- Run


def test_the_run_step_says_what_is_missing(session):
    panel = RunPanel(session, Toast())
    assert "Load a dataset in the Data step first." in panel.empty.value
    assert panel.run_button.disabled
    session.load("builtin:iris")
    assert "Have a function written in the Function step first." in panel.empty.value
    session.edit(QUICK)
    assert "Press <b>Run</b>" in panel.empty.value
    assert not panel.run_button.disabled
    assert panel.pause_button.disabled
    assert panel.stop_button.disabled


def test_a_failed_must_rule_asks_for_a_reason_which_the_run_keeps(quick):
    panel = RunPanel(quick, Toast())
    blocked(quick)
    panel.run_button.click()
    until(lambda: panel.dialog.shown)
    assert "return-type: it returns None" in panel.dialog.text
    assert panel.dialog.input_label
    say(panel.dialog, {"event": "cancel"})
    assert quick.current_run is None
    settled(lambda: not panel.run_button.disabled)
    panel.run_button.click()
    until(lambda: panel.dialog.shown)
    say(panel.dialog, {"event": "confirm", "text": "a demonstration"})
    settled(lambda: quick.current_run is not None)
    quick.wait(LIMIT_S)
    drawn(panel)
    assert quick.current_run.about["override"] == "a demonstration"
    assert "a demonstration" in panel.place.value


def test_a_run_from_the_button_to_the_best_configuration(quick):
    panel = RunPanel(quick, Toast())
    quick.report = Report(quick.candidate.digest, (), calls=1)
    panel.run_button.click()
    settled(lambda: quick.run_state == "finished")
    quick.wait(LIMIT_S)
    drawn(panel)
    run = quick.current_run
    assert "finished" in panel.status.value
    assert panel.run_button.description == "Run again"
    assert not panel.run_button.disabled
    assert panel.stop_button.disabled
    assert "4 / 4" in panel.tiles.value
    assert 'aria-valuenow="4"' in panel.progress.value
    assert [r["number"] for r in panel.table.rows] == [1, 2, 3, 4]
    assert [r["cost"] for r in panel.table.rows] == [t.cost for t in run.trials]
    assert [r["number"] for r in panel.table.rows if r["status"] == "best"] == [run.incumbent.number]
    assert panel.image.png[:4] == b"\x89PNG"
    assert panel.image.text.startswith("Trajectory of 4 trials")
    assert [r["name"] for r in panel.best.rows] == ["x"]
    assert "trying " in panel.tail.value
    assert run.folder.name in panel.place.value
    assert "60 s, 4,096 MiB" in panel.limits.value
    assert "in force" in panel.guard.value


def test_a_panel_of_another_session_that_attaches_to_a_run_shows_the_same(finished, tmp_path):
    first = RunPanel(finished, Toast())
    other = Session(tmp_path / "elsewhere")
    second = RunPanel(other, Toast())
    assert shown(second.empty)
    other.attach(finished.current_run.folder)
    drawn(first)
    drawn(second)
    assert not shown(second.empty)
    for name in ("tiles", "progress", "image", "tail", "place", "best_text", "limits", "guard"):
        assert getattr(first, name).value == getattr(second, name).value, name
    assert first.table.rows == second.table.rows
    assert first.best.rows == second.best.rows


def test_a_failed_run_says_why_and_each_trial_too(quick):
    quick.edit(BROKEN)
    quick.report = Report(quick.candidate.digest, (), calls=1)
    panel = RunPanel(quick, Toast())
    quick.run(wait=True)
    drawn(panel)
    assert "The run failed: all 4 trials failed; the first one: " in panel.error.value
    assert "no &lt;luck&gt;" in panel.error.value
    assert {r["status"] for r in panel.table.rows} == {"crashed"}
    assert "no <luck>" in panel.table.rows[0]["config"]["text"]
    assert panel.table.rows[0]["config"]["hint"].startswith("x=")


def test_pause_becomes_resume_and_stop_keeps_what_is_done(quick):
    quick.edit(SLOW)
    quick.report = Report(quick.candidate.digest, (), calls=1)
    quick.set_scenario(n_trials=500)
    quick.report = Report(quick.candidate.digest, (), calls=1)
    panel = RunPanel(quick, Toast())
    panel.run_button.click()
    until(lambda: len(panel.table.rows) >= 2)
    assert panel.run_button.disabled
    panel.pause_button.click()
    until(lambda: quick.run_state == "paused")
    until(lambda: panel.pause_button.description == "Resume")
    panel.pause_button.click()
    until(lambda: quick.run_state == "running")
    panel.stop_button.click()
    until(lambda: quick.run_state == "stopped")
    quick.wait(LIMIT_S)
    drawn(panel)
    assert "stopped" in panel.status.value
    assert 2 <= len(panel.table.rows) < 500


def test_nothing_is_drawn_while_the_step_is_hidden(finished):
    panel = RunPanel(finished, Toast())
    drawn(panel)
    panel.shown = False
    before = panel.image.value
    panel.axis.value = "time"
    drawn(panel)
    assert panel.image.value == before
    panel.shown = True
    drawn(panel)
    assert panel.image.value != before


def test_the_figure_follows_the_theme_of_the_page(finished):
    panel = RunPanel(finished, Toast())
    drawn(panel)
    light = panel.image.value
    style().dark = True
    try:
        drawn(panel)
        assert panel.image.value != light
    finally:
        style().dark = False
    drawn(panel)
    assert panel.image.value == light


# ---------------------------------------------------------------- Results


def test_without_a_run_the_results_step_says_where_one_starts(session):
    panel = ResultsPanel(session, Toast())
    drawn(panel)
    assert panel.table.rows == []
    assert "start one in the Run step" in panel.table.empty
    assert panel.open_button.disabled
    assert panel.compare_button.disabled
    assert not shown(panel.detail)


def test_every_run_is_listed_and_the_newest_is_told_of(finished):
    panel = ResultsPanel(finished, Toast())
    drawn(panel)
    newest, oldest = finished.find_runs()
    assert [r["key"] for r in panel.table.rows] == [newest.folder.name, oldest.folder.name]
    assert [r["trials"] for r in panel.table.rows] == ["3 / 3", "11 / 11"]
    assert panel.chosen.folder == newest.folder
    assert panel.table.rows[0]["best"] == newest.incumbent.cost
    assert "3 / 3" in panel.tiles.value
    assert [r["name"] for r in panel.best.rows] == list(newest.incumbent.config)
    assert panel.importance.rows == []
    assert "there are 3" in panel.importance_note.value
    say(panel.table, {"event": "select", "row": oldest.folder.name})
    drawn(panel)
    assert "11 / 11" in panel.tiles.value
    assert {r["name"] for r in panel.importance.rows} == set(finished.space.space.names)
    for image in (panel.trajectory, panel.parallel, panel.each):
        assert image.png[:4] == b"\x89PNG"
        assert f'alt="{image.text}"' in image.value


def test_a_run_that_goes_on_after_its_end_is_told_of_as_it_is_now(quick):
    quick.report = Report(quick.candidate.digest, (), calls=1)
    run = quick.run(wait=True)
    panel = ResultsPanel(quick, Toast())
    drawn(panel)
    done = len(run.trials)
    assert panel.table.rows[0]["trials"] == f"{done} / {done}"
    quick.more_trials(2)
    quick.wait(LIMIT_S)
    drawn(panel)
    row = panel.table.rows[0]
    assert (row["trials"], row["state"]["text"]) == (f"{done + 2} / {done + 2}", "finished")
    assert f"{done + 2} / {done + 2}" in panel.tiles.value
    assert [r.progress for r in quick.find_runs()] == [(done + 2, done + 2)]


def test_ticked_runs_are_drawn_over_each_other_with_their_incumbents(finished):
    panel = ResultsPanel(finished, Toast())
    drawn(panel)
    assert not shown(panel.compared_card)
    names = [r.folder.name for r in finished.find_runs()]
    for name in names:
        say(panel.table, {"event": "tick", "row": name, "column": "compared", "value": True})
    drawn(panel)
    assert set(panel.compared) == set(names)
    assert [r["compared"] for r in panel.table.rows] == [True, True]
    assert shown(panel.compared_card)
    assert panel.comparison.figure.png[:4] == b"\x89PNG"
    assert {r["label"] for r in panel.comparison.table.rows} == {"random, 3 trials", "random, 11 trials"}
    assert "random, 3 trials: over 1 run the median cost is" in panel.comparison.figure.text
    assert "one seed" in panel.comparison.remarks.value
    before = panel.comparison.figure.png
    typed(panel.comparison.axis, index=1)
    drawn(panel)
    assert panel.comparison.figure.png != before
    say(panel.table, {"event": "tick", "row": names[0], "column": "compared", "value": False})
    drawn(panel)
    assert panel.compared == (names[1],)


def test_all_runs_of_the_same_data_are_compared_with_one_click_and_none_with_another(finished):
    panel = ResultsPanel(finished, Toast())
    drawn(panel)
    panel.compare_button.click()
    drawn(panel)
    assert len(panel.compared) == 2
    panel.compare_button.click()
    drawn(panel)
    assert panel.compared == ()
    assert not shown(panel.compared_card)


def test_open_makes_a_run_the_one_of_the_run_step(finished, tmp_path):
    other = Session(finished.runs_folder)
    panel = ResultsPanel(other, Toast())
    drawn(panel)
    panel.open_button.click()
    assert other.current_run.folder == finished.find_runs()[0].folder
    drawn(panel)
    assert panel.open_button.disabled
    assert panel.toast.messages[-1]["level"] == "success"


def test_the_model_predicts_when_asked_and_sealed_rows_are_looked_at_only_where_there_are_some(finished):
    panel = ResultsPanel(finished, Toast())
    drawn(panel)
    view = panel.predictions
    assert view.figure.value == ""
    assert not shown(view.seal_button)
    view.predict_button.click()
    settled(lambda: view.figure.png or view.error.value)
    assert view.figure.png[:4] == b"\x89PNG", view.error.value
    assert view.figure.text.startswith("Confusion of classes and calibration")
    say(panel.table, {"event": "select", "row": finished.find_runs()[1].folder.name})
    drawn(panel)
    assert view.figure.value == ""


def test_a_run_is_exported_with_one_click_and_the_panel_says_where(finished):
    panel = ResultsPanel(finished, Toast())
    drawn(panel)
    panel.export_buttons[0].click()
    settled(lambda: "report.html" in panel.exported.value)
    written = panel.chosen.folder / "export" / "report.html"
    assert str(written) in panel.exported.value
    assert "random on iris" in written.read_text()


def test_the_snippet_loads_the_model_of_the_best_trial_and_predicts(finished):
    panel = ResultsPanel(finished, Toast())
    drawn(panel)
    run = panel.chosen
    files = [p for p in run.models if p.suffix == ".joblib"]
    best = model_of(run.incumbent, files)
    assert str(best) in panel.snippet.value
    names = {}
    exec(panel.snippet.value, names)
    assert len(names["model"].predict(names["dataset"].X)) == 150


def test_the_model_of_the_best_trial_is_found_by_the_configuration_beside_it(finished):
    import json

    run = finished.find_runs()[1]
    files = [p for p in run.models if p.suffix == ".joblib"]
    found = json.loads(model_of(run.incumbent, files).with_suffix(".json").read_text())
    assert found["configuration"] == dict(run.incumbent.config)
    assert model_of(None, files) == files[-1]
    assert model_of(run.incumbent, []) is None
