"""What is known is found at once, and what SMAC decides stays the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench import facades
from workbench import space as spaces
from workbench.nouns import Hyperparameter, Scenario, Space

SPACE = Space(
    (
        Hyperparameter("x", "float", 0.0, 1.0),
        Hyperparameter("n", "integer", 1, 6),
        Hyperparameter("kind", "categorical", choices=("a", "b")),
    )
)


def driven(made: Any, trials: int) -> list[dict[str, Any]]:
    from smac.runhistory import TrialValue

    asked = []
    for _ in range(trials):
        info = made.ask()
        config = dict(info.config)
        asked.append(config)
        made.tell(info, TrialValue(cost=(config["x"] - 0.3) ** 2 + abs(config["n"] - 4) / 9, time=0.1), save=False)
    return asked


def stock(name: str, scenario: Scenario, output: Path) -> Any:
    """SMAC's own facade of that name, asked in the same way."""
    import smac

    from workbench.facades._smac import asked, smac_scenario

    made = smac_scenario(spaces.to_configspace(SPACE, seed=3), scenario, str(output), budgets=False)
    return asked(getattr(smac, facades.get(name).smac_class), made)


def test_random_search_proposes_the_same_configurations_as_smac_as_it_comes(tmp_path: Path) -> None:
    scenario = Scenario(n_trials=80, seed=3)
    ours = facades.get("random").build(spaces.to_configspace(SPACE, seed=3), scenario, str(tmp_path / "ours"))
    assert driven(ours, 80) == driven(stock("random", scenario, tmp_path / "stock"), 80)


def test_a_gaussian_process_and_smacs_own_search_propose_the_same_configurations(tmp_path: Path) -> None:
    from smac import BlackBoxFacade

    from workbench.facades._smac import asked, found_at_once, process, smac_scenario

    scenario = Scenario(n_trials=4, seed=3)
    made = smac_scenario(spaces.to_configspace(SPACE, seed=3), scenario, str(tmp_path / "ours"), budgets=False)
    parts = found_at_once(BlackBoxFacade, made)
    ours = asked(BlackBoxFacade, made, model=process(BlackBoxFacade, made), **parts)
    assert driven(ours, 5) == driven(stock("blackbox", scenario, tmp_path / "stock"), 5)


def test_a_configuration_that_lost_is_found_among_the_rejected_and_the_incumbent_is_not(tmp_path: Path) -> None:
    made = facades.get("random").build(
        spaces.to_configspace(SPACE, seed=0), Scenario(n_trials=40, seed=0), str(tmp_path)
    )
    driven(made, 30)
    rejected, (incumbent,) = made.intensifier.get_rejected_configs(), made.intensifier.get_incumbents()
    others = [c for c in made.runhistory.get_configs() if c != incumbent]
    assert len(rejected) == len(list(rejected)) == len(others) >= 20
    assert all(c in rejected for c in others)
    assert incumbent not in rejected
    assert spaces.to_configspace(SPACE, seed=9).sample_configuration() not in rejected


def test_no_configuration_is_proposed_twice_where_there_are_few(tmp_path: Path) -> None:
    few = Space((Hyperparameter("n", "integer", 1, 6), Hyperparameter("x", "float", 0.0, 1.0)))
    made = facades.get("hpo").build(spaces.to_configspace(few, seed=0), Scenario(n_trials=30, seed=0), str(tmp_path))
    asked = driven(made, 25)
    assert len({tuple(sorted(c.items())) for c in asked}) == 25


def test_the_record_knows_what_smacs_own_would_know(tmp_path: Path) -> None:
    from smac.runhistory import TrialValue
    from smac.runhistory.runhistory import RunHistory

    scenario = Scenario(n_trials=12, seed=3)
    made = facades.get("random").build(spaces.to_configspace(SPACE, seed=3), scenario, str(tmp_path))
    history, told = made.runhistory, []
    for number, cost in enumerate([3.0, 1.0, 2.0, 5.0, 0.5, 4.0]):
        info = made.ask()
        told.append(info)
        made.tell(info, TrialValue(cost=[cost], time=0.1), save=False)
        own = list(history.objective_bounds)
        RunHistory._update_objective_bounds(history)
        assert own == list(history.objective_bounds), f"after trial {number}"
    history.add(config=told[3].config, cost=[2.5], seed=told[3].seed, budget=told[3].budget, force_update=True)
    assert history.objective_bounds == [(0.5, 4.0)], "a cost that was taken back counts no more"
