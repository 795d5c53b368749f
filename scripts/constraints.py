"""Pin the versions of a fresh installation into constraints.txt: `make constraints`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TORCH = "2.13.0"
HEADER = """\
# Exact versions for `make lab`, `make test` and environment.yml; made by `make constraints` (Python 3.11).
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder) / "bin" / "python"
        wanted = f"{ROOT}[test,dev,gpu,keyring,excel,torch]"
        subprocess.run([python, "-m", "pip", "install", "-q", wanted, f"torch=={TORCH}"], check=True)
        # --all: without it, setuptools, which torch needs, is passed over
        freeze = [python, "-m", "pip", "freeze", "--all"]
        frozen = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout
    pins = []
    for line in frozen.splitlines():
        name, _, version = line.partition("==")
        if version and name != "pip":  # ours is named by its path, not by a version
            pins.append(f"{name}=={version.split('+')[0]}")
    (ROOT / "constraints.txt").write_text(HEADER + "\n".join(sorted(pins, key=str.lower)) + "\n", encoding="utf-8")
    print(f"{len(pins)} versions pinned")


if __name__ == "__main__":
    main()
