"""Which GPUs this machine has, asked of NVML: no framework is imported and no CUDA context is made."""

from __future__ import annotations

import importlib
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Gpu:
    """One GPU: its index, its name, and its memory in MiB, whole and in use."""

    index: int
    name: str
    memory_mb: int
    used_mb: int


def gpus() -> tuple[Gpu, ...]:
    """The GPUs that NVML knows; empty where there is no driver, or where nvidia-ml-py is not installed."""
    try:
        nvml = importlib.import_module("pynvml")
    except ImportError:
        return ()
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return ()
    try:
        found = []
        for index in range(nvml.nvmlDeviceGetCount()):
            with suppress(nvml.NVMLError):  # a card that is lost hides no other one
                handle = nvml.nvmlDeviceGetHandleByIndex(index)
                name = nvml.nvmlDeviceGetName(handle)
                memory = nvml.nvmlDeviceGetMemoryInfo(handle)
                name = name if isinstance(name, str) else name.decode()
                found.append(Gpu(index, name, memory.total >> 20, memory.used >> 20))
        return tuple(found)
    finally:
        nvml.nvmlShutdown()


def summary() -> str:
    """The GPUs in a few words, `CPU` where there is none."""
    found = gpus()
    if not found:
        return "CPU"
    return ", ".join(f"{g.name} ({g.used_mb / 1024:.0f} of {g.memory_mb / 1024:.0f} GiB used)" for g in found)
