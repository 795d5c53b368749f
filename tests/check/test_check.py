"""Reports: on code that is broken in every way, in every form, with proof that runs elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from workbench import check, datasets, rules
from workbench.check.case import configurations
from workbench.check.probing import LANES, Budget
from workbench.check.sample import made_up, sample
from workbench.nouns import Hyperparameter, Job, Report, Rule, Scenario, Space
from workbench.recipes import presets
from workbench.space import configuration, to_configspace

FOREST = rules.BASES["forest"]


@pytest.fixture(scope="module")
def csv(tmp_path_factory):
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"a": random.normal(size=300), "b": random.integers(0, 9, 300), "c": random.choice(list("xyz"), 300)}
    )
    frame["label"] = np.where(frame["a"] > 0, "yes", "no")
    path = tmp_path_factory.mktemp("data") / "table.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def job(csv):
    data = datasets.load(csv, target="label")
    return Job(data, FOREST.space, "hyperband", "model", Scenario(min_budget=1.0, max_budget=9.0))


def failed(report: Report) -> dict[str, str]:
    return {f.rule: f.message for f in report.findings if f.verdict == "fail"}


@pytest.mark.parametrize(
    ("code", "line", "message"),
    [
        ("def train(cfg, dataset, seed:\n    return 1\n", 1, "the code is not Python: '(' was never closed"),
        ("Here is the function:\n\ndef train(cfg): return 1", 1, "the code is not Python: invalid syntax"),
        ("x = 1\n" * 400_000, None, "the code has 2,400,000 characters; at most 200,000 are read"),
        ("x = " + "(" * 5000 + ")" * 5000, None, None),
        ("\0", None, None),
    ],
)
def test_code_that_does_not_parse_is_one_finding_on_its_line(job, code, line, message):
    report = check.check(code, job)
    (finding,) = report.findings
    assert (finding.rule, finding.verdict, finding.level) == ("code-only", "fail", "must")
    if message:
        assert (finding.line, finding.message) == (line, message)
    assert report.calls == 0


def test_a_function_that_is_not_there_is_said_and_nothing_is_called(job):
    report = check.check("def fit(cfg):\n    return 1.0\n", job)
    assert failed(report)["signature"] == "there is no function `train` at module level; it defines fit"
    assert report.calls == 0


def test_two_functions_train_are_one_too_many(job):
    report = check.static(FOREST.code + "\n\n" + FOREST.code[FOREST.code.index("def train") :], job)
    assert failed(report)["signature"] == "`train` is defined 2 times; one of them is meant"


def test_an_endless_function_ends_the_report_and_names_its_configuration(job):
    code = FOREST.code.replace("    trees = 50", "    while True:\n        pass\n    trees = 50")
    report = check.check(code, job, budget=Budget(call_s=1.0, total_s=20.0))
    assert 1 <= report.calls <= LANES  # the first of each worker, and no more
    message = failed(report)["every-configuration"]
    assert message.startswith("train took longer than 1 s and was stopped (cfg {max_depth=10")
    assert {f.verdict for f in report.findings if f.rule == "seeded"} == {"unknown"}


def test_a_function_that_kills_its_process_is_a_finding(job):
    code = FOREST.code.replace(
        "    trees = 50", "    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)\n    trees = 50"
    )
    report = check.check(code, job, only={"every-configuration", "return-type"})
    assert "every-configuration" in failed(report)
    assert report.calls > 1


def test_a_rule_that_raises_has_no_verdict_and_the_others_report(job, monkeypatch):
    def find(case):
        raise ZeroDivisionError("of the rule itself")

    known = dict(rules.rules())
    known["signature"] = Rule("signature", "reply", {"*": "must"}, "Broken on purpose.", find=find)
    monkeypatch.setattr(rules, "rules", lambda: known)
    report = check.static(FOREST.code, job)
    (broken,) = [f for f in report.findings if f.rule == "signature"]
    assert broken.verdict == "unknown"
    assert (
        broken.message
        == "the check itself failed (ZeroDivisionError: of the rule itself); this is a defect of the rule"
    )
    assert {f.rule for f in report.findings} >= {"imports", "seeded", "short"}


def test_a_rule_file_that_raises_on_import_is_said_once(job, monkeypatch):
    reason = "workbench.rules.mine raised on import: NameError: name 'x' is not defined"
    monkeypatch.setattr(rules, "broken", lambda: {"workbench.rules.mine": reason})
    (said,) = [f for f in check.static(FOREST.code, job).findings if f.rule == "mine"]
    assert (said.verdict, said.message) == ("unknown", reason)


def test_the_smallest_failing_configuration_is_shown_and_its_script_fails_outside_the_workbench(job, tmp_path):
    code = FOREST.code.replace(
        "    bootstrap = bool(", "    if max_depth > 25:\n        raise RuntimeError('too deep')\n    bootstrap = bool("
    )
    report = check.check(code, job, only={"every-configuration"})
    (finding,) = report.blocking
    assert "train raised RuntimeError: too deep (cfg {max_depth=30, max_features=0.5, bootstrap=True" in finding.message
    assert finding.line == code[: code.index("raise RuntimeError")].count("\n") + 1
    assert finding.traceback.splitlines()[-1] == "RuntimeError: too deep"
    assert "workbench" not in finding.snippet.replace("outside the workbench", "")
    (tmp_path / "train.py").write_text(code)
    (tmp_path / "again.py").write_text(finding.snippet)
    done = subprocess.run([sys.executable, "again.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "RuntimeError: too deep" in done.stderr


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (
            (
                "X_train, X_valid, y_train, y_valid = train_test_split(",
                "X_train, X_valid, y_train, y_valid = X, X, y, y #(",
            ),
            "held-out",
        ),
        (
            ("        bootstrap=bootstrap,", "        bootstrap=bool(bootstrap) if len(X) == 300 else 1 / 0,"),
            "no-hardcoded-shapes",
        ),
        (("if len(X) != len(y):", "X = X.iloc[: len(y)]\n    if False:"), "validates-input"),
    ],
)
def test_a_script_makes_the_call_that_it_stands_for(job, tmp_path, bad, rule):
    code = FOREST.code.replace(*bad)
    report = check.check(code, job, only={rule})
    finding = next(f for f in report.findings if f.rule == rule and f.verdict == "fail" and f.snippet)
    (tmp_path / "train.py").write_text(code)
    (tmp_path / "again.py").write_text(finding.snippet)
    done = subprocess.run([sys.executable, "again.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr or "train.py" in done.stderr, done.stderr
    assert "again.py" not in done.stderr.splitlines()[-3:][0] if done.stderr else True


def test_a_report_as_json_comes_back_equal_and_as_text_shows_line_sentence_and_count(job):
    code = FOREST.code.replace("random_state=seed,", "random_state=1,")
    report = check.static(code, job)
    assert Report.from_dict(json.loads(check.to_json(report))) == report
    text = check.to_text(report, code)
    assert "✗ seeded (must) line " in text
    assert "asked: Pass `seed` to every source of chance" in text
    assert text.splitlines()[-1].startswith(f"{len(report.blocking)} must and ")


def test_sarif_names_every_rule_and_places_every_finding(job):
    code = FOREST.code.replace("random_state=seed,", "random_state=1,")
    document = json.loads(check.to_sarif(check.static(code, job), code))
    (run,) = document["runs"]
    assert document["version"] == "2.1.0"
    known = {r["id"] for r in run["tool"]["driver"]["rules"]}
    assert {r["ruleId"] for r in run["results"]} <= known
    errors = [r for r in run["results"] if r["level"] == "error"]
    assert {r["kind"] for r in errors} == {"fail"}
    region = errors[0]["locations"][0]["physicalLocation"]["region"]
    assert code.splitlines()[region["startLine"] - 1][region["startColumn"] - 1 :].startswith("1")


def test_muting_does_not_happen_in_the_check_and_only_narrows_it(job):
    report = check.check(FOREST.code, job, probe=False, only={"seeded", "short"})
    assert [f.rule for f in report.findings] == ["seeded", "short"]


def test_probes_look_at_few_rows_with_every_class_and_at_another_table():
    frame = pd.DataFrame({"x": range(3000), "y": ["rare"] * 3 + ["a", "b", "c"] * 999})
    small = sample(datasets.make(frame, "y", name="t", source="t"))
    assert small.rows == 240
    assert set(small.y) == {"rare", "a", "b", "c"}
    for task in ("classification", "regression"):
        made = made_up(task)
        assert (made.rows, made.features) == (320, 6)
    assert made_up("regression").y.var() == pytest.approx(1.0, rel=0.01)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_configurations_tried_cover_every_choice_and_both_sides_of_each_condition(task):
    for preset in presets(task):
        space: Space = preset.space
        tried = configurations(space)
        assert len(tried) <= 40
        for h in space.hyperparameters:
            seen = {c[h.name] for c in tried if h.name in c}
            if h.choices:
                assert seen == set(h.choices), (preset.id, h.name)
            elif h.kind != "constant":
                assert seen & {h.low, h.high}, (preset.id, h.name)
        for condition in space.conditions:
            assert {condition.child in c for c in tried} == {True, False}


def test_the_ends_of_a_range_with_more_digits_than_configspace_keeps_are_those_that_it_keeps():
    made = Space((Hyperparameter("x", "float", low=0.24354947456098563, high=0.8932242461171777, log=True),))
    known = to_configspace(made)
    tried = configurations(made)
    assert {c["x"] for c in tried} >= {known["x"].lower, known["x"].upper}
    for config in tried:
        configuration(known, config)


def test_nothing_is_left_of_a_report_in_the_temporary_folder(job, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    check.check(FOREST.code, job, only={"return-type"})
    assert list(tmp_path.iterdir()) == []
    shutil.rmtree(tmp_path)


def test_a_script_holds_the_rows_themselves_where_a_test_part_was_put_aside(csv, tmp_path):
    data = datasets.load(csv, target="label", test_share=0.2)
    base = rules.BASES["scores"]
    job = Job(data, base.space, "hyperband", "metrics", Scenario(min_budget=1.0, max_budget=9.0))
    code = base.code.replace("    algorithm = str(", "    print(len(y), len(y_held))\n    1 / 0\n    algorithm = str(")
    finding = check.check(code, job, only={"every-configuration"}).blocking[0]
    (tmp_path / "train.py").write_text(code)
    (tmp_path / "again.py").write_text(finding.snippet)
    done = subprocess.run([sys.executable, "again.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "ZeroDivisionError" in done.stderr
    assert done.stdout.split() == ["240", "60"]
