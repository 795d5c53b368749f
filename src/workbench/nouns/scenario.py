"""What is optimised, with what, and how far: facade, contract, scenario, job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.nouns.cluster import Cluster
from workbench.nouns.dataset import Dataset
from workbench.nouns.space import Space

if TYPE_CHECKING:
    from smac.facade.abstract_facade import AbstractFacade


@dataclass(frozen=True)
class Scenario:
    """The numbers of a run.

    `min_budget` and `max_budget` are what `budget` lies between (epochs, iterations, estimators or a share
    of the data), None for a facade without fidelities. `trial_limit_s` and `memory_limit_mb` bound one
    trial, `wall_limit_s` the whole run (None: no bound). `workers` run trials at a time: on this machine, each with
    one of the GPUs in `devices` (indices or UUIDs; none named: as this process sees them), or on a `cluster`.
    `instances` are what the ac facade races configurations over: so many seeds, or a table for each value of the column
    of this name. With `ask_ahead` the next configuration is chosen while trials run: sooner, and without their costs.
    """

    n_trials: int = 50
    min_budget: float | None = None
    max_budget: float | None = None
    seed: int = 0
    trial_limit_s: float = 60.0
    memory_limit_mb: int = 4096
    wall_limit_s: float | None = None
    workers: int = 1
    objectives: tuple[str, ...] = ("loss",)
    devices: tuple[str, ...] = ()
    cluster: Cluster | None = None
    instances: int | str | None = None
    ask_ahead: bool = False

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form; `Scenario.from_dict` is its inverse."""
        return {**asdict(self), "objectives": list(self.objectives), "devices": list(self.devices)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Scenario:
        """The inverse of `to_dict`."""
        cluster = data.get("cluster")
        return cls(
            **{
                **data,
                "objectives": tuple(data.get("objectives", ("loss",))),
                "devices": tuple(data.get("devices", ())),
                "cluster": Cluster(**cluster) if cluster else None,
            }
        )

    def _repr_html_(self) -> str:
        from workbench.nouns import shown

        return shown.scenario(self)


@dataclass(frozen=True)
class Fit:
    """Whether two choices go together, and the sentence that says why."""

    ok: bool
    text: str


@dataclass(frozen=True)
class Facade:
    """What a SMAC facade needs and is good for.

    `build(configspace, scenario, output)` gives the SMAC facade, ready for ask and tell, that writes its own
    files under `output`; SMAC is imported inside it, never with the module. With `needs_instances` its fourth argument
    are the instances by name.
    """

    id: str
    title: str
    smac_class: str
    needs_budget: bool
    summary: str
    when: str
    why: str
    build: Callable[..., AbstractFacade]
    needs_instances: bool = False
    order: int = 100


@dataclass(frozen=True)
class Outcome:
    """What a contract reads from a returned value: the cost to minimise, and the metrics beside it."""

    cost: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    model: Any = None


@dataclass(frozen=True)
class Contract:
    """A return contract for `train`.

    `read(value)` gives the `Outcome` or raises `ContractError` with the sentence that says what was returned
    and what would be right. It runs in the worker, where the returned value stays.
    """

    id: str
    title: str
    signature: str
    takes_budget: bool
    takes_test: bool
    returns: str
    summary: str
    read: Callable[[Any], Outcome]
    order: int = 100


@dataclass(frozen=True, eq=False)
class Job:
    """Everything that a prompt, a composer, a check or a run needs to know; facade and contract by id."""

    dataset: Dataset
    space: Space
    facade: str
    contract: str
    scenario: Scenario
    plan: str = ""
