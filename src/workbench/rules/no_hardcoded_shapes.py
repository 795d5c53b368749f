"""Numbers of rows, columns and classes come from the data."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import made
from workbench.rules._mutation import Broken, at_start
from workbench.rules._source import walk

COUNTS = (
    "n_classes",
    "num_classes",
    "num_class",
    "n_features",
    "num_features",
    "input_dim",
    "in_features",
    "input_size",
)
COUNTS_TOO = ("output_dim", "out_features", "n_samples", "n_outputs", "n_inputs", "n_rows", "n_cols", "n_channels")
OUTPUTS = ("output_dim", "out_features", "n_outputs")
LAYERS = (
    "Linear",
    "Dense",
    "Conv1d",
    "Conv2d",
    "Embedding",
    "LSTM",
    "GRU",
    "RNN",
    "Bilinear",
    "BatchNorm1d",
    "LayerNorm",
)
RESHAPES = ("reshape", "view", "resize")


def find(case: Case) -> Iterator[Seen]:
    """Number literals where a number of rows, columns or classes belongs."""
    data = case.job.dataset
    own = {data.rows: "rows", data.features: "columns"}
    if data.task == "classification":
        own.setdefault(len(data.classes), "classes")
    single = () if data.task == "classification" else OUTPUTS
    demanded = _demanded(case.tree)
    for node in walk(case.tree):
        if isinstance(node, ast.Call):
            yield from _call(node, own, single)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            if _counted(node.targets[0].id.lower(), node.value, single):
                yield Seen.at(node, f"`{ast.unparse(node)}` is written down; take it from the data")
        elif isinstance(node, ast.Compare) and any(isinstance(o, ast.Eq | ast.NotEq) for o in node.ops):
            if id(node) in demanded or any(_number(s) in (data.rows, data.features) for s in node.comparators):
                yield from _comparison(node)


def _demanded(tree: ast.AST) -> set[int]:
    """Comparisons that must hold, or must not: of an `assert`, and of an `if` that raises."""
    asserted = [n.test for n in walk(tree) if isinstance(n, ast.Assert)]
    tests = [n.test for n in walk(tree) if isinstance(n, ast.If) and _raises([*n.body, *n.orelse])]
    return {id(n) for test in (*asserted, *tests) for n in walk(test)}


def _raises(body: list[ast.stmt]) -> bool:
    return any(isinstance(n, ast.Raise) for statement in body for n in walk(statement))


def _counted(name: str, value: ast.expr, single: tuple[str, ...]) -> bool:
    """Whether a number is written down for a count; one output is right where the target is one number."""
    number = _number(value)
    return bool(number) and name in COUNTS + COUNTS_TOO and not (number == 1 and name in single)


def _call(node: ast.Call, own: dict[int, str], single: tuple[str, ...]) -> Iterator[Seen]:
    name = ast.unparse(node.func).rpartition(".")[2]
    for keyword in node.keywords:
        if _counted(keyword.arg or "", keyword.value, single):
            yield Seen.at(
                keyword.value, f"`{keyword.arg}={ast.unparse(keyword.value)}` is written down; take it from the data"
            )
    if name in LAYERS:
        for position, value in enumerate(node.args[:2]):
            number = _number(value)
            if number in own and number and (number > 1 or position == 0):
                text = f"in `{ast.unparse(node)[:60]}`, {number} is this table's number of {own[number]}"
                yield Seen.at(value, f"{text}; take it from the data")
    if name in RESHAPES:
        flat = [e for a in node.args for e in (a.elts if isinstance(a, ast.Tuple | ast.List) else [a])]
        for value in flat:
            if (_number(value) or 0) > 1:
                yield Seen.at(value, f"`{ast.unparse(node)[:60]}` fixes a shape; take it from the data")


def _comparison(node: ast.Compare) -> Iterator[Seen]:
    sides = [node.left, *node.comparators]
    shaped = any(isinstance(n, ast.Attribute) and n.attr == "shape" for s in sides for n in walk(s)) or any(
        isinstance(s, ast.Call) and ast.unparse(s.func) == "len" and s.args and _data(s.args[0]) for s in sides
    )
    sizes = [s for s in sides if (_number(s) or 0) > 1]
    whole = any(isinstance(s, ast.Call) and ast.unparse(s.func) == "len" and "shape" in ast.unparse(s) for s in sides)
    if shaped and sizes and not whole:
        yield Seen.at(node, f"`{ast.unparse(node)[:60]}` expects one shape; every table must do")


def _data(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id.lower() in ("x", "y", "data")


def _number(node: ast.AST) -> int | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    return None


def calls(case: Case) -> Mapping[str, Call]:
    """A made-up table with another number of rows and columns; and with four classes."""
    found = {"another shape": made(case)}
    if case.job.dataset.task == "classification":
        found["four classes"] = made(case, classes=4)
    return found


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Whether it trains there too."""
    for name, call in calls(case).items():
        reply = replies[name]
        if reply.status != "success":
            text = f"on another table (320 rows, 6 columns{', 4 classes' if 'four' in name else ''}): {reply.error}"
            yield Seen("fail", text, call=call, traceback=reply.traceback)


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Numbers of this table are written down."""
    rows, columns = job.dataset.rows, job.dataset.features
    classes = max(2, len(job.dataset.classes))
    for what, code in (
        (
            "the number of columns is expected",
            f"if dataset['X'].shape[1] != {columns}:\n    raise ValueError('columns')",
        ),
        ("the number of columns is reshaped to", f"import numpy\nnumpy.asarray(dataset['X']).reshape(-1, {columns})"),
        ("one row for each of this table's", f"import numpy\nnumpy.zeros({rows}) + numpy.arange(len(dataset['y']))"),
        ("the last column by its number", f"import numpy\nnumpy.asarray(dataset['X'])[:, {max(6, columns - 1)}]"),
    ):
        yield what, at_start(tree, code)
    if job.dataset.task == "classification":
        counted = f"import numpy\nif len(numpy.unique(dataset['y'])) > {classes}:\n    raise ValueError('classes')"
        yield "the number of classes is expected", at_start(tree, counted)
        yield "the number of classes is written down", at_start(tree, f"n_classes = {classes}\nprint(n_classes)")


RULE = Rule(
    id="no-hardcoded-shapes",
    group="data",
    level={"*": "must"},
    text="Take the numbers of rows, features, classes and channels from the data; write none of them into the code.",
    find=find,
    probe=Probe(calls, judge),
    examples=(
        Example(
            "    numbers = [i for", "    if X.shape[1] != 14:\n        raise ValueError(X.shape)\n    numbers = [i for"
        ),
        Example("torch.nn.Linear(units, len(classes))", "torch.nn.Linear(units, 2)", base="network"),
    ),
    mutate=mutate,
    order=210,
)
