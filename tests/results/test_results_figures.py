"""Figures: what is drawn, read back from the artists and from the pixels."""

from __future__ import annotations

import io
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import results
from workbench.nouns import Hyperparameter, Space, Trial


def make(count: int, budgets=(None,), seed: int = 0, factor: float = 1.0) -> list[Trial]:
    rng = np.random.default_rng(seed)
    trials = []
    for i in range(count):
        ok = i % 9 != 5
        config = {"lr": float(10 ** rng.uniform(-4, 0)), "depth": int(rng.integers(1, 9))}
        if i % 2:
            config["kernel"] = str(rng.choice(["rbf", "linear"]))
        cost = float(0.1 + factor * rng.random()) if ok else None
        status = "success" if ok else "crashed"
        trials.append(Trial(i + 1, config, budgets[i % len(budgets)], 0, status, cost, {}, i * 0.5, 0.5))
    return trials


def pixels(png: bytes) -> np.ndarray:
    from matplotlib.image import imread

    return imread(io.BytesIO(png), format="png")


def test_the_image_has_the_size_that_was_asked_for_times_the_scale():
    image = pixels(results.TrajectoryFigure(400, 200, scale=2).update(make(5)))
    assert image.shape[:2] == (400, 800)


@pytest.mark.parametrize("x", ["trials", "time", "budget"])
def test_each_axis_gives_another_picture(x):
    trials = make(30, (1.0, 3.0))
    others = {"trials", "time", "budget"} - {x}
    assert all(results.trajectory_png(trials, x=x) != results.trajectory_png(trials, x=o) for o in others)


def test_the_dark_theme_is_dark_and_the_light_one_light():
    dark = pixels(results.trajectory_png(make(5), dark=True))
    light = pixels(results.trajectory_png(make(5)))
    assert dark[..., :3].mean() < 0.3
    assert light[..., :3].mean() > 0.9


def test_the_step_line_goes_through_the_incumbents_and_on_to_the_end():
    trials = make(30)
    figure = results.TrajectoryFigure()
    figure.update(trials)
    xs, ys = figure._artists[0]["line"].get_data()
    points = results.trajectory(trials)
    assert list(xs) == [*(p.number for p in points), 30]
    assert list(ys) == [*(p.cost for p in points), points[-1].cost]


def test_failed_trials_are_crosses_and_every_other_trial_is_a_dot():
    trials = make(30, (1.0, 9.0))
    figure = results.TrajectoryFigure()
    figure.update(trials)
    drawn = {name: len(artist.get_xdata()) for name, artist in figure._artists[0].items()}
    assert drawn["failed"] == sum(t.status != "success" for t in trials)
    assert drawn["full"] == sum(t.budget == 9.0 for t in trials if t.cost is not None)
    assert drawn["part"] == sum(t.budget == 1.0 for t in trials if t.cost is not None)


def test_one_enormous_cost_does_not_flatten_the_others():
    trials = [*make(40), Trial(41, {}, None, 0, "success", 1e12)]
    figure = results.TrajectoryFigure()
    figure.update(trials)
    assert figure._axes.get_ylim()[1] < 2
    assert list(figure._artists[0]["above"].get_xdata()) == [41]


def test_costs_over_several_magnitudes_get_a_logarithmic_axis_and_negative_ones_never():
    figure = results.TrajectoryFigure()
    figure.update([Trial(i + 1, {}, None, 0, "success", 10.0**-i) for i in range(5)])
    assert figure._axes.get_yscale() == "log"
    figure.update([Trial(i + 1, {}, None, 0, "success", -(10.0**-i)) for i in range(5)])
    assert figure._axes.get_yscale() == "linear"


def test_a_redraw_uses_the_same_artists_and_shows_no_trace_of_the_last_drawing():
    figure = results.TrajectoryFigure()
    figure.update({"a": make(40), "b": make(20, seed=1)})
    artists = [id(a) for group in figure._artists for a in group.values()]
    again = figure.update(make(10))
    assert [id(a) for group in figure._artists for a in group.values()] == artists
    assert again == results.TrajectoryFigure().update(make(10))


