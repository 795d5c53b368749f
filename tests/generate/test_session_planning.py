"""Planning in a session: proposed, compared, edited, accepted and rejected part by part."""

from __future__ import annotations

import pytest
from plan_server import PLAN, PlanServer, changed

from waiting import LIMIT_S
from workbench.generate import _stream
from workbench.nouns import PARTS, DatasetError, FacadeError, GenerateError, SpaceError
from workbench.prompts import Variant
from workbench.session import Session


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "runs")
    made.record_file = tmp_path / "record.sqlite"
    return made


@pytest.fixture
def iris(session):
    session.load("builtin:iris")
    return session


@pytest.fixture(scope="module")
def serving():
    with PlanServer() as server:
        yield server


@pytest.fixture
def served(iris, serving, monkeypatch):
    """A session that asks the loopback server, and that server."""
    serving.requests.clear()
    serving.replies.clear()
    monkeypatch.setattr(_stream, "FIRST_WAIT_S", 0.01)
    iris.use_model("planner", base_url=serving.url, retries=1)
    return iris, serving


def in_force(session):
    return session.facade, session.scenario, session.plan, session.space.space


def test_a_proposal_changes_nothing_until_a_part_is_accepted(iris):
    before = in_force(iris)
    made = iris.propose(time_s=300)
    assert iris.proposal is made
    assert iris.proposal_states == dict.fromkeys(PARTS, "open")
    assert in_force(iris) == before
    iris.reject("plan")
    assert in_force(iris) == before
    assert iris.proposal_states["plan"] == "rejected"
    iris.accept("scenario")
    assert iris.scenario.wall_limit_s == 300
    assert (iris.facade, iris.plan, iris.space.space) == (before[0], before[2], before[3])


def test_an_accepted_space_goes_through_the_draft_so_that_one_step_back_undoes_it(iris):
    before = iris.space.space
    iris.propose()
    iris.accept("space")
    assert iris.space.space == iris.proposal.space != before
    iris.space.undo()
    assert iris.space.space == before


def test_accepted_plan_and_facade_fill_the_prompt_in_both_styles_of_template(iris):
    iris.propose()
    iris.revise("facade", "random")
    iris.accept("facade", "plan")
    assert "1. Put a quarter of the 150 rows aside" in iris.prompt.text
    asked = "facade: {{ suggested_facade }}, plan: {{ train_function_plan }}"
    iris.variant = Variant("mine", text=asked)
    first = iris.prompt.text
    iris.variant = Variant("mine", text=asked.replace("{{ ", "{").replace(" }}", "}"), style="braces")
    assert iris.prompt.text.strip() == first.strip()
    assert first.startswith("facade: Random search (RandomFacade), plan: 1. Put a quarter")


def test_accepting_without_a_name_takes_what_is_open_and_the_differences_vanish(iris):
    iris.propose(time_s=60)
    iris.reject("facade")
    iris.accept()
    assert iris.proposal_states == {
        "facade": "rejected",
        "scenario": "accepted",
        "plan": "accepted",
        "space": "accepted",
    }
    assert [iris.proposal_diff(p) for p in ("scenario", "plan", "space")] == ["", "", ""]


def test_each_part_says_what_it_would_change(iris):
    iris.facade = "random"
    iris.set_scenario(n_trials=7)
    iris.plan = "Use a forest."
    iris.propose(time_s=90)
    assert "-Random search (random): " in iris.proposal_diff("facade")
    assert "+Hyperparameter optimisation (hpo): " in iris.proposal_diff("facade")
    numbers = iris.proposal_diff("scenario").splitlines()
    assert numbers[:2] == ["--- yours", "+++ proposed"]
    assert {"-n_trials: 7", "+n_trials: 50", "-wall_limit_s: none", "+wall_limit_s: 90"} <= set(numbers)
    assert "-Use a forest." in iris.proposal_diff("plan")
    space = iris.proposal_diff("space")
    assert "-- min_samples_leaf: integer from 1 to 20, log scale, default 1" in space
    assert "+- min_samples_leaf: integer from 1 to 11, log scale, default 1" in space


