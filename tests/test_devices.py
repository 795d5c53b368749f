"""The GPUs of a machine, asked of a stand-in for NVML where there is none, and of the real one where there is."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest

from workbench import devices


class NVMLError(Exception):
    pass


def nvml(cards: int = 2, *, driver: bool = True, as_bytes: bool = False) -> types.ModuleType:
    """What nvidia-ml-py offers, as far as it is used; `closed` counts the shutdowns."""
    module = types.ModuleType("pynvml")
    module.NVMLError = NVMLError
    module.closed = 0

    def init() -> None:
        if not driver:
            raise NVMLError("Driver Not Loaded")

    def memory(handle: int) -> types.SimpleNamespace:
        if handle > 1:
            raise NVMLError("GPU is lost")
        return types.SimpleNamespace(total=80 << 30, used=handle << 30)

    def shutdown() -> None:
        module.closed += 1

    module.nvmlInit, module.nvmlShutdown = init, shutdown
    module.nvmlDeviceGetCount = lambda: cards
    module.nvmlDeviceGetHandleByIndex = lambda index: index
    module.nvmlDeviceGetName = lambda handle: b"Card" if as_bytes else "Card"
    module.nvmlDeviceGetMemoryInfo = memory
    return module


def test_each_gpu_is_told_with_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    module = nvml()
    monkeypatch.setitem(sys.modules, "pynvml", module)
    assert devices.gpus() == (devices.Gpu(0, "Card", 81920, 0), devices.Gpu(1, "Card", 81920, 1024))
    assert devices.summary() == "Card (0 of 80 GiB used), Card (1 of 80 GiB used)"
    assert module.closed == 2


def test_a_name_in_bytes_is_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", nvml(1, as_bytes=True))
    assert devices.summary() == "Card (0 of 80 GiB used)"


@pytest.mark.parametrize("module", [None, nvml(driver=False), nvml(0)])
def test_without_a_driver_a_library_or_a_card_it_is_the_cpu(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", module)
    assert devices.gpus() == ()
    assert devices.summary() == "CPU"


def test_a_gpu_that_does_not_answer_hides_no_other_one(monkeypatch: pytest.MonkeyPatch) -> None:
    module = nvml(3)
    monkeypatch.setitem(sys.modules, "pynvml", module)
    assert [g.index for g in devices.gpus()] == [0, 1]
    assert module.closed == 1


def test_asking_this_machine_loads_no_framework() -> None:
    code = "import sys; from workbench import devices; print(devices.summary()); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    words, torch = done.stdout.splitlines()
    assert words == "CPU" or "GiB used)" in words
    assert torch == "False"
