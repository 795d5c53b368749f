"""The rule book holds what it promises: sentences, examples that fail, good functions that do not."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench import check, contracts, datasets, rules
from workbench.nouns import Job, Rule, Scenario

ROOT = Path(__file__).resolve().parents[2]
RULES = list(rules.rules().values())
BASES = [b for b in rules.BASES.values() if not b.needs or find_spec(b.needs) is not None]
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in RULES
    for number, example in enumerate(rule.examples)
    if example.base in {b.id for b in BASES}
]


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(3)
    n = 240
    frame = pd.DataFrame({f"x{i}": random.normal(size=n) for i in range(12)})
    frame["colour"] = random.choice(["red", "green", "blue"], n)
    frame["size"] = random.choice(["small", "large"], n)
    frame.loc[random.random(n) < 0.1, "x3"] = np.nan
    frame["target"] = np.where(frame["x0"] + 0.3 * random.normal(size=n) > 0, 1, 0)
    return datasets.make(frame, "target", name="mixed", source="mixed")


def job_of(base, table) -> Job:
    return Job(table, base.space, base.facade, base.contract, Scenario(min_budget=1.0, max_budget=27.0))


def test_no_rule_file_is_broken():
    assert rules.broken() == {}


def test_the_rule_book_has_every_rule_once():
    expected = (
        "code-only signature imports self-contained no-try-except every-configuration exact-names all-names cfg-access "
        "inactive-defaults plain-types bounds algorithm-choice validates-input no-hardcoded-shapes input-kinds "
        "input-unchanged small-data budget-none budget-used seeded held-out test-split sign overfitting return-type "
        "predict metric-keys saves-model unique-file loadable metadata gpu vectorised memory progress short"
    )
    assert [r.id for r in RULES] == expected.split()


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_speaks_under_every_contract_that_it_holds_for(rule: Rule):
    held = [c for c in contracts.contracts() if rule.level_for(c)]
    assert held
    for contract in held:
        sentence = rule.sentence(contract)
        assert sentence.endswith((".", ":"))
        assert len(sentence) < 300
    assert rule.find is not None or rule.probe is not None


@pytest.mark.parametrize("rule", [r for r in RULES if "must" in r.level.values()], ids=lambda r: r.id)
def test_a_must_rule_ships_examples_and_mutators(rule: Rule):
    assert rule.examples
    assert rule.mutate is not None


@pytest.mark.parametrize("base", BASES, ids=lambda b: b.id)
def test_a_good_function_has_no_must_finding_and_every_rule_decides(base, table):
    report = check.check(base.code, job_of(base, table))
    assert [f"{f.rule}: {f.message}" for f in report.blocking] == []
    assert [f"{f.rule}: {f.message}" for f in report.findings if f.level == "must" and f.verdict == "unknown"] == []
    assert report.calls < 40


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_bad_example_fails_its_rule(rule, example, table):
    base = rules.BASES[example.base]
    assert base.code.count(example.good) == 1, "the good line must stand in the base exactly once"
    code = base.code.replace(example.good, example.bad)
    ast.parse(code)
    job = job_of(base, table)
    findings = check.check(code, job, probe=False, only={rule.id}).findings
    if not any(f.rule == rule.id and f.verdict == "fail" for f in findings):
        findings = check.check(code, job, only={rule.id}).findings
    failed = [f for f in findings if f.rule == rule.id and f.verdict == "fail"]
    assert failed, [f.message for f in findings]
    assert failed[0].sentence == rule.sentence(base.contract)


@pytest.mark.parametrize("base", BASES, ids=lambda b: b.id)
def test_mutators_break_a_copy_and_give_code_that_parses(base, table):
    tree = ast.parse(base.code)
    before = ast.dump(tree)
    for rule in RULES:
        if rule.mutate is None or not rule.holds_for(job_of(base, table)):
            continue
        for what, broken in rule.mutate(tree, job_of(base, table)):
            assert what
            if rule.id != "code-only":
                ast.parse(ast.unparse(broken))
    assert ast.dump(tree) == before


def test_the_page_of_the_rules_is_what_the_rules_say():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "rules_doc.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
