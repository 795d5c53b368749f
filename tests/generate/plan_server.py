"""The loopback server with models that plan: each gives the replies that a test has put into `replies`, in order."""

from __future__ import annotations

import copy
import json

from model_server import ModelServer

PLAN = {
    "facade": {"id": "hpo", "reason": "Trainings are short, so every one can be a full one."},
    "scenario": [
        {"name": "n_trials", "value": 45, "reason": "Fifteen for each."},
        {"name": "trial_limit_s", "value": 30, "reason": "A training takes two seconds."},
    ],
    "plan": ["Split off a quarter, every class in its share.", "Fit a support vector machine on scaled columns."],
    "space": {
        "reason": "A kernel machine suits few rows.",
        "hyperparameters": [
            {"name": "C", "kind": "float", "low": 0.01, "high": 100, "log": True, "choices": None, "default": 1},
            {"name": "kernel", "kind": "categorical", "low": None, "high": None, "log": None,
             "choices": ["rbf", "poly"], "default": "rbf"},
            {"name": "degree", "kind": "integer", "low": 2, "high": 5.0, "log": None, "choices": None, "default": 3},
        ],
        "conditions": [
            {"child": "degree", "join": "and", "clauses": [{"parent": "kernel", "operator": "==", "value": "poly"}]}
        ],
        "forbidden": None,
    },
}  # fmt: skip


def changed(path, value):
    """The plan with one thing otherwise; `path` has keys and positions with dots between."""
    made = copy.deepcopy(PLAN)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = made
    for step in way:
        place = place[step]
    if isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    return made


class PlanServer(ModelServer):
    """`planner` knows JSON schemas, `planner-json` the JSON mode alone, `planner-block` neither."""

    def __init__(self):
        super().__init__()
        self.replies = []
        outer = self

        def plans(known):
            def answer(handler, body, nth):
                wanted = body.get("response_format", {}).get("type")
                if wanted is not None and wanted not in known:
                    handler.error(400, f"response_format.type {wanted} is not supported", param="response_format")
                    return
                if "2 + 2" in body["messages"][-1]["content"]:
                    handler.reply('{"answer": 4}')
                    return
                made = outer.replies.pop(0)
                text = made if isinstance(made, str) else json.dumps(made)
                if wanted is None and not isinstance(made, str):
                    text = f"My plan:\n\n```json\n{text}\n```\n"
                handler.reply(text, size=20_000)

            return answer

        kind = self._http.RequestHandlerClass
        kind.on_planner = plans(("json_schema", "json_object"))
        kind.on_planner_json = plans(("json_object",))
        kind.on_planner_block = plans(())

    def asked(self):
        """The texts of the requests for plans, without the trifles that find out how a server gives JSON."""
        texts = [r["messages"][-1]["content"] for r in self.requests]
        return [t for t in texts if "2 + 2" not in t]
