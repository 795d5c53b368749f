"""A run as a notebook of its own: every step in a cell, no widgets and no workbench."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from workbench.results.exports.parts import loop, parts_of
from workbench.results.words import number

if TYPE_CHECKING:
    from workbench.runs import Run

PLOT = """\
import matplotlib.pyplot as plt

full = [t for t in good if (t["budget"] or 0.0) == highest]
numbers = [i + 1 for i, t in enumerate(trials) if t in full]
costs = [t["cost"] for t in full]
incumbent = [min(costs[: i + 1]) for i in range(len(costs))]
fig, ax = plt.subplots(figsize=(8, 3.2))
ax.plot(numbers, costs, "o", markersize=4, alpha=0.5, label="trial")
ax.step(numbers, incumbent, where="post", label="incumbent")
ax.set(xlabel="trials", ylabel="cost")
ax.legend();
"""


PLOT_OF_RACED = """\
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(8, 3.2))
for name in instance_of:
    numbers = [i + 1 for i, t in enumerate(trials) if t in good and t["instance"] == name]
    ax.plot(numbers, [trials[i - 1]["cost"] for i in numbers], "o", markersize=4, alpha=0.6, label=name)
if best is not None:
    ax.axhline(best["cost"], color="black", label=f"best mean of {most}")
ax.set(xlabel="trials", ylabel="cost")
ax.legend();
"""


def to_notebook(run: Run) -> str:
    """The run as a notebook (nbformat 4.5) that needs what the script needs, and matplotlib.

    Raises
    ------
    OSError, KeyError, ValueError
        If a file of the run is missing or cannot be read.
    """
    parts = parts_of(run)
    data, best = run.about["dataset"], run.incumbent
    found = f" The run's best cost was {number(best.cost)}." if best is not None and best.cost is not None else ""
    constants = (
        f"N_TRIALS = {parts.n_trials}\nSEED = {parts.seed}\nMODELS = Path('models')\nMODELS.mkdir(exist_ok=True)\n"
    )
    imports = "import json\nimport math\nimport time\nfrom pathlib import Path\n\nimport pandas as pd\n\n"
    cells = [
        _markdown(
            f"# {parts.facade} on {data['name']}\n\nWhat the run `{run.folder.name}` did, in plain SMAC: target "
            f"`{data['target']}`, {data['task']}, {parts.n_trials} trials.{found} Here `train` runs in this kernel, "
            "with no guard around it."
        ),
        _code(parts.future + imports + constants),
        _markdown("## The data\n\nThe table as the run saw it: Parquet files in the run's folder."),
        _code(parts.data + "X.head()"),
        _markdown("## The search space"),
        _code(parts.space + "space"),
        _markdown("## The function"),
        _code(parts.future + parts.train),
        _markdown("## The optimiser"),
        _code(parts.scenario),
        _markdown("## Ask, try, tell"),
        _code("from smac.runhistory import TrialValue\n\n" + loop(parts)),
        _code(PLOT_OF_RACED if parts.raced else PLOT),
    ]
    if parts.model:
        caution = "Loading a model runs what lies in its file: do that only where you would run the function itself."
        cells += [_markdown(f"## The model that the run kept\n\n{caution}"), _code(parts.model)]
    for position, cell in enumerate(cells):
        cell["id"] = f"cell-{position}"
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    book = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(text: str) -> dict[str, Any]:
    source = text.rstrip("\n").splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}
