"""How much memory a call has to itself is read where it matters, and estimated in between."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from workbench.nouns import Limits
from workbench.worker import processes, watch
from workbench.worker.watch import Watch

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what is read is Linux's")

GROWS = """
import sys
kept = []
print("ready", flush=True)
for line in sys.stdin:
    kept.append(bytearray(b"x") * (int(line) << 20))
    print("done", flush=True)
"""


class Grower:
    """A process that takes so many MiB when it is told to."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", GROWS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self.process.pid
        self._hear()

    def grow(self, megabytes: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{megabytes}\n")
        self.process.stdin.flush()
        self._hear()

    def _hear(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline()


@pytest.fixture
def grower() -> Iterator[Grower]:
    made = Grower()
    yield made
    made.process.kill()
    made.process.communicate()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes whose private memory was read, in order."""
    found: list[int] = []

    def counted(pid: int) -> float:
        found.append(pid)
        return processes.private_mb(pid)

    monkeypatch.setattr(watch, "private_mb", counted)
    return found


def test_far_below_the_limit_private_memory_is_read_once_and_growth_is_added(grower: Grower, read: list[int]) -> None:
    seen = Watch(grower.pid, Limits(memory_mb=4096), [])
    assert seen.look(with_files=False) == ""
    before = seen.peak_mb
    grower.grow(100)
    assert seen.look(with_files=False) == ""
    assert read == [grower.pid]
    assert 95 < seen.peak_mb - before < 110


def test_what_was_read_in_one_call_is_known_in_the_next(grower: Grower, read: list[int]) -> None:
    one = Watch(grower.pid, Limits(), [])
    one.look(with_files=False)
    other = Watch(grower.pid, Limits(), [], known=one.known)
    other.look(with_files=False)
    assert read == [grower.pid]
    assert other.peak_mb == pytest.approx(one.peak_mb, abs=1)


def test_near_the_limit_it_is_read_each_time_and_alone_decides(grower: Grower, read: list[int]) -> None:
    grower.grow(100)
    seen = Watch(grower.pid, Limits(memory_mb=110), [])
    assert seen.look(with_files=False) == ""
    assert seen.look(with_files=False) == ""
    assert read == [grower.pid] * 2
    grower.grow(50)
    assert seen.look(with_files=False) == "memory"
    assert 150 < seen.peak_mb < 170


def test_a_process_that_ended_uses_nothing(grower: Grower) -> None:
    grower.process.kill()
    grower.process.communicate()
    assert Watch(grower.pid, Limits(memory_mb=1), []).look(with_files=False) == ""


def test_more_is_in_use_than_a_process_has_to_itself(grower: Grower) -> None:
    grower.grow(50)
    used = processes.use(grower.pid)
    assert used is not None
    assert used.all_mb >= used.own_mb >= 50
    assert used.all_mb >= processes.private_mb(grower.pid) >= 50
