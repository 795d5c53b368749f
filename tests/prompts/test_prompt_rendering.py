"""The filled prompt: what it says, where every value stands in it, and what happens when a template is wrong."""

from __future__ import annotations

import dataclasses
import itertools
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import contracts, datasets, facades, recipes, rules, space
from workbench.nouns import Hyperparameter, Job, PromptError, Scenario, Space
from workbench.prompts import estimate_tokens, library, render, rendering, template_names, template_source
from workbench.prompts.spans import marked, unmarked

CONTRACTS = tuple(contracts.contracts())
FACADES = tuple(facades.facades())
PAIRS = list(itertools.product(CONTRACTS, FACADES))


def preset(preset_id="several", task="classification"):
    return next(p.space for p in recipes.presets(task) if p.id == preset_id)


def table(task="classification", test_share=0.0, columns=3, rows=60):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(rows, columns)), columns=[f"feature {i}" for i in range(columns)])
    frame["y"] = np.arange(rows) % 2 if task == "classification" else rng.normal(size=rows)
    return datasets.make(frame, "y", task=task, name="small table", test_share=test_share)


def job(contract="model", facade="hpo", **more):
    budgets = {"min_budget": 3.0, "max_budget": 81.0} if facades.get(facade).needs_budget else {}
    known = {"dataset": table(), "space": preset(), "plan": "Start with a forest.", **more}
    return Job(facade=facade, contract=contract, scenario=Scenario(n_trials=37, **budgets), **known)


def texts(prompt):
    """The texts that were filled, by the name of the placeholder."""
    found = {}
    for span in prompt.spans:
        found.setdefault(span.name, []).append(prompt.text[span.start : span.end])
    return found


# ---------------------------------------------------------------- what is filled


@pytest.mark.parametrize(("contract", "facade"), PAIRS)
def test_every_span_holds_the_value_that_was_filled_there(contract, facade):
    made = job(contract, facade)
    prompt = render(made)
    found = texts(prompt)
    signature = contracts.get(contract).signature
    assert found["signature"] == [signature, signature]
    assert found["config_space"] == [space.definition(made.space)]
    assert found["dataset_description"] == [datasets.describe(made.dataset)]
    assert set(found["task"]) == {"classification"}
    assert found["plan"] == ["Start with a forest."]
    assert found["names"] == [", ".join(f"`{n}`" for n in made.space.names)]
    assert facades.get(facade).summary in found["facade"][0]
    assert "37 trials" in found["scenario"][0]
    for name, said in found.items():
        if name.startswith("rule:"):
            assert said == [rules.rules()[name.removeprefix("rule:")].sentence(contract)]


@pytest.mark.parametrize(("contract", "facade"), PAIRS)
def test_the_spans_are_in_order_and_do_not_overlap(contract, facade):
    prompt = render(job(contract, facade))
    assert prompt.spans
    assert all(0 <= s.start < s.end <= len(prompt.text) for s in prompt.spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(prompt.spans))


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize(("contract", "facade"), PAIRS)
def test_nothing_of_the_template_is_left_over(contract, facade, task):
    text = render(job(contract, facade, dataset=table(task), space=preset(task=task), plan="")).text
    for rest in ("{{", "}}", "{%", "%}", "{#", "#}", "\ue000", "\ue001", "\ue002", "Undefined", "\n\n\n"):
        assert rest not in text
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert text.count("```") % 2 == 0
    sections = re.split(r"^## .*$", text, flags=re.MULTILINE)
    assert all(part.strip() for part in sections), "a heading without a text under it"


@pytest.mark.parametrize(("contract", "facade"), PAIRS)
def test_the_rules_of_the_contract_are_spoken_and_no_others(contract, facade):
    made = job(contract, facade)
    prompt = render(made)
    spoken = {s.name.removeprefix("rule:") for s in prompt.spans if s.name.startswith("rule:")}
    held = {r.id for r in rules.rules().values() if r.holds_for(made) and r.sentence(contract)}
    assert spoken == held
    for other in set(rules.rules()) - held:
        sentence = rules.rules()[other].sentence(contract)
        assert not sentence or sentence not in prompt.text
    must = {i for i in held if rules.rules()[i].level_for(contract) == "must"}
    assert texts(prompt)["checklist"][0].count("- [ ] ") == len(must)


def test_what_belongs_to_one_contract_is_said_in_it_alone():
    said = {c: {s.name for s in render(job(c)).spans} for c in CONTRACTS}
    assert {c for c in CONTRACTS if "rule:predict" in said[c]} == {"model"}
    assert {c for c in CONTRACTS if "rule:metric-keys" in said[c]} == {"metrics"}
    assert {c for c in CONTRACTS if "rule:test-split" in said[c]} == {"metrics"}
    assert {c for c in CONTRACTS if "rule:budget-none" in said[c]} == {"model", "metrics"}


