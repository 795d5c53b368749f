"""The planner without a model: four parts from size, types, space and time, the same for the same job."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from workbench import contracts, datasets, facades, generate, recipes, space
from workbench.generate.planner import plan_by_rules
from workbench.nouns import GenerateError, Hyperparameter, Job, Scenario, Space


def table(rows, columns=4, *, classes=2, kind="classification", gaps=False, words=0, seed=0):
    """A dataset of a given shape."""
    rng = np.random.default_rng(seed)
    made = pd.DataFrame({f"x{i}": rng.normal(size=rows) for i in range(columns)})
    if gaps:
        made.loc[::7, "x0"] = np.nan
    if words:
        made["word"] = [f"w{v}" for v in rng.integers(0, words, rows)]
    if kind == "classification":
        made["y"] = [f"c{i % classes}" for i in range(rows)]
    else:
        made["y"] = rng.normal(size=rows)
    return datasets.make(made, "y", task=kind, name="t", source="t")


def job(data, *, contract="model", rows=(), conditions=(), **numbers):
    return Job(data, Space(tuple(rows), tuple(conditions)), "hpo", contract, Scenario(**numbers), "")


def test_a_small_table_gets_a_forest_full_trainings_and_no_weights_for_balanced_classes():
    made = plan_by_rules(job(table(150)))
    assert made.facade == "hpo"
    assert "n_estimators" not in made.space.names
    assert "class_weight" not in made.space.names
    assert made.space["min_samples_leaf"].high == 11
    assert any("min_samples_leaf ends at 11 instead of 20" in reason for reason in made.space_reasons)
    assert made.numbers["n_trials"] == 50
    assert made.origin == "rules"


def test_the_middle_gets_several_families_and_a_large_table_boosting():
    assert plan_by_rules(job(table(900))).space.name == "Several families"
    assert plan_by_rules(job(table(6000))).space.name == "Histogram gradient boosting"
    wide = plan_by_rules(job(table(60, 90)))
    assert wide.space.name == "Linear model"
    assert "90 columns, encoded, for 45 rows to train on" in wide.space_reasons[0]


def test_many_classes_speak_against_boosting_which_trains_a_model_for_each():
    made = plan_by_rules(job(table(6000, classes=40)))
    assert made.space.name == "Random forest"
    assert "one model for each of 40 classes" in made.space_reasons[0]


def test_little_time_brings_budgets_and_a_contract_without_budgets_keeps_them_out():
    data = table(8000, 20)
    rows = recipes.recipes()["gradient_boosting"].space("classification").hyperparameters
    short = plan_by_rules(job(data, rows=(*rows, Hyperparameter("n_estimators", "constant", default=90))), time_s=100)
    assert short.facade == "multifidelity"
    assert {"min_budget", "max_budget"} <= set(short.numbers)
    assert short.numbers["wall_limit_s"] == 100
    assert "About 11 full trainings fit into 1.7 minutes" in short.facade_reason
    own = plan_by_rules(
        job(data, contract="loss", rows=(*rows, Hyperparameter("n_estimators", "constant", default=90))), time_s=100
    )
    assert own.facade in ("hpo", "blackbox")
    assert "min_budget" not in own.numbers
    assert own.numbers["n_trials"] == 11


def test_the_scenario_of_the_job_says_how_long_the_run_may_take_where_nobody_else_does():
    made = plan_by_rules(job(table(6000), wall_limit_s=30.0))
    assert made.numbers["wall_limit_s"] == 30.0
    assert "wall_limit_s" not in plan_by_rules(job(table(6000))).numbers
    assert "no time for the run was given" in plan_by_rules(job(table(6000))).remarks[0]


@pytest.mark.parametrize("time_s", [0, -1, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(time_s):
    with pytest.raises(GenerateError, match="give more than 0, or none"):
        plan_by_rules(job(table(100)), time_s=time_s)


def test_a_space_of_ones_own_stays_and_what_no_recipe_knows_is_named():
    own = Hyperparameter("flux", "float", low=0.0, high=1.0)
    made = plan_by_rules(job(table(300), rows=[own]))
    assert made.space.hyperparameters == (own,)
    assert "your own" in made.space_reasons[0]
    assert any("'flux' means nothing" in r for r in made.remarks)
    assert any("`flux`" in step for step in made.plan)


def test_a_space_of_constants_is_one_configuration():
    made = plan_by_rules(job(table(300), rows=[Hyperparameter("max_depth", "constant", default=3)]))
    assert (made.facade, made.numbers["n_trials"]) == ("random", 1)


def test_the_plan_speaks_of_the_columns_that_there_are():
    made = plan_by_rules(job(table(700, gaps=True, words=12)))
    text = made.plan_text
    assert "gaps of `x0` as `imputation` says" in text
    assert "`word` into one column a value" in text
    assert "imputation" in made.space.names
    assert text.startswith("1. Put a quarter of the 700 rows aside")
    skewed = table(700)
    skewed = replace(skewed, y=pd.Series(["c0"] * 650 + ["c1"] * 50))
    assert "13.0 times the rows of the rarest" in plan_by_rules(job(skewed)).plan_text


def test_what_is_proposed_is_data_that_json_holds():
    import json

    made = plan_by_rules(job(table(150)))
    data = json.loads(json.dumps(made.to_dict()))
    assert list(data) == ["facade", "scenario", "plan", "space", "origin", "model", "remarks"]
    assert all(number["reason"] for number in data["scenario"])
    assert Space.from_dict(data["space"]) == made.space


shapes = st.builds(
    table,
    st.integers(12, 400),
    st.integers(1, 9),
    classes=st.integers(2, 5),
    kind=st.sampled_from(["classification", "regression"]),
    gaps=st.booleans(),
    words=st.sampled_from([0, 3, 50]),
    seed=st.integers(0, 3),
)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(shapes, st.sampled_from(["loss", "model", "metrics"]), st.sampled_from([None, 0.5, 20, 3600]), st.integers(1, 4))
def test_any_table_gets_the_same_plan_twice_and_one_that_fits_and_that_the_composer_can_write(
    data, contract, time_s, workers
):
    asked = job(data, contract=contract, workers=workers)
    made = plan_by_rules(asked, time_s=time_s)
    assert made == plan_by_rules(asked, time_s=time_s)
    assert space.problems(made.space) == ()
    space.default(made.space)
    scenario = replace(asked.scenario, **made.numbers)
    facades.check(facades.get(made.facade), contracts.get(contract), made.space, scenario)
    assert all([made.facade_reason, made.plan, made.space_reasons, *(n.reason for n in made.scenario)])
    planned = replace(asked, space=made.space, facade=made.facade, scenario=scenario, plan=made.plan_text)
    compile(generate.compose(planned).code, "train.py", "exec")
