"""A failing call as a script that shows it again, outside the workbench."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench import contracts, space
from workbench.check.sample import MADE_ROWS, chosen_rows, sample
from workbench.nouns import Call, Case, Dataset
from workbench.worker import variants

READERS = {".csv": "read_csv", ".tsv": "read_table", ".parquet": "read_parquet", ".feather": "read_feather"}
READERS |= {".xlsx": "read_excel", ".gz": "read_csv", ".json": "read_json"}


def snippet(case: Case, call: Call) -> str:
    """Python that makes the same call with the function in `train.py`; numpy, pandas and ConfigSpace do."""
    lines = ["# the same call, outside the workbench: run it beside train.py"]
    imports = ["import numpy as np", "import pandas as pd", "from ConfigSpace import Configuration"]
    body = _made(case.job.dataset.task) if call.data == "made" else _own(case.job.dataset, call)
    body += _variant(case, call)
    lines += [*imports, "", "from train import train", "", *body, ""]
    lines += space.to_python(case.job.space).rstrip().splitlines()
    lines += ["", *_configuration(call)]
    arguments = ["cfg", "dataset", f"seed={call.seed}"]
    if case.takes_budget:
        arguments.append(f"budget={call.budget}")
    if call.model_dir is not None:
        arguments.append(f"model_dir={call.model_dir!r}")
    lines.append(f"print(train({', '.join(arguments)}))")
    return "\n".join(lines) + "\n"


def _own(dataset: Dataset, call: Call) -> list[str]:
    """The person's table, with the rows that the call saw."""
    target = dataset.target
    if dataset.X_test is not None or dataset.holdout is not None or dataset.types:
        return _inline(dataset, call)
    if dataset.source.startswith("builtin:"):
        name = dataset.source.removeprefix("builtin:")
        without = f".drop(columns={list(dataset.dropped)!r})" if dataset.dropped else ""
        lines = [
            f"from sklearn.datasets import load_{name}",
            "",
            f"table = load_{name}(as_frame=True)",
            f"X, y = table.data{without}, table.target.rename({target!r})",
        ]
    else:
        path = Path(dataset.source)
        reader = READERS.get(path.suffix.lower())
        read = f"pd.{reader}({str(path)!r})" if reader else "...  # your table"
        lines = [f"table = {read}", f"table = table.dropna(subset=[{target!r}]).reset_index(drop=True)"]
        left = [target, *dataset.dropped]
        lines.append(f"X, y = table.drop(columns={left!r}), table[{target!r}]")
        if any("infinite" in notice.text for notice in dataset.profile.notices):
            lines.append("X = X.replace([np.inf, -np.inf], np.nan)")
    rows = _rows(dataset, call)
    if len(rows) < dataset.rows:
        lines.append(f"rows = {rows.tolist()}")
        lines.append("X, y = X.iloc[rows].reset_index(drop=True), y.iloc[rows].reset_index(drop=True)")
    return lines


def _rows(dataset: Dataset, call: Call) -> np.ndarray:
    """The numbers of the rows that the call saw."""
    rows = chosen_rows(dataset)
    if "rows" in call.variant and call.variant["rows"] < len(rows):
        random = np.random.default_rng(int(call.variant.get("seed", 0)))
        picked = variants.sample_rows(
            dataset.y.iloc[rows], int(call.variant["rows"]), dataset.task == "classification", random
        )
        rows = rows[picked]
    return rows


def _inline(dataset: Dataset, call: Call) -> list[str]:
    """The rows themselves, where rows were put aside or columns read otherwise: the file alone does not say how."""
    rows = _rows(dataset, call)
    parts = {"": (dataset.X.iloc[rows], dataset.y.iloc[rows])}
    small = sample(dataset)
    if small.X_test is not None and small.y_test is not None:
        parts["_test"] = (small.X_test, small.y_test)
    lines = ["import io", ""]
    for part, (X, y) in parts.items():
        text = X.assign(**{dataset.target: y.to_numpy()}).to_csv(index=False)
        lines += [f"table = pd.read_csv(io.StringIO({text!r}){_kinds(X)})"]
        lines += [f"X{part}, y{part} = table.drop(columns=[{dataset.target!r}]), table[{dataset.target!r}]"]
    return lines


