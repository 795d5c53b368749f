"""What the saved model of a run predicts: on the test part, on sealed rows, or on rows that it may have seen."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workbench import datasets, facades
from workbench.nouns import Call, Dataset, Limits, RunError, Sealed, Space, Task
from workbench.results.models import model_file
from workbench.worker import Worker

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from workbench.runs import Run

MOST_ROWS = 5_000
"""So many rows are predicted for a figure; of more, some are drawn at random, always the same."""
BATCH_VALUES = 30_000
"""So many numbers come back from the worker at a time."""
RESAMPLES = 1_000
Part = Literal["test", "train", "sealed"]
WHAT = {
    "test": "rows of the test part",
    "train": "rows of the table itself, most of which the model was trained on: this looks better than it is",
    "sealed": "rows of the sealed holdout, which nothing in this run has seen",
}


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions beside what is true, in the order of the rows.

    `classes` are those of the target (and whatever else was predicted), in order; empty for regression. `probability`
    has shape (rows, len(classes)), None where the model gives none. `rows_in_all` is the number of rows that
    they were drawn from.
    """

    task: Task
    part: Part
    true: np.ndarray[Any, Any]
    predicted: np.ndarray[Any, Any]
    classes: tuple[Any, ...]
    probability: np.ndarray[Any, Any] | None
    rows_in_all: int

    @property
    def note(self) -> str:
        """Which rows these are, in a sentence."""
        number = f"{len(self.true):,}"
        drawn = f" drawn from {self.rows_in_all:,}" if len(self.true) < self.rows_in_all else ""
        return f"{number}{drawn} {WHAT[self.part]}."


@dataclass(frozen=True)
class Score:
    """A metric with its bootstrap interval: 95 % of the resamples lie between `low` and `high`."""

    name: str
    value: float
    low: float
    high: float
    higher_is_better: bool


@dataclass(frozen=True, eq=False)
class SealedScore:
    """What the model of a run is worth on the sealed holdout; `looks` counts every look at it, this one included."""

    scores: tuple[Score, ...]
    looks: int
    predictions: Predictions

    @property
    def text(self) -> str:
        """The scores in words."""
        said = ", ".join(f"{s.name} {s.value:.4g} (95 % {s.low:.4g} to {s.high:.4g})" for s in self.scores)
        times = "for the first time" if self.looks == 1 else f"for the {_ordinal(self.looks)} time"
        after = (
            "" if self.looks == 1 else "; the more often one looks and chooses, the less the interval can be trusted"
        )
        return f"{said} on {len(self.predictions.true):,} sealed rows, looked at {times}{after}."


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def predictions(run: Run, part: Literal["test", "train"] | None = None) -> Predictions:
    """What the model of the best trial predicts, asked in the guarded worker.

    Parameters
    ----------
    part : {"test", "train"}, optional
        The test part where there is one, else the table itself.

    Raises
    ------
    RunError
        If the run saved no model, there is no such part, or the model does not predict.
    """
    dataset = datasets.open(run.folder / "data")
    if part is None:
        part = "train" if dataset.X_test is None else "test"
    X, y = (dataset.X_test, dataset.y_test) if part == "test" else (dataset.X, dataset.y)
    if X is None or y is None:
        raise RunError(f"the run {run.folder.name} has no test part; put rows aside with load(…, test=0.25)")
    total = len(X)
    if total > MOST_ROWS:
        import numpy as np

        rows = np.sort(np.random.default_rng(0).permutation(total)[:MOST_ROWS])
        X, y = X.iloc[rows].reset_index(drop=True), y.iloc[rows].reset_index(drop=True)
    return _ask(run, dataset, X, y, part, total)


def sealed_score(run: Run, vault: Path) -> SealedScore:
    """Have the model of the best trial predict the sealed holdout, and score it; the look is counted.

    Parameters
    ----------
    vault : Path
        Where the holdout lies; see `workbench.datasets.holdout`.

    Raises
    ------
    RunError
        If no rows were sealed, or the run saved no model that predicts; nothing was looked at if it saved none.
    DatasetError
        If the rows are not in the vault.
    """
    told = run.about["dataset"].get("holdout")
    if not told:
        raise RunError(f"no rows were sealed before the run {run.folder.name}; load a table with holdout=0.2 for that")
    _require_model(run)
    sealed = Sealed(**told)
    dataset = datasets.open(run.folder / "data")
    X, y = datasets.holdout.open(sealed, f"score of {run.folder.name}", vault=vault)
    found = _ask(run, dataset, X, y, "sealed", len(X))
    return SealedScore(scores(found), len(datasets.holdout.looks(sealed, vault=vault)), found)


def _require_model(run: Run) -> Path:
    divided = run.about["scenario"].get("instances")
    if facades.get(run.about["facade"]).needs_instances and isinstance(divided, str):
        raise RunError(
            f"each model of the run {run.folder.name} was trained on one value of {divided!r} alone; run its best "
            "configuration on the whole table for a model that serves all"
        )
    file = model_file(run)
    if file is None:
        raise RunError(f"the run {run.folder.name} saved no model; train saves one under model_dir when it is given")
    return file


