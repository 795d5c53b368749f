"""No valid configuration crashes it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen, Value
from workbench.rules._calls import broke, call, configurations, described
from workbench.rules._mutation import Broken, at_start

SHOWN = 3


def more(case: Case, replies: Mapping[str, Reply]) -> Mapping[str, Call]:
    """For a configuration that fails in many values: each of them alone."""
    failing = [c for name, c in configurations(case).items() if name in replies and broke(replies[name])]
    default = case.defaults or {}
    if not failing or any(dict(c.config) == dict(default) for c in failing):
        return {}
    found: dict[str, Call] = {}
    for failed in failing[:2]:
        changed = [n for n, v in failed.config.items() if default.get(n) != v]
        if len(changed) < 2:
            return {}
        for name in changed[:8]:
            smaller = _only(case, failed.config, name)
            if smaller is not None:
                found[f"only {name} {len(found)}"] = call(case, smaller)
    return found


def _only(case: Case, config: Mapping[str, Value], name: str) -> dict[str, Value] | None:
    """The default with one value of a failing configuration, where both have the same hyperparameters active."""
    default = dict(case.defaults or {})
    return {**default, name: config[name]} if name in default and set(config) == set(default) else None


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """The smallest failing configuration of each error, with its traceback."""
    tried = {**configurations(case), **more(case, replies)}
    broken = [(c, replies[n]) for n, c in tried.items() if n in replies and broke(replies[n])]
    first = len(configurations(case))
    default = case.defaults or {}
    by_error: dict[str, list[tuple[Call, Reply]]] = {}
    for failed, reply in broken:
        last = reply.traceback.rstrip().splitlines()[-1] if reply.traceback else reply.status
        by_error.setdefault(last.partition(":")[0], []).append((failed, reply))
    for cases in list(by_error.values())[:SHOWN]:
        smallest, reply = min(cases, key=lambda pair: sum(default.get(n) != v for n, v in pair[0].config.items()))
        count = len(broken) if len(by_error) == 1 else len(cases)
        yield Seen(
            "fail",
            f"{reply.error} ({described(smallest)}); {min(count, first)} of {first} configurations tried do so",
            call=smallest,
            traceback=reply.traceback,
        )


def _calls(case: Case) -> Mapping[str, Call]:
    """The configurations that are tried."""
    return configurations(case)


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """A crash at the end of one range, at one choice, for a combination."""
    for h in job.space.hyperparameters[:5]:
        if h.kind in ("integer", "float"):
            for end, sign in ((h.low, "<="), (h.high, ">=")):
                if end is not None and end != h.default:
                    test = f"if float(cfg.get({h.name!r}, {h.default!r})) {sign} {end!r}:"
                    yield f"{h.name} at {end}", at_start(tree, f"{test}\n    raise RuntimeError('no')")
        elif h.kind == "categorical":
            others = [c for c in h.choices if c != h.default]
            if others:
                yield (
                    f"{h.name} is {others[0]!r}",
                    at_start(tree, f"if cfg.get({h.name!r}) == {others[0]!r}:\n    raise RuntimeError('no')"),
                )


RULE = Rule(
    id="every-configuration",
    group="robust",
    level={"*": "must"},
    text="Every valid configuration of the space must train: think of the corners of each range and of combinations.",
    probe=Probe(_calls, judge, more),
    examples=(
        Example(
            "    bootstrap = bool(",
            "    if max_features == 1.0:\n        raise ValueError('too many features')\n    bootstrap = bool(",
        ),
    ),
    mutate=mutate,
    order=120,
)