def _kinds(X: pd.DataFrame) -> str:
    """What CSV loses of the types, as arguments of `read_csv`."""
    kinds = {str(n): str(d) for n, d in X.dtypes.items() if str(d) in ("category", "str")}
    dates = [str(n) for n, d in X.dtypes.items() if d.kind == "M"]
    return (f", dtype={kinds!r}" if kinds else "") + (f", parse_dates={dates!r}" if dates else "")


def _made(task: str) -> list[str]:
    """The made-up table, as `workbench.check.sample.made_up` makes it."""
    lines = [
        f"values = np.random.default_rng(0).normal(size=({MADE_ROWS}, 6))",
        'X = pd.DataFrame(values, columns=[f"feature {i}" for i in range(6)])',
        "ranks = np.argsort(np.argsort(values[:, 0] + 0.5 * values[:, 1]))",
    ]
    if task == "classification":
        return [*lines, f"y = pd.Series((ranks >= {MADE_ROWS // 2}).astype(int))"]
    return [*lines, f"y = pd.Series((ranks + 0.5) / {MADE_ROWS} * np.sqrt(12.0))"]


def _variant(case: Case, call: Call) -> list[str]:
    """The changes to the data, one line for each, in the order of `workbench.worker.variants`."""
    variant = call.variant
    lines: list[str] = []
    if "columns" in variant:
        lines.append(f"X = X.iloc[:, : {variant['columns']}]")
    if "classes" in variant:
        lines.append("order = np.argsort(np.argsort(X.iloc[:, 0].to_numpy(), kind='stable'), kind='stable')")
        lines.append(f"y = pd.Series((order * {variant['classes']} // len(order)).astype(int))")
    if variant.get("labels") == "str":
        lines.append('y = "class " + y.astype(str)')
    if "shuffle" in variant:
        lines.append(f"y = y.iloc[np.random.default_rng({variant['shuffle']}).permutation(len(y))].set_axis(y.index)")
    names = {"X": "X", "y": "y"}
    with_test = contracts.get(case.job.contract).takes_test
    if with_test and "test" not in variant and call.data == "main" and case.job.dataset.X_test is not None:
        names |= {"X_test": "X_test", "y_test": "y_test"}
    if with_test and "test" in variant:
        lines += [
            "order = np.random.default_rng(0).permutation(len(X))",
            f"cut = max(1, round(len(X) * {variant['test']}))",
            "X_test, y_test = X.iloc[order[:cut]], y.iloc[order[:cut]]",
            "X, y = X.iloc[order[cut:]].reset_index(drop=True), y.iloc[order[cut:]].reset_index(drop=True)",
        ]
        names |= {"X_test": "X_test", "y_test": "y_test"}
        if "shuffle_test" in variant:
            seed = variant["shuffle_test"]
            lines.append(f"y_test = y_test.iloc[np.random.default_rng({seed}).permutation(cut)].set_axis(y_test.index)")
    if "length" in variant:
        lines.append(f"y = y.iloc[: {variant['length']}]")
    if variant.get("kind") in ("array", "tensor"):
        lines.append("codes = lambda c: c.astype(float) if c.dtype.kind in 'biuf' else c.astype('category').cat.codes")
        names = {n: f"{n}.apply(codes).to_numpy(float)" if n.startswith("X") else f"{n}.to_numpy()" for n in names}
    if variant.get("kind") == "tensor":
        lines.append("import torch")
        numbers = case.job.dataset.y.dtype.kind in "biuf"
        names = {n: f"torch.as_tensor({v})" if n.startswith("X") or numbers else v for n, v in names.items()}
    inside = ", ".join(f'"{n}": {v}' for n, v in names.items())
    return [*lines, f"dataset = {{{inside}}}"]


def _configuration(call: Call) -> list[str]:
    if not call.numpy_types:
        return [f"cfg = Configuration(space, values={dict(call.config)!r})"]
    kinds: dict[type[Any], str] = {bool: "np.bool_", int: "np.int64", float: "np.float64", str: "np.str_"}
    inside = ", ".join(f"{n!r}: {kinds.get(type(v), '')}({v!r})" for n, v in call.config.items())
    return [f"cfg = {{{inside}}}  # as numpy scalars"]
