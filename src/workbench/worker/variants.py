"""Changes to a dataset before a call, made in the child: how probes see the same function on other data.

A variant is a dict of changes, applied in the order of this page:

====================  =====================================================================================
`where: [str, str]`   the rows of both parts where this column, as text, has this value
`rows: int`           a sample of that many rows, every class kept, drawn with `seed`
`columns: int`        the first so many feature columns
`classes: int`        the target replaced by so many classes that follow from the data (classification)
`labels: "str"`       class labels as strings
`shuffle: int`        the target shuffled with this seed
`test: float`         this share of the rows given as `X_test` and `y_test` (contracts with a test part)
`shuffle_test: int`   the target of the test part shuffled with this seed
`kind: "array"`       `X` as a float array (text as codes), `y` as an array
`kind: "tensor"`      the same as PyTorch tensors (`y` only where it is numbers)
`without: int`        without this row
`length: int`         `y` cut to so many rows, to see a mismatch noticed
====================  =====================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.nouns import Dataset, Value
from workbench.nouns.instance import as_text

if TYPE_CHECKING:
    import pandas as pd


def apply(dataset: Dataset, variant: Mapping[str, Any], *, with_test: bool) -> dict[str, Any]:
    """The dict that `train` is given: `X`, `y`, and the test part where there is one and the contract takes it.

    The frames are copies: nothing that `train` does to them outlives the call.
    """
    import numpy as np
    import pandas as pd

    X, y = dataset.X, dataset.y
    if not variant:
        given: dict[str, Any] = {"X": X.copy(), "y": y.copy()}
        if with_test and dataset.X_test is not None and dataset.y_test is not None:
            given |= {"X_test": dataset.X_test.copy(), "y_test": dataset.y_test.copy()}
        return given
    random = np.random.default_rng(int(variant.get("seed", 0)))
    if "rows" in variant and variant["rows"] < len(X):
        chosen = sample_rows(y, int(variant["rows"]), dataset.task == "classification", random)
        X, y = X.iloc[chosen], y.iloc[chosen]
    X_test, y_test = dataset.X_test, dataset.y_test
    if "where" in variant:
        X, y = _where(X, y, *variant["where"])
        if X_test is not None and y_test is not None:
            X_test, y_test = _where(X_test, y_test, *variant["where"])
    trained = len(X)
    if with_test and "test" not in variant and X_test is not None and y_test is not None:
        X, y = pd.concat([X, X_test]), pd.concat([y, y_test])  # both parts change alike
    X, y = X.reset_index(drop=True), y.reset_index(drop=True)
    if "columns" in variant:
        X = X.iloc[:, : int(variant["columns"])]
    if "classes" in variant:
        y = _classes(X, y, int(variant["classes"]))
    if variant.get("labels") == "str":
        y = "class " + y.astype(str)
    X_test, y_test = X[trained:].reset_index(drop=True), y[trained:].reset_index(drop=True)
    X, y = X[:trained], y[:trained]
    if "shuffle" in variant:
        y = _shuffled(y, int(variant["shuffle"]))
    if with_test and "test" in variant:
        order = random.permutation(trained)
        cut = max(1, round(trained * float(variant["test"])))
        held, kept = order[:cut], order[cut:]
        X_test, y_test = X.iloc[held].reset_index(drop=True), y.iloc[held].reset_index(drop=True)
        X, y = X.iloc[kept].reset_index(drop=True), y.iloc[kept].reset_index(drop=True)
    if "shuffle_test" in variant:
        y_test = _shuffled(y_test, int(variant["shuffle_test"]))
    if "without" in variant:
        row = int(variant["without"])
        X, y = X.drop(index=row).reset_index(drop=True), y.drop(index=row).reset_index(drop=True)
    if "length" in variant:
        y = y.iloc[: int(variant["length"])]
    given = {"X": X.copy(), "y": y.copy()}
    if len(X_test):
        given |= {"X_test": X_test.copy(), "y_test": y_test.copy()}
    if variant.get("kind") in ("array", "tensor"):
        values = as_array(pd.concat([X, X_test]))  # at once: one code for one text in both parts
        given |= {"X": values[: len(X)], "y": y.to_numpy()}
        given |= {"X_test": values[len(X) :], "y_test": y_test.to_numpy()} if len(X_test) else {}
    if variant.get("kind") == "tensor":
        given = {name: _as_tensor(values) for name, values in given.items()}
    return given


def _where(X: pd.DataFrame, y: pd.Series, column: str, value: str) -> tuple[pd.DataFrame, pd.Series]:
    """The rows in which a column has a value, as text."""
    chosen = (as_text(X[column]) == value).to_numpy()
    return X[chosen], y[chosen]


def _as_tensor(values: Any) -> Any:
    """A tensor of the array, its floats in PyTorch's own size; text stays as it is."""
    import torch

    if values.dtype.kind not in "biuf":
        return values
    return torch.tensor(values, dtype=torch.float32 if values.dtype.kind == "f" else None)


def _shuffled(y: pd.Series, seed: int) -> pd.Series:
    import numpy as np

    return y.iloc[np.random.default_rng(seed).permutation(len(y))].set_axis(y.index)


def as_array(X: Any) -> Any:
    """A frame as an array of floats; what is not a number becomes its code, what is missing NaN."""
    import numpy as np
    import pandas as pd

    columns = []
    for name in X.columns:
        column = X[name]
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            columns.append(pd.to_numeric(column).astype(float).to_numpy())
        else:
            codes = column.astype("category").cat.codes.to_numpy().astype(float)
            columns.append(np.where(codes < 0, np.nan, codes))
    return np.column_stack(columns) if columns else np.empty((len(X), 0))


def configuration(configspace: Any, config: Mapping[str, Value], *, numpy_types: bool) -> Any:
    """A `ConfigSpace.Configuration` with these values."""
    from ConfigSpace import Configuration

    made = Configuration(configspace, values=dict(config))
    if numpy_types:
        import numpy as np

        kinds = {bool: np.bool_, int: np.int64, float: np.float64, str: np.str_}
        made._values = {
            k: kinds.get(type(v), lambda x: x)(v) for k, v in config.items()
        }  # no public way to choose types
    return made


def sample_rows(y: Any, rows: int, stratified: bool, random: Any) -> Any:
    """Row numbers: a few of every class first, the rest at random."""
    import numpy as np

    if not stratified:
        return np.sort(random.choice(len(y), rows, replace=False))
    order = random.permutation(len(y))
    codes = y.astype("category").cat.codes.to_numpy()[order]
    rank = np.zeros(len(y), dtype=int)  # how many of its class came before a row
    for code in np.unique(codes):
        rank[codes == code] = np.arange((codes == code).sum())
    kept = min(5, max(1, rows // max(1, len(np.unique(codes)))))
    first = order[rank < kept][:rows]
    rest = order[rank >= kept][: rows - len(first)]
    return np.sort(np.concatenate([first, rest]))


def _classes(X: Any, y: Any, number: int) -> Any:
    """So many classes, which can be learnt: cuts through the feature that tells most values apart."""
    import numpy as np

    values = as_array(X)
    spread = [len(np.unique(values[:, j][np.isfinite(values[:, j])])) for j in range(values.shape[1])]
    column = np.nan_to_num(values[:, int(np.argmax(spread))])
    ranks = np.argsort(np.argsort(column, kind="stable"), kind="stable")
    return type(y)((ranks * number // max(1, len(ranks))).astype(int), index=y.index, name=y.name)
