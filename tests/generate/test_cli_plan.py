"""`workbench plan`, as a person runs it, offline and against a server on loopback."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from plan_server import PLAN, PlanServer, changed

from waiting import LIMIT_S
from workbench.nouns import Space
from workbench.space import from_yaml

JOB = ("plan", "--data", "builtin:iris")


@pytest.fixture
def server():
    with PlanServer() as serving:
        yield serving


@pytest.fixture
def workbench(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def run(*words, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "workbench.cli", *map(str, words)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout, done.stderr

    return run


def test_the_four_parts_are_printed_with_their_reasons_and_the_space_is_kept_for_a_run(workbench, tmp_path):
    out, err = workbench(*JOB, "--time", 300, "--save-space", "proposed.yaml")
    heads = [line for line in out.splitlines() if line and not line.startswith(" ")]
    assert heads[:5] == [
        "Facade: Hyperparameter optimisation (hpo)",
        "Scenario:",
        "Plan for train:",
        "Space:",
        "Why this space:",
    ]
    assert "  n_trials 50: About 10 for each of 5 hyperparameters." in out
    assert "  wall_limit_s 300: The time that you gave for the run." in out
    assert "  1. Put a quarter of the 150 rows aside" in out
    assert "Proposed by rules, without a model." in out
    assert err == ""
    names = from_yaml((tmp_path / "proposed.yaml").read_text()).names
    assert "max_depth" in names
    code = workbench("compose", *JOB[1:], "--space", "proposed.yaml")[0]
    assert all(name in code for name in names)


def test_json_holds_the_space_as_data_and_a_difference_says_what_the_job_has(workbench):
    data = json.loads(workbench(*JOB, "--format", "json")[0])
    assert data["facade"]["id"] == "hpo"
    assert Space.from_dict(data["space"]).names
    out = workbench(*JOB, "--facade", "random", "--trials", 50, "--format", "diff")[0]
    assert "# facade\n--- yours\n+++ proposed\n" in out
    assert "-Random search (random)" in out
    assert "# scenario\nnothing to change" in out


def test_a_model_on_a_server_plans_and_its_use_is_told(workbench, server):
    server.replies += [changed("facade.id", "bohb"), PLAN]
    words = ("--base-url", server.url, "--model", "planner")
    out, err = workbench(*JOB, *words)
    assert "Proposed by planner.\nAsked twice; the first reply could not be used: no facade named 'bohb'" in out
    assert "  - degree: integer from 2 to 5, default 3; active only when kernel" in out
    assert "tokens in" in err


def test_a_plan_that_cannot_be_used_a_wrong_time_and_a_wrong_template_are_one_line_each(workbench, server, tmp_path):
    server.replies += [changed("space.hyperparameters.0.default", 500)] * 2
    words = ("--base-url", server.url, "--model", "planner")
    assert "the default of 'C', 500.0, is outside its range" in workbench(*JOB, *words, code=2)[1].splitlines()[-1]
    assert workbench(*JOB, "--time", 0, code=2)[1].startswith("workbench: the time for the run is 0 s")
    (tmp_path / "mine.md.j2").write_text("{{ colour }}")
    told = workbench(*JOB, *words, "--plan-variant", "mine.md.j2", code=2)[1]
    assert told.startswith("workbench: mine")
    assert "colour" in told
