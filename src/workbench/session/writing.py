"""The part of a session that has `train` written: by a model on a server, from a recording, or offline."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import traitlets

from workbench.generate.keys import Secret, find_key, remember_key, where_from
from workbench.generate.model import Completion, Model, ModelError, Retry, list_models, settings_for
from workbench.generate.model import candidate as candidate_of
from workbench.generate.prices import Budget, Spent, Tally, load_prices
from workbench.generate.providers import origin
from workbench.generate.record import Record, Recording, default_path
from workbench.generate.writer import Writer
from workbench.nouns import Candidate, GenerateError, Report, StoppedError


class Writing(traitlets.HasTraits):
    """Who writes the function, what is coming of it, and what it cost.

    While neither a model nor a recording is chosen, the offline composer writes, and nothing here is used.
    """

    model = traitlets.Instance(Model, allow_none=True, default_value=None, help="The model that is asked, or None.")
    recording = traitlets.Instance(
        Recording, allow_none=True, default_value=None, help="Recorded replies that are given in place of a model's."
    )
    reuse = traitlets.Bool(False, help="Answer the same request from the record where it has a whole reply.")
    generating = traitlets.Bool(False)
    reply = traitlets.Unicode("", help="What has come of the newest reply, ten times a second at most.")
    retry = traitlets.Instance(Retry, allow_none=True, default_value=None, help="Why the server is asked again.")
    completion = traitlets.Instance(Completion, allow_none=True, default_value=None, help="The newest call.")
    spent = traitlets.Instance(Spent, help="The sum over this session's calls.")
    budget = traitlets.Instance(Budget, args=(), help="What this session's calls may use at most.")

    record_file: Path | None = None
    """Where calls are recorded; None is the place for all sessions of this person."""

    def __init__(self, *arguments: Any, **traits: Any) -> None:
        super().__init__(*arguments, **traits)
        self._stop_writing = threading.Event()
        self._one_writer = threading.Lock()
        self._writer: Writer | None = None
        self._making = threading.RLock()
        self._keys: dict[str, Secret] = {}  # by the server's origin: no other gets it
        self._written: dict[str, list[int]] = {}  # the calls in the record that a candidate's code came from
        self._judged: dict[str, bool] = {}  # whether a candidate's outcome in the record is of a called function

    @traitlets.default("spent")
    def _nothing_spent(self) -> Spent:
        return Spent()

    # ------------------------------------------------------------------ who writes

    def use_model(
        self,
        model: str,
        provider: str = "other",
        base_url: str = "",
        *,
        temperature: float | None = None,
        seed: int | None = None,
        max_tokens: int | None = None,
        timeout_s: float = 600.0,
        **more: Any,
    ) -> Model:
        """Have a model write from now on.

        Parameters
        ----------
        model : str
            Its name, as `list_models` gives it.
        provider : str
            openai, azure, ollama, vllm, lmstudio, openrouter, gemini, or other.
        base_url : str
            The server's address, where it is not the provider's own.
        temperature, seed, max_tokens
            What the server is asked for; its own values hold where they are left out.
        timeout_s : float
            The longest that a call may take, with all its retries.
        **more
            `stall_s` and `retries`, as in `workbench.generate.model.Model`.

        Raises
        ------
        GenerateError
            If a value cannot be used; the one who wrote before still does.
        """
        chosen = Model(model.strip(), provider, base_url.strip(), temperature, seed, max_tokens, timeout_s, **more)
        self.model, self.recording = chosen, None
        return chosen

    def use_composer(self) -> None:
        """Have the offline composer write from now on; it needs no key and no network."""
        self.model, self.recording = None, None

    def use_recording(self, path: str | Path) -> Recording:
        """Give the replies of an exported recording from now on, without a server.

        With a model chosen before, its recorded replies are given; without one, those of whatever model.

        Raises
        ------
        GenerateError
            If the file is no recording.
        """
        self.recording = Recording(path)
        return self.recording

    def export_recording(self, path: str | Path, *, variant: str | None = None) -> int:
        """Write the recorded calls of all sessions to one file, for `use_recording` here or elsewhere.

        Parameters
        ----------
        path : str or path
            A new file, or an earlier recording, which is replaced.
        variant : str, optional
            Only the calls with this variant of the prompt.

        Returns
        -------
        int
            How many calls are in it.

        Raises
        ------
        GenerateError
            If nothing was recorded yet, the file is there and no recording, or it cannot be written.
        """
        file, record = Path(path).expanduser(), self.record_file or default_path()
        if not str(path).strip() or file.is_dir():
            raise GenerateError(f"{str(path)!r} is no file to write; give a name, such as calls.jsonl")
        if not record.exists():
            raise GenerateError(f"there is no record {record}; it begins with the first call of a model")
        if file.exists():
            try:
                Recording(file)
            except GenerateError as error:
                raise GenerateError(f"{file} is there and is no recording; choose another name") from error
        return Record(record).export(file, variant=variant)

    @property
    def author(self) -> str:
        """Who writes, in a word or two: `offline`, the model's name, or the recording's."""
        if self.recording is not None:
            return f"replay of {self.recording.path.name}"
        return self.model.model if self.model is not None else "offline"

    # ------------------------------------------------------------------ servers and keys

    def list_models(self, provider: str = "", base_url: str = "") -> tuple[str, ...]:
        """The models that a server lists; that of the chosen model where none is named.

        Raises
        ------
        GenerateError
            If it lists none; the sentence says why.
        """
        settings = self._server(provider, base_url)
        return list_models(settings, self._key(settings))

    def give_key(
        self, key: str | None = None, provider: str = "", base_url: str = "", *, remember: bool = False
    ) -> None:
        """Hand in the key of a server; it stays in this process, and goes to that server alone.

        Parameters
        ----------
        key : str, optional
            Asked for in a box that does not show it when left out: a key in a notebook's cell is saved with it.
        remember : bool
            Keep it in the system keyring too.

        Raises
        ------
        GenerateError
            If it is empty, cannot be a key, or is to be kept where there is no keyring.
        """
        settings = self._server(provider, base_url)
        secret = Secret(key if key is not None else getpass.getpass(f"Key for {settings.url}: "))
        self._keys[origin(settings.url)] = secret
        if remember:
            remember_key(secret, settings.url)

    def key_source(self, provider: str = "", base_url: str = "") -> str:
        """Where a server's key comes from, in words; empty where there is none."""
        settings = self._server(provider, base_url)
        if origin(settings.url) in self._keys:
            return "given in this session"
        return where_from(settings.provider, settings.url)

    def _server(self, provider: str, base_url: str) -> Model:
        if not provider and not base_url:
            if self.model is None:
                raise GenerateError("no server is chosen; name a provider, or its address")
            return settings_for(self.model.provider, self.model.base_url)
        return settings_for(provider or "other", base_url.strip())

    def _key(self, settings: Model) -> Secret | None:
        return self._keys.get(origin(settings.url)) or find_key(settings.provider, settings.url)

    # ------------------------------------------------------------------ account

    @property
    def writer(self) -> Writer:
        """What calls the models: within the budget, each call recorded.

        Raises
        ------
        GenerateError
            If the record or the table of prices cannot be used.
        """
        with self._making:
            if self._writer is None:
                self._writer = Writer(Record(self.record_file), Tally())
            self._writer.tally.prices = load_prices()  # the person may have edited them just now
            self._writer.tally.budget = self.budget
            return self._writer

    @property
    def currency(self) -> str:
        """What costs are counted in."""
        return self._writer.tally.prices.currency if self._writer is not None else load_prices().currency

    def set_budget(self, cost: float | None = None, tokens: int | None = None, calls: int | None = None) -> Budget:
        """Bound what all calls of this session use together; without arguments there is no bound.

        Raises
        ------
        GenerateError
            If a number is below 0.
        """
        self.budget = Budget(cost, tokens, calls)
        return self.budget

    # ------------------------------------------------------------------ writing

    def cancel(self) -> None:
        """Stop what is being written, within half a second; what came is kept."""
        self._stop_writing.set()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One function is written at a time."""
        if not self._one_writer.acquire(blocking=False):
            raise GenerateError("a function is being written; wait for it, or stop it with cancel()")
        try:
            self._stop_writing.clear()
            self.generating = True
            yield
        finally:
            self.generating = False
            self.retry = None
            self._one_writer.release()

    def _ask(self, prompt: str, variant: str) -> Completion:
        """One call, shown while it comes; it is in `completion` however it ends."""
        self.reply, self.retry, self.completion = "", None, None
        if self.recording is not None:
            self.completion = self.recording.complete(prompt, self.model)
            self.reply = self.completion.text
            return self.completion
        assert self.model is not None
        settings, writer = self.model, self.writer
        try:
            self.completion = writer.complete(
                prompt,
                settings,
                self._key(settings),
                variant=variant,
                reuse=self.reuse,
                on_text=self._came,
                on_retry=self._again,
                cancel=self._stop_writing,
            )
        except ModelError as error:
            self.completion = error.completion
            raise
        finally:
            self.spent = writer.tally.spent
        return self.completion

    def _came(self, text: str) -> None:
        self.retry = None
        self.reply += text

    def _again(self, retry: Retry) -> None:
        self.retry = retry

    def _write(self, prompt: str, variant: str, parent: str | None = None) -> Candidate:
        """Ask, and give the function in the reply.

        Raises
        ------
        GenerateError
            If no reply came, or one without a function; `reply` keeps what came.
        """
        done = self._ask(prompt, variant)
        try:
            found = candidate_of(done, parent=parent)
        except GenerateError as error:
            if done.whole:
                raise GenerateError(f"{error}; press Generate again, or choose another model") from error
            raise StoppedError("the call was stopped before a function came; what came is kept in reply") from error
        if done.call is not None and done.source != "replay":  # a recording's numbers are another record's
            self._written.setdefault(found.digest, []).append(done.call)
            self._judged.pop(found.digest, None)
        return found

    def _judge(self, candidate: Candidate, report: Report) -> None:
        """Write what came of checking a candidate to the calls that it came from."""
        called = report.calls > 0
        if self._writer is None or self._writer.record is None or (self._judged.get(candidate.digest) and not called):
            return
        for call in self._written.get(candidate.digest, ()):
            self._writer.record.judge(call, candidate, report)
            self._judged[candidate.digest] = called
