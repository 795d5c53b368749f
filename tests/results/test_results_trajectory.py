"""Incumbents, tables and words of a run."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_runs import made_run

from workbench import results
from workbench.nouns import Trial


def trial(number: int, cost: float | None, budget: float | None = None, status: str = "success", **config) -> Trial:
    error = "" if status == "success" else "ValueError: no such depth"
    return Trial(number, config or {"depth": number}, budget, 0, status, cost, {}, number - 1.0, 1.0, error)  # type: ignore[arg-type]


def test_the_incumbent_is_the_best_so_far_without_budgets():
    trials = [trial(1, 0.5), trial(2, 0.7), trial(3, 0.3), trial(4, 0.3)]
    assert [(p.number, p.elapsed_s, p.budget_spent, p.cost) for p in results.trajectory(trials)] == [
        (1, 1.0, 1.0, 0.5),
        (3, 3.0, 3.0, 0.3),
    ]
    assert results.incumbent(trials) is trials[2]


def test_a_higher_budget_takes_over_even_at_a_higher_cost():
    trials = [trial(1, 0.2, 1.0), trial(2, 0.5, 9.0), trial(3, 0.1, 1.0), trial(4, 0.4, 9.0)]
    assert [(p.number, p.budget_spent, p.cost) for p in results.trajectory(trials)] == [
        (1, 1.0, 0.2),
        (2, 10.0, 0.5),
        (4, 20.0, 0.4),
    ]


def test_a_failed_trial_spends_its_budget_and_is_never_the_incumbent():
    trials = [trial(1, None, 9.0, "crashed"), trial(2, 0.5, 9.0)]
    assert [(p.number, p.budget_spent) for p in results.trajectory(trials)] == [(2, 18.0)]
    assert results.incumbent([trials[0]]) is None


@settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.floats(-1e9, 1e9)), st.sampled_from([1.0, 3.0, 9.0]), st.integers(0, 3)),
        max_size=40,
    )
)
def test_the_last_incumbent_is_the_best_at_the_highest_budget(drawn):
    trials = [
        trial(i + 1, cost, budget, "crashed" if cost is None else "success", depth=depth)
        for i, (cost, budget, depth) in enumerate(drawn)
    ]
    done = [t for t in trials if t.cost is not None]
    best = results.incumbent(trials)
    if not done:
        assert best is None
    else:
        top = max(t.budget for t in done)
        assert best is not None
        assert best.cost == min(t.cost for t in done if t.budget == top)


def test_the_trials_table_keeps_inactive_hyperparameters_missing():
    trials = [trial(1, 0.5, kernel="rbf", gamma=0.1), trial(2, None, status="timeout", kernel="linear")]
    table = results.trials_table(trials)
    assert list(table.index) == [1, 2]
    assert list(table["status"]) == ["success", "timeout"]
    assert table.loc[1, "cfg.gamma"] == 0.1
    assert math.isnan(table.loc[2, "cfg.gamma"])
    assert math.isnan(table.loc[2, "cost"])


def test_the_trials_table_of_no_trials_has_its_columns():
    table = results.trials_table([])
    assert len(table) == 0
    assert {"status", "cost", "budget", "seconds"} <= set(table.columns)
    assert str(table["cost"].dtype) == "float64"


def test_the_runs_table_compares_runs_by_their_incumbents(tmp_path):
    several = ([trial(1, 0.5), trial(2, 0.4)], [], [trial(1, None, status="crashed")])
    runs = [made_run(tmp_path, trials, seed=seed, n_trials=3) for seed, trials in enumerate(several)]
    table = results.runs_table(runs)
    assert list(table.index) == [r.folder.name for r in runs]
    assert list(table["trials"]) == [2, 0, 1]
    assert list(table["failed"]) == [0, 0, 1]
    assert list(table["seed"]) == [0, 1, 2]
    assert set(table["group"]) == {"random"}
    assert table["best"].iloc[0] == 0.4
    assert table["at_trial"].iloc[0] == 2
    assert table["best"].isna().sum() == 2
    assert list(results.runs_table([]).columns) == list(table.columns)


def test_budgets_that_rank_alike_correlate_and_budgets_that_rank_in_reverse_anticorrelate():
    trials = [
        trial(3 * i + j, sign * float(i), budget, depth=i)
        for i in range(5)
        for j, (budget, sign) in enumerate([(1.0, 1), (3.0, 1), (9.0, -1)])
    ]
    table = results.rank_correlation(trials)
    assert table[["low", "high", "n"]].values.tolist() == [[1, 3, 5], [1, 9, 5], [3, 9, 5]]
    assert table["spearman"].tolist() == pytest.approx([1.0, -1.0, -1.0])


def test_two_shared_configurations_or_equal_costs_are_too_few_to_correlate():
    table = results.rank_correlation([trial(i, float(i), b, depth=i) for i in range(2) for b in (1.0, 3.0)])
    assert (table["n"].tolist(), table["spearman"].isna().tolist()) == ([2], [True])
    table = results.rank_correlation([trial(i, 0.5, b, depth=i) for i in range(9) for b in (1.0, 3.0)])
    assert (table["n"].tolist(), table["spearman"].isna().tolist()) == ([9], [True])
    assert len(results.rank_correlation([trial(1, 0.5)])) == 0


def test_importance_finds_the_hyperparameter_that_the_cost_depends_on():
    trials = [
        trial(i + 1, (i % 7 - 3) ** 2 + 0.01 * (i % 2), depth=i % 7, noise=(i * 37) % 11, kind="ab"[i % 2])
        for i in range(70)
    ]
    found = results.importance(trials)
    assert found.table.index[0] == "depth"
    assert found.table["share"].iloc[0] > 0.8
    assert found.score > 0.5
    assert found.table["permutation"].idxmax() == "depth"
    assert found.note.startswith("fANOVA of a random forest on 70 trials")


def test_importance_of_few_trials_says_how_many_it_needs():
    found = results.importance([trial(i + 1, 0.1 * i) for i in range(4)])
    assert len(found.table) == 0
    assert found.note == "Importance needs 10 successful trials at the highest budget; there are 4."


def test_the_alternative_text_tells_what_the_figure_shows():
    trials = [trial(1, 0.5, 1.0), trial(2, None, 1.0, "crashed"), trial(3, 0.25, 1.0)]
    assert results.alt_text(trials) == (
        "Trajectory of 3 trials, 1 of them failed: from cost 0.5 (trial 1, budget 1) to 0.25 (trial 3, budget 1) "
        "in 3.0 s, with 1 change of the incumbent."
    )
    assert results.alt_text([]) == "Trajectory: no trial has finished yet."
    assert results.alt_text(trials[1:2]) == "Trajectory of 1 trial, 1 of them failed: none succeeded."
    assert results.alt_text(trials[:1]) == "Trajectory of 1 trial: the best cost is 0.5 (trial 1, budget 1)."


def test_the_summary_of_a_run_reads_whole():
    trials = (trial(1, 0.5, depth=3, kernel="rbf"), trial(2, None, status="crashed"), trial(3, 0.25, depth=5, lr=1e-3))
    run = SimpleNamespace(
        folder=Path("runs/one"), state="finished", progress=(3, 3), trials=trials, error="", objectives=("loss",)
    )
    assert results.summary(run) == "\n".join(  # type: ignore[arg-type]
        [
            "one: finished, 3 of 3 trials (2 success, 1 crashed) in 3.0 s",
            "",
            "Best cost 0.25 (trial 3)",
            "  depth  5",
            "  lr     0.001",
            "",
            "Trajectory",
            "  trial  elapsed  cost",
            "      1    1.0 s   0.5",
            "      3    3.0 s  0.25",
            "",
            "Failed trials",
            "  1 × crashed: ValueError: no such depth",
            "",
            f"run folder: {Path('runs/one')}",
        ]
    )


def test_the_summary_of_a_run_that_failed_says_why():
    run = SimpleNamespace(
        folder=Path("runs/x"), state="failed", progress=(0, 9), trials=(), error="no data folder", objectives=("loss",)
    )
    assert results.summary(run) == (  # type: ignore[arg-type]
        f"x: failed, 0 of 9 trials\n\nError: no data folder\n\nrun folder: {Path('runs/x')}"
    )


def test_a_long_trajectory_is_shortened_in_the_middle():
    trials = tuple(trial(i + 1, 1.0 / (i + 1)) for i in range(40))
    run = SimpleNamespace(
        folder=Path("r"), state="running", progress=(40, 50), trials=trials, error="", objectives=("loss",)
    )
    text = results.summary(run)  # type: ignore[arg-type]
    assert "  … 28 more\n" in text
    assert text.count(" s  ") == 12
