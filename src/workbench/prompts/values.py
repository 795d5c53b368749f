"""What a template is filled with."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from workbench import contracts, datasets, facades, rules, space
from workbench.nouns import Hyperparameter, Job, Rule, Scenario
from workbench.prompts.spans import marked

_described: OrderedDict[str, str] = OrderedDict()
KEPT_DESCRIPTIONS = 8


def values(job: Job, spoken: Callable[[Rule], str | None]) -> dict[str, Any]:
    """Placeholders by name: marked text for what is printed, plain values for what is asked in an `if`.

    Parameters
    ----------
    spoken : function
        The sentence that a rule speaks in this prompt, None where it is mute.
    """
    contract, facade = contracts.get(job.contract), facades.get(job.facade)
    scenario = job.scenario
    needs_budget = contract.takes_budget and facade.needs_budget
    said = {
        "task": job.dataset.task,
        "signature": contract.signature,
        "typing_names": ", ".join(_typing_names(contract.signature)),
        "dataset_description": description(job),
        "config_space": space.definition(job.space),
        "names": ", ".join(f"`{n}`" for n in job.space.names),
        "facade": f"{facade.title}: {facade.summary} {facade.why}".strip(),
        "scenario": scenario_text(job, needs_budget=needs_budget),
        "reading_example": "\n".join(_reading(h, job) for h in _examples(job)),
        "metric_keys": ", ".join(f"`{k}`" for k in contracts.metric_keys(job.dataset.task)),
        "min_budget": _number(scenario.min_budget),
        "max_budget": _number(scenario.max_budget),
    }
    filled: dict[str, Any] = {name: marked(name, text) for name, text in said.items()}
    filled["plan"] = marked("plan", job.plan.strip()) if job.plan.strip() else ""
    # the names that templates with {placeholders} have for the two
    filled["train_function_plan"] = filled["plan"]
    filled["suggested_facade"] = marked("suggested_facade", f"{facade.title} ({facade.smac_class})")
    flags: Mapping[str, bool] = {
        "takes_budget": contract.takes_budget,
        "needs_budget": needs_budget,
        "has_test": job.dataset.X_test is not None,
        "returns_model": contract.id == "model",
        "conditional": bool(job.space.conditions),
    }
    return {**filled, **flags, "rules": _speaker(job, spoken), "checklist": _checklist(job, spoken)}


def plain_values(job: Job) -> dict[str, str]:
    """What a template with `{placeholders}` is filled with."""
    facade = facades.get(job.facade)
    contract = contracts.get(job.contract)
    return {
        "dataset_description": description(job),
        "config_space": space.definition(job.space),
        "scenario": scenario_text(job, needs_budget=contract.takes_budget and facade.needs_budget),
        "train_function_plan": job.plan.strip(),
        "suggested_facade": f"{facade.title} ({facade.smac_class})",
        "signature": contract.signature,
    }


def _speaker(job: Job, spoken: Callable[[Rule], str | None]) -> Callable[[str], str]:
    known = {rule.group for rule in rules.rules().values()}

    def speak(group: str) -> str:
        """The sentences of a group of rules, as a list."""
        if group not in known:
            raise ValueError(f"there is no group of rules {group!r}; there are: {', '.join(sorted(known))}")
        lines = []
        for rule in rules.rules().values():
            if rule.group != group or not rule.holds_for(job):
                continue
            sentence = spoken(rule)
            if sentence:
                lines.append(f"- {marked(f'rule:{rule.id}', sentence)}")
        return "\n".join(lines)

    return speak


def _checklist(job: Job, spoken: Callable[[Rule], str | None]) -> str:
    """One short line for each must rule that is spoken."""
    held = [r for r in rules.rules().values() if r.holds_for(job) and r.level_for(job.contract) == "must" and spoken(r)]
    names = [r.id.replace("-", " ") for r in held]
    return marked("checklist", "\n".join(f"- [ ] {name}" for name in names))


def description(job: Job) -> str:
    """The dataset in words, kept: a wide table takes a while, and a prompt is filled again with every keystroke."""
    digest = f"{job.dataset.digest}:{job.dataset.name}"
    if digest not in _described:
        _described[digest] = datasets.describe(job.dataset)
        while len(_described) > KEPT_DESCRIPTIONS:
            _described.popitem(last=False)
    return _described[digest]


def _typing_names(signature: str) -> list[str]:
    known = ("Any", "Dict", "Tuple", "Union", "Optional", "List")
    return [n for n in known if f"{n}[" in signature or f"{n}," in signature or f"{n}]" in signature]


def scenario_text(job: Job, *, needs_budget: bool) -> str:
    """The numbers of a job in a sentence."""
    scenario = job.scenario
    parts = [f"{scenario.n_trials} trials"]
    if needs_budget:
        parts.append(f"budgets from {_number(scenario.min_budget)} to {_number(scenario.max_budget)}")
    if facades.get(job.facade).needs_instances:
        parts.append(_instances(scenario))
    parts.append(f"at most {scenario.trial_limit_s:g} s and {scenario.memory_limit_mb:,} MB for one trial")
    return f"Scenario: {', '.join(parts)}; a trial over its limits is lost."


def _instances(scenario: Scenario) -> str:
    where = isinstance(scenario.instances, str)
    over = (
        f"on the rows of one value of column {scenario.instances!r}"
        if where
        else f"with one of {scenario.instances} seeds"
    )
    return f"each {over} (the best configuration is the best on average)"


def _number(value: float | None) -> str:
    return "None" if value is None else f"{value:g}"


def _examples(job: Job) -> list[Hyperparameter]:
    """At most one hyperparameter of each kind of value, conditional ones first: they are what goes wrong."""
    rows = sorted(job.space.hyperparameters, key=lambda h: not job.space.conditions_of(h.name))
    chosen: dict[str, Hyperparameter] = {}
    for h in rows:
        if h.kind != "constant":
            chosen.setdefault(h.kind, h)
    return list(chosen.values())[:3] or rows[:1]


def _reading(h: Hyperparameter, job: Job) -> str:
    default = space.resolved_default(h)
    name = "".join(c if c.isalnum() else "_" for c in h.name)
    variable = name if name.isidentifier() else f"value_{name}"
    read = f"cfg.get({h.name!r}, {default!r})"
    if h.kind == "integer":
        code = f"min({h.high!r}, max({h.low!r}, int({read})))"
    elif h.kind == "float":
        code = f"min({h.high!r}, max({h.low!r}, float({read})))"
    elif isinstance(default, bool):
        code = f"bool({read})"
    else:
        code = f"{type(default).__name__}({read})"
    note = "  # absent when inactive" if job.space.conditions_of(h.name) else ""
    return f"{variable} = {code}{note}"
