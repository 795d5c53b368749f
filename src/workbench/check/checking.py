"""From code to a report: static checks, then the shared calls, then the judgement of the probes."""

from __future__ import annotations

import ast
import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress

from workbench import rules
from workbench.check.case import case as make_case
from workbench.check.case import parse
from workbench.check.probing import Asker, Budget, Plan
from workbench.check.snippet import snippet
from workbench.nouns import Call, Candidate, Case, Finding, Job, Reply, Report, Rule, RunError, Seen
from workbench.worker import prepare

logger = logging.getLogger(__name__)

MAX_SEEN = 25
"""Findings of one rule that are listed; the rest is counted."""


def static(code: str, job: Job) -> Report:
    """What can be said from reading the code alone; nothing is called.

    Parameters
    ----------
    code : str
        Any text; what does not parse is a finding on `code-only`.
    job : Job
        What the function is for.
    """
    return check(code, job, probe=False)


def check(
    code: str,
    job: Job,
    *,
    probe: bool = True,
    only: Collection[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    budget: Budget | None = None,
) -> Report:
    """Check a function against the rule book.

    Parameters
    ----------
    code : str
        Any text; what does not parse is a finding on `code-only`.
    job : Job
        What the function is for.
    probe : bool
        Call the function too, in the isolated worker, on a sample of the job's data.
    only : collection of str, optional
        Ids of the rules to check; all that hold when left out.
    progress : function, optional
        Told how many calls are done, of how many.
    budget : Budget, optional
        How long calls may take.

    Returns
    -------
    Report
        One finding or more for each rule that holds under the job's contract, in the order of the rule book.
    """
    started = time.perf_counter()
    digest = Candidate(code, "file").digest
    tree = parse(code)
    if isinstance(tree, Seen):
        finding = _finding(rules.get("code-only"), tree, job)
        return Report(digest, (finding, *_broken()), seconds=time.perf_counter() - started)
    if probe:
        with suppress(RunError):  # said when the first call is made
            prepare(code)  # it starts while the code is read
    case = make_case(code, tree, job, to_call=probe)
    held = [
        r for r in rules.rules().values() if (only is None or r.id in only) and r.holds_for(job) and _applies(r, case)
    ]
    seen: dict[str, list[Seen]] = {rule.id: _guarded(rule, lambda r=rule: _read(r, case)) for rule in held}  # type: ignore[misc]
    calls = 0
    if probe and _callable(case):
        calls = _probe(held, seen, case, progress, budget)
    findings = [f for rule in held for f in _findings(rule, seen[rule.id], case, probed=calls > 0)]
    return Report(digest, (*findings, *_broken()), calls=calls, seconds=time.perf_counter() - started)


def _applies(rule: Rule, case: Case) -> bool:
    return rule.applies is None or rule.applies(case)


def _read(rule: Rule, case: Case) -> Iterable[Seen]:
    return rule.find(case) if rule.find is not None else ()


def _guarded(rule: Rule, look: Callable[[], Iterable[Seen]]) -> list[Seen]:
    """What a rule sees; a rule that raises has no verdict, and the others are not disturbed."""
    try:
        return list(look())
    except Exception as error:  # a rule is a plug-in, and generated code is anything
        logger.warning("rule %s raised", rule.id, exc_info=True)
        return [
            Seen("unknown", f"the check itself failed ({type(error).__name__}: {error}); this is a defect of the rule")
        ]


def _callable(case: Case) -> bool:
    """Whether calling makes sense: there is a `train` that takes what the contract hands over."""
    if case.train is None:
        return False
    named = [a.arg for a in case.train.args.args]
    wanted = [a.arg for a in ast.parse(f"def {case.contract_signature}: ...").body[0].args.args]  # type: ignore[attr-defined]
    return set(wanted) <= set(named) or case.train.args.kwarg is not None


def _probe(
    held: list[Rule],
    seen: dict[str, list[Seen]],
    case: Case,
    progress: Callable[[int, int], None] | None,
    budget: Budget | None,
) -> int:
    plan = Plan()
    wanted: dict[str, Mapping[str, Call]] = {}
    probed = {rule.id: rule.probe for rule in held if rule.probe is not None}

    def want(rule_id: str, calls: Callable[[], Mapping[str, Call]]) -> None:
        try:
            more = calls()
        except Exception as error:  # as for reading
            logger.warning("rule %s raised", rule_id, exc_info=True)
            seen[rule_id].append(Seen("unknown", f"the check itself failed ({type(error).__name__}: {error})"))
            wanted.pop(rule_id, None)
            return
        wanted[rule_id] = {**wanted.get(rule_id, {}), **more}
        plan.add(more.values())

    for rule_id, part in probed.items():
        want(rule_id, lambda p=part: p.calls(case))  # type: ignore[misc]
    try:
        with Asker(case, budget, progress) as asker:
            asker.ask(plan)
            for rule_id, part in probed.items():
                answers = _answers(plan, wanted.get(rule_id, {}), asker.replies)
                if part.more is not None and len(answers) == len(wanted.get(rule_id, ())):
                    want(rule_id, lambda p=part, a=answers: p.more(case, a))  # type: ignore[misc]
            asker.ask(plan)
            replies = asker.replies
    except RunError as error:
        for rule_id in wanted:
            seen[rule_id].append(Seen("unknown", f"the function could not be called: {error}"))
        return 0
    for rule in held:
        if rule.id in wanted:
            asked = wanted[rule.id]
            answers = _answers(plan, asked, replies)
            seen[rule.id] += _guarded(rule, lambda r=rule, a=asked, b=answers: _judge(r, case, a, b))  # type: ignore[misc]
    return len(replies)


def _answers(plan: Plan, asked: Mapping[str, Call], replies: Mapping[str, Reply]) -> dict[str, Reply]:
    return {name: replies[plan.key(call)] for name, call in asked.items() if plan.key(call) in replies}


def _judge(rule: Rule, case: Case, asked: Mapping[str, Call], answers: Mapping[str, Reply]) -> Iterable[Seen]:
    assert rule.probe is not None
    if answers and all(r.status == "timeout" for r in answers.values()) and rule.id != "every-configuration":
        return [Seen("unknown", "the calls took longer than their limit")]
    if len(answers) < len(asked):
        missing = len(asked) - len(answers)
        late = [Seen("unknown", f"the time for calls was over before {missing} of {len(asked)} calls were made")]
        return [*rule.probe.judge(case, answers), *late] if rule.id == "every-configuration" else late
    return rule.probe.judge(case, answers)


# ---------------------------------------------------------------------------------------------------- findings


def _findings(rule: Rule, seen: list[Seen], case: Case, *, probed: bool) -> list[Finding]:
    if not seen:
        if rule.find is None and rule.probe is not None and not probed:
            seen = [Seen("unknown", "only a call can tell, and the function was not called")]
        elif rule.find is None and rule.probe is None:
            seen = [Seen("unknown", "this is asked for in the prompt and not checked")]
        else:
            how = (
                "read and called"
                if probed and rule.probe is not None and rule.find is not None
                else ("called" if rule.find is None else "read")
            )
            seen = [Seen("pass", f"kept, as far as the code was {how}")]
    listed = sorted(seen, key=lambda s: ("fail", "unknown", "pass").index(s.verdict))
    if any(s.verdict == "fail" for s in listed):
        listed = [s for s in listed if s.verdict != "pass"]
    findings = [_finding(rule, s, case.job, case) for s in listed[:MAX_SEEN]]
    if len(listed) > MAX_SEEN:
        findings.append(_finding(rule, Seen(listed[MAX_SEEN].verdict, f"and {len(listed) - MAX_SEEN} more"), case.job))
    return findings


def _finding(rule: Rule, seen: Seen, job: Job, case: Case | None = None) -> Finding:
    level = seen.level or rule.level_for(job.contract) or "must"
    sentence = rule.sentence(job.contract)
    text = snippet(case, seen.call) if case is not None and seen.call is not None and seen.verdict == "fail" else ""
    line = seen.line
    if line is None and seen.traceback:
        line = _last_line(seen.traceback, case)
    return Finding(
        rule=rule.id,
        level=level,
        verdict=seen.verdict,
        message=seen.message,
        sentence=sentence,
        line=line,
        column=seen.column,
        snippet=text,
        traceback=seen.traceback,
    )


def _last_line(traceback: str, case: Case | None) -> int | None:
    """The innermost line of the generated code in a traceback."""
    found = None
    for line in traceback.splitlines():
        head, _, tail = line.partition('File "train.py", line ')
        if tail and not head.strip():
            number = tail.split(",")[0].split()[0]
            found = int(number) if number.isdigit() else found
    count = case.code.count("\n") + 1 if case is not None else 0
    return found if found is not None and found <= count else None


def _broken() -> tuple[Finding, ...]:
    """Rule files that could not be loaded: they are said, and decide nothing."""
    return tuple(
        Finding(module.rpartition(".")[2].replace("_", "-"), "should", "unknown", reason)
        for module, reason in rules.broken().items()
    )
