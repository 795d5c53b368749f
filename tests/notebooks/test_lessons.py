"""The lessons, with their exercises solved, in a kernel; and the checks, given nothing and given mistakes."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from waiting import LIMIT_S

from workbench.nouns import Finding, Report

LESSONS = Path(__file__).resolve().parents[2] / "notebooks" / "lessons"
SOLUTIONS = {
    "1_spaces_and_facades": {
        "range": 'wb.space["C"] = (0.001, 1000.0)',
        "log": "below_one_on_log, below_one_on_linear = 0.5, 0.999 / 999.999",
        "condition": 'wb.space["coef0"] = (0.0, 1.0)\nwb.space.add_condition("coef0 active when kernel == poly")',
        "active": "share_with_gamma = sum('gamma' in c for c in drawn) / len(drawn)",
        "best": "lowest = wb.comparison()['median'].idxmin()",
        "seeds": "run_with('multifidelity', seed=1)\nrun_with('hpo', seed=1)",
    },
    "2_multi_fidelity": {
        "rounds": """\
def rounds(low, high):
    found, configurations, budget = [], 1, high
    while budget >= low - 1e-9:
        found.insert(0, (configurations, budget))
        configurations, budget = 3 * configurations, budget / 3
    return found
""",
        "cost": "full_trainings = sum(n * b for n, b in rounds(1, 27)) / 27",
        "spearman": """\
def spearman(a, b):
    return np.corrcoef(np.argsort(np.argsort(a)), np.argsort(np.argsort(b)))[0, 1]
""",
        "read": "first = results.rank_correlation(hyperband.trials).iloc[0]\n"
        "rho, configurations = first['spearman'], int(first['n'])",
        "trust": "lowest_budget = min(b for b in curves if spearman(curves[b], curves[27]) >= 0.8)",
    },
    "3_prompts_as_specifications": {
        "find": 'rule_of_the_scaler = "held-out"',
        "mute": 'wb.mute("seeded")',
        "predict": 'will_fail = "seeded"',
        "repair": 'wb.edit(broken.replace("random_state=None", "random_state=seed") + "\\n# mended\\n")\n_ = wb.check()',
        "reword": 'wb.reword({"seeded": "Whatever is random takes its seed from the argument of that name."})',
        "plan": 'wb.plan = "Prefer shallow trees, since there are few rows."',
    },
}
TRIALS = {"1_spaces_and_facades": 3, "2_multi_fidelity": 40, "3_prompts_as_specifications": 3}


def exercises(notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    return {c.id.removeprefix("exercise-"): c for c in notebook.cells if "exercise" in c.metadata.get("tags", [])}


def test_there_is_a_solution_for_every_lesson_and_every_exercise():
    assert sorted(p.stem for p in LESSONS.glob("*.ipynb")) == sorted(SOLUTIONS)
    for name, solved in SOLUTIONS.items():
        notebook = nbformat.read(LESSONS / f"{name}.ipynb", as_version=4)
        nbformat.validate(notebook)
        assert sorted(exercises(notebook)) == sorted(solved)
        for cell in exercises(notebook).values():
            assert "..." in cell.source, "an exercise comes unsolved"
        assert not any(cell.get("outputs") for cell in notebook.cells), "a lesson comes without results"


@pytest.mark.timeout(1500)  # a guard alone: on a machine with nothing else to do, a minute
@pytest.mark.parametrize("name", sorted(SOLUTIONS))
def test_a_lesson_with_its_exercises_solved_runs_to_its_end(name, tmp_path, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("WORKBENCH_LESSON_TRIALS", str(TRIALS[name]))
    notebook = nbformat.read(LESSONS / f"{name}.ipynb", as_version=4)
    for exercise, cell in exercises(notebook).items():
        cell.source = SOLUTIONS[name][exercise]
    client = NotebookClient(notebook, timeout=600, startup_timeout=LIMIT_S, iopub_timeout=LIMIT_S)
    client.resources = {"metadata": {"path": str(tmp_path)}}
    client.execute()
    said = "".join(o.get("text", "") for c in notebook.cells if c.cell_type == "code" for o in c.outputs)
    assert "✗" not in said, said
    assert said.count("✓") == len(SOLUTIONS[name])
    assert f"({len(SOLUTIONS[name])} of {len(SOLUTIONS[name])} exercises solved)" in said


REPORT = Report("digest", (Finding("seeded", "must", "fail", "it is not"), Finding("sign", "must", "pass", "fine")))


def checks():
    from workbench.lessons import fidelity, spaces, specifications

    return [spaces.check, fidelity.check, specifications.check]


def test_an_unsolved_exercise_says_what_to_do_and_never_raises(capsys):
    for check in checks():
        for name in check.checks:
            assert check(name, ...) is False
            assert capsys.readouterr().out.startswith(f"✗ {name}: replace the …")
    assert checks()[0]("nothing", 1) is False
    assert "there is no exercise 'nothing'" in capsys.readouterr().out


def test_a_lesson_that_nobody_has_solved_yet_raises_nothing_in_its_checks(tmp_path, capsys):
    """The answers as they come in the notebook, with a session as it is before anything was run."""
    from workbench.session import Session

    wb = Session(tmp_path)
    wb.load("builtin:wine")
    wb.preset("svm")
    spaces, fidelity, specifications = checks()
    given = [
        *((spaces, name, (wb,)) for name in ("range", "condition", "seeds")),
        (fidelity, "rounds", (lambda low, high: ...,)),
        (fidelity, "spearman", (lambda a, b: ...,)),
        *((specifications, name, (wb,)) for name in ("mute", "repair", "reword", "plan")),
    ]
    for check, name, answer in given:
        assert check(name, *answer) is False, name
        assert capsys.readouterr().out.startswith(f"✗ {name}: "), name


@pytest.mark.parametrize(
    ("lesson", "name", "answer", "hint"),
    [
        (0, "log", (0.1, 0.001), "in the middle"),
        (0, "log", (0.5, 0.5), "the linear scale"),
        (0, "active", ("many",), "count in how many"),
        (1, "rounds", (lambda low, high: [(27, low), (9, 3 * low)],), "has 2 rounds; by threes there are 4"),
        (1, "rounds", (lambda low, high: [(1, low), (1, 3 * low), (1, 9 * low), (1, 27 * low)],), "a third goes on"),
        (1, "cost", (27,), "add configurations times budget"),
        (1, "spearman", (lambda a, b: __import__("numpy").corrcoef(a, b)[0, 1],), "Pearson's"),
        (1, "spearman", (lambda a, b: 1 / 0,), "raised ZeroDivisionError"),
        (2, "find", ("scaler",), "is no rule"),
        (2, "find", ("seeded",), "another rule"),
        (2, "predict", ("held-out", REPORT), "whose?"),
        (2, "predict", (["seeded", "sign"], REPORT), "sign does not"),
    ],
)
def test_a_mistake_gets_a_hint_and_not_the_answer(lesson, name, answer, hint, capsys):
    assert checks()[lesson](name, *answer) is False
    assert hint in capsys.readouterr().out
