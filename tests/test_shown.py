"""Every noun as the last line of a notebook's cell."""

from __future__ import annotations

from html.parser import HTMLParser

import pandas as pd
import pytest

from workbench.nouns import (
    Candidate,
    Clause,
    Condition,
    Finding,
    Forbidden,
    Hyperparameter,
    Prior,
    Prompt,
    Relation,
    Report,
    Scenario,
    Space,
    Trial,
    shown,
)
from workbench.session import Session

EVIL = "<script>alert('x')</script>"
FINDING = Finding("seeded", "must", "fail", f"no seed in {EVIL}", sentence="Seed it.", line=3, snippet=EVIL)
ROWS = (
    Hyperparameter(EVIL, "float", 0.1, 1.0, True, prior=Prior("normal", 0.5, 1.0)),
    Hyperparameter("b", "categorical", choices=(EVIL, "y"), weights=(1.0, 2.0)),
)
SPACE = Space(ROWS, (Condition("b", (Clause(EVIL, "<", 0.5),)),), (Forbidden((Relation(EVIL, "==", "b"),)),), name=EVIL)
NOUNS = [
    SPACE,
    Scenario(n_trials=1234),
    Prompt(EVIL * 500, (), EVIL, "0" * 12, 10),
    Candidate(EVIL, "model", model=EVIL, note=EVIL),
    FINDING,
    Report("0" * 12, (FINDING, Finding("short", "should", "pass", "fine")), calls=2),
    Trial(3, {"a": EVIL}, 9.0, 0, "crashed", None, error=EVIL),
    Trial(4, {"a": 0.123456}, None, 0, "success", 0.25, {"accuracy": 0.75}),
]


class Balanced(HTMLParser):
    """Fails where a tag is not closed, or closed twice."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag not in ("script", "style", "img")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("noun", NOUNS, ids=lambda n: type(n).__name__)
def test_a_noun_shows_itself_small_and_escaped(noun) -> None:
    text = noun._repr_html_()
    Balanced(text)
    assert len(text) < 20_000
    assert "background: transparent" in text or "<table" not in text, "the page's own colours, light or dark"


def test_a_dataset_shows_its_columns_and_none_of_its_rows(tmp_path) -> None:
    session = Session(tmp_path / "runs")
    frame = pd.DataFrame({f"c{i}": [f"secret {i} {j}" for j in range(60)] for i in range(40)} | {"y": [0, 1] * 30})
    text = session.load(frame, target="y", name=EVIL)._repr_html_()
    words = Balanced(text).words
    assert "60 rows, 40 features, classification of 'y'" in words
    assert "… and 11 more" in words
    assert "secret" not in words
    assert session.space._repr_html_().count("<tr>") == len(session.space.space) + 1


def test_a_report_counts_passes_and_lists_the_rest() -> None:
    words = Balanced(NOUNS[5]._repr_html_()).words
    assert "1 pass, 1 fail, 0 unknown; 2 calls" in words
    assert "seeded" in words
    assert "short" not in words


def test_a_run_shows_how_far_it_is_and_its_best_trial() -> None:
    words = Balanced(shown.run(EVIL, "running", (4, 1000), NOUNS[7])).words
    assert f"Run {EVIL}running, 4 of 1,000 trials; best cost 0.25 in trial 4".replace(EVIL, f"{EVIL} ") in words
