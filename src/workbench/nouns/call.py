"""What goes into an isolated worker and what comes out: plain values that are JSON on the pipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.nouns.space import Value
from workbench.nouns.trial import TrialStatus


@dataclass(frozen=True)
class Limits:
    """What one call may use.

    `wall_s` seconds, `memory_mb` MiB of its own (of the whole process tree, beyond what it shares with the zygote),
    `output_bytes` of standard output and error that are kept, `file_bytes` for any one file, `processes` at a time.
    """

    wall_s: float = 60.0
    memory_mb: int = 4096
    output_bytes: int = 200_000
    file_bytes: int = 2 << 30
    processes: int = 128


@dataclass(frozen=True)
class Call:
    """One call of `train`.

    Attributes
    ----------
    config : mapping
        The active hyperparameters.
    budget : float or None
        Not handed over under a contract that takes none.
    model_dir : str or None
        Where the model may be saved; it need not exist.
    data : str
        Which of the worker's datasets.
    variant : mapping
        How that dataset is changed before the call; see `workbench.worker.variants`.
    observe : tuple of str
        What is looked at after the call; see `workbench.worker.observe`. Each name is a key of `Reply.facts`.
    numpy_types : bool
        Hand over hyperparameters as numpy scalars.
    load : str or None
        A folder: `train` is not called, the models saved there are loaded in this fresh process and asked to predict.
    predict : mapping or None
        `file` (a model), `start` and `stop` (rows of the dataset's `X`): `train` is not called, the model predicts
        them; see `workbench.worker.predicting`.
    """

    config: Mapping[str, Value]
    seed: int = 0
    budget: float | None = None
    model_dir: str | None = None
    data: str = "main"
    variant: Mapping[str, Any] = field(default_factory=dict)
    observe: tuple[str, ...] = ()
    numpy_types: bool = False
    load: str | None = None
    predict: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form."""
        given = {**self.__dict__, "config": dict(self.config), "variant": dict(self.variant)}
        return given if self.predict is None else {**given, "predict": dict(self.predict)}


@dataclass(frozen=True)
class Reply:
    """What came of a call.

    `cost` and `metrics` are there when the status is `success`; else `error` says in one sentence what happened, and
    `traceback` is trimmed to the generated code. `seconds` are of `train` alone. `facts` holds what was observed.
    """

    status: TrialStatus
    cost: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    error: str = ""
    traceback: str = ""
    output: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
