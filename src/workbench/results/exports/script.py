"""A run as a Python script: the same data, space, facade and function, with SMAC's own ask and tell."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from workbench.results.exports.parts import loop, parts_of

if TYPE_CHECKING:
    from workbench.runs import Run


def to_script(run: Run) -> str:
    """The run as a script that needs pandas with pyarrow, ConfigSpace, SMAC, and what `train` imports.

    It has one argument, the number of trials, that of the run when left out. `train` runs in the script's own process:
    without the guard and the limits that the workbench has. No configuration is read from the run but the job's.

    Raises
    ------
    OSError, KeyError, ValueError
        If a file of the run is missing or cannot be read.
    """
    parts = parts_of(run)
    data, name = _plain(run.about["dataset"]["name"]), _plain(run.folder.name)
    head = (
        f'"""Optimise `train` on {data} with {parts.facade}, as in the run {name}.\n\n'
        "python optimise.py [TRIALS]; here `train` runs in this process, with no guard around it.\n"
        '"""\n'
    )
    imports = "import json\nimport math\nimport sys\nimport time\nfrom pathlib import Path\n\nimport pandas as pd\n"
    constants = (
        f"N_TRIALS = int(sys.argv[1]) if len(sys.argv) > 1 else {parts.n_trials}\n"
        f"SEED = {parts.seed}\n"
        'MODELS = Path("models")\n'
    )
    body = "from smac.runhistory import TrialValue\n\nMODELS.mkdir(exist_ok=True)\n" + loop(parts)
    sections = [
        head + "\n" + (parts.future + "\n" if parts.future else "") + imports + "\n" + constants,
        "# the function\n\n" + parts.train,
        "# the data\n\n" + parts.data,
        "# the search space\n\n" + parts.space,
        "# the optimiser\n\n" + parts.scenario,
        "# ask, try, tell\n\n" + body,
    ]
    if parts.model:
        lines = textwrap.indent(parts.model, "# ", lambda line: True).replace("# \n", "#\n")
        sections.append("# the model that the run kept is loaded like this:\n#\n" + lines)
    return "\n\n".join(sections)


def _plain(name: str) -> str:
    """A name as it may stand in a docstring."""
    return name.replace("\\", "/").replace('"', "'")
