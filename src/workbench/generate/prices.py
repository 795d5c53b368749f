"""What calls cost by a table that the user edits, their sum, and a budget that stops further calls."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from workbench.generate.model import Completion, Model, ModelError, Usage
from workbench.nouns import GenerateError

SHIPPED = Path(__file__).with_name("prices.yaml")


@dataclass(frozen=True)
class Price:
    """Prices of a million tokens; `cached` is the price of input that the server had before."""

    input: float
    output: float
    cached: float | None = None

    def of(self, usage: Usage) -> float:
        """What these tokens cost."""
        cached = self.input if self.cached is None else self.cached
        fresh = usage.tokens_in - usage.cached
        return (fresh * self.input + usage.cached * cached + usage.tokens_out * self.output) / 1e6


@dataclass(frozen=True)
class Prices:
    """A table of prices, by server and model; `None` in it is a price that is not known."""

    currency: str = "USD"
    table: Mapping[str, Mapping[str, Price | None]] = field(default_factory=dict)
    source: str = ""

    def price(self, server: str, model: str) -> Price | None:
        """The price of a model on a server, or None: exact names first, then the patterns in their order."""
        for models in (self.table.get(server), self.table.get("*")):
            if models is None:
                continue
            if model in models:
                return models[model]
            for pattern, price in models.items():
                if fnmatchcase(model, pattern):
                    return price
        return None

    def cost(self, server: str, model: str, usage: Usage) -> float | None:
        """What a call cost, in `currency`; None where the price is not known."""
        price = self.price(server, model)
        return None if price is None else price.of(usage)


def user_file() -> Path:
    """Where the user's own table lies."""
    root = os.environ.get("XDG_CONFIG_HOME") or ""
    base = Path(root) if Path(root).is_absolute() else Path.home() / ".config"
    return base / "automl-workbench" / "prices.yaml"


def load_prices(path: Path | None = None) -> Prices:
    """The user's table, or the shipped one where there is none.

    Raises
    ------
    GenerateError
        If the file is no table of prices; it says which entry.
    """
    if path is None:
        path = user_file() if user_file().exists() else SHIPPED
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GenerateError(f"cannot read the prices in {path}: {error.strerror}; check the file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise GenerateError(f"the prices in {path}{line} are no YAML; start anew from {SHIPPED}") from error
    return _prices(data, path)


def _prices(data: Any, path: Path) -> Prices:
    if data is None:
        return Prices(source=str(path))
    if not isinstance(data, dict) or set(data) - {"currency", "per_million_tokens"}:
        raise GenerateError(f"the prices in {path} are to have `currency` and `per_million_tokens` alone")
    servers = data.get("per_million_tokens") or {}
    if not isinstance(servers, dict):
        raise GenerateError(f"per_million_tokens in {path} is to name servers, and under each its models")
    table: dict[str, dict[str, Price | None]] = {}
    for server, models in servers.items():
        if not isinstance(models, dict):
            raise GenerateError(f"{server} in {path} is to name models, each with input and output")
        table[str(server)] = {str(m): _price(p, f"{server}: {m} in {path}") for m, p in models.items()}
    return Prices(str(data.get("currency") or "USD"), table, str(path))


def _price(data: Any, where: str) -> Price | None:
    if data is None:
        return None
    if not isinstance(data, dict) or not {"input", "output"} <= set(data) <= {"input", "output", "cached"}:
        raise GenerateError(f"{where} is to have input and output, and cached if it differs")
    for name, value in data.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (number and 0 <= value < math.inf):
            raise GenerateError(f"{where}: {name} is {value!r}; give a number of 0 or more, or null")
    if data["input"] is None or data["output"] is None:
        return None
    cached = data.get("cached")
    return Price(float(data["input"]), float(data["output"]), None if cached is None else float(cached))


@dataclass(frozen=True)
class Budget:
    """What a session may use at most; None is no limit. `cost` is in the currency of the prices."""

    cost: float | None = None
    tokens: int | None = None
    calls: int | None = None

    def __post_init__(self) -> None:
        for name in ("cost", "tokens", "calls"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < math.inf:
                raise GenerateError(f"the budget of {name} is {value:g}; give 0 or more, or none")


@dataclass(frozen=True)
class Spent:
    """The sum over calls; `unpriced` of them have no known cost, and are not in `cost`."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    unpriced: int = 0


class Tally:
    """What a session has spent, from several threads, and whether another call is within the budget."""

    def __init__(self, prices: Prices | None = None, budget: Budget | None = None):
        self.prices = prices if prices is not None else Prices()
        self.budget = budget if budget is not None else Budget()
        self._lock = threading.Lock()
        self._spent = Spent()

    @property
    def spent(self) -> Spent:
        """The sum so far."""
        return self._spent

    def add(self, completion: Completion) -> None:
        """Count a call; the reply to an earlier one, and a replayed one, cost nothing."""
        if completion.source != "model":
            return
        usage = completion.usage
        with self._lock:
            s = self._spent
            self._spent = Spent(
                s.calls + 1,
                s.tokens_in + usage.tokens_in,
                s.tokens_out + usage.tokens_out,
                s.cached + usage.cached,
                s.seconds + completion.seconds,
                s.cost + (completion.cost or 0.0),
                s.unpriced + (completion.cost is None),
            )

    def allow(self, settings: Model) -> None:
        """Let a call pass, or not.

        Raises
        ------
        ModelError
            If the budget is spent, or is one of money and the model's price is not known.
        """
        spent, budget, currency = self._spent, self.budget, self.prices.currency
        tokens = spent.tokens_in + spent.tokens_out
        if budget.calls is not None and spent.calls >= budget.calls:
            raise ModelError(f"the budget of {budget.calls:,} calls is spent; raise it to call a model again", "budget")
        if budget.tokens is not None and tokens >= budget.tokens:
            raise ModelError(
                f"{tokens:,} tokens of a budget of {budget.tokens:,} are spent; raise it to call a model again",
                "budget",
            )
        if budget.cost is None:
            return
        if self.prices.price(settings.server, settings.model) is None:
            raise ModelError(
                f"no price of {settings.model} on {settings.server} is known, so a budget in {currency} cannot be "
                f"kept; add it to {user_file()}, or set a budget of tokens",
                "budget",
            )
        if spent.cost >= budget.cost:
            raise ModelError(
                f"{spent.cost:.4g} {currency} of a budget of {budget.cost:.4g} are spent; "
                "raise it to call a model again",
                "budget",
            )