def test_budgets_are_said_where_facade_and_contract_have_them():
    assert "run from 3 to 81" in render(job("model", "hyperband")).text
    assert "run from" not in render(job("model", "hpo")).text
    assert "This contract has no budget" in render(job("loss", "hyperband")).text


def test_a_test_part_is_said_to_the_metrics_contract():
    assert "in this job it has;" not in render(job("metrics")).text
    assert "in this job it has none" in render(job("metrics")).text
    assert "in this job it has." in render(job("metrics", dataset=table(test_share=0.3))).text


def test_without_a_plan_there_is_no_heading_for_it():
    assert "## The plan" in render(job()).text
    assert "## The plan" not in render(job(plan="  \n ")).text


def test_the_example_reads_each_kind_of_value_and_the_conditional_ones_first():
    rows = (
        Hyperparameter("a b", "integer", low=1, high=9, default=3),
        Hyperparameter("1st", "float", low=0.1, high=0.9, default=0.5),
        Hyperparameter("flag", "categorical", choices=(True, False), default=True),
        Hyperparameter("kernel", "ordinal", choices=("rbf", "poly"), default="poly"),
    )
    example = texts(render(job(space=Space(rows))))["reading_example"][0]
    assert example.splitlines() == [
        "a_b = min(9, max(1, int(cfg.get('a b', 3))))",
        "value_1st = min(0.9, max(0.1, float(cfg.get('1st', 0.5))))",
        "flag = bool(cfg.get('flag', True))",
    ]
    svm = texts(render(job(space=preset("svm"))))["reading_example"][0]
    assert svm.splitlines()[0] == "gamma = min(1.0, max(0.0001, float(cfg.get('gamma', 0.05))))  # absent when inactive"


def test_the_same_job_gives_the_same_prompt_and_another_job_another():
    made = job()
    assert render(made) == render(made)
    others = [
        dataclasses.replace(made, plan="Other words."),
        dataclasses.replace(made, contract="metrics"),
        dataclasses.replace(made, facade="random"),
        dataclasses.replace(made, space=preset("svm")),
        dataclasses.replace(made, dataset=table(rows=70)),
        dataclasses.replace(made, scenario=Scenario(n_trials=38)),
    ]
    assert len({render(j).digest for j in (made, *others)}) == 1 + len(others)


def test_tokens_are_estimated_from_the_length():
    prompt = render(job())
    assert prompt.tokens == estimate_tokens(prompt.text) == -(-len(prompt.text) // 4)
    assert estimate_tokens("") == 0


# ---------------------------------------------------------------- what people write in


def test_a_plan_with_braces_and_jinja_in_it_is_said_as_it_is():
    plan = "Use {{ seed }} and {% if x %} and {placeholder} and {# no #} comment."
    prompt = render(job(plan=plan))
    assert texts(prompt)["plan"] == [plan]


def test_marks_in_a_value_do_no_harm():
    evil = "one \ue000two\ue001three\ue002 four \ue002\ue000"
    frame = pd.DataFrame({evil: np.arange(40.0), "y": np.arange(40) % 2})
    rows = (Hyperparameter(evil, "float", low=0.0, high=1.0), Hyperparameter("x", "integer", low=1, high=3))
    made = job(plan=evil, dataset=datasets.make(frame, "y", name=evil), space=Space(rows))
    prompt = render(made)
    assert texts(prompt)["plan"] == ["one \ufffdtwo\ufffdthree\ufffd four \ufffd\ufffd"]
    plain = render(dataclasses.replace(made, plan="plain"))
    assert [s.name for s in prompt.spans] == [s.name for s in plain.spans]
    assert not set("\ue000\ue001\ue002") & set(prompt.text)


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=80))
def test_whatever_the_plan_the_prompt_around_it_stays_as_it_is(plan):
    prompt = render(dataclasses.replace(PLAIN_JOB, plan=plan))
    known = [s.name for s in PLAIN.spans]
    assert [s.name for s in prompt.spans] == (known if plan.strip() else [n for n in known if n != "plan"])
    if not plan.strip():
        return
    here = next(s for s in prompt.spans if s.name == "plan")
    there = next(s for s in PLAIN.spans if s.name == "plan")
    assert prompt.text[: here.start] == PLAIN.text[: there.start]
    assert prompt.text[here.end :] == PLAIN.text[there.end :]