def test_several_runs_differ_in_colour_and_in_line_style():
    figure = results.TrajectoryFigure()
    figure.update({"a": make(20), "b": make(20, seed=1), "c": make(20, seed=2)})
    lines = [group["line"] for group in figure._artists]
    assert len({line.get_color() for line in lines}) == 3
    assert len({line.get_linestyle() for line in lines}) == 3
    assert [t.get_text() for t in figure._axes.get_legend().get_texts()] == ["a", "b", "c", "failed"]


def test_no_trials_say_so_in_the_figure():
    figure = results.TrajectoryFigure()
    figure.update([])
    assert figure._note.get_text() == "no trial has finished yet"
    figure.update(make(3))
    assert figure._note.get_text() == ""


def test_threads_draw_at_once():
    figure = results.TrajectoryFigure()
    expected = figure.update(make(25))
    got: list[bytes] = []
    threads = [threading.Thread(target=lambda: got.append(figure.update(make(25)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [expected] * 4


def test_drawing_never_loads_pyplot():
    code = (
        "import sys\nfrom workbench import results\nfrom workbench.nouns import Trial\n"
        "t = [Trial(i, {'a': i}, None, 0, 'success', float(i)) for i in range(1, 9)]\n"
        "results.trajectory_png(t), results.parallel_coordinates_png(t), results.hyperparameters_png(t)\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False, width=32)), st.floats(0, 1e5)),
        max_size=25,
    ),
    st.sampled_from(["trials", "time", "budget"]),
)
def test_whatever_the_costs_are_there_is_a_picture(drawn, x):
    trials = [
        Trial(i + 1, {"a": i}, None, 0, "success" if cost is not None else "memory", cost, {}, start, 0.1)
        for i, (cost, start) in enumerate(sorted(drawn, key=lambda d: d[1]))
    ]
    assert results.TrajectoryFigure(300, 160, x=x, scale=1).update(trials).startswith(b"\x89PNG")


SPACE = Space(
    (
        Hyperparameter("lr", "float", 1e-4, 1.0, log=True),
        Hyperparameter("depth", "integer", 1, 9),
        Hyperparameter("kernel", "categorical", choices=("rbf", "linear")),
        Hyperparameter("never", "float", 0.0, 1.0),
    )
)


@pytest.mark.parametrize("draw", [results.parallel_coordinates_png, results.hyperparameters_png])
@pytest.mark.parametrize("space", [None, SPACE])
def test_figures_of_hyperparameters_take_conditional_ones_and_none_at_all(draw, space):
    full, one, none = draw(make(40), space), draw(make(1), space), draw([], space)
    assert len({full, one, none}) == 3
    assert pixels(draw(make(40), space, dark=True))[..., :3].mean() < 0.4


def test_a_dollar_sign_is_a_dollar_sign_and_no_formula():
    name, choices = "price_$ of $_", ("$1_$", "$2^$")
    space = Space((Hyperparameter(name, "categorical", choices=choices),))
    trials = [Trial(i + 1, {name: choices[i % 2]}, None, 0, "success", float(i), {}, i, 0.5) for i in range(3)]
    for draw in (results.parallel_coordinates_png, results.hyperparameters_png):
        assert draw(trials, space).startswith(b"\x89PNG")
    assert results.trajectory_png({"$a_$": trials, "b": trials}).startswith(b"\x89PNG")


@pytest.mark.parametrize("costs", [(0.5, 1e308), (1e308, 1e308), (-1e308, 1e308), (-1e308, 0.5)])
def test_the_largest_float_as_a_cost_is_off_the_axis(costs):
    trials = [Trial(i + 1, {"a": i}, None, 0, "success", cost, {}, i, 0.5) for i, cost in enumerate(costs * 6)]
    for some in (trials[:2], trials):
        assert results.trajectory_png(some).startswith(b"\x89PNG")
