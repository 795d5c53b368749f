"""The session: the current value of each noun, and the actions between them.

`Session` holds state and knows no widget. What code sets, views see through traits; what views do, they do
by calling the same methods that code calls. An action that is given something wrong raises a `WorkbenchError`
and leaves the session as it was.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from workbench import check as checks
from workbench import contracts, datasets, devices, facades, generate, prompts, recipes
from workbench import runs as run_folders
from workbench.nouns import (
    Candidate,
    Dataset,
    DatasetError,
    FacadeError,
    GenerateError,
    Job,
    PromptError,
    Report,
    RunError,
    Scenario,
    SpaceError,
    Task,
    WorkbenchError,
)
from workbench.runs import Run
from workbench.session.asking import Asking
from workbench.session.choices import Choices, changed, still
from workbench.session.continuing import Continuing
from workbench.session.importing import read_space
from workbench.session.message import Message, told
from workbench.session.next_step import next_step
from workbench.session.numbers import check_number, same_to_a_check
from workbench.session.optimising import Optimising
from workbench.session.outcomes import Outcomes
from workbench.session.planning import Planning
from workbench.session.repairing import Repairing
from workbench.session.steps import StepState, step_states
from workbench.space import SpaceDraft

if TYPE_CHECKING:
    import pandas as pd

    from workbench.nouns import Space
    from workbench.recipes import Preset

logger = logging.getLogger(__name__)

WATCH_INTERVAL_S = 0.25
"""How often a running run's folder is read for news."""


