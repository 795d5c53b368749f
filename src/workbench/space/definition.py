"""A space in words, with the exact names, for a prompt."""

from __future__ import annotations

from workbench.nouns import Condition, Hyperparameter, Space
from workbench.space.activity import resolved_default
from workbench.space.clauses import forbidden_text, when_text
from workbench.space.priors import prior_text
from workbench.space.values import value_text


def definition(space: Space) -> str:
    """Every hyperparameter with its range, scale, default and conditions; then the forbidden clauses."""
    if not space.hyperparameters:
        return "(no hyperparameters)"
    conditions: dict[str, list[Condition]] = {}
    for c in space.conditions:
        conditions.setdefault(c.child, []).append(c)
    lines = [_line(h, conditions.get(h.name, [])) for h in space.hyperparameters]
    if space.forbidden:
        lines += ["", "Forbidden (no configuration has all of these at once):"]
        lines += [f"- {forbidden_text(f)}" for f in space.forbidden]
    return "\n".join(lines)


def _line(h: Hyperparameter, conditions: list[Condition]) -> str:
    name = h.name if h.name.isidentifier() else value_text(h.name)
    if h.kind == "constant":
        text = f"- {name}: constant, always {value_text(resolved_default(h))}"
    else:
        text = f"- {name}: {_domain(h)}, default {value_text(resolved_default(h))}"
    if not conditions:
        return text
    when = " and ".join(f"({when_text(c)})" if len(conditions) > 1 else when_text(c) for c in conditions)
    return f"{text}; active only when {when}, else absent"


def _domain(h: Hyperparameter) -> str:
    if h.kind in ("integer", "float"):
        prior = f", {prior_text(h.prior)} prior" if h.prior is not None else ""
        return f"{h.kind} from {h.low!r} to {h.high!r}{', log scale' if h.log else ''}{prior}"
    choices = ", ".join(value_text(c) for c in h.choices)
    if h.kind == "ordinal":
        return f"ordinal, one of {choices} (in this order)"
    weights = f" (weights {', '.join(f'{w:g}' for w in h.weights)})" if h.weights else ""
    return f"categorical, one of {choices}{weights}"
