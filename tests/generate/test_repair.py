"""Repair: what a model is sent, what ends the rounds, and the versions that they leave."""

from __future__ import annotations

import pytest
from model_server import CODE, ModelServer

from workbench.generate.record import Record
from workbench.generate.repair import request
from workbench.generate.signatures import called, signatures
from workbench.nouns import Candidate, Finding, GenerateError, Report
from workbench.session import Session

QUICK = """\
from typing import Any

from ConfigSpace import Configuration
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import train_test_split


def train(cfg: Configuration, dataset: Any, seed: int, model_dir: str = None) -> float:
    X, y = dataset["X"], dataset["y"]
    model = DummyClassifier(strategy="prior", random_state=seed)
    model.fit(X, y, weight=None)
    return 1.0 - float(model.score(X, y))
"""
"""`fit` of scikit-learn's dummy takes no `weight`: each call fails in that line."""

READ = QUICK.replace("seed: int, model_dir: str = None) -> float", "seed, model_dir=None)")
"""Fails already when it is read: the signature is another."""


@pytest.fixture(scope="module")
def serving():
    with ModelServer() as server:
        yield server


@pytest.fixture
def server(serving):
    serving.requests.clear()
    return serving


@pytest.fixture
def session(tmp_path, monkeypatch, server):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    made = Session(tmp_path / "runs")
    made.load("builtin:iris")
    made.contract = "loss"
    made.use_model("scripted", base_url=server.url)
    return made


def good(session):
    """A function that keeps every must rule."""
    model, session.model = session.model, None
    code = session.generate().code
    session.model = model
    return code


def sent(server):
    return [r["messages"][0]["content"] for r in server.requests]


def test_the_calls_of_a_line_are_named_in_full():
    lines = QUICK.splitlines()
    at = {name: n for n, line in enumerate(lines, 1) for name in ("DummyClassifier(", "model.fit") if name in line}
    assert called(QUICK, [at["DummyClassifier("]]) == ("sklearn.dummy.DummyClassifier",)
    assert called(QUICK, [at["model.fit"]]) == ("sklearn.dummy.DummyClassifier.fit",)
    assert called("import numpy as np\nif np.isnan(1):\n    x = np.ones(3)\n", [2]) == ("numpy.isnan",)
    assert called("def broken(", [1]) == ()


def test_signatures_are_those_of_what_is_installed_and_a_name_that_is_none_says_what_there_is():
    code = "from sklearn.svm import SVC\nimport sklearn.ensemble as e\nSVC(C=1).fit(1, 2)\ne.RandomForestClasifier()\n"
    found = signatures(code, [3, 4])
    assert "sklearn.svm.SVC.fit(X, y, sample_weight=None)" in found
    assert any(s.startswith("sklearn.svm.SVC(*, C=1.0") for s in found)
    assert any(s.startswith("# sklearn.ensemble has no RandomForestClasifier; it has RandomForest") for s in found)


def test_a_module_that_is_no_known_library_is_not_imported(tmp_path, monkeypatch):
    (tmp_path / "planted.py").write_text("open('ran', 'w')")
    monkeypatch.chdir(tmp_path)
    assert signatures("import planted\nplanted.run()\n", [2]) == ()
    assert not (tmp_path / "ran").exists()


def test_what_is_sent_is_what_a_colleague_would_send(session):
    job = session.job()
    line = next(n for n, text in enumerate(QUICK.splitlines(), 1) if "model.fit" in text)
    finding = Finding(
        "every-configuration",
        "must",
        "fail",
        "train raised TypeError",
        sentence="Every configuration works.",
        line=line,
        snippet="cfg = Configuration(...)\ntrain(cfg)",
        traceback="TypeError: fit() got an unexpected keyword argument 'weight'",
    )
    other = Finding("short", "should", "fail", "long", sentence="Be short.")
    passed = Finding("seeded", "must", "pass", "kept", sentence="Use the seed.")
    text = request(Candidate(QUICK, "model"), Report("x", (other, finding, passed)), job).text
    assert text.index("### 1. `every-configuration` (must be kept), line ") < text.index("### 2. `short` (should")
    for part in (
        QUICK.strip(),
        "Asked: Every configuration works.",
        "Seen: train raised TypeError",
        "```python\nmodel.fit(X, y, weight=None)\n```",
        "unexpected keyword argument 'weight'",
        "cfg = Configuration(...)",
        "sklearn.dummy.DummyClassifier.fit(X, y, sample_weight=None)",
        "train(cfg: Configuration, dataset: Any, seed: int, model_dir: str = None) -> float",
    ):
        assert part in text
    assert "seeded" not in text
    assert len(text) < 6_000


