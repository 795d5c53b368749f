"""Variants of prompts: muted and reworded rules, other people's templates, templates that misbehave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import check, datasets, facades, generate, prompts, recipes, rules
from workbench.nouns import Job, PromptError
from workbench.prompts import Variant
from workbench.prompts.braces import fill
from workbench.prompts.spans import unmarked
from workbench.session import Session


@pytest.fixture(scope="module")
def job():
    data = datasets.load("builtin:iris")
    preset = recipes.presets(data.task)[0]
    scenario = facades.suggest_scenario(facades.get("hyperband"), preset.space, data)
    return Job(data, preset.space, "hyperband", "model", scenario, plan="Use a forest.")


def test_a_muted_rule_is_not_spoken_and_still_checked(job):
    sentence = rules.get("seeded").sentence("model")
    assert sentence in prompts.render(job).text
    muted = prompts.render(job, Variant("quiet", rules={"seeded": "mute"}))
    assert sentence not in muted.text
    assert "rule:seeded" not in {s.name for s in muted.spans}
    code = generate.compose(job).code.replace("random_state=seed", "random_state=None")
    assert "seeded" in {f.rule for f in check.static(code, job).blocking}


def test_a_reworded_rule_is_spoken_in_its_new_words_and_marked(job):
    prompt = prompts.render(job, Variant("mine", rules={"short": "Be brief."}))
    (span,) = [s for s in prompt.spans if s.name == "rule:short"]
    assert prompt.text[span.start : span.end] == "Be brief."
    assert prompt.template_digest != prompts.render(job).template_digest


def test_a_variant_is_a_file_that_comes_back_equal_under_a_name_made_of_its_content(tmp_path):
    variant = Variant("terse one", text="{{ task }}\n", rules={"short": "mute", "gpu": "Use the GPU: it is fast."})
    path = prompts.write_variant(variant, tmp_path)
    assert path.name == f"terse-one-{variant.digest}.yaml"
    assert prompts.read_variant(path) == variant
    assert prompts.write_variant(variant, tmp_path) == path
    assert prompts.find_variants(tmp_path) == (variant,)


def test_two_variants_are_compared_as_a_diff(job):
    first, second = prompts.render(job), prompts.render(job, Variant("quiet", rules={"short": "mute"}))
    lines = prompts.compare(first.text, second.text, ("plain", "quiet")).splitlines()
    assert lines[:2] == ["--- plain", "+++ quiet"]
    assert [line for line in lines[2:] if line[0] in "+-"] == [f"-- {rules.get('short').sentence('model')}"]
    assert prompts.compare(first.text, first.text) == ""


def test_the_session_mutes_and_rewords_and_brings_words_back():
    session = Session()
    session.load("builtin:iris")
    before = session.prompt.text
    session.mute("seeded", "short")
    assert rules.get("seeded").sentence("model") not in session.prompt.text
    session.reword({"short": "Be brief."})
    assert "- Be brief." in session.prompt.text
    session.reword({"seeded": "", "short": ""})
    assert session.prompt.text == before
    with pytest.raises(PromptError, match="speaks of a rule 'seed'; did you mean 'seeded'"):
        session.mute("seed")


# ---------------------------------------------------------------- templates with braces


def test_a_template_of_other_people_is_filled_as_it_is(job, tmp_path):
    path = tmp_path / "theirs.txt"
    path.write_text(
        "Data: {dataset_description}\nSpace: {config_space}\n{scenario} {train_function_plan}\n{{literal}}\n"
    )
    prompt = prompts.render(job, prompts.read_variant(path))
    assert prompt.text.startswith("Data: iris: classification")
    assert "Use a forest." in prompt.text
    assert prompt.text.endswith("{literal}\n")
    assert [s.name for s in prompt.spans] == ["dataset_description", "config_space", "scenario", "train_function_plan"]
    for span in prompt.spans:
        assert prompt.text[span.start : span.end].strip()


def test_unknown_placeholders_are_named_with_those_that_there_are(job):
    with pytest.raises(PromptError) as caught:
        prompts.render(job, Variant("theirs", text="{dataset} {config_space} {budget}", style="braces"))
    assert str(caught.value) == (
        "the template asks for {budget}, {dataset}, which nothing fills; there are: {dataset_description}, "
        "{config_space}, {scenario}, {train_function_plan}, {suggested_facade}, {signature}. "
        "Write a literal brace twice: {{ }}"
    )


@pytest.mark.parametrize("text", ["{", "}", "{a", "{a}}", "a } b"])
def test_braces_that_do_not_match_are_said(text):
    with pytest.raises(PromptError, match="the braces of the template do not match"):
        fill(text, {"a": "1"})


@pytest.mark.parametrize("text", ["{a.__class__}", "{a[0]}", "{0}", "{}"])
def test_a_placeholder_is_a_name_and_reaches_into_nothing(text):
    with pytest.raises(PromptError, match="which nothing fills"):
        fill(text, {"a": "1"})


texts = st.text(alphabet=st.characters(exclude_categories=["Cs", "Co"], exclude_characters="{}"), max_size=20)
values = st.fixed_dictionaries(
    {"scenario": st.text(alphabet=st.characters(exclude_categories=["Cs", "Co"])), "plan": texts}
)
pieces = st.one_of(
    texts,
    st.sampled_from(
        ["{scenario}", "{plan}", "{{", "}}", "{{plan}}", "{scenario:>12}", "{plan!r}", "{plan:^{{".rstrip("{:^")]
    ),
)


@given(parts=st.lists(pieces, max_size=12), given_values=values)
def test_a_template_with_braces_gives_exactly_what_str_format_gives(parts, given_values):
    text = "".join(parts)
    try:
        expected = text.format(**given_values)
    except (ValueError, KeyError, IndexError):
        with pytest.raises(PromptError):
            fill(text, given_values)
        return
    filled, spans = unmarked(fill(text, given_values))
    assert filled == expected
    assert all(filled[s.start : s.end] for s in spans if s.end > s.start)


# ---------------------------------------------------------------- templates that misbehave


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{% if %}", "mine, line 1: "),
        ("{{ dataset }}", "mine asks for something that there is none of: 'dataset' is undefined"),
        ("{% include 'nowhere.md.j2' %}", "no template 'nowhere.md.j2'; there are: loss, metrics, model"),
        ("{{ ''.__class__.__mro__ }}", "mine"),
        ("{{ 'a' * 10000000 }}", "mine: the number 1e+07 is too large for a template; at most 100,000"),
        ("{{ task.ljust(10 ** 9) }}", "mine: "),
        (
            "{{ task|center(1000000000) }}",
            "mine: the number 1,000,000,000 is too large for a template; at most 100,000",
        ),
        ("{% for i in range(99999) %}{{ task * 100 }}{% endfor %}", "mine does not come to an end: after 2 s or "),
        (
            "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
            "mine does not come to an end: after 2 s or 1,000,000 characters it was stopped",
        ),
        ("{{ 1 / 0 }}", "mine: ZeroDivisionError: division by zero"),
        ("{{ rules('everything') }}", "mine: ValueError: there is no group of rules 'everything'; there are: "),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "mine"),
    ],
)
def test_a_template_that_is_wrong_or_endless_is_one_sentence(job, text, sentence):
    with pytest.raises(PromptError) as caught:
        prompts.render(job, Variant("mine", text=text))
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("v.yaml", b"rules: [", "is not YAML"),
        ("v.yaml", b"- 1", "holds no variant; it has keys such as name, template, text, style and rules"),
        ("v.yaml", b"colour: red", "a variant has no 'colour'; it has name, template, text, style, rules"),
        ("v.yaml", b"style: mustache", "the style is 'mustache'; it must be jinja or braces"),
        ("v.yaml", b"rules: {seeded: 3}", "rules must say `mute` or a sentence for each rule id"),
        ("v.txt", b"\xff\xfe\x00", "is not UTF-8 text (byte 0); save it as UTF-8"),
        ("v.txt", b"x" * 1_000_001, "has 1,000,001 bytes; a template has at most 1,000,000"),
    ],
)
def test_a_variant_file_that_cannot_be_used_is_one_sentence(tmp_path, name, content, sentence):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(PromptError) as caught:
        prompts.read_variant(path)
    assert sentence in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_variant_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(PromptError, match=r"cannot read the prompt variant .*none\.yaml: No such file or directory"):
        prompts.read_variant(tmp_path / "none.yaml")
