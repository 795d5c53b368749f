"""Plans of a model, asked with the real client over a real server: one structured call, and one more with the error."""

from __future__ import annotations

import json

import pytest
from plan_server import PLAN, PlanServer, changed

from workbench import datasets, facades, space
from workbench.generate import _stream
from workbench.generate.model import Model, ModelError
from workbench.generate.planner import plan_by_model
from workbench.generate.record import Record
from workbench.generate.writer import Writer
from workbench.nouns import GenerateError, Job, PromptError, Scenario, Space
from workbench.prompts import Variant

IRIS = datasets.load("builtin:iris")


@pytest.fixture(scope="module")
def serving():
    with PlanServer() as server:
        yield server


@pytest.fixture
def server(serving, monkeypatch):
    serving.requests.clear()
    serving.replies.clear()
    monkeypatch.setattr(_stream, "FIRST_WAIT_S", 0.01)
    return serving


def planned(server, *replies, model="planner", contract="model", record=None, **more):
    server.replies += replies
    settings = Model(model, base_url=server.url, retries=1)
    writer = Writer(record)
    came = []

    def ask(prompt, schema, variant):
        came.clear()
        return writer.complete_object(prompt, schema, settings, variant=variant, on_text=came.append)[0]

    job = Job(IRIS, Space(), "hpo", contract, Scenario(), "")
    return plan_by_model(job, ask, model=model, reply=lambda: "".join(came), **more)


def refused(server, *replies, **more):
    with pytest.raises(GenerateError) as caught:
        planned(server, *replies, **more)
    return str(caught.value)


@pytest.mark.parametrize("model", ["planner", "planner-json", "planner-block"])
def test_a_plan_comes_by_each_way_that_a_server_has(server, model):
    made = planned(server, PLAN, model=model)
    assert (made.facade, made.origin, made.model) == ("hpo", "model", model)
    assert made.numbers == {"n_trials": 45, "trial_limit_s": 30}
    assert made.plan[1] == "Fit a support vector machine on scaled columns."
    assert made.space.names == ("C", "kernel", "degree")
    assert made.space["degree"].high == 5
    assert isinstance(made.space["degree"].high, int)
    assert space.default(made.space) == {"C": 1.0, "kernel": "rbf"}
    assert len(server.asked()) == 1
    assert made.remarks == ()


