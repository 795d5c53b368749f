"""It says how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Probe, Reply, Rule, Seen
from workbench.rules._calls import default_call
from workbench.rules._source import calls as all_calls

SAYING = ("print", "tqdm.tqdm", "tqdm.auto.tqdm", "sys.stdout.write", "sys.stderr.write")
METHODS = (".info", ".debug", ".warning", ".log")
MOST = 200


def find(case: Case) -> Iterator[Seen]:
    """A print or a log call."""
    names = [name for _, name in all_calls(case)]
    if not any(n in SAYING or n.endswith(METHODS) for n in names):
        yield Seen(
            "fail",
            "it prints nothing; a line at the start and one at the end will do",
            case.train.lineno if case.train else None,
        )


def calls(case: Case) -> Mapping[str, Call]:
    """The default call."""
    return {"default": default_call(case)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Between 1 and 200 lines."""
    reply = replies["default"]
    if reply.status != "success":
        return []
    lines = [line for line in reply.output.splitlines() if line.strip()]
    if len(lines) > MOST:
        return [
            Seen("fail", f"one call prints {len(lines)} lines; at most {MOST} can be read", call=default_call(case))
        ]
    return []


RULE = Rule(
    id="progress",
    group="practice",
    level={"*": "should"},
    text="Print how far it is: a few lines, at most one for each epoch.",
    find=find,
    probe=Probe(calls, judge),
    order=540,
)