class Session(Outcomes, Continuing, Asking, Planning, Repairing, Optimising):
    """Everything that a person works on, and what can be done with it.

    Parameters
    ----------
    runs_folder : path
        Where run folders are made; `runs` in the current folder unless told otherwise.
    """

    source = traitlets.Unicode("", help="What the table was loaded from.")
    table = traitlets.Any(None, help="The table as it was read, before a target is chosen, or None.")
    table_name = traitlets.Unicode("", help="What the table is called.")
    dataset = traitlets.Instance(Dataset, allow_none=True, default_value=None)
    space_version = traitlets.Int(0, help="Goes up by one with every edit of the space.")
    facade = traitlets.Unicode("hpo")
    scenario = traitlets.Instance(Scenario)
    plan = traitlets.Unicode("", help="The person's own words on how `train` should go about it.")
    prompt_error = traitlets.Unicode("", help="Why there is no prompt, in a sentence; empty when there is one.")
    candidate = traitlets.Instance(Candidate, allow_none=True, default_value=None)
    candidates = traitlets.Tuple(help="Every candidate of this session, oldest first.")
    report = traitlets.Instance(Report, allow_none=True, default_value=None)
    checking = traitlets.Bool(False)
    check_progress = traitlets.Tuple((0, 0), help="Calls made for the report, and calls planned so far.")
    current_run = traitlets.Instance(Run, allow_none=True, default_value=None)
    run_version = traitlets.Int(0, help="Goes up by one whenever the current run has news.")
    run_state = traitlets.Unicode("", help="State of the current run; empty when there is none.")
    message = traitlets.Instance(Message, allow_none=True, default_value=None)

    def __init__(self, runs_folder: str | Path = "runs") -> None:
        super().__init__()
        self.runs_folder = Path(runs_folder)
        self.prompts_folder = self.runs_folder.parent / "prompts"
        self._draft = SpaceDraft()
        self._draft.observe(self._space_changed)
        self._preset: str | None = None
        self._touched: set[str] = set()
        self._own: dict[str, Any] = {}  # numbers of some facades alone that the person has set
        self._examined: set[str] = set()  # digests of candidates that were checked, and so are kept
        self._used: pd.DataFrame | None = None  # the table that the dataset was made of
        self._choices: Choices | None = None
        self.suggested_target: str | None = None
        """The target that the source of the table last read knows of, such as the class of a folder of images."""
        self._lock = threading.RLock()
        self._job_changes = 0
        self._watcher: threading.Thread | None = None
        self._refresh_prompt()

    # ------------------------------------------------------------------ traits

    @traitlets.default("scenario")
    def _default_scenario(self) -> Scenario:
        return Scenario()

    @traitlets.validate("facade")
    def _validate_facade(self, proposal: dict[str, Any]) -> str:
        return facades.get(proposal["value"]).id

    @traitlets.validate("contract")
    def _validate_contract(self, proposal: dict[str, Any]) -> str:
        return contracts.get(proposal["value"]).id

    @traitlets.observe("facade")
    def _facade_changed(self, change: dict[str, Any]) -> None:
        self._suggest_scenario()

    @traitlets.observe("dataset", "facade", "contract", "scenario", "plan")
    def _inputs_changed(self, change: dict[str, Any]) -> None:
        self._refresh_prompt()
        if change["name"] != "scenario" or not same_to_a_check(change["old"], change["new"]):
            self._forget_report()

    @traitlets.observe("variant")
    def _variant_changed(self, change: dict[str, Any]) -> None:
        self._refresh_prompt()

    def _space_changed(self) -> None:
        self.space_version += 1
        self._refresh_prompt()
        self._forget_report()

    def _forget_report(self) -> None:
        """A report speaks of a candidate and a job; when the job changed, it says nothing any more."""
        self._job_changes += 1  # for the report that is being made
        self.report = None

    # ------------------------------------------------------------------ data

    def read(self, source: Any, *, name: str | None = None) -> pd.DataFrame:
        """Read a table without choosing a target yet; `name` is what it is called, by default the file's own.

        Raises
        ------
        DatasetError
            If it cannot be read; the session keeps the table that it had.
        """
        found = datasets.find_table(source)
        before = None if found.source != self.source or found.source == "dataframe" else self._choices
        self._choices = still(before, [datasets.column_name(c) for c in found.frame.columns])
        self.suggested_target = found.target
        self.table_name = name or found.name
        self.table = found.frame
        self.source = found.source
        return found.frame

    def load(
        self,
        source: Any,
        target: str | None = None,
        task: Task | None = None,
        *,
        test_share: float = 0.0,
        test: datasets.Part = None,
        holdout: datasets.Part = None,
        types: Mapping[str, str] | None = None,
        drop: Sequence[str] = (),
        name: str | None = None,
    ) -> Dataset:
        """Read a table and choose its target.

        Parameters
        ----------
        source : str, Path, DataFrame, array or dict
            A file, `builtin:NAME`, `openml:ID`, a folder of images by class, or a value at hand: a table, an array or
            tensor, a dict with `X` and `y` (and `X_test` and `y_test`).
        target : str, optional
            The column to predict; a built-in set knows its own.
        task : {"classification", "regression"}, optional
            Guessed from the target when left out.
        test_share : float
            Share of the rows to put aside as `X_test` and `y_test`, in [0, 1).
        test : float, path or Split, optional
            The test part by share, by file, by column or by time, in place of `test_share`.
        holdout : float, path or Split, optional
            Rows that are sealed before anything else, in `.sealed` of the runs folder.
        types : mapping of str, optional
            By column `number`, `category`, `text`, `date` or `leave out`, in place of what is inferred.
        drop : sequence of str
            Columns to leave out, such as one that repeats the target.
        name : str, optional
            What the dataset is called; the file's own name when left out.

        Raises
        ------
        DatasetError
            If the table or the target cannot be used; the session keeps what it had.
        """
        found = datasets.find_table(source)
        dataset = datasets.load(
            found,
            target=target,
            task=task,
            name=name,
            test=datasets.as_split(test) or test_share,
            holdout=holdout,
            vault=self.vault,
            types=types,
            drop=drop,
        )
        self.table_name = dataset.name
        self.table = found.frame
        self.source = found.source
        task = task or (found.task if dataset.target == found.target else None)
        given = Choices(dataset.target, task, dataset.dropped, dataset.types, dataset.split, datasets.as_split(holdout))
        self._take(dataset, found.frame, given)
        return dataset

    def choose_target(
        self, target: str, task: Task | None = None, test_share: float = 0.0, *, drop: Sequence[str] = ()
    ) -> Dataset:
        """Make a dataset of the table that was read, without the columns in `drop`; other choices are taken back.

        Raises
        ------
        DatasetError
            If there is no table, or it cannot be used like this; the session keeps the dataset that it had.
        """
        self._require_table()
        return self._make(changed(None, {"target": target, "task": task, "test": test_share, "drop": drop}))

    def choose(self, **changes: Any) -> Dataset:
        """Make the dataset anew with some choices changed, by name; the others stay as they are.

        There are `target`, `task`, `drop` (columns), `types` (column to type), `test` and `holdout` (a share, a file,
        a `Split`, or None).

        Raises
        ------
        DatasetError
            If there is no table, or it cannot be used like this; the session keeps the dataset that it had.
        """
        self._require_table()
        return self._make(changed(self._choices, changes))

    @property
    def choices(self) -> Choices | None:
        """What was chosen of the table, None while no target is."""
        return self._choices

    @property
    def vault(self) -> Path:
        """Where sealed holdouts lie: beside the run folders, where no worker may read."""
        return datasets.holdout.vault_of(self.runs_folder)

    def _require_table(self) -> None:
        if self.table is None:
            raise DatasetError("there is no table yet; load a file or a built-in set first")

    def _make(self, choices: Choices) -> Dataset:
        table = self.table
        dataset = choices.make(table, name=self.table_name, source=self.source, vault=self.vault)
        self._take(dataset, table, dataclasses.replace(choices, test=dataset.split))
        return dataset

    @property
    def pending(self) -> bool:
        """Whether a table was read for which no target is chosen yet; the dataset of one before stays in force."""
        return self.table is not None and self.table is not self._used

    def _take(self, dataset: Dataset, table: pd.DataFrame, choices: Choices) -> None:
        before = next((p for p in self.presets() if p.space == self._draft.space), None)
        self._used, self._choices = table, choices
        self.dataset = dataset
        if len(self._draft.space) == 0 or (before is not None and before.task != dataset.task):
            known = [p.id for p in self.presets()]
            self.preset(before.id if before is not None and before.id in known else known[0])
        self._suggest_scenario()

    # ------------------------------------------------------------------ space

    @property
    def space(self) -> SpaceDraft:
        """The space being edited; `session.space.space` is its last valid value."""
        return self._draft

    def presets(self) -> tuple[Preset, ...]:
        """The preset spaces for the task at hand (classification while there is no dataset)."""
        return recipes.presets(self.dataset.task if self.dataset is not None else "classification")

    def preset(self, preset_id: str) -> None:
        """Replace the space by a preset; one step back undoes it.

        Raises
        ------
        SpaceError
            If there is no such preset for the task.
        """
        known = {p.id: p for p in self.presets()}
        if preset_id not in known:
            raise SpaceError(f"no preset named {preset_id!r} for this task; there are: {', '.join(known)}")
        self._preset = preset_id
        self._draft.replace(known[preset_id].space)
        self._suggest_scenario()

    def import_space(self, text: str) -> Space:
        """Replace the space by one from text: JSON, YAML, or Python code, which runs in the isolated worker.

        Raises
        ------
        SpaceError
            If the text holds no space, or the code fails; the space stays as it was.
        """
        found = read_space(text)
        self._draft.replace(found)
        return found

    # ------------------------------------------------------------------ optimiser

    def set_scenario(self, **numbers: Any) -> Scenario:
        """Change some numbers of the scenario, by name.

        Raises
        ------
        FacadeError
            If a name is unknown or a value cannot be; the scenario stays as it was.
        """
        fields = {f.name for f in dataclasses.fields(Scenario)}
        for name, value in numbers.items():
            if name not in fields:
                raise FacadeError(f"a scenario has no {name!r}; it has: {', '.join(sorted(fields))}")
            check_number(name, value)
        if "objectives" in numbers:
            numbers["objectives"] = self.check_objectives(numbers["objectives"])
        self._touched |= set(numbers)
        self._own |= {name: numbers[name] for name in facades.OF_SOME if name in numbers}
        self.scenario = dataclasses.replace(self.scenario, **numbers)
        return self.scenario

    def _suggest_scenario(self) -> None:
        self.scenario = self._scenario_for(facades.get(self.facade))

    # ------------------------------------------------------------------ job and prompt

    def job(self) -> Job:
        """What is asked, as one value.

        Raises
        ------
        DatasetError, SpaceError
            If there is no dataset, or the space is empty.
        """
        if self.dataset is None:
            raise DatasetError("there is no dataset yet; load one in the Data step, or with load(path, target=...)")
        if len(self._draft.space) == 0:
            raise SpaceError("the space has no hyperparameter yet; pick a preset or add one in the Space step")
        return Job(self.dataset, self._draft.space, self.facade, self.contract, self.scenario, self.plan)

    def _refresh_prompt(self) -> None:
        try:
            prompt = prompts.render(self.job(), self.variant)
        except WorkbenchError as error:
            self.prompt, self.prompt_error = None, str(error)
            return
        self.prompt, self.prompt_error = prompt, ""

    # ------------------------------------------------------------------ function

    def generate(self) -> Candidate:
        """Have `train` written for the job at hand: by the model that was chosen, else by the offline composer.

        Raises
        ------
        GenerateError
            If no recipe understands a hyperparameter, or no function came from the model; the candidate stays as it
            was, and what came of the reply is in `reply`.
        PromptError
            If there is no prompt to send.
        """
        job = self.job()
        with self._writing():
            if self.model is None and self.recording is None:
                candidate = generate.compose(job)
            elif self.prompt is None:
                raise PromptError(self.prompt_error)
            else:
                name = self.variant.name if self.variant is not None else "plain"
                candidate = self._fitted(self._write(self.prompt.text, name), job)
            self._propose(candidate)
        return candidate

    def _fitted(self, candidate: Candidate, job: Job) -> Candidate:
        """The candidate, with a note and a message where it was written for another contract."""
        other = generate.other_contract(candidate.code, job.contract)
        if not other:
            return candidate
        self.message = Message("warning", other)
        return dataclasses.replace(candidate, note=f"{candidate.note}; {other}".removeprefix("; "))

    def edit(self, code: str) -> Candidate:
        """Make the person's own text the candidate; the same text again changes nothing.

        One version grows while a person types: an edit that was neither checked nor run is replaced by the next.
        """
        before = self.candidate
        if before is not None and code == before.code:
            return before
        parent = before.digest if before is not None else None
        if before is not None and before.origin == "edit" and before.digest not in self._examined:
            parent = before.parent
            with self._lock:
                self.candidates = tuple(c for c in self.candidates if c.digest != before.digest)
        written = Candidate(code, "edit", parent=parent)
        # typing back to an earlier version makes no other of it
        candidate: Candidate = next((c for c in self.candidates if c.digest == written.digest), written)
        self._propose(candidate)
        return candidate

    def choose_candidate(self, digest: str) -> Candidate:
        """Make an earlier candidate the current one again."""
        known: dict[str, Candidate] = {c.digest: c for c in self.candidates}
        if digest in known:
            self.candidate, self.report = known[digest], None
            return known[digest]
        raise GenerateError(
            f"no candidate {digest!r} in this session; there are: {', '.join(c.digest for c in self.candidates) or '-'}"
        )

    def _propose(self, candidate: Candidate) -> None:
        with self._lock:
            self.report = self.repaired = None
            if candidate.digest not in {c.digest for c in self.candidates}:
                self.candidates = (*self.candidates, candidate)
            self.candidate = candidate

    def check(self, *, probe: bool = True) -> Report:
        """Check the candidate against the rule book; with `probe` it is also called, in the isolated worker.

        Raises
        ------
        GenerateError
            If there is no candidate yet.
        """
        before = self._job_changes
        candidate, job = self._ready()
        self._examined.add(candidate.digest)
        self.checking = True
        self.check_progress = (0, 0)
        try:
            report = checks.check(candidate.code, job, probe=probe, progress=self._checked)
        finally:
            self.checking = False
        self._judge(candidate, report)
        if self.candidate is candidate and self._job_changes == before:
            self.report = report
        return report

    def _checked(self, done: int, planned: int) -> None:
        self.check_progress = (done, planned)

    def _ready(self) -> tuple[Candidate, Job]:
        job = self.job()
        if self.candidate is None:
            raise GenerateError("there is no train function yet; press Generate, or give one with edit(code)")
        return self.candidate, job

    # ------------------------------------------------------------------ run

    def require_runnable(self) -> tuple[Candidate, Job]:
        """What would be run; it is asked before the function is called even once.

        Raises
        ------
        WorkbenchError
            If nothing can be: no function, a run that is going on, a space with a wrong row, parts that do not fit.
        """
        candidate, job = self._ready()
        if self.current_run is not None and self.current_run.alive:
            raise RunError(
                f"the run {self.current_run.folder.name} is still going on; stop it first, or wait for its end"
            )
        if self._draft.problems:
            problem = self._draft.problems[0]
            raise SpaceError(f"the space has a row that is not valid: {problem.text}; correct it in the Space step")
        facades.check(facades.get(job.facade), contracts.get(job.contract), job.space, job.scenario, job.dataset)
        return candidate, job

    def run(self, *, override: str = "", reuse: Run | str | Path | None = None, wait: bool = False) -> Run:
        """Start a run of the candidate in a process of its own.

        Parameters
        ----------
        override : str
            Why the failed must rules are to be passed over this once; it is written into the run.
        reuse : Run, str or path, optional
            An earlier run, or its folder: its trials that hold here are taken over, the new ones come on top.
        wait : bool
            Return only when the run has ended.

        Raises
        ------
        RunError
            If a run is going on, a must rule fails and nothing overrides it, or nothing of `reuse` holds.
        FacadeError
            If facade, contract, space and scenario do not go together.
        """
        candidate, job = self.require_runnable()
        earlier = None if reuse is None else self.open_run(reuse)
        report = self.report if self.report is not None and self.report.calls else self.check()
        if report.blocking and not override:
            failed = ", ".join(dict.fromkeys(f.rule for f in report.blocking))
            raise RunError(
                f"train breaks what it must keep ({failed}); mend it, or run it anyway with override='your reason'"
            )
        run = run_folders.create(
            job, candidate, prompt=self.prompt, report=report, root=self.runs_folder, override=override, reuse=earlier
        )
        run.start()
        self.attach(run)
        if wait:
            self.wait()
        return run

    def attach(self, run: Run | str | Path) -> Run:
        """Follow a run, this session's or another's, running or ended."""
        found = self.open_run(run)
        with self._lock:
            found.refresh()
            self.current_run = found
            self.run_state = found.state
            self.run_version += 1
            self._watcher = threading.Thread(
                target=self._watch, args=(found, found.heard), name="workbench-watch", daemon=True
            )
            self._watcher.start()
        return found

    def _watch(self, run: Run, heard: int) -> None:
        ended = False
        while not ended:
            ended = run.state in ("finished", "stopped", "failed")
            run.refresh()
            with self._lock:  # the state of a run that is not the current one any more is no news
                if self.current_run is not run:
                    return
                if run.heard != heard or ended or self.run_state != run.state:
                    heard = run.heard
                    self.run_state = run.state
                    self.run_version += 1
            if not ended:
                run.wait(WATCH_INTERVAL_S)

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until the current run has ended, or `timeout_s` is over."""
        with self._lock:  # while a run is being attached, its watcher has not started
            watcher = self._watcher
        if watcher is not None:
            watcher.join(timeout_s)

    def _running(self) -> Run:
        if self.current_run is None:
            raise RunError("there is no run yet; start one with run()")
        run: Run = self.current_run
        return run

    def stop(self) -> None:
        """Stop the current run; what is done is kept."""
        self._running().stop()

    def pause(self) -> None:
        """Let the trials in flight finish and start no more."""
        self._running().pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self._running().resume()

    # ------------------------------------------------------------------ off the main thread

    def check_async(self, *, probe: bool = True) -> threading.Thread:
        """`check` in a thread; what goes wrong becomes `message`."""
        return self._in_thread("check", lambda: self.check(probe=probe))

    def generate_async(self) -> threading.Thread:
        """`generate`, then `check`, in a thread; what goes wrong becomes `message`."""

        def both() -> None:
            self.generate()
            if not self._stop_writing.is_set():  # what was cut short is for a person to look at
                self.check()

        return self._in_thread("generate", both)

    def run_async(self, *, override: str = "") -> threading.Thread:
        """`run` in a thread (it may have to check first); what goes wrong becomes `message`."""
        return self._in_thread("run", lambda: self.run(override=override))

    def _in_thread(self, name: str, action: Callable[[], object]) -> threading.Thread:
        def guarded() -> None:
            try:
                action()
            except WorkbenchError as error:
                self.message = told(error)
            except Exception as error:  # nobody above this thread would hear of it
                logger.exception("%s failed", name)
                self.message = Message("error", f"{name} failed unexpectedly: {type(error).__name__}: {error}")

        thread = threading.Thread(target=guarded, name=f"workbench-{name}", daemon=True)
        thread.start()
        return thread

    # ------------------------------------------------------------------ overview

    def step_states(self) -> dict[str, tuple[StepState, str]]:
        """For each step its state, and a word or number for its tab."""
        return step_states(self)

    def next_step(self) -> tuple[str, str]:
        """The step that comes next, and one sentence that says what to do there."""
        return next_step(self)

    @staticmethod
    def device() -> str:
        """The GPUs of this machine in a few words, `CPU` where there is none."""
        return devices.summary()

    def __repr__(self) -> str:
        run = f", run {self.current_run.folder.name} {self.run_state}" if self.current_run is not None else ""
        return (
            f"{type(self).__name__}({self.dataset!r}, {len(self._draft.space)} hyperparameters, "
            f"{self.facade}, {self.contract}{run})"
        )
