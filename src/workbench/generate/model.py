"""A reply from any OpenAI-compatible model: what is asked, what comes back, what can go wrong.

Nothing here imports the client library; the thread that calls does (`_stream`).
"""

from __future__ import annotations

import difflib
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from workbench.generate.keys import Secret
from workbench.generate.providers import Provider, belongs, checked_url, origin, provider
from workbench.generate.reply import extract_code, without_thoughts
from workbench.nouns import Candidate, GenerateError

Format = Mapping[str, Any]

REFUSED = ("no_key", "key", "forbidden", "model", "rate", "quota", "format", "request")
NOT_ANSWERED = frozenset((*REFUSED, "no_server", "not_a_server", "failing", "silent", "unexpected"))

TOLD_EVERY_S = 0.1
"""How often what came of a reply is told at most."""


@dataclass(frozen=True)
class Model:
    """A model on a server, and how to ask it. Where a value is None, the server's own holds.

    Parameters
    ----------
    model : str
        The model's name, as the server lists it.
    provider : str
        A preset's id; `base_url` takes the place of its address.
    temperature : float, optional
        In [0, 2].
    max_tokens : int, optional
        The longest reply, in tokens; a reasoning model counts its thinking too.
    timeout_s : float
        The longest that one call may take, with all its retries.
    stall_s : float
        The longest silence of the server.
    retries : int
        How often a busy, failing or silent server is asked again.

    Raises
    ------
    GenerateError
        If a value cannot be used.
    """

    model: str
    provider: str = "other"
    base_url: str = ""
    temperature: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    timeout_s: float = 600.0
    stall_s: float = 120.0
    retries: int = 4

    def __post_init__(self) -> None:
        preset = provider(self.provider)
        checked_url(self.base_url or preset.base_url, self.provider)
        if not self.model.strip():
            raise GenerateError("no model is named; choose one that the server lists")
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise GenerateError(f"the temperature is {self.temperature:g}; give one from 0 to 2, or none")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise GenerateError(f"the longest reply is {self.max_tokens} tokens; give 1 or more, or none")
        for name, value in (("time limit", self.timeout_s), ("longest silence", self.stall_s)):
            if not 0 < value < float("inf"):
                raise GenerateError(f"the {name} is {value:g} s; give more than 0")
        if self.retries < 0:
            raise GenerateError(f"the number of retries is {self.retries}; give 0 or more")

    @property
    def preset(self) -> Provider:
        """The preset that it is from."""
        return provider(self.provider)

    @property
    def url(self) -> str:
        """The server's address, without a last slash."""
        return checked_url(self.base_url or self.preset.base_url, self.provider)

    @property
    def server(self) -> str:
        """What the server is called in the record and the prices: the preset's id at its own address, else the host."""
        if (
            self.preset.base_url
            and "{" not in self.preset.base_url
            and origin(self.preset.base_url) == origin(self.url)
        ):
            return self.provider
        return origin(self.url).partition("://")[2]

    def parameters(self) -> dict[str, Any]:
        """What shapes the reply, by the protocol's names; nothing that is None."""
        shape = {
            "temperature": self.temperature,
            "seed": self.seed,
            self.preset.max_tokens_as: self.max_tokens,
        }
        return {name: value for name, value in shape.items() if value is not None}


