"""The part of a session that plans: a proposal in four parts, each accepted, edited or rejected by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import traitlets

from workbench.generate.model import Completion, Format
from workbench.generate.planner import checked_time, plan_by_model, plan_by_rules
from workbench.generate.planning.parts import checked_part, difference, part_text, reasons, revised
from workbench.generate.structured import WAYS, ask_object
from workbench.nouns import PARTS, DatasetError, GenerateError, Job, Part, Proposal, Scenario
from workbench.prompts import Variant
from workbench.session.writing import Writing

if TYPE_CHECKING:
    from workbench.nouns import Dataset
    from workbench.space import SpaceDraft

PartState = Literal["open", "accepted", "rejected"]


class Planning(Writing):
    """What a planner proposes before the function is written, and what the person makes of it.

    Nothing of a proposal is in force until its part is accepted.
    """

    proposal = traitlets.Instance(Proposal, allow_none=True, default_value=None)
    proposal_states = traitlets.Dict(help="For each part of the proposal: open, accepted or rejected.")
    proposing = traitlets.Bool(False)
    plan_variant = traitlets.Instance(
        Variant, allow_none=True, default_value=None, help="Another wording of the request for a plan, or None."
    )

    if TYPE_CHECKING:  # of Session
        dataset: Dataset | None
        facade: str
        contract: str
        scenario: Scenario
        plan: str
        _draft: SpaceDraft

        def set_scenario(self, **numbers: Any) -> Scenario: ...  # noqa: D102
        def _in_thread(self, name: str, action: Callable[[], object]) -> threading.Thread: ...

    def __init__(self, *arguments: Any, **traits: Any) -> None:
        super().__init__(*arguments, **traits)
        self._one_planner = threading.Lock()
        self._stop_planning = threading.Event()

    @traitlets.observe("dataset")
    def _planned_for_another(self, change: dict[str, Any]) -> None:
        """A proposal speaks of a table; of another one it says nothing."""
        self.proposal, self.proposal_states = None, {}

    # ------------------------------------------------------------------ proposing

    def propose(self, time_s: float | None = None, *, offline: bool = False) -> Proposal:
        """Propose a facade, numbers for the scenario, a plan for `train` and a space; nothing is changed yet.

        Parameters
        ----------
        time_s : float, optional
            How long the whole run may take; the scenario's limit where it is left out, else ten minutes.
        offline : bool
            Plan by rules even where a model was chosen.

        Raises
        ------
        DatasetError
            If there is no dataset.
        GenerateError
            If the model gives no plan that can be used; the proposal before stays.
        """
        if self.dataset is None:
            raise DatasetError("there is no dataset yet; load one in the Data step, or with load(path, target=...)")
        job = Job(self.dataset, self._draft.space, self.facade, self.contract, self.scenario, self.plan)
        if not self._one_planner.acquire(blocking=False):
            raise GenerateError("a plan is being made; wait for it, or stop it with cancel_proposal()")
        try:
            self._stop_planning.clear()
            self.proposing = True
            alone = offline or (self.model is None and self.recording is None)
            made = plan_by_rules(job, time_s=time_s) if alone else self._plan_by_model(job, time_s)
            if self.dataset is job.dataset:
                self.proposal_states = dict.fromkeys(PARTS, "open")
                self.proposal = made
        finally:
            self.proposing = False
            self._one_planner.release()
        return made

    def propose_async(self, time_s: float | str | None = None, *, offline: bool = False) -> threading.Thread:
        """`propose` in a thread; what goes wrong becomes `message`.

        Raises
        ------
        GenerateError
            If the time is no time, or a plan is being made already.
        """
        seconds = checked_time(time_s)
        if self.proposing:
            raise GenerateError("a plan is being made; wait for it, or stop it with cancel_proposal()")
        return self._in_thread("plan", lambda: self.propose(seconds, offline=offline))

    def cancel_proposal(self) -> None:
        """Stop asking a model for a plan, within half a second."""
        self._stop_planning.set()

    def _plan_by_model(self, job: Job, time_s: float | None) -> Proposal:
        came: list[str] = []

        def ask(prompt: str, schema: Mapping[str, Any], variant: str) -> dict[str, Any]:
            came.clear()
            if self.recording is not None:
                return self._recorded(prompt, schema, came)
            assert self.model is not None
            settings, writer = self.model, self.writer
            try:
                return writer.complete_object(
                    prompt,
                    schema,
                    settings,
                    self._key(settings),
                    variant=variant,
                    cancel=self._stop_planning,
                    on_text=came.append,
                    on_retry=self._again,
                )[0]
            finally:
                self.spent, self.retry = writer.tally.spent, None

        return plan_by_model(
            job, ask, model=self.author, time_s=time_s, variant=self.plan_variant, reply=lambda: "".join(came)
        )

    def _recorded(self, prompt: str, schema: Mapping[str, Any], came: list[str]) -> dict[str, Any]:
        """The recorded reply, by whichever way the server gave it."""
        recording = self.recording
        assert recording is not None
        missing: GenerateError | None = None

        def ask(worded: str, form: Format | None) -> Completion:
            nonlocal missing
            try:
                done = recording.complete(worded, self.model, response_format=form)
            except GenerateError as error:
                missing = error
                raise
            came.append(done.text)
            return done

        for way in WAYS:
            missing = None
            try:
                return ask_object(prompt, schema, way, ask)[0]
            except GenerateError:
                if missing is None:
                    raise
        raise GenerateError(str(missing)) from missing

    # ------------------------------------------------------------------ what the person makes of it

    def proposal_diff(self, part: str) -> str:
        """What a part of the proposal would change, as a unified diff in words; empty where it changes nothing.

        Raises
        ------
        GenerateError
            If there is no proposal, or it has no such part.
        """
        return difference(
            self._proposed(),
            checked_part(part),
            facade=self.facade,
            scenario=self.scenario,
            plan=self.plan,
            present=self._draft.space,
        )

    def proposal_text(self, part: str) -> str:
        """A part of the proposal as text to edit; `revise` takes it back."""
        return part_text(self._proposed(), checked_part(part))

    def proposal_reasons(self, part: str) -> tuple[str, ...]:
        """Why a part is proposed, in sentences."""
        return reasons(self._proposed(), checked_part(part))

    def accept(self, *parts: str) -> None:
        """Put parts of the proposal in force; every one that is open where none is named.

        A space goes through the draft: one step back undoes it. A plan becomes the words on how `train` should go
        about it, and with the facade fills the prompt.

        Raises
        ------
        WorkbenchError
            If there is no proposal, or it has no such part.
        """
        proposal = self._proposed()
        states: dict[str, str] = self.proposal_states
        chosen = [checked_part(p) for p in parts] or [p for p in PARTS if states.get(p) == "open"]
        for part in sorted(chosen, key=PARTS.index):  # a facade first: it suggests numbers of its own
            self._put_in_force(proposal, part)
            self.proposal_states = {**self.proposal_states, part: "accepted"}

    def _put_in_force(self, proposal: Proposal, part: Part) -> None:
        if part == "facade":
            self.facade = proposal.facade
        elif part == "scenario":
            self.set_scenario(**proposal.numbers)
        elif part == "plan":
            self.plan = proposal.plan_text
        else:
            self._draft.replace(proposal.space)

    def reject(self, *parts: str) -> None:
        """Leave parts of the proposal aside; every one that is open where none is named. What is in force stays.

        Raises
        ------
        GenerateError
            If there is no proposal, or it has no such part.
        """
        self._proposed()
        states: dict[str, str] = self.proposal_states
        chosen = [checked_part(p) for p in parts] or [p for p in PARTS if states.get(p) == "open"]
        self.proposal_states = {**states, **dict.fromkeys(chosen, "rejected")}

    def revise(self, part: str, text: str) -> Proposal:
        """Edit a part of the proposal: a facade's id, numbers as `n_trials: 40`, steps, a space as YAML or JSON.

        It is in force once it is accepted.

        Raises
        ------
        WorkbenchError
            If the text is no such part; the proposal stays as it was.
        """
        checked = checked_part(part)
        made = revised(self._proposed(), checked, text)
        self.proposal_states = {**self.proposal_states, checked: "open"}
        self.proposal = made
        return made

    def _proposed(self) -> Proposal:
        if self.proposal is None:
            raise GenerateError("there is no proposal; press Suggest, or call propose()")
        return self.proposal
