"""The loss is measured on data that nothing was fitted on."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import SHUFFLES, made
from workbench.rules._chance import LIMIT_ACCURACY, LIMIT_R2, limit, spread
from workbench.rules._mutation import Broken, after_split, statements
from workbench.rules._source import derived, functions, imported, names_in, qualified, walk

SPLITS = ("train_test_split", "split", "random_split")
STATISTICS = ("mean", "std", "median", "var", "min", "max", "quantile")
MIDDLES = ("mean", "std", "median", "var", "quantile", "percentile", "average")
OF_LABELS = ("LabelEncoder", "LabelBinarizer", "MultiLabelBinarizer")


def find(case: Case) -> Iterator[Seen]:
    """A scaler, an encoder or a statistic that is fitted on everything before the split."""
    for function in functions(case.tree):
        splits = [n for n in walk(function) if isinstance(n, ast.Call) and _splits(n)]
        if not splits:
            continue
        first = min(splits, key=lambda n: n.lineno)
        given = {name for argument in first.args for name in names_in(argument)}
        features = {n for n in given if not n.lower().startswith(("y", "label", "target"))}
        if not features:
            continue
        sources = _sources(function, features, first.lineno)
        names = imported(case.tree)
        for node in walk(function):
            if not isinstance(node, ast.Call) or node.lineno >= first.lineno:
                continue
            if _of_numpy(node, names) and isinstance(node.args[0], ast.Name) and node.args[0].id in sources:
                yield Seen.at(node, f"`{ast.unparse(node)[:60]}` is taken of all rows before they are split")
            if not isinstance(node.func, ast.Attribute):
                continue
            receiver = node.func.value
            if node.func.attr in ("fit", "fit_transform") and node.args and names_in(node.args[0]) & sources:
                if not _of_labels(receiver, function, names) and not _label(node.args[0]):
                    yield Seen.at(node, f"`{ast.unparse(node)[:60]}` is fitted on all rows before they are split")
            elif node.func.attr in STATISTICS and _table(receiver) in sources:
                yield Seen.at(node, f"`{ast.unparse(node)[:60]}` is taken of all rows before they are split")


def _of_numpy(node: ast.Call, names: dict[str, str]) -> bool:
    """A statistic of an array: `np.mean(X, axis=0)`."""
    module, _, name = qualified(node.func, names).rpartition(".")
    return module == "numpy" and name.removeprefix("nan") in MIDDLES and bool(node.args)


def _table(node: ast.expr) -> str:
    """The name of the table that columns are taken of: `X[numbers]`, `X.iloc[:, 1:]`, `X.values`."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.slice).lower().startswith(("'y", "'target", "'label")):
        return ""
    while isinstance(node, ast.Subscript) or (
        isinstance(node, ast.Attribute) and node.attr in ("loc", "iloc", "values")
    ):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _splits(node: ast.Call) -> bool:
    name = ast.unparse(node.func).rpartition(".")[2]
    return name == "train_test_split" or (
        name == "split"
        and len(node.args) >= 1
        and isinstance(node.func, ast.Attribute)
        and not isinstance(node.args[0], ast.Constant)
    )


def _sources(function: ast.FunctionDef, features: set[str], line: int) -> set[str]:
    """The names before the split from which the features that are split come."""
    known = set(features)
    for node in walk(function):
        if isinstance(node, ast.Assign) and node.lineno < line:
            targets = {n.id for t in node.targets for n in walk(t) if isinstance(n, ast.Name)}
            if targets & known:
                known |= {
                    n for n in names_in(node.value) if n.lower().startswith(("x", "data", "feature", "df", "frame"))
                }
    return known & derived(function, known)


