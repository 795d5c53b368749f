"""The lock of a driver: held by one, and let go however its holder ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from workbench.runs.lock import held, locked

HOLD = """
import sys
from pathlib import Path
from workbench.runs.lock import locked

with locked(Path(sys.argv[1])) as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_lock_is_held_by_one_process_and_let_go_when_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "driver.lock"
    assert not held(path)
    with holder(path) as first:
        assert first.stdout.readline() == "True\n"
        assert held(path)
        with locked(path) as mine:
            assert not mine
        with holder(path) as second:
            assert second.stdout.readline() == "False\n"
            second.stdin.close()
        first.kill()
    assert not held(path)
    with locked(path) as mine:
        assert mine


def test_asking_whether_it_is_held_makes_no_file(tmp_path: Path) -> None:
    assert not held(tmp_path / "driver.lock")
    assert list(tmp_path.iterdir()) == []