@dataclass(frozen=True)
class Usage:
    """Tokens of a call; `cached` is the part of `tokens_in` that the server had before.

    `estimated` where the server counted nothing, as it does when a call is stopped: four characters a token.
    """

    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0
    estimated: bool = False

    @classmethod
    def estimate(cls, prompt: str, reply: str) -> Usage:
        """About four characters a token."""
        return cls(-(-len(prompt) // 4), -(-len(reply) // 4), 0, True)


@dataclass(frozen=True)
class Retry:
    """The server is asked again, for the `number`th time of at most `of`, after `wait_s`; `reason` in words."""

    number: int
    of: int
    wait_s: float
    reason: str


@dataclass(frozen=True)
class Completion:
    """What came back from one call.

    Parameters
    ----------
    seconds : float
        Wall time, with waits and retries.
    cost : float or None
        In the currency of the price table; None where it has no price for the model.
    finish : str
        "stop" for a whole reply, "cancelled" for one that was stopped; for what an error carries, its kind.
    request : str
        SHA-256 of what was asked, and of whom; the key is no part of it.
    left_out : tuple of str
        Parameters that the server did not know, and so were not sent.
    source : str
        "model"; or "record" for the reply to an earlier call, which is no independent sample; or "replay".
    call : int, optional
        Its number in the record.
    """

    text: str
    usage: Usage
    seconds: float
    finish: str
    request: str
    model: str
    server: str
    cost: float | None = None
    retries: int = 0
    left_out: tuple[str, ...] = ()
    source: Literal["model", "record", "replay"] = "model"
    call: int | None = None

    @property
    def whole(self) -> bool:
        """Whether the reply came to its end."""
        return self.finish == "stop"


class ModelError(GenerateError):
    """A call that gave no whole reply.

    Parameters
    ----------
    kind : str
        One word for the record: no_server, not_a_server, no_key, key, forbidden, model, rate, quota, failing,
        silent, timeout, cut_off, malformed, stalled, empty, refusal, length, too_long, format, request, budget,
        unexpected.
    completion : Completion or None
        What came all the same, with what it used.
    """

    def __init__(self, sentence: str, kind: str, completion: Completion | None = None):
        super().__init__(sentence)
        self.kind = kind
        self.completion = completion


def request_hash(prompt: str, settings: Model, response_format: Format | None = None) -> str:
    """SHA-256 of what is asked, and of whom."""
    asked = {
        "server": settings.url,
        "model": settings.model,
        "prompt": prompt,
        "parameters": settings.parameters(),
        "format": response_format,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def complete(
    prompt: str,
    settings: Model,
    key: Secret | None = None,
    *,
    on_text: Callable[[str], object] | None = None,
    on_retry: Callable[[Retry], object] | None = None,
    cancel: threading.Event | None = None,
    response_format: Format | None = None,
) -> Completion:
    """Ask a model, and wait for its reply; the client runs in a thread and an event loop of its own.

    Parameters
    ----------
    on_text, on_retry : callable, optional
        Called in the calling thread: with what came of the reply, ten times a second at most, and before each further
        attempt.
    cancel : Event, optional
        Once it is set, the call returns within half a second with what came.
    response_format : mapping, optional
        The protocol's `response_format`, for a reply in JSON.

    Raises
    ------
    ModelError
        If no whole reply came.
    """
    from workbench.generate._stream import Call, Ending, converse

    begun = time.monotonic()
    _want_key(settings, key)
    call = Call(lambda post: converse(prompt, settings, key, response_format, post))
    pieces: list[str] = []
    retries = 0
    ending: Ending | None = None
    stopped_at: float | None = None
    text, told_at = "", 0.0
    try:
        while ending is None:
            for event in call.events(0.05):
                if isinstance(event, str):
                    text += event
                elif isinstance(event, Retry):
                    retries = event.number
                    if on_retry is not None:
                        on_retry(event)
                elif isinstance(event, Ending):
                    ending = event
            if text and (ending is not None or time.monotonic() - told_at >= TOLD_EVERY_S):
                piece, text, told_at = text, "", time.monotonic()
                pieces.append(piece)
                if on_text is not None:
                    on_text(piece)
            if cancel is not None and cancel.is_set() and ending is None:
                call.stop()
                stopped_at = stopped_at or time.monotonic()
                if time.monotonic() - stopped_at > 0.2:  # a thread in a system call does not hear it at once
                    ending = Ending("cancelled", retries=retries)
    finally:
        call.stop()
    text = "".join((*pieces, text))
    usage = ending.usage or Usage.estimate("" if ending.kind in NOT_ANSWERED else prompt, text)
    completion = Completion(
        text=text,
        usage=usage,
        seconds=time.monotonic() - begun,
        finish=ending.kind or "stop",
        request=request_hash(prompt, settings, response_format),
        model=settings.model,
        server=settings.server,
        retries=max(retries, ending.retries),
        left_out=ending.left_out,
    )
    if ending.kind in ("", "cancelled"):
        return completion
    raise ModelError(ending.sentence, ending.kind, completion)


def list_models(
    settings: Model, key: Secret | None = None, *, cancel: threading.Event | None = None
) -> tuple[str, ...]:
    """The names of the models that the server lists, in its order; empty if cancelled.

    Raises
    ------
    ModelError
        If it lists none.
    """
    from workbench.generate._stream import Call, Ending, names

    _want_key(settings, key)
    call = Call(lambda post: names(settings, key))
    try:
        while cancel is None or not cancel.is_set():
            for event in call.events(0.05):
                if isinstance(event, Ending):
                    if event.kind:
                        raise ModelError(event.sentence, event.kind)
                    return event.names
    finally:
        call.stop()
    return ()


def settings_for(provider_id: str, base_url: str = "") -> Model:
    """Settings with no model chosen yet, to list the models of a server."""
    return Model("?", provider_id, base_url, timeout_s=15, stall_s=10, retries=0)


def candidate(completion: Completion, *, parent: str | None = None) -> Candidate:
    """The function in a reply, as a candidate.

    Raises
    ------
    GenerateError
        If the reply has none.
    """
    code = extract_code(without_thoughts(completion.text))
    notes = {
        "record": "answered from the record: no independent sample",
        "replay": "replayed from a recording",
        "model": "" if completion.whole else "the reply is not whole",
    }
    return Candidate(
        code,
        "replay" if completion.source == "replay" else "model",
        parent=parent,
        model=completion.model,
        seconds=completion.seconds,
        tokens_in=completion.usage.tokens_in,
        tokens_out=completion.usage.tokens_out,
        note=notes[completion.source],
    )


def priced(completion: Completion, cost: float | None) -> Completion:
    """The same with its cost."""
    return replace(completion, cost=cost)


def nearest(name: str, names: tuple[str, ...], at_most: int = 8) -> str:
    """Some of `names` in words, those like `name` first."""
    like = difflib.get_close_matches(name, names, n=at_most, cutoff=0.5)
    first = [*like, *(n for n in names if n not in like)][:at_most]
    more = len(names) - len(first)
    return ", ".join(first) + (f" and {more} more" if more else "")


def _want_key(settings: Model, key: Secret | None) -> None:
    preset = settings.preset
    if key is None and preset.key_env and belongs(preset, settings.url) and not preset.local:
        raise ModelError(
            f"{preset.title} wants a key; paste one, or set {preset.key_env[0]} before Jupyter starts", "no_key"
        )
