"""Lesson 3: prompts as specifications."""

from __future__ import annotations

from typing import Any

from workbench.lessons.exercise import Exercises
from workbench.prompts.variant import MUTE
from workbench.rules import rules


def _find(answer: Any) -> str:
    known = rules()
    if answer not in known:
        return f"{answer!r} is no rule; [rule.id for rule in wb.spoken_rules()] lists them"
    return "" if answer == "held-out" else "that is another rule; look for 'the training part' or 'held out'"


def _mute(wb: Any) -> str:
    said = wb.variant.rules if wb.variant is not None else {}
    if said.get("seeded") != MUTE:
        return 'the rule seeded is still spoken: wb.mute("seeded")'
    sentence = rules()["seeded"].sentence(wb.contract)
    return "its sentence is still in the prompt" if sentence and sentence in wb.prompt.text else ""


def _predict(answer: Any, report: Any) -> str:
    right = {f.rule for f in report.blocking}
    said = {answer} if isinstance(answer, str) else set(answer)
    if "seeded" not in said:
        return "what was taken away is asked for by a sentence of the prompt: whose?"
    wrong = sorted(said - right)
    return f"seeded fails, as you say; {', '.join(wrong)} does not" if wrong else ""


def _repair(wb: Any) -> str:
    report = wb.report
    if report is None or not report.calls or report.candidate != wb.candidate.digest:
        return "the code in force was not checked yet: wb.check()"
    if report.blocking:
        first = report.blocking[0]
        where = f" in line {first.line}" if first.line else ""
        return f"{len(report.blocking)} must rule(s) still fail; first {first.rule}{where}: {first.message}"
    return "" if wb.candidate.origin == "edit" else "mend the broken code with wb.edit(…), don't have it written anew"


def _reword(wb: Any) -> str:
    words = (wb.variant.rules if wb.variant is not None else {}).get("seeded", "")
    if not words or words == MUTE:
        return 'give the rule seeded other words: wb.reword({"seeded": "…"})'
    if "seed" not in words.lower():
        return "your sentence does not say what the seed is for"
    if " ".join(words.split()) == " ".join(str(rules()["seeded"].sentence(wb.contract)).split()):
        return "those are the rule's own words; say it in yours"
    return "" if words in " ".join(wb.prompt.text.split()) else "your sentence is not in the filled prompt"


def _plan(wb: Any) -> str:
    if len(wb.plan.split()) < 5:
        return "wb.plan is still (nearly) empty: say in a sentence how train should go about it"
    return "" if wb.plan in wb.prompt.text else "your plan is not in the filled prompt"


check = Exercises(
    {"find": _find, "mute": _mute, "predict": _predict, "repair": _repair, "reword": _reword, "plan": _plan}
)
