"""Several runs over each other: groups, medians, bands, what is said beside them."""

from __future__ import annotations

import numpy as np
import pytest
from made_runs import CODE, made_run, made_trials
from matplotlib.image import imread

from workbench import results
from workbench.nouns import Trial


def costs(*values: float | None, budgets: tuple[float | None, ...] = (None,)) -> list[Trial]:
    return [
        Trial(i + 1, {"x": i}, budgets[i % len(budgets)], 0, "crashed" if c is None else "success", c, {}, i * 2.0, 1.0)
        for i, c in enumerate(values)
    ]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    root = tmp_path_factory.mktemp("groups")
    made = [made_run(root, made_trials(20, seed), "random", seed=seed) for seed in range(4)]
    made += [made_run(root, made_trials(20, 10 + seed), "hpo", seed=seed) for seed in range(2)]
    return made


def test_runs_that_differ_in_the_seed_alone_are_one_group(runs):
    made = results.groups(runs)
    assert [(g.label, g.seeds) for g in made] == [("random", (0, 1, 2, 3)), ("hpo", (0, 1))]
    assert results.remarks(made) == ()


def test_another_function_or_number_of_trials_is_another_group_and_the_label_says_which(runs, tmp_path):
    other = made_run(tmp_path, made_trials(20), "random", CODE + "# other\n", seed=9)
    shorter = made_run(tmp_path, made_trials(5), "random", seed=9)
    labels = [g.label for g in results.groups([runs[0], other, shorter])]
    assert len(set(labels)) == 3
    assert all("function " in label and " trials" in label for label in labels)
    assert "5 trials" in labels[2]


def test_the_median_and_band_are_those_of_the_incumbents():
    found = results.band([costs(5, 3, 4), costs(9, 8, 1), costs(2, 2, 2)])
    assert found.at.tolist() == [1, 2, 3]
    assert found.median.tolist() == [5, 3, 2]
    assert (found.low.tolist(), found.high.tolist()) == ([2, 2, 1], [9, 8, 3])
    assert found.what == "lowest to highest"


def test_from_four_seeds_on_the_band_lies_between_the_quartiles():
    found = results.band([costs(c) for c in (1.0, 2.0, 3.0, 4.0, 5.0)])
    assert (found.low[0], found.median[0], found.high[0], found.what) == (2.0, 3.0, 4.0, "quartiles")


def test_a_band_speaks_only_of_where_every_run_has_an_incumbent():
    found = results.band([costs(None, None, 4, 3), costs(9, 8)])
    assert len(found.at) == 0
    found = results.band([costs(None, 4, 3, 2), costs(9, 8, 7)])
    assert found.at.tolist() == [2, 3]
    assert found.median.tolist() == [6, 5]
    assert len(results.band([costs(None), costs(1)]).at) == 0


def test_with_budgets_only_the_highest_one_counts():
    found = results.band([costs(0.1, 0.9, 0.1, 0.8, budgets=(1.0, 9.0))], "budget")
    assert found.at.tolist() == [10.0, 20.0]
    assert found.median.tolist() == [0.9, 0.8]


def test_over_time_a_run_without_budgets_and_on_the_budget_axis_each_of_its_trials_counts_in_full():
    assert results.band([costs(3, 2)], "time").at.tolist() == [1.0, 3.0]
    assert results.band([costs(3, 2)], "budget", full=9.0).at.tolist() == [9.0, 18.0]


def test_what_does_not_compare_is_said(runs, tmp_path):
    import dataclasses

    twice = results.groups([runs[0], runs[0], runs[4]])
    assert results.remarks(twice) == (
        "random has a seed more than once: its band tells less of chance than it seems.",
        "hpo has one seed: another seed may change the order.",
    )
    other = dataclasses.replace(twice[1], asked={**twice[1].asked, "data": "other (123456)"})
    assert "different datasets" in results.remarks([twice[0], other])[0]


def test_the_incumbent_table_has_the_lowest_median_first_and_the_best_configuration(runs):
    made = results.groups(runs)
    found = results.comparison_table(made)
    assert set(found.index) == {"random", "hpo"}
    assert found["median"].is_monotonic_increasing
    row = found.loc["random"]
    bests = [results.incumbent(r.trials) for r in made[0].runs]
    assert row["median"] == np.median([b.cost for b in bests])
    assert row["low"] == min(b.cost for b in bests)
    best = min(bests, key=lambda b: b.cost)
    assert row["cfg.lr"] == best.config["lr"]
    assert row["at_trial"] == best.number
    assert (row["runs"], row["trials"]) == (4, 20)


def test_the_table_of_a_group_without_a_success_is_a_row_of_gaps(tmp_path):
    found = results.comparison_table(results.groups([made_run(tmp_path, costs(None, None))]))
    assert found["median"].isna().all()
    assert found["best_run"].tolist() == [""]


@pytest.mark.parametrize("x", ["trials", "time", "budget"])
def test_the_figure_of_bands_is_drawn_light_and_dark_and_told_in_words(runs, x):
    import io

    made = results.groups(runs)
    light, dark = (results.bands_png(made, x=x, dark=d) for d in (False, True))
    assert imread(io.BytesIO(light))[..., :3].mean() > 0.85
    assert imread(io.BytesIO(dark))[..., :3].mean() < 0.35
    assert light == results.bands_png(made, x=x)
    text = results.bands_text(made, x)
    assert text.startswith("random: over 4 runs the median cost is ")
    assert ", quartiles " in text
    assert "hpo: over 2 runs" in text


def test_a_figure_without_an_incumbent_says_so(tmp_path):
    made = results.groups([made_run(tmp_path, costs(None))])
    assert results.bands_png(made).startswith(b"\x89PNG")
    assert results.bands_text(made) == "random: no moment at which every run has an incumbent."
