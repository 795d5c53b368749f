"""The part of a session that sends a function back until what it must keep holds, or there is a reason to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import traitlets

from workbench.generate.model import ModelError
from workbench.generate.repair import Repair, Round, failing, mark, request
from workbench.nouns import Candidate, Finding, GenerateError, Job, Report, StoppedError
from workbench.prompts import Variant
from workbench.session.message import Message
from workbench.session.writing import Writing

UNCHANGED = 2
"""So often may the same finding come back unchanged."""


class Repairing(Writing):
    """Rounds of repair. Each is a candidate with its parent, and all stay in `candidates`."""

    repair_round = traitlets.Tuple((0, 0), help="The round that is going on, and how many there may be; (0, 0): none.")
    repaired = traitlets.Instance(Repair, allow_none=True, default_value=None, help="How the last repair ended.")
    repair_variant = traitlets.Instance(
        Variant, allow_none=True, default_value=None, help="Another wording of the request for a repair, or None."
    )

    if TYPE_CHECKING:  # of Session
        candidate: Candidate | None
        candidates: tuple[Candidate, ...]
        report: Report | None
        message: Message | None

        def check(self, *, probe: bool = True) -> Report: ...  # noqa: D102
        def _ready(self) -> tuple[Candidate, Job]: ...
        def _fitted(self, candidate: Candidate, job: Job) -> Candidate: ...
        def _propose(self, candidate: Candidate) -> None: ...
        def _in_thread(self, name: str, action: Callable[[], object]) -> threading.Thread: ...

    def __init__(self, *arguments: object, **traits: object) -> None:
        super().__init__(*arguments, **traits)
        self._stop_repair = threading.Event()
        self._one_repair = threading.Lock()

    def cancel(self) -> None:
        """Stop what is being written or repaired, within half a second; what came is kept."""
        self._stop_repair.set()
        super().cancel()

    def repair(self, rounds: int = 3, *, probe: bool = True) -> Repair:
        """Send the function back with what fails, and check what comes, at most so often.

        Without `probe` each version is only read, and not called.

        Raises
        ------
        GenerateError
            If no model is chosen, there is no function, or a reply brings none; candidates of the rounds before stay.
        """
        if rounds < 1:
            raise GenerateError(f"the number of rounds is {rounds}; give 1 or more")
        if self.model is None and self.recording is None:
            raise GenerateError("no model is chosen, and the offline composer repairs nothing; choose one first")
        if not self._one_repair.acquire(blocking=False):
            raise GenerateError("a function is being repaired; wait for it, or stop it with cancel()")
        try:
            self._stop_repair.clear()
            self.repaired = None
            self.repaired = self._rounds(rounds, probe)
        finally:
            self.repair_round = (0, 0)
            self._one_repair.release()
        self.message = Message("info" if self.repaired.reason == "passes" else "warning", self.repaired.text)
        return self.repaired

    def repair_async(self, rounds: int = 3) -> threading.Thread:
        """`repair` in a thread; what goes wrong becomes `message`."""
        return self._in_thread("repair", lambda: self.repair(rounds))

    def _rounds(self, rounds: int, probe: bool) -> Repair:
        candidate, job = self._ready()
        report = self.report
        if report is None or (probe and not report.calls):
            report = self.check(probe=probe)
        first = Round(candidate, report)
        done: list[Round] = []
        back: dict[tuple[str, str, str], int] = {}
        if not failing(report):
            return Repair("passes", "nothing fails; there is nothing to repair")
        for number in range(1, rounds + 1):
            if self._stop_repair.is_set():
                return self._end(first, done, "cancelled")
            self.repair_round = (number, rounds)
            before = done[-1] if done else first
            try:
                now = self._round(before, job, probe)
            except ModelError as error:
                if error.kind == "budget":
                    return self._end(first, done, "budget", str(error))
                raise
            if now is None:
                return self._end(first, done, "cancelled")
            done.append(now)
            if not now.report.blocking:
                return self._end(first, done, "passes")
            old = {mark(f, before.candidate.code): f for f in before.report.blocking}
            marks = {mark(f, now.candidate.code): f for f in now.report.blocking}
            back = {m: back.get(m, 0) + 1 for m in marks if m in old}
            stuck = next((m for m, times in back.items() if times >= UNCHANGED), None)
            if stuck is not None:
                same = ((before.candidate, old[stuck]), (now.candidate, marks[stuck]))
                return self._end(first, done, "unchanged", same=same)
        return self._end(first, done, "rounds")

    def _round(self, before: Round, job: Job, probe: bool) -> Round | None:
        """Ask once and check what came; None if it was cancelled."""
        prompt = request(before.candidate, before.report, job, self.repair_variant)
        with self._writing():
            if self._stop_repair.is_set():  # between two calls
                return None
            try:
                written = self._write(prompt.text, "repair", before.candidate.digest)
            except StoppedError:
                return None
            found = self._fitted(written, job)
            if found.code == before.candidate.code:
                return Round(before.candidate, before.report)
            self._propose(found)
        if self._stop_repair.is_set():
            return None
        return Round(found, self.check(probe=probe))

    def _end(
        self,
        first: Round,
        done: list[Round],
        reason: str,
        why: str = "",
        same: tuple[tuple[Candidate, Finding], ...] = (),
    ) -> Repair:
        """Put it in words; the version that breaks least is made current."""
        number = f"{len(done)} round{'s' if len(done) != 1 else ''}"
        last = done[-1] if done else first
        left = ", ".join(dict.fromkeys(f.rule for f in last.report.blocking))
        remarks = f"; {n} remark{'s' if n != 1 else ''} left" if (n := last.report.count("fail")) else ""
        text = {
            "passes": f"repaired in {number}: every must rule holds{remarks}",
            "rounds": f"still failing after {number}: {left}",
            "budget": f"the repair ended after {number}: {why}",
            "cancelled": f"the repair was stopped after {number}; still failing: {left}",
            "unchanged": "",
        }[reason]
        if same:
            places = " and ".join(f"version {self._number(c)}, line {f.line or '–'}" for c, f in same)
            text = f"`{same[1][1].rule}` came back unchanged twice, in {places}: {same[1][1].message}; mend it by hand"
        best = min((*reversed(done), first), key=lambda r: (len(r.report.blocking), r.report.count("fail")))
        if reason != "cancelled" and best is not last and len(best.report.blocking) < len(last.report.blocking):
            self.candidate, self.report = best.candidate, best.report
            text += f". Version {self._number(best.candidate)} breaks least, and is current"
        return Repair(reason, text, tuple(done), same)  # type: ignore[arg-type]

    def _number(self, candidate: Candidate) -> int:
        """The version's number, from 1."""
        return next((i for i, c in enumerate(self.candidates, 1) if c.digest == candidate.digest), 0)