def test_an_edited_part_is_read_back_and_keeps_the_reasons_of_what_stayed(iris):
    iris.propose(time_s=90)
    for part in PARTS:
        before = iris.proposal
        assert iris.revise(part, iris.proposal_text(part)) == before, "the text alone changes nothing"
    iris.reject("scenario")
    iris.revise("scenario", "n_trials = 33   # fewer\n\nwall_limit_s: none")
    assert iris.proposal.numbers == {"n_trials": 33, "wall_limit_s": None}
    assert iris.proposal_states["scenario"] == "open"
    iris.revise("plan", "1) Split.\n- Fit 2.5 trees.\n")
    assert iris.proposal.plan == ("Split.", "Fit 2.5 trees.")
    iris.revise("space", "hyperparameters: [{name: depth, kind: integer, low: 1, high: 4}]")
    iris.accept()
    assert (iris.scenario.n_trials, iris.scenario.wall_limit_s) == (33, None)
    assert iris.plan == "1. Split.\n2. Fit 2.5 trees."
    assert iris.space.space.names == ("depth",)


@pytest.mark.parametrize(
    ("part", "text", "kind", "told"),
    [
        ("facade", "bohb", FacadeError, "no facade named 'bohb'"),
        ("scenario", "trials: 4", FacadeError, "a scenario has no 'trials'"),
        ("scenario", "n_trials: many", FacadeError, "n_trials is 'many'; it must be a number"),
        ("scenario", "n_trials 40", FacadeError, "write each once, as in `n_trials: 40`"),
        ("scenario", "# nothing", FacadeError, "no number is left"),
        ("plan", " \n", GenerateError, "no step left"),
        ("space", "hyperparameters: 3", SpaceError, "this is not a space"),
        ("space", "{", SpaceError, "this is not JSON"),
        ("colour", "red", GenerateError, "a proposal has no part 'colour'; it has facade, scenario, plan, space"),
    ],
)
def test_an_edit_that_is_no_such_part_is_told_and_changes_nothing(iris, part, text, kind, told):
    before = iris.propose()
    with pytest.raises(kind, match=told.replace("?", r"\?")):
        iris.revise(part, text)
    assert iris.proposal is before


def test_without_a_table_or_a_proposal_it_says_what_to_do(session):
    with pytest.raises(DatasetError, match="load one in the Data step"):
        session.propose()
    for action in (session.accept, session.reject, lambda: session.proposal_diff("plan")):
        with pytest.raises(GenerateError, match="press Suggest"):
            action()


def test_another_table_takes_the_proposal_away(iris):
    iris.propose()
    iris.load("builtin:wine")
    assert iris.proposal is None
    assert iris.proposal_states == {}


def test_a_chosen_model_plans_on_the_account_of_the_session(served):
    session, server = served
    server.replies.append(PLAN)
    made = session.propose(time_s=120)
    assert (made.origin, made.model, made.facade) == ("model", "planner", "hpo")
    assert session.spent.calls >= 1
    assert session.propose(offline=True).origin == "rules"
    assert len(server.asked()) == 1


def test_a_model_that_plans_nothing_usable_leaves_the_proposal_before(served):
    session, server = served
    before = session.propose(offline=True)
    server.replies += [changed("facade.id", "bohb")] * 2
    session.propose_async().join(LIMIT_S)
    assert "no facade named 'bohb'" in session.message.text
    assert session.message.level == "error"
    assert session.proposal is before
    assert session.proposing is False


def test_asking_for_a_plan_can_be_stopped(served):
    session, server = served
    session.use_model("slow", base_url=server.url, retries=0)
    session.writer._ways[(session.model.url, "slow")] = "block"
    thread = session.propose_async()
    while not server.count("slow"):
        assert thread.is_alive()
        thread.join(0.02)
    session.cancel_proposal()
    thread.join(LIMIT_S)
    assert not thread.is_alive()
    assert "stopped before its end" in session.message.text
    assert session.proposal is None


def test_a_recorded_plan_is_given_again_without_a_server(served, tmp_path):
    session, server = served
    server.replies += [changed("facade.id", "bohb"), PLAN]
    made = session.propose()
    session.writer.record.export(tmp_path / "plans.jsonl")
    session.use_recording(tmp_path / "plans.jsonl")
    asked = len(server.requests)
    again = session.propose()
    assert len(server.requests) == asked
    assert (again.space, again.plan, again.numbers) == (made.space, made.plan, made.numbers)
    assert "Asked twice" in again.remarks[0]
