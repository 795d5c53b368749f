"""The Prompt step: rules in place, variants, a template of one's own, and what differs."""

from __future__ import annotations

import pytest

from workbench import prompts, rules
from workbench.nouns import PromptError
from workbench.session import Session
from workbench.ui.components import Toast
from workbench.ui.panels.markdown import markdown
from workbench.ui.panels.prompt import PromptPanel


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "runs")
    made.load("builtin:iris")
    return made


@pytest.fixture
def panel(session):
    return PromptPanel(session, Toast())


def edit(panel, rule, field, value):
    """What an edit in the table of rules sends."""
    panel.rules.table._handle_custom_msg({"event": "edit", "row": rule, "field": field, "value": value, "seq": 1}, [])


def row(panel, rule):
    return next(r for r in panel.rules.table.rows if r["key"] == rule)


OWN = rules.get("short").sentence("model")


def test_a_rule_is_muted_reworded_and_brought_back_in_the_panel(session, panel):
    tokens = session.prompt.tokens
    edit(panel, "short", "said", "muted")
    assert OWN not in session.prompt.text
    assert row(panel, "short")["disabled"] == ["sentence"]
    assert "Muted rules are still checked: short." in panel.rules.summary.value
    assert f"{session.prompt.tokens:,}" in panel.size.value
    assert session.prompt.tokens < tokens
    edit(panel, "short", "sentence", "Be brief,\nplease.")
    assert "- Be brief, please." in session.prompt.text
    assert row(panel, "short")["said"] == "reworded"
    edit(panel, "short", "sentence", "")
    assert OWN in session.prompt.text
    assert session.variant is None


def test_what_code_mutes_the_panel_shows(session, panel):
    session.mute("seeded")
    assert row(panel, "seeded")["said"] == "muted"
    assert "1 muted" in panel.rules.summary.value


def test_the_rules_that_are_listed_are_those_that_hold_for_the_contract(session, panel):
    listed = {r["key"] for r in panel.rules.table.rows}
    assert "metric-keys" not in listed
    session.contract = "metrics"
    assert "metric-keys" in {r["key"] for r in panel.rules.table.rows}


def test_a_variant_is_saved_listed_loaded_and_left(session, panel):
    panel.variants.save()
    assert "give it one, such as" in panel.variants.name.error.value
    session.mute("short")
    panel.variants.name.control.value = "quiet"
    panel.variants.save()
    (kept,) = session.variants()
    assert kept.name == "quiet"
    assert (session.prompts_folder / f"quiet-{kept.digest}.yaml").exists()
    panel.variants.kept.control.value = ""
    assert session.variant is None
    panel.variants.kept.control.value = kept.digest
    assert session.variant == kept
    assert OWN not in session.prompt.text


def test_a_prompt_is_compared_with_the_library_and_with_a_kept_variant(session, panel):
    session.mute("short")
    path = session.save_variant("quiet")
    session.reword({"short": "Be brief."})
    panel.view.value = "changes"
    panel.against.control.value = ""
    assert panel.editor.original == session.filled(None).text
    panel.against.control.value = prompts.read_variant(path).digest
    assert panel.editor.original == session.filled(path).text
    assert panel.editor.diff
    changed = [line for line in session.compare_prompt(path).splitlines()[2:] if line[0] in "+-"]
    assert changed == ["+- Be brief."]


@pytest.mark.parametrize(
    ("name", "text", "start"),
    [
        ("mine.md.j2", "Task: {{ task }}\n{{ rules('practice') }}\n", "Task: classification"),
        ("mine.txt", "Plan: {train_function_plan}\n{config_space}\n", "Plan: "),
    ],
)
def test_a_template_of_ones_own_is_taken_from_its_file(session, panel, tmp_path, name, text, start):
    (tmp_path / name).write_text(text)
    panel.variants.path.control.value = str(tmp_path / name)
    panel.variants.load()
    assert session.prompt.text.startswith(start)
    panel.view.value = "template"
    assert panel.editor.value == text
    assert not panel.editor.read_only
    assert "has no place for" in panel.rules.summary.value


def test_a_file_that_cannot_be_filled_is_refused_where_it_was_named(session, panel, tmp_path):
    before = session.prompt.text
    (tmp_path / "mine.txt").write_text("{everything}")
    panel.variants.path.control.value = str(tmp_path / "mine.txt")
    panel.variants.load()
    assert "the template asks for {everything}, which nothing fills" in panel.variants.path.error.value
    assert session.prompt.text == before
    assert session.variant is None


@pytest.mark.parametrize("contract", prompts.template_names())
def test_the_library_template_in_one_piece_fills_to_the_same_prompt(session, contract):
    session.contract = contract
    before = session.prompt.text
    session.own_template()
    assert session.variant.text == prompts.whole_template(contract)
    assert session.prompt.text == before


def test_an_own_template_is_edited_in_place_and_a_wrong_one_stays_as_it_was_typed(session, panel):
    panel.view.value = "template"
    assert panel.editor.read_only
    panel.own.click()
    assert not panel.editor.read_only
    panel.editor.set_state({"value": "Write {{ task }} code."})
    assert session.prompt.text == "Write classification code.\n"
    panel.editor.set_state({"value": "Write {{ colour }} code."})
    assert "is undefined. The last template that could be filled stays in force." in panel.problem.value
    assert session.prompt.text == "Write classification code.\n"
    session.plan = "anything"
    assert panel.editor.value == "Write {{ colour }} code."
    panel.editor.set_state({"value": "Good {{ task }}."})
    assert panel.problem.value == ""
    assert session.prompt.text == "Good classification.\n"


def test_the_rendered_prompt_is_a_page_in_which_html_stays_text(session, panel):
    session.plan = "<script>alert(1)</script>"
    panel.view.value = "rendered"
    assert "<h4>The plan</h4>" in panel.rendered.value
    assert "<script>" not in panel.rendered.value
    assert panel.editor.layout.display == "none"
    assert markdown("# a <b>\n\n`x < 1`") == (
        '<div class="awb-rendered"><h3>a &lt;b&gt;</h3>\n<p><code>x &lt; 1</code></p>\n</div>'
    )


def test_nothing_to_save_is_said(session):
    with pytest.raises(PromptError, match="the library's own words; mute or reword a rule"):
        session.save_variant("mine")
