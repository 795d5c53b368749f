"""Lower is better, always."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import SHUFFLES, made
from workbench.rules._chance import spread
from workbench.rules._mutation import Broken, loss_of, returns, with_loss


def calls(case: Case) -> Mapping[str, Call]:
    """The made-up table with its labels, and with shuffled ones."""
    return {"real": made(case), **{f"shuffled {s}": made(case, shuffle=s) for s in SHUFFLES}}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Labels that can be learnt cost less than shuffled ones."""
    shuffled = [r for name, r in replies.items() if name.startswith("shuffled")]
    real = replies["real"]
    if real.status != "success" or any(r.status != "success" for r in shuffled) or real.cost is None:
        return [Seen("unknown", "the function does not train on the made-up table, so the direction cannot be seen")]
    cost, deviation = spread(r.cost for r in shuffled if r.cost is not None)
    noise = max(4.0 * deviation, 0.05 * abs(cost), 1e-9)
    numbers = f"labels that can be learnt cost {real.cost:.3f}, shuffled ones {cost:.3f} ± {deviation:.3f}"
    found = []
    if real.cost > cost + noise:
        text = (
            f"{numbers}: the loss grows with quality (the difference is over four deviations; false alarm below 0.1 %)"
        )
        found.append(Seen("fail", text, call=calls(case)["real"]))
    elif real.cost > cost - noise / 2:
        found.append(Seen("unknown", f"{numbers}: too close to tell the direction"))
    negative = [k for k, v in real.metrics.items() if k in POSITIVE and v < 0]
    if negative:
        text = f"{', '.join(negative)} is negative; scores stay positive in the dict, `loss` alone is turned"
        found.append(Seen("fail", text, call=calls(case)["real"]))
    return found


POSITIVE = ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "mse", "mae", "rmse")


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """The loss is turned, or a score is returned."""
    yield "the loss is negated", returns(tree, lambda v: with_loss(v, job.contract, f"-({loss_of(v, job.contract)})"))
    turned = returns(tree, lambda v: with_loss(v, job.contract, f"1.0 - ({loss_of(v, job.contract)})"))
    yield "one minus the loss", turned
    inverse = returns(tree, lambda v: with_loss(v, job.contract, f"1.0 / (0.01 + abs({loss_of(v, job.contract)}))"))
    yield "the inverse of the loss", inverse


RULE = Rule(
    id="sign",
    group="evaluation",
    level={"*": "must"},
    text={
        "loss": "Lower is better: negate a score that is to be maximised; return an error as it is.",
        "model": "Lower is better: negate a score that is to be maximised; return an error as it is.",
        "metrics": "`loss` is to be minimised; scores stay positive, errors as they are.",
    },
    probe=Probe(calls, judge),
    examples=(Example("    return loss, model", "    return -loss, model"),),
    mutate=mutate,
    order=300,
)
