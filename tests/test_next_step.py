"""What comes next, from the first table to the results, in the words of the session."""

from __future__ import annotations

from waiting import until
from workbench.nouns import Space
from workbench.session import Session


def test_each_state_of_the_session_names_the_step_that_comes_next(tmp_path) -> None:
    session = Session(tmp_path / "runs")
    assert session.next_step() == ("data", "Load a table: a built-in set will do for a first look.")
    (tmp_path / "t.csv").write_text("a,b,c\n" + "\n".join(f"{i},{i % 7},{i % 2}" for i in range(60)))
    session.read(tmp_path / "t.csv")
    assert session.next_step() == ("data", "Choose the column that train shall predict.")
    session.choose_target("c")
    assert session.next_step() == ("function", "Have the function written, by the offline composer.")

    session.facade = "hyperband"
    session.contract = "loss"
    step, text = session.next_step()
    assert step == "optimiser"
    assert text.startswith("Choose what fits together: Hyperband varies the budget")
    session.facade = "hpo"

    session.generate()
    assert session.next_step() == ("function", "Check the function against the rule book.")
    session.edit("def train(cfg, dataset, seed):\n    return 'low'\n")
    session.check()
    step, text = session.next_step()
    assert step == "function"
    assert "in the way: have the function repaired, or edit it." in text
    session.generate()
    session.check()
    assert session.next_step() == ("run", "Start the run: its trajectory grows while you watch.")


def test_after_a_run_its_results_come_next(tmp_path) -> None:
    session = Session(tmp_path / "runs")
    session.load("builtin:iris")
    session.space.replace(Space())
    assert session.next_step() == ("space", "Apply a preset, or add the first hyperparameter.")
    session.preset("decision_tree")
    session.generate()
    session.check()
    session.set_scenario(n_trials=9000)
    run = session.run()
    run.pause()
    until(lambda: session.run_state == "paused")
    done = run.progress[0]
    assert session.next_step() == ("run", f"The run is paused after {done:,} of 9,000 trials: resume it, or stop it.")
    run.stop()
    until(lambda: session.run_state == "stopped")
    assert session.next_step() == ("results", "See what the run found, and compare it with others.")
