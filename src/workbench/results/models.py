"""The model file of a run, and the lines that load it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.nouns import Trial
from workbench.runs.trajectory import incumbent

if TYPE_CHECKING:
    from workbench.runs import Run

BESIDE = (".json", ".txt", ".md")
"""What lies beside models and is none."""


def model_file(run: Run) -> Path | None:
    """The model of the best trial of a run, None where it saved none."""
    return model_of(incumbent(run.trials), model_files(run))


def model_files(run: Run) -> tuple[Path, ...]:
    """Every saved model of a run, oldest first."""
    return tuple(p for p in run.models if p.suffix.lower() not in BESIDE)


def model_of(best: Trial | None, files: Sequence[Path]) -> Path | None:
    """The model of the best trial where the JSON beside a model says so; else the newest, None without any."""
    for file in reversed(files if best is not None else ()):
        with suppress(OSError, ValueError, AttributeError):
            about = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
            same = best is not None and about.get("configuration") == dict(best.config)
            if best is not None and same and about.get("budget") in (None, best.budget):
                return file
    return files[-1] if files else None


def load_lines(model: str | Path, variable: str = "model") -> list[str]:
    """Python that loads a model file, the imports first; no workbench is needed."""
    path = Path(model)
    suffix = path.suffix.lower()
    if suffix in (".joblib", ".pkl", ".pickle"):
        return ["import joblib", "", f"{variable} = joblib.load({str(model)!r})"]
    if suffix in (".pt", ".pth"):
        return [
            "import torch",
            "",
            f"{variable} = torch.load({str(model)!r}, map_location='cpu', weights_only=False)",
            f"if isinstance({variable}, dict):  # the model beside other things",
            f"    {variable} = next((v for v in {variable}.values() if hasattr(v, 'predict')), {variable})",
        ]
    return ["from pathlib import Path", "", f"{variable} = Path({str(model)!r}).read_bytes()"]


def snippet(model: Path, run: Run) -> str:
    """How to load a saved model and predict with it, as Python; `workbench` is needed for the data alone."""
    lines = load_lines(str(model.resolve()))
    if lines[-1].endswith(".read_bytes()"):
        return "\n".join(lines) + "\n"
    data = str(run.folder.resolve() / "data")
    lines += [
        "",
        "from workbench import datasets",
        "",
        f"dataset = datasets.open({data!r})",
        "model.predict(dataset.X)",
    ]
    return "\n".join(lines) + "\n"
