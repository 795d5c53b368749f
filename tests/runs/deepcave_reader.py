"""Run by DeepCAVE's own Python: open SMAC's output with DeepCAVE's own reader and print what it sees as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from deepcave.runs.converters.smac3v2 import SMAC3v2Run

found = {}
for folder in sys.argv[1:]:
    run = SMAC3v2Run.from_path(Path(folder))
    first = run.get_objectives()[0]
    best, cost = run.get_incumbent(first)
    found[folder] = {
        "valid": SMAC3v2Run.is_valid_run(folder),
        "objectives": [o.name for o in run.get_objectives()],
        "trials": [
            {
                "config": dict(run.get_config(t.config_id)),
                "budget": t.budget,
                "cost": t.costs[0],
                "status": t.status.name,
            }
            for t in run.get_trials()
        ],
        "incumbent": dict(best),
        "cost": cost,
    }
print(json.dumps(found, default=float))
