"""No needless copies."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Probe, Reply, Rule, Seen
from workbench.rules._calls import default_call
from workbench.rules._source import calls as all_calls

COPIES = 2
GROWTH_MB = 500.0


def find(case: Case) -> Iterator[Seen]:
    """Deep copies, and the same table copied again and again."""
    copied: dict[str, list[ast.Call]] = {}
    for node, name in all_calls(case):
        if name == "copy.deepcopy" and node.args and ast.unparse(node.args[0]) in ("dataset", "X", "y"):
            yield Seen.at(node, f"`{ast.unparse(node)[:60]}` copies the data deeply; a shallow copy or none will do")
        elif name.endswith(".copy") and not node.args and name.startswith(("X", "data", "df")):
            copied.setdefault(name, []).append(node)
    for name, nodes in copied.items():
        if len(nodes) > COPIES:
            yield Seen.at(nodes[COPIES], f"`{name}()` is called {len(nodes)} times; one copy will do")


def calls(case: Case) -> Mapping[str, Call]:
    """The default call."""
    return {"default": default_call(case)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Growth at its peak, which a few hundred rows keep small; code with a framework takes its own and is let be."""
    grown = float(replies["default"].facts.get("memory", 0.0))
    framework = any(word in case.code for word in ("torch", "tensorflow", "jax"))
    if grown > GROWTH_MB and not framework:
        rows = min(240, case.job.dataset.rows)
        return [Seen("fail", f"for {rows} rows the process grew by {grown:.0f} MiB", call=default_call(case))]
    return []


RULE = Rule(
    id="memory",
    group="practice",
    level={"*": "should"},
    text="No needless copies of the data.",
    find=find,
    probe=Probe(calls, judge),
    order=530,
)