def test_a_repair_ends_when_every_must_rule_holds_and_each_round_is_a_version_with_its_parent(session, server):
    mended = good(session)
    server.script = [CODE, mended]
    broken = session.edit(QUICK)
    repaired = session.repair(rounds=4)
    assert repaired.reason == "passes"
    assert repaired.text.startswith("repaired in 2 rounds: every must rule holds")
    assert session.candidate.code == mended
    assert [r.candidate.parent for r in repaired.rounds] == [broken.digest, repaired.rounds[0].candidate.digest]
    assert {r.candidate.digest for r in repaired.rounds} <= {c.digest for c in session.candidates}
    assert session.report.blocking == ()
    assert session.message.text == repaired.text
    first, second = sent(server)
    assert "sklearn.dummy.DummyClassifier.fit(X, y, sample_weight=None)" in first
    assert CODE.strip() in second
    assert "weight=None)" not in second  # not the whole history
    calls = Record().calls()
    assert [c.variant for c in calls] == ["repair", "repair"]
    assert calls[0].checks["must"]
    assert calls[1].checks["must"] == []


def test_the_same_finding_unchanged_twice_ends_it_and_both_are_shown(session, server):
    server.script = [
        READ.replace("def train", "# one\ndef train"),
        READ.replace("def train", "# two\n\ndef train"),
    ]
    session.edit(READ)
    repaired = session.repair(rounds=9, probe=False)
    assert (repaired.reason, len(repaired.rounds)) == ("unchanged", 2)
    (older, before), (newer, now) = repaired.same
    assert older.digest != newer.digest
    assert before.rule == now.rule
    assert now.line == before.line + 1
    assert f"in version 2, line {before.line} and version 3, line {now.line}: {now.message}" in repaired.text


def test_a_model_that_gives_the_same_text_back_is_not_asked_for_ever(session, server):
    server.script = [READ]
    session.edit(READ)
    repaired = session.repair(rounds=9, probe=False)
    assert repaired.reason == "unchanged"
    assert len(server.requests) == 2
    assert len(session.candidates) == 1


def test_a_repair_ends_after_its_rounds_and_the_version_that_breaks_least_is_current(session, server):
    server.script = [CODE]
    session.edit(READ)
    before = session.check(probe=False)
    repaired = session.repair(rounds=1, probe=False)
    assert repaired.reason == "rounds"
    assert repaired.text.startswith("still failing after 1 round: ")
    least = min(len(before.blocking), len(repaired.rounds[0].report.blocking))
    assert len(session.report.blocking) == least
    assert session.report.candidate == session.candidate.digest


def test_a_spent_budget_ends_it(session, server):
    server.script = [CODE]
    session.edit(READ)
    session.set_budget(calls=1)
    repaired = session.repair(rounds=5, probe=False)
    assert repaired.reason == "budget"
    assert "after 1 round: the budget of 1 calls is spent" in repaired.text


def test_cancel_ends_it(session, server):
    server.script = [CODE]
    session.edit(READ)
    session.observe(lambda change: session.cancel() if change["new"][0] == 1 else None, "repair_round")
    assert session.repair(rounds=5, probe=False).reason == "cancelled"
    assert session.repair_round == (0, 0)


def test_what_cannot_be_repaired_is_said(session):
    session.use_composer()
    with pytest.raises(GenerateError) as caught:
        session.repair()
    assert str(caught.value) == "no model is chosen, and the offline composer repairs nothing; choose one first"
    session.use_model("prose", base_url="http://127.0.0.1:9/v1", retries=0)
    with pytest.raises(GenerateError, match="there is no train function yet"):
        session.repair()