@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9))))
def test_values_are_found_again_between_their_marks(pairs):
    pieces = [(text.translate({0xE000: "", 0xE001: "", 0xE002: ""}), value) for text, value in pairs]
    text, spans = unmarked("".join(before + marked("v", value) for before, value in pieces))
    cleaned = [re.sub("[\ue000-\ue002]", "\ufffd", value) for _, value in pieces]
    assert [text[s.start : s.end] for s in spans] == cleaned
    assert text == "".join(before + value for (before, _), value in zip(pieces, cleaned, strict=True))


def test_a_space_of_sixty_and_a_table_of_two_thousand_columns_stay_within_bounds():
    rows = tuple(Hyperparameter(f"hyperparameter_{i}", "float", low=0.0, high=1.0) for i in range(60))
    made = job(space=Space(rows), dataset=table(columns=2000))
    prompt = render(made)
    found = texts(prompt)
    assert all(f"- {h.name}: " in found["config_space"][0] for h in rows)
    assert len(found["dataset_description"][0]) < 12_000
    assert "2,000" in found["dataset_description"][0] or "2000" in found["dataset_description"][0]
    assert prompt.tokens < 10_000
    assert len(found["reading_example"][0].splitlines()) <= 3


# ---------------------------------------------------------------- the templates themselves


@pytest.fixture
def templates(tmp_path, monkeypatch):
    """A copy of the templates that a test may break."""
    copy = tmp_path / "templates"
    shutil.copytree(library.folder(), copy)
    for module in (library, rendering):
        monkeypatch.setattr(module, "folder", lambda: copy)
    rendering._environment.cache_clear()
    yield copy
    monkeypatch.undo()
    rendering._environment.cache_clear()


def test_there_is_a_template_for_every_contract():
    assert set(template_names()) == set(CONTRACTS)


def test_the_source_of_a_template_comes_with_its_parts():
    source = template_source("model")
    assert source.startswith("{# train/model.md.j2 #}\n")
    for path in (library.folder() / "parts").glob("*.j2"):
        assert path.read_text() in source


def test_a_contract_without_a_template_is_named_with_those_that_there_are():
    with pytest.raises(PromptError) as caught:
        template_source("tuple")
    assert str(caught.value) == "no template for the contract 'tuple'; there are: loss, metrics, model"


def test_the_digest_changes_with_any_template_file(templates):
    digests = {render(job()).template_digest}
    files = sorted(templates.rglob("*.j2"))
    assert len(files) >= 6
    for path in files:
        path.write_text(path.read_text() + "\n{# a remark #}\n")
        digests.add(render(job()).template_digest)
    assert len(digests) == 1 + len(files)
    files[0].rename(files[0].with_name("renamed.md.j2"))
    assert rendering._digest() not in digests


def test_a_value_that_there_is_none_of_is_named(templates):
    with (templates / "parts" / "train.md.j2").open("a") as file:
        file.write("{{ n_features }}\n")
    with pytest.raises(PromptError) as caught:
        render(job())
    assert str(caught.value) == "train/model.md.j2 asks for something that there is none of: 'n_features' is undefined"


def test_a_template_that_cannot_be_read_is_named_with_its_line(templates):
    path = templates / "parts" / "budget.md.j2"
    path.write_text("one\n{% if %}\n")
    with pytest.raises(PromptError) as caught:
        render(job())
    assert str(caught.value) == "parts/budget.md.j2, line 2: Expected an expression, got 'end of statement block'"


def test_a_missing_part_is_named(templates):
    (templates / "parts" / "network.md.j2").unlink()
    with pytest.raises(PromptError) as caught:
        render(job())
    assert str(caught.value) == "no template 'parts/network.md.j2'; there are: loss, metrics, model"


def test_a_group_of_rules_that_there_is_none_of_is_named(templates):
    (templates / "parts" / "reading.md.j2").write_text('{{ rules("looks") }}\n')
    groups = ", ".join(sorted({r.group for r in rules.rules().values()}))
    with pytest.raises(PromptError) as caught:
        render(job())
    assert str(caught.value).endswith(f"there is no group of rules 'looks'; there are: {groups}")


@pytest.mark.parametrize("attack", ["{{ rules.__globals__ }}", "{{ ''.__class__.__mro__ }}"])
def test_a_template_cannot_reach_into_python(templates, attack):
    (templates / "parts" / "reading.md.j2").write_text(attack)
    with pytest.raises(PromptError) as caught:
        render(job())
    assert "unsafe" in str(caught.value)


def test_a_contract_dropped_in_asks_for_its_template_by_name(templates):
    (templates / "train" / "loss.md.j2").unlink()
    with pytest.raises(PromptError) as caught:
        render(job("loss"))
    assert str(caught.value) == "no template 'train/loss.md.j2'; there are: metrics, model"


PLAIN_JOB = job(plan="Plain words.")
PLAIN = render(PLAIN_JOB)
