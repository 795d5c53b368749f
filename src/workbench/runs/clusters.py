"""Finding a Dask cluster: a scheduler by its address, or a class of Dask's or dask-jobqueue's that is started here."""

from __future__ import annotations

import importlib
import json
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from workbench.nouns import Cluster, RunError

KNOWN = ", ".join(
    (
        "dask_jobqueue.SLURMCluster",
        "dask_jobqueue.PBSCluster",
        "dask_kubernetes.operator.KubeCluster",
        "distributed.LocalCluster",
    )
)
SCHEMES = ("tcp://", "tls://", "ws://", "wss://", "ucx://", "ucxx://")
FIELDS = {"class", "options", "address", "shared", "silent_s"}


def read_cluster(words: Sequence[str]) -> Cluster:
    """A cluster from what was typed or written down.

    Parameters
    ----------
    words : sequence of str
        First a scheduler's address, a class's full name, or a file (YAML or TOML with `class` and `options`, or
        `address`); then options as `key=value`, each value as JSON or else as text. Options beat the file's.

    Raises
    ------
    RunError
        If it cannot be understood.
    """
    first, *rest = words
    options = dict(_option(word) for word in rest)
    if first.startswith(SCHEMES):
        if options:
            raise RunError(f"{first} is a scheduler that is there; it takes no options ({', '.join(options)})")
        return Cluster(address=first)
    if Path(first).suffix in (".yaml", ".yml", ".toml"):
        return _from_file(Path(first), options)
    if "." not in first or not all(part.isidentifier() for part in first.split(".")):
        raise RunError(f"{first!r} is no address, file or class; give tcp://host:8786, cluster.yaml, or one of {KNOWN}")
    return Cluster(kind=first, options=options)


def _option(word: str) -> tuple[str, Any]:
    name, equals, value = word.partition("=")
    if not equals or not name.isidentifier():
        raise RunError(f"{word!r} is no option of a cluster; write key=value, such as queue=short or cores=4")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _from_file(path: Path, options: dict[str, Any]) -> Cluster:
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text)
    except OSError as error:
        raise RunError(f"cannot read the cluster {path}: {error.strerror or error}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise RunError(f"the cluster {path} cannot be read: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(found, dict) or bool(found.get("class")) == bool(found.get("address")):
        raise RunError(f"the cluster {path} must have either `class` (and `options`) or `address`")
    if unknown := sorted(set(found) - FIELDS):
        raise RunError(f"the cluster {path} has {', '.join(unknown)}; it may have {', '.join(sorted(FIELDS))}")
    return Cluster(
        address=str(found.get("address", "")),
        kind=str(found.get("class", "")),
        options={**(found.get("options") or {}), **options},
        shared=bool(found.get("shared", True)),
        silent_s=float(found.get("silent_s", 30.0)),
    )


@contextmanager
def start(cluster: Cluster, workers: int) -> Iterator[tuple[str, Any]]:
    """The scheduler's address and Dask's security object; what is started here is ended with it.

    Raises
    ------
    RunError
        If Dask is not installed, or the class is none, or does not start.
    """
    try:
        importlib.import_module("distributed")
    except ImportError as error:
        raise RunError("a cluster needs Dask; install it with: pip install 'automl-workbench[cluster]'") from error
    if cluster.address:
        yield cluster.address, None
        return
    kind = _class(cluster.kind)
    try:
        made = kind(**cluster.options)
        if "n_workers" not in cluster.options:
            made.scale(workers)
    except Exception as error:  # each class has errors of its own
        why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise RunError(f"{cluster.kind} did not start ({why}); its options are {dict(cluster.options)}") from error
    try:
        yield str(made.scheduler_address), getattr(made, "security", None)
    finally:
        with suppress(Exception):
            made.close(timeout=5)


def _class(name: str) -> Any:
    from distributed.deploy.cluster import Cluster as Base

    module, _, attribute = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise RunError(f"there is no {name} here ({error}); install what it comes from, or use {KNOWN}") from error
    if not (isinstance(found, type) and issubclass(found, Base)):
        raise RunError(f"{name} is no cluster class of Dask; use {KNOWN}, or another one with that base")
    return found
