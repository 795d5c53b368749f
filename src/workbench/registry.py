"""Discovery: one module, one part.

A room open for extension (rules, contracts, facades, recipes, sources) is a package in which every public module
holds one part under an agreed name (`RULE`, `CONTRACT`, …). Dropping a file in is all that it takes.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from dataclasses import dataclass
from types import ModuleType
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Parts(Generic[T]):
    """What was found, in order, and the modules that could not be loaded: name to one sentence."""

    parts: dict[str, T]
    broken: dict[str, str]


def discover(package: ModuleType, attribute: str, kind: type[T]) -> Parts[T]:
    """Load every part of a package.

    Parameters
    ----------
    package : module
        Its public modules (no leading underscore) are imported.
    attribute : str
        The name under which each holds its part.
    kind : type
        What the part must be an instance of; it has an `id`, and may have an `order`.

    Returns
    -------
    Parts
        By id, sorted by `order`, then id. A module that raises on import, holds no part, or repeats an
        id is under `broken`, with its reason; the others are not disturbed.
    """
    found: list[T] = []
    broken: dict[str, str] = {}
    seen: dict[str, str] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        if info.name.startswith("_"):
            continue
        name = f"{package.__name__}.{info.name}"
        try:
            part = getattr(importlib.import_module(name), attribute, None)
        except Exception as error:  # a stranger's file may raise anything; the others must still load
            broken[name] = f"{name} raised on import: {type(error).__name__}: {error}"
            logger.warning("%s", broken[name])
            continue
        if not isinstance(part, kind):
            broken[name] = (
                f"{name} has no {attribute} of type {kind.__name__} (found {type(part).__name__}); "
                f"write {attribute} = {kind.__name__}(...)"
            )
            logger.warning("%s", broken[name])
            continue
        part_id = str(part.id)  # type: ignore[attr-defined]  # every kind of part has an id
        if part_id in seen:
            broken[name] = f"{name} repeats the id {part_id!r} of {seen[part_id]}; give it its own"
            logger.warning("%s", broken[name])
            continue
        seen[part_id] = name
        found.append(part)
    found.sort(key=lambda p: (getattr(p, "order", 100), str(p.id)))  # type: ignore[attr-defined]
    return Parts({str(p.id): p for p in found}, broken)  # type: ignore[attr-defined]
