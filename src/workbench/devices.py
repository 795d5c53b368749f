"""Which GPUs this machine has, asked of NVML: no framework is imported and no CUDA context is made."""

from __future__ import annotations

import importlib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


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


@dataclass(frozen=True)
class Use:
    """How busy one GPU is: its index, the percentage of time at work, its memory in MiB, used and whole."""

    index: int
    percent: int
    used_mb: int
    memory_mb: int


class Meter:
    """Reads how busy the GPUs are, again and again; NVML stays open until `close`."""

    def __init__(self) -> None:
        self._nvml: Any = None
        with suppress(ImportError):
            nvml = importlib.import_module("pynvml")
            with suppress(nvml.NVMLError):
                nvml.nvmlInit()
                self._nvml = nvml

    def read(self) -> tuple[Use, ...]:
        """Every GPU that answers; empty where there is no driver, or where nvidia-ml-py is not installed."""
        nvml = self._nvml
        if nvml is None:
            return ()
        found = []
        with suppress(nvml.NVMLError):
            for index in range(nvml.nvmlDeviceGetCount()):
                with suppress(nvml.NVMLError):
                    handle = nvml.nvmlDeviceGetHandleByIndex(index)
                    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
                    busy = nvml.nvmlDeviceGetUtilizationRates(handle).gpu
                    found.append(Use(index, int(busy), memory.used >> 20, memory.total >> 20))
        return tuple(found)

    def close(self) -> None:
        """Let go of NVML."""
        nvml, self._nvml = self._nvml, None
        if nvml is not None:
            with suppress(nvml.NVMLError):
                nvml.nvmlShutdown()


def summary() -> str:
    """The GPUs in a few words, `CPU` where there is none."""
    found = gpus()
    if not found:
        return "CPU"
    return ", ".join(f"{g.name} ({g.used_mb / 1024:.0f} of {g.memory_mb / 1024:.0f} GiB used)" for g in found)
