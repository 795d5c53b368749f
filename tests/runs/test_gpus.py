"""GPUs for workers: which one each sees, asked of the workers themselves, and how busy they are."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import jobs
import pytest

from workbench import devices
from workbench.nouns import RunError
from workbench.runs import gpus

SAYS = (
    "os.makedirs(model_dir, exist_ok=True); "
    "open(os.path.join(model_dir, f'{n}-{x}'), 'w').write(os.environ.get('CUDA_VISIBLE_DEVICES', '-')); time.sleep(0.2)"
)


class NVMLError(Exception):
    pass


def nvml(cards: int = 2) -> types.ModuleType:
    """What nvidia-ml-py offers, as far as it is used: the second card is half full and busy."""
    module = types.ModuleType("pynvml")
    module.NVMLError = NVMLError
    module.open = 0

    def init() -> None:
        module.open += 1

    def shutdown() -> None:
        module.open -= 1

    module.nvmlInit, module.nvmlShutdown = init, shutdown
    module.nvmlDeviceGetCount = lambda: cards
    module.nvmlDeviceGetHandleByIndex = lambda index: index
    module.nvmlDeviceGetName = lambda handle: "Card"
    module.nvmlDeviceGetMemoryInfo = lambda handle: types.SimpleNamespace(total=80 << 30, used=handle * (40 << 30))
    module.nvmlDeviceGetUtilizationRates = lambda handle: types.SimpleNamespace(gpu=handle * 75)
    return module


@pytest.fixture(autouse=True)
def end_all() -> Iterator[None]:
    yield
    jobs.end_all()


def test_each_worker_of_a_run_sees_its_own_gpu_and_no_other(tmp_path: Path) -> None:
    run = jobs.ended(jobs.started(tmp_path, SAYS, workers=2, devices=("0", "GPU-9f"), n_trials=8))
    assert (run.state, len(run.trials)) == ("finished", 8), run.log_tail()
    seen = {(t.worker, (run.folder / "models" / f"{t.config['n']}-{t.config['x']}").read_text()) for t in run.trials}
    assert seen == {(0, "0"), (1, "GPU-9f")}
    assert json.loads((run.folder / "job.json").read_text())["scenario"]["devices"] == ["0", "GPU-9f"]
    assert run.job().scenario.devices == ("0", "GPU-9f")


def test_without_devices_nothing_is_set_and_alone_on_a_gpu_nothing_is_shared() -> None:
    assert gpus.environments((), 2) == [{}, {}]
    assert gpus.environments(("1",), 1) == [{"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}]


def test_workers_on_one_gpu_get_equal_shares_of_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", nvml())
    monkeypatch.setattr(gpus, "_torch", lambda: (2, 10))
    given = gpus.environments(("0", "1"), 5)
    assert [e["CUDA_VISIBLE_DEVICES"] for e in given] == ["0", "1", "0", "1", "0"]
    assert [e["XLA_PYTHON_CLIENT_MEM_FRACTION"] for e in given] == ["0.317", "0.475", "0.317", "0.475", "0.317"]
    assert given[0]["PYTORCH_CUDA_ALLOC_CONF"] == "per_process_memory_fraction:0.317"
    assert given[1]["CUDA_MPS_PINNED_DEVICE_MEM_LIMIT"] == "0=38912M"
    monkeypatch.setattr(gpus, "_torch", lambda: (2, 6))
    assert "PYTORCH_CUDA_ALLOC_CONF" not in gpus.environments(("0",), 2)[0]


def test_a_gpu_that_is_not_there_is_refused_with_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", nvml())
    with pytest.raises(RunError) as caught:
        gpus.environments(("0", "2"), 2)
    assert str(caught.value) == "there is no GPU 2 on this machine; it has 0 (Card), 1 (Card)"


def test_how_busy_the_gpus_are_is_an_event_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    module = nvml()
    monkeypatch.setitem(sys.modules, "pynvml", module)
    gauge = gpus.Gauge(("1",))
    assert gauge.news() == [
        {"event": "devices", "gpus": [{"index": 1, "percent": 75, "used_mb": 40960, "memory_mb": 81920}]}
    ]
    assert gauge.news() == [], "not due yet"
    gauge.close()
    gauge.close()
    assert module.open == 0


@pytest.mark.parametrize("module", [None, nvml(0)])
def test_where_there_is_no_gpu_there_is_no_event(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", module)
    gauge = gpus.Gauge(())
    assert gauge.news() == []
    gauge.close()
    assert devices.Meter().read() == ()


def test_a_run_tells_the_last_reading(tmp_path: Path) -> None:
    run = jobs.made(tmp_path)
    assert run.gpus == ()
    for percent in (10, 60):
        with (run.folder / "events.jsonl").open("a") as file:
            file.write(json.dumps({"event": "devices", "gpus": [{"index": 0, "percent": percent}]}) + "\n")
    run.refresh()
    assert run.gpus == ({"index": 0, "percent": 60},)