def _ask(run: Run, dataset: Dataset, X: pd.DataFrame, y: pd.Series, part: Part, total: int) -> Predictions:
    file = _require_model(run)
    values: list[Any] = []
    probability: list[list[float]] = []
    classes: list[Any] = []
    scenario = run.about["scenario"]
    limits = Limits(wall_s=float(scenario["trial_limit_s"]), memory_mb=int(scenario["memory_limit_mb"]))
    with tempfile.TemporaryDirectory(prefix="workbench-predict-") as place:
        folder = Path(place)
        models = folder / "models"
        models.mkdir()
        shutil.copy(file, models / file.name)  # whatever loading it does, the run's own folder stays as it is
        # no true value goes into the worker: every row has the target of the first row of training
        blind = dataset.y.iloc[[0] * len(X)].reset_index(drop=True)
        alone = replace(dataset, X=X, y=blind, X_test=None, y_test=None, split=None, holdout=None, digest="")
        datasets.save(replace(alone, digest=datasets.digest(alone.task, alone.target, X, blind, None)), folder / "data")
        space = Space.from_dict(_json(run.folder / "space.json"))
        code, contract = run.candidate.code, str(run.about["contract"])
        with Worker(code, contract, space, {"main": folder / "data"}, models, limits) as worker:
            step = max(1, BATCH_VALUES // (1 + len(dataset.classes)))
            for start in range(0, len(X), step):
                rows = min(len(X), start + step) - start
                asked = {"file": str(models.resolve() / file.name), "start": start, "stop": start + rows}
                reply = worker.call(Call({}, predict=asked))
                told = reply.facts
                error = reply.error or str(told.get("error", ""))
                if not error and len(told.get("values", ())) != rows:
                    error = f"it gave {len(told.get('values', ()))} predictions for {rows} rows"
                if error:
                    raise RunError(f"the model {file.name} does not predict these rows: {error}")
                values += told["values"]
                classes = list(told.get("classes", ()))
                probability += list(told.get("probability", ()))
    return _beside(dataset.task, part, y, values, classes, probability, total)


def _json(path: Path) -> Any:
    import json

    return json.loads(path.read_text(encoding="utf-8"))


def _beside(
    task: Task,
    part: Part,
    y: pd.Series,
    values: Sequence[Any],
    of: Sequence[Any],
    table: Sequence[Sequence[float]],
    total: int,
) -> Predictions:
    """Predictions that came back from a worker: checked, and in the words of the target."""
    import numpy as np

    if task == "regression":
        try:
            numbers = np.array([float(v) for v in values])
        except (TypeError, ValueError) as error:
            raise RunError(f"the model's predictions are no numbers: {error}") from error
        return Predictions(task, part, y.to_numpy(dtype=float), numbers, (), None, total)
    true = [v.item() if hasattr(v, "item") else v for v in y]
    labels: dict[str, Any] = {}
    for value in [*sorted(set(true), key=_order), *values]:
        labels.setdefault(_name(value), value)
    classes = tuple(labels.values())
    probability = None
    if len(table) == len(true) and all(_name(c) in labels for c in of) and all(len(row) == len(of) for row in table):
        probability = np.zeros((len(true), len(classes)))
        places = [list(labels).index(_name(c)) for c in of]
        probability[:, places] = np.asarray(table, dtype=float)
    index = {name: i for i, name in enumerate(labels)}
    return Predictions(
        task,
        part,
        np.array([index[_name(v)] for v in true]),
        np.array([index[_name(v)] for v in values]),
        classes,
        probability,
        total,
    )


def _name(value: Any) -> str:
    """What a class goes by: the same for a whole number, be it an integer or a float."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _order(value: Any) -> tuple[bool, Any]:
    return (isinstance(value, str), value if isinstance(value, int | float | str) else str(value))


def scores(found: Predictions, *, seed: int = 0, resamples: int = RESAMPLES) -> tuple[Score, ...]:
    """The usual metrics of the task, each with a percentile bootstrap interval over the rows."""
    import numpy as np

    random = np.random.default_rng(seed)
    n = len(found.true)
    drawn = [random.integers(0, n, n) for _ in range(resamples if n > 1 else 0)]
    made = []
    for name, (metric, higher) in _metrics(found).items():
        value = metric(found.true, found.predicted)
        spread = np.array([metric(found.true[rows], found.predicted[rows]) for rows in drawn] or [value])
        low, high = np.nanpercentile(spread, (2.5, 97.5)) if np.isfinite(spread).any() else (value, value)
        made.append(Score(name, float(value), float(low), float(high), higher))
    return tuple(made)


def _metrics(found: Predictions) -> Mapping[str, tuple[Any, bool]]:
    import numpy as np

    def accuracy(true: Any, said: Any) -> float:
        return float(np.mean(true == said))

    def balanced(true: Any, said: Any) -> float:
        right, all_ = np.bincount(true[true == said], minlength=k), np.bincount(true, minlength=k)
        return float(np.mean(right[all_ > 0] / all_[all_ > 0]))

    def r2(true: Any, said: Any) -> float:
        around = float(np.sum((true - true.mean()) ** 2))
        return 1.0 - float(np.sum((true - said) ** 2)) / around if around > 0 else float("nan")

    if found.task == "classification":
        k = len(found.classes)
        return {"accuracy": (accuracy, True), "balanced accuracy": (balanced, True)}
    return {
        "mean absolute error": (lambda true, said: float(np.mean(np.abs(true - said))), False),
        "root mean squared error": (lambda true, said: float(np.sqrt(np.mean((true - said) ** 2))), False),
        "R²": (r2, True),
    }
