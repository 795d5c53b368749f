"""A test part is for measuring, all the rest for training."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import OBSERVED, made
from workbench.rules._chance import LIMIT_ACCURACY, LIMIT_R2
from workbench.rules._mutation import Broken, edited, statements
from workbench.rules._source import walk

SHARE = 0.3
ROWS = 320


def find(case: Case) -> Iterator[Seen]:
    """Whether `X_test` is looked for."""
    if case.train is None:
        return
    texts = {n.value for n in walk(case.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    for name in ("X_test", "y_test"):
        if name not in texts:
            yield Seen.at(case.train, f'`dataset["{name}"]` is never looked for')
            return


def calls(case: Case) -> Mapping[str, Call]:
    """The made-up table with a test part; and with the labels of the test part shuffled."""
    watched = (*OBSERVED, "fits")
    return {
        "test": made(case, test=SHARE),
        "shuffled": call_with(made(case, test=SHARE, shuffle_test=21), watched),
    }


def call_with(call: Call, observe: tuple[str, ...]) -> Call:
    """The same call, with more observed."""
    return Call(**{**call.__dict__, "observe": observe})


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Shuffled test labels give chance; every row for training, and no other, is fitted."""
    plain, shuffled = replies["test"], replies["shuffled"]
    call = calls(case)["shuffled"]
    if plain.status != "success" or shuffled.status != "success":
        error = plain.error or shuffled.error
        yield Seen("fail", f"with a test part: {error}", call=call, traceback=plain.traceback or shuffled.traceback)
        return
    key, most = ("accuracy", LIMIT_ACCURACY) if case.job.dataset.task == "classification" else ("r2", LIMIT_R2)
    score = shuffled.metrics.get(key)
    if score is None:
        yield Seen("unknown", f"there is no {key!r} to compare with chance")
    elif score > most:
        rows = round(ROWS * SHARE)
        yield Seen(
            "fail",
            f"with the labels of {rows} test rows shuffled, {key} is {score:.3f}; it is not measured on the test part "
            "(chance of a false alarm below 0.1 %)",
            call=call,
        )
    fitted = [f["rows"] for f in shuffled.facts.get("fits", ()) if f.get("rows")]
    training = ROWS - round(ROWS * SHARE)
    if fitted and max(fitted) < training:
        yield Seen("fail", f"with a test part, `fit` sees {max(fitted)} of {training} rows for training", call=call)
    elif fitted and max(fitted) > training:
        yield Seen(
            "fail",
            f"`fit` sees {max(fitted)} rows where {training} are for training: it is given the test part",
            call=call,
        )


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """The test part is passed over, trained on, or a part of X is left out."""

    def looks(node: ast.AST) -> bool:
        return isinstance(node, ast.If) and "X_test" in ast.unparse(node.test)

    def never(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.If)
        node.test = ast.Constant(False)
        return node

    def adding(code: str) -> Callable[[ast.AST], ast.AST]:
        def change(node: ast.AST) -> ast.AST:
            assert isinstance(node, ast.If)
            node.body += statements(code)
            return node

        return change

    for broken in edited(tree, looks, never):
        yield "the test part is passed over", broken
    for broken in edited(tree, looks, adding("X_held, y_held = X_fit, y_fit")):
        yield "measured on the training rows", broken
    for broken in edited(tree, looks, adding("X_fit, y_fit = X_fit[: len(y_fit) // 2], y_fit[: len(y_fit) // 2]")):
        yield "half of the rows are trained on", broken
    for broken in edited(tree, looks, adding("X_fit, y_fit = X_held, y_held")):
        yield "trained on the test part", broken


RULE = Rule(
    id="test-split",
    group="evaluation",
    level={"metrics": "must"},
    text="Where `dataset` has `X_test` and `y_test`, train on all of `X` and measure on them, and split "
    "nothing; else split off 20 to 30 % and measure there.",
    find=find,
    probe=Probe(calls, judge),
    examples=(Example('if dataset.get("X_test") is not None:', "if False:", base="scores"),),
    mutate=mutate,
    order=290,
)