def _label(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id.lower().startswith(("y", "label", "target"))


def _of_labels(receiver: ast.expr, function: ast.FunctionDef, names: dict[str, str]) -> bool:
    """Whether it is an encoder of labels, which knows the names of classes and no more."""
    made_from: list[ast.expr] = [receiver]
    if isinstance(receiver, ast.Name):
        made_from = [
            n.value
            for n in walk(function)
            if isinstance(n, ast.Assign) and any(isinstance(t, ast.Name) and t.id == receiver.id for t in n.targets)
        ]
    return any(isinstance(m, ast.Call) and qualified(m.func, names).rpartition(".")[2] in OF_LABELS for m in made_from)


def calls(case: Case) -> Mapping[str, Call]:
    """The made-up table with its labels, and with labels shuffled four times."""
    watched = made(case)
    real = Call(**{**watched.__dict__, "observe": (*watched.observe, "fits")})
    return {"real": real, **{f"shuffled {s}": made(case, shuffle=s) for s in SHUFFLES}}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Rows that were fitted and then measured on; with shuffled labels, a score far above chance."""
    shuffled = [r for name, r in replies.items() if name.startswith("shuffled")]
    real = replies["real"]
    if real.status != "success" or any(r.status != "success" for r in shuffled):
        return [Seen("unknown", "the function does not train on the made-up table, so a leak cannot be seen")]
    measured = [p for p in real.facts.get("predicted", ()) if p["rows"]]
    if measured and all(p["fitted"] > p["rows"] / 20 for p in measured):
        best = min(measured, key=lambda p: float(p["fitted"]) / float(p["rows"]))
        text = f"{best['fitted']} of the {best['rows']} rows that {best['class']} was measured on had been fitted"
        return [Seen("fail", text, call=calls(case)["real"])]
    call = calls(case)[f"shuffled {SHUFFLES[0]}"]
    key, most = ("accuracy", LIMIT_ACCURACY) if case.job.dataset.task == "classification" else ("r2", LIMIT_R2)
    scores = [r.metrics[key] for r in shuffled if key in r.metrics]
    tail = "(chance of a false alarm below 0.1 %)"
    if len(scores) == len(shuffled):
        score, deviation = spread(scores)
        if score > most:
            text = (
                f"labels shuffled at random still give {key} {score:.3f} ± {deviation:.3f} over {len(scores)} shuffles"
            )
            return [Seen("fail", f"{text}; held-out rows cannot give more than {most} {tail}", call=call)]
        return []
    cost, deviation = spread(r.cost for r in shuffled if r.cost is not None)
    allowed = limit(case.job.dataset.task, real.cost or 0.0)
    text = f"labels shuffled at random cost {cost:.3f} ± {deviation:.3f} over {len(shuffled)} shuffles; by chance it is"
    if cost < allowed.leak:
        return [Seen("fail", f"{text} {allowed.chance}: the loss is not of held-out rows {tail}", call=call)]
    if cost < allowed.doubt:
        return [Seen("unknown", f"{text} {allowed.chance}: which loss it is cannot be told")]
    return []


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Measured on what was trained on; trained on everything; scaled before the split."""
    for broken in after_split(tree, "{1}, {3} = {0}, {2}"):
        yield "measured on the training rows", broken
    for broken in after_split(tree, "{1}, {3} = {0}[: len({3})], {2}[: len({3})]"):
        yield "measured on some training rows", broken
    for broken in after_split(tree, "{0}, {2} = X, y"):
        yield "trained on every row", broken
    for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
        splits = [s for s in function.body if "train_test_split(X" in ast.unparse(s) and isinstance(s, ast.Assign)]
        if splits:
            copy = deepcopy(tree)
            twin = next(n for n in ast.walk(copy) if isinstance(n, ast.FunctionDef) and n.name == function.name)
            at = function.body.index(splits[0])
            scaled = "from sklearn.preprocessing import StandardScaler as _Scaler\nX = _Scaler().fit_transform(X)"
            twin.body[at:at] = statements(scaled)
            yield "scaled before the split", ast.fix_missing_locations(copy)


RULE = Rule(
    id="held-out",
    group="evaluation",
    level={"*": "must"},
    text="Measure the loss on data that nothing was fitted on: split first, then fit scalers, encoders and the "
    "model on the training part alone.",
    find=find,
    probe=Probe(calls, judge),
    examples=(
        Example("accuracy_score(y_valid, model.predict(X_valid))", "accuracy_score(y_train, model.predict(X_train))"),
        Example("    numbers = [i for", "    X_train, y_train = X, y\n    numbers = [i for"),
    ),
    mutate=mutate,
    order=280,
)
