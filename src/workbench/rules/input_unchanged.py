"""The caller's data is as it was after the call."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import call, default_call
from workbench.rules._mutation import Broken, at_start


def calls(case: Case) -> Mapping[str, Call]:
    """As frames, and as arrays, which are changed in place more easily."""
    return {"frames": default_call(case), "arrays": call(case, variant={"kind": "array"})}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Fingerprints before and after."""
    for name, made in calls(case).items():
        changed = replies[name].facts.get("input")
        if changed:
            what = " and ".join(f'dataset["{key}"]' for key in changed)
            yield Seen("fail", f"{what} changed during the call (given as {name})", call=made)
            return


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """The caller's data is changed in place."""
    frame = "if hasattr(dataset['X'], 'iloc'):\n    "
    for what, code in (
        ("a value of X is overwritten", frame + "dataset['X'].iloc[0, :] = dataset['X'].iloc[1, :].to_numpy()"),
        ("a column is added to X", frame + "dataset['X']['number'] = range(len(dataset['X']))"),
        (
            "the columns of X are renamed",
            frame + "dataset['X'].columns = [f'c{i}' for i in range(dataset['X'].shape[1])]",
        ),
        ("y is turned round in place", "dataset['y'][:] = list(dataset['y'])[::-1]"),
        ("X is taken out of the dict", "taken = dataset.pop('X')\ndataset = {**dataset, 'X': taken}"),
        ("something is added to the dict", "dataset['seen'] = True"),
    ):
        yield what, at_start(tree, code)


RULE = Rule(
    id="input-unchanged",
    group="data",
    level={"*": "must"},
    text="Leave the caller's data as it is: copy before you change.",
    probe=Probe(calls, judge),
    examples=(Example('y = dataset["X"], np.asarray(dataset["y"])', 'y = dataset["X"], np.asarray(dataset.pop("y"))'),),
    mutate=mutate,
    order=230,
)
