"""GPUs for the workers of a run: which one each sees, its share of the memory, and how busy they are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from workbench import devices
from workbench.nouns import RunError

EVERY_S = 5.0
"""Between two readings."""
SPARE = 0.05
"""Of a shared GPU's memory, what is left over for the contexts themselves."""


def environments(chosen: Sequence[str], workers: int) -> list[dict[str, str]]:
    """The variables that give each worker its GPU, in turn.

    Parameters
    ----------
    chosen : sequence of str
        Indices (in the order of the bus, as `nvidia-smi` has them) or UUIDs; empty: nothing is set.
    workers : int
        Several workers on one GPU get equal shares of its memory. PyTorch (2.10 and later), JAX and CUDA's MPS hold to
        them by themselves; TensorFlow is told to take no more than it needs.

    Raises
    ------
    RunError
        If an index is none of this machine's, where NVML knows them.
    """
    if not chosen:
        return [{} for _ in range(workers)]
    known = devices.gpus()
    for device in chosen:
        if known and device.isdigit() and int(device) not in {g.index for g in known}:
            there = ", ".join(f"{g.index} ({g.name})" for g in known)
            raise RunError(f"there is no GPU {device} on this machine; it has {there}")
    given = [chosen[number % len(chosen)] for number in range(workers)]
    return [_variables(device, given.count(device)) for device in given]


def _variables(device: str, sharers: int) -> dict[str, str]:
    found = {"CUDA_VISIBLE_DEVICES": device, "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    if sharers == 1:
        return found
    share = round((1.0 - SPARE) / sharers, 3)
    found |= {
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "XLA_PYTHON_CLIENT_MEM_FRACTION": f"{share:g}",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    }
    if _torch() >= (2, 10):  # an older one refuses the word
        found["PYTORCH_CUDA_ALLOC_CONF"] = f"per_process_memory_fraction:{share:g}"
    memory = next((g.memory_mb for g in devices.gpus() if str(g.index) == device), 0)
    if memory:
        found["CUDA_MPS_PINNED_DEVICE_MEM_LIMIT"] = f"0={int(memory * share)}M"
    return found


def _torch() -> tuple[int, int]:
    try:
        major, minor, *_ = version("torch").split(".")
        return int(major), int(minor)
    except (PackageNotFoundError, ValueError):
        return 0, 0


class Gauge:
    """Utilisation and memory of the GPUs as events of a run, every few seconds; nothing where there is none."""

    def __init__(self, chosen: Sequence[str]) -> None:
        self._chosen = {int(d) for d in chosen if d.isdigit()}
        self._meter = devices.Meter()
        self._due = 0.0

    def news(self) -> list[dict[str, Any]]:
        """One event where a reading is due, and there is a GPU to read."""
        now = time.monotonic()
        if now < self._due:
            return []
        self._due = now + EVERY_S
        read = [asdict(use) for use in self._meter.read() if not self._chosen or use.index in self._chosen]
        return [{"event": "devices", "gpus": read}] if read else []

    def close(self) -> None:
        """Read no more."""
        self._meter.close()