def test_the_request_holds_the_table_the_time_and_the_facades_that_fit(server):
    planned(server, PLAN, contract="loss", time_s=300)
    (asked,) = server.asked()
    assert "150 rows, 4 feature columns" in asked
    assert "may take 5 minutes" in asked
    assert "`blackbox`" in asked
    assert "`hyperband`" not in asked, "the loss contract takes no budget"
    schema = server.requests[-1]["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert set(schema["schema"]["required"]) == {"facade", "scenario", "plan", "space"}


ROW = "space.hyperparameters."
CIRCLE = [
    {"child": "C", "join": "and", "clauses": [{"parent": "degree", "operator": ">", "value": 2}]},
    {"child": "degree", "join": "and", "clauses": [{"parent": "C", "operator": ">", "value": 1.0}]},
]
SELF = [{"child": "C", "join": "and", "clauses": [{"parent": "C", "operator": ">", "value": 2}]}]
MANY = [{"name": f"h{i}", "kind": "float", "low": 0, "high": 1, "default": 0.5} for i in range(10_000)]
HUGE = '{"facade": "' + "x" * 900_000

BAD = {
    "a facade that SMAC has not": (
        changed("facade.id", "bohb"),
        f"no facade named 'bohb'; there are: {', '.join(facades.facades())}",
    ),
    "a default outside its range": (
        changed(ROW + "0.default", 500),
        "the default of 'C', 500.0, is outside its range; write a number from 0.01 to 100.0",
    ),
    "a condition on itself": (changed("space.conditions", SELF), "'C' cannot depend on itself"),
    "a circle": (changed("space.conditions", CIRCLE), "the conditions go round in a circle: 'C' needs 'degree'"),
    "10,000 hyperparameters": (changed("space.hyperparameters", MANY), "has 10,000 hyperparameters"),
    "an unknown key": (changed("facades", ["hpo"]), "unknown key 'facades'; did you mean 'facade'?"),
    "an unknown key of a row": (
        changed(ROW + "0.lower", 0),
        "item 1 of 'hyperparameters' of 'space' of the plan has an",
    ),
    "a key that is missing": ({k: v for k, v in PLAN.items() if k != "space"}, "the plan has no 'space'"),
    "no JSON": ("I would take a forest.", "the reply is no JSON object"),
    "broken JSON": (json.dumps(PLAN)[:-20], "its JSON breaks at line 1"),
    "a long reply that breaks off": (HUGE, "its JSON breaks at line 1"),
    "two kinds of text": (changed(ROW + "0.low", "small"), "is 'small'; it must be a number or null"),
    "a kind that is none": (changed(ROW + "0.kind", "real"), "it must be one of integer, float, categorical"),
    "no range": (changed(ROW + "0.high", None), "'C' has no range"),
    "the same name twice": (changed(ROW + "0.name", "kernel"), "two hyperparameters are named 'kernel'"),
    "a parent that there is none of": (
        changed("space.conditions.0.clauses.0.parent", "kernle"),
        "names 'kernle', which is no hyperparameter; did you mean 'kernel'?",
    ),
    "half a trial": (changed("scenario.0.value", 0.5), "n_trials is 0.5; it must be a whole number"),
    "endless trials": (json.dumps(changed("scenario.0.value", 7)).replace(" 7", " 1e999"), "n_trials is inf"),
    "a number that is not the model's": (changed("scenario.0.name", "seed"), "it must be one of n_trials"),
    "a number twice": (changed("scenario.1", PLAN["scenario"][0]), "the scenario has n_trials twice"),
    "budgets the wrong way round": (
        changed("facade.id", "hyperband")
        | {"scenario": [{"name": n, "value": v, "reason": ""} for n, v in (("min_budget", 9), ("max_budget", 3))]},
        "min_budget 9 is not below max_budget 3",
    ),
    "no step": (changed("plan", [" "]), "has no step"),
    "no row": (changed("space.hyperparameters", []), "the proposed space has no hyperparameter"),
    "a thousand choices": (changed(ROW + "1.choices", [f"c{i}" for i in range(1000)]), "has 1,000 choices"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_plan_that_cannot_be_used_is_asked_for_once_more_with_the_reason(server, case):
    bad, told = BAD[case]
    made = planned(server, bad, PLAN)
    assert made.numbers["n_trials"] == 45
    first, second = server.asked()
    assert second.startswith(first.strip("\n"))
    assert told in second
    assert len(second) < len(first) + 10_000, "a long reply does not go back whole"
    assert told in made.remarks[0]


@pytest.mark.parametrize("case", BAD)
def test_a_plan_that_stays_wrong_is_one_clear_sentence_and_no_third_call(server, case):
    bad, told = BAD[case]
    said = refused(server, bad, bad)
    assert said.startswith("the plan of planner cannot be used, asked twice: ")
    assert told in said
    assert len(said) < 600
    assert len(server.asked()) == 2


def test_a_facade_that_does_not_fit_the_contract_is_sent_back(server):
    said = refused(server, changed("facade.id", "hyperband"), changed("facade.id", "hyperband"), contract="loss")
    assert "choose the model or metrics contract" in said


def test_smacs_own_name_of_a_facade_is_understood_and_budgets_without_use_are_dropped(server):
    plan = changed("facade.id", "BlackBoxFacade")
    plan["scenario"].append({"name": "min_budget", "value": 1, "reason": "A look."})
    made = planned(server, plan)
    assert made.facade == "blackbox"
    assert "min_budget" not in made.numbers


def test_keys_that_may_be_null_may_be_missing(server):
    plan = changed("space.hyperparameters", [{"name": "depth", "kind": "integer", "low": 1, "high": 9}])
    for key in ("conditions", "forbidden"):
        del plan["space"][key]
    assert planned(server, plan).space.names == ("depth",)


@pytest.mark.parametrize("model", ["refuses", "fails", "empty", "page"])
def test_a_server_that_gives_no_reply_is_not_asked_for_another_plan(server, model):
    with pytest.raises(ModelError):
        planned(server, model=model)


def test_the_request_can_be_worded_otherwise_and_a_wrong_template_is_told_before_anything_is_sent(server):
    planned(server, PLAN, variant=Variant("mine", text="Plan for {{ time }}: {{ facades }}"))
    assert server.asked()[0].startswith("Plan for 10 minutes, as nobody has said: - `hpo`")
    server.requests.clear()
    planned(server, PLAN, variant=Variant("mine", text="A {task} in {{braces}}: {config_space}", style="braces"))
    assert server.asked()[0].startswith("A classification in {braces}: (no hyperparameters)")
    server.requests.clear()
    with pytest.raises(PromptError, match="colour"):
        planned(server, PLAN, variant=Variant("mine", text="{{ colour }}"))
    assert server.requests == []


def test_both_calls_are_in_the_record_under_the_names_of_their_templates(server, tmp_path):
    record = Record(tmp_path / "record.sqlite")
    planned(server, BAD["a circle"][0], PLAN, record=record)
    assert [c.variant for c in record.calls()][-2:] == ["plan/plan.md.j2", "plan/repair.md.j2"]
