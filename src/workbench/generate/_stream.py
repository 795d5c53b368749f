"""One call of the client library, in a thread and an event loop of its own.

Out of the thread come plain values alone (pieces of text, `Retry`, `Ending`): the library's exceptions and
clients hold the key in their headers, and stay where they are.
"""

from __future__ import annotations

import asyncio
import json
import queue
import random
import re
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from workbench.generate.keys import Scrubber, Secret
from workbench.generate.model import Format, Model, Retry, Usage, nearest
from workbench.generate.providers import is_local, origin
from workbench.generate.reply import MAX_REPLY

if TYPE_CHECKING:
    import openai

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0

_UNKNOWN = re.compile(
    r"not support|unsupported|unrecognized|unknown|extra inputs|not permitted|unexpected|only the default|not allowed",
    re.IGNORECASE,
)
_OTHER_NAME = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


@dataclass(frozen=True)
class Ending:
    """How a call ended: `kind` is empty where it ended well, else it and `sentence` are a `ModelError`'s."""

    kind: str = ""
    sentence: str = ""
    usage: Usage | None = None
    retries: int = 0
    left_out: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


Event = str | Retry | Ending
Post = Callable[[Event], None]


class FaultError(Exception):
    """Why an attempt failed; `again` where another may help, after `wait_s` if the server says so."""

    def __init__(self, kind: str, sentence: str, *, again: str = "", wait_s: float | None = None, unknown: str = ""):
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.again = again
        self.wait_s = wait_s
        self.unknown = unknown


class Call:
    """Runs a coroutine in a thread; its events are taken by the thread that made it."""

    def __init__(self, work: Callable[[Post], Awaitable[Ending]]):
        self._work = work
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        threading.Thread(target=self._main, name="workbench-model", daemon=True).start()

    def events(self, wait_s: float) -> list[Event]:
        """What has come; waits for the first of it."""
        found: list[Event] = []
        try:
            found.append(self._events.get(timeout=wait_s))
            while True:
                found.append(self._events.get_nowait())
        except queue.Empty:
            return found

    def stop(self) -> None:
        """End it; may be called at any time, and more than once."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            try:
                loop.call_soon_threadsafe(task.cancel)
            except RuntimeError:  # it has ended meanwhile
                return

    def _main(self) -> None:
        try:
            # imported before there is a loop: the first import takes a second, and is stopped by no cancel
            import openai  # noqa: F401

            asyncio.run(self._go())
        except Exception as error:  # whatever it is, its text may hold a header
            kind = type(error).__name__
            self._events.put(Ending("unexpected", f"the call of the model failed ({kind}); try again"))

    async def _go(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        if self._stopped.is_set():
            self._events.put(Ending("cancelled"))
            return
        try:
            self._events.put(await self._work(self._events.put))
        except asyncio.CancelledError:
            self._events.put(Ending("cancelled"))


async def names(settings: Model, key: Secret | None) -> Ending:
    """The models that the server lists."""
    try:
        async with asyncio.timeout(settings.timeout_s), _client(settings, key) as client:
            found = await _names(client, settings, key)
    except TimeoutError:
        return Ending("timeout", _silent(settings, settings.timeout_s))
    except FaultError as fault:
        if fault.kind in ("not_a_server", "request", "model"):
            return Ending(fault.kind, f"{settings.url} lists no models; check the address, or write the model's name")
        return Ending(fault.kind, fault.sentence)
    return Ending(names=found)


async def converse(
    prompt: str, settings: Model, key: Secret | None, response_format: Format | None, post: Post
) -> Ending:
    """Ask until there is an answer, or no more hope of one."""
    talk = _Talk(prompt, settings, key, response_format, post)
    try:
        ending = await talk.run()
    except asyncio.CancelledError:
        ending = Ending("cancelled")
    return replace(ending, usage=talk.usage, retries=talk.retries, left_out=tuple(talk.left_out))


class _Talk:
    """The state of one call over its attempts."""

    def __init__(self, prompt: str, settings: Model, key: Secret | None, response_format: Format | None, post: Post):
        self.prompt = prompt
        self.settings = settings
        self.key = key
        self.post = post
        self.parameters: dict[str, Any] = {**settings.parameters(), "stream_options": {"include_usage": True}}
        if response_format is not None:
            self.parameters["response_format"] = dict(response_format)
        self.usage: Usage | None = None
        self.retries = 0
        self.left_out: list[str] = []
        self.length = 0
        self.finish = ""
        self.refusal = ""
        self.is_chat = False
        self.scrubber = Scrubber(key)

    async def run(self) -> Ending:
        settings = self.settings
        loop = asyncio.get_running_loop()
        deadline = loop.time() + settings.timeout_s
        backoff = FIRST_WAIT_S
        async with _client(settings, self.key) as client:
            while True:
                try:
                    async with asyncio.timeout_at(deadline):
                        await self._attempt(client)
                    return Ending()
                except TimeoutError:
                    if self.length:
                        limit = f"{settings.timeout_s:g} s"
                        sentence = f"the reply was not whole after {limit}; raise the time limit or ask for less"
                        return Ending("timeout", sentence)
                    return Ending("timeout", _silent(settings, settings.timeout_s))
                except FaultError as error:
                    fault = error
                finally:
                    self._show(self.scrubber.rest())
                if fault.unknown:
                    self._leave_out(fault.unknown)
                    continue
                if not fault.again or self.length:
                    return Ending(fault.kind, fault.sentence)
                if self.retries >= settings.retries:
                    tries = f" ({self.retries + 1} attempts)" if self.retries else ""
                    return Ending(fault.kind, fault.sentence + tries)
                wait_s = backoff * random.uniform(1, 1.25) if fault.wait_s is None else fault.wait_s
                if loop.time() + wait_s >= deadline:
                    limit = f"the time limit of {settings.timeout_s:g} s"
                    return Ending(fault.kind, f"{fault.sentence}; to wait {wait_s:.0f} s would pass {limit}")
                backoff = min(2 * backoff, LONGEST_WAIT_S)
                self.retries += 1
                self.post(Retry(self.retries, settings.retries, wait_s, fault.again))
                await asyncio.sleep(wait_s)

    def _leave_out(self, name: str) -> None:
        """Send the parameter no more, or by its other name if that is still to be tried."""
        value = self.parameters.pop(name)
        self.left_out.append(name)
        other = _OTHER_NAME.get(name)
        if other is not None and other not in self.left_out:
            self.parameters[other] = value
        self.post(Retry(self.retries, self.settings.retries, 0.0, f"the server does not know {name}"))

    def _show(self, text: str) -> None:
        if text:
            self.post(text)

    async def _attempt(self, client: openai.AsyncOpenAI) -> None:
        import openai

        settings = self.settings
        try:
            # what the protocol allows is found out by asking; the overloads of the library know but one server's
            create: Any = client.chat.completions.create
            stream = await create(
                model=settings.model,
                messages=[{"role": "user", "content": self.prompt}],
                stream=True,
                **self.parameters,
            )
        except openai.APIStatusError as error:
            raise await self._status(client, error) from None
        except openai.APIError as error:
            raise _unreached(error, settings, self.key) from None
        try:
            await self._read(stream)
        except openai.APITimeoutError:
            raise FaultError(
                "stalled",
                f"the server was silent for {settings.stall_s:g} s in its reply; "
                "try again, or allow a longer silence for a slow model",
            ) from None
        except openai.APIConnectionError:
            raise FaultError("cut_off", "the connection broke in the middle of the reply; try again") from None
        except openai.APIError as error:
            raise self._told(error) from None
        except (FaultError, TimeoutError):
            raise
        except Exception as error:
            what = "no JSON" if isinstance(error, json.JSONDecodeError) else "no chat completion"
            raise FaultError(
                "malformed",
                f"the server sent an event that is {what}; try again, or check that it is OpenAI-compatible",
            ) from None
        finally:
            await stream.close()
        self._judge()

    async def _read(self, stream: Any) -> None:
        content_type = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type == "application/json":  # a server that does not stream
            body = json.loads(await stream.response.aread())
            self._usage(body.get("usage"))
            choice = body["choices"][0]
            self.is_chat = True
            self._delta(choice["message"].get("content"), choice["message"].get("refusal"), choice.get("finish_reason"))
            return
        if content_type == "text/html":
            raise FaultError("not_a_server", _not_a_server(self.settings))
        async for chunk in stream:
            usage = getattr(chunk, "usage", None)
            if usage is not None:
                self._usage(usage.model_dump() if hasattr(usage, "model_dump") else usage)
            for choice in getattr(chunk, "choices", None) or ():
                self.is_chat = True
                delta = choice.delta
                self._delta(getattr(delta, "content", None), getattr(delta, "refusal", None), choice.finish_reason)

    def _delta(self, content: Any, refusal: Any, finish: Any) -> None:
        if content is not None:
            if not isinstance(content, str):
                raise TypeError("content is no text")
            self.length += len(content)
            if self.length > MAX_REPLY:
                raise FaultError(
                    "too_long",
                    f"the reply has more than {MAX_REPLY:,} characters and was stopped; "
                    "set a longest reply, or choose another model",
                )
            self._show(self.scrubber.feed(content))
        if isinstance(refusal, str):
            self.refusal += refusal
        if isinstance(finish, str):
            self.finish = finish

    def _usage(self, usage: Any) -> None:
        """The server's count; one that is no count is left."""
        if not isinstance(usage, dict):
            return

        def number(of: Any, name: str) -> int:
            value = of.get(name) if isinstance(of, dict) else None
            return value if isinstance(value, int) and value >= 0 else 0

        tokens_in, tokens_out = number(usage, "prompt_tokens"), number(usage, "completion_tokens")
        if tokens_in or tokens_out:
            cached = number(usage.get("prompt_tokens_details"), "cached_tokens")
            self.usage = Usage(tokens_in, tokens_out, min(cached, tokens_in))

    def _judge(self) -> None:
        """Whether the reply that came to an end is one."""
        model = self.settings.model
        if self.refusal:
            said = _line(self.refusal, self.key)
            raise FaultError("refusal", f"{model} refused: {said!r}; reword the prompt, or choose another model")
        if self.finish == "content_filter":
            raise FaultError("refusal", "the server's filter stopped the reply; reword the prompt or change the model")
        if self.finish == "length":
            limit = self.settings.max_tokens
            after = f"after {limit:,} tokens" if limit else "at the longest that the server gives"
            raise FaultError("length", f"the reply was cut off {after}; raise the longest reply, or ask for less")
        if not self.is_chat:
            raise FaultError("not_a_server", _not_a_server(self.settings))
        if not self.length:
            if self.finish in ("tool_calls", "function_call"):
                raise FaultError("empty", f"{model} called a tool and wrote no text; choose another model")
            raise FaultError("empty", f"{model} replied with nothing; try again, or raise the longest reply")
        if not self.finish:
            raise FaultError("cut_off", "the reply broke off before its end; try again")

    def _told(self, error: openai.APIError) -> FaultError:
        """An error that the server sends as an event of the stream."""
        said = _said(error.body, self.key) or _line(str(error.message), self.key)
        sentence = f"the server broke the reply off: {said!r}; try again later, or choose another model"
        busy = re.fullmatch(r"429|5\d\d", error.code or "") or "overloaded" in f"{error.code} {error.type}"
        return FaultError("failing", sentence, again=f"the server says {said!r}" if busy else "")

    async def _status(self, client: openai.AsyncOpenAI, error: openai.APIStatusError) -> FaultError:
        """An answer that is no success."""
        settings, status = self.settings, error.status_code
        said = _said(error.body, self.key)
        quoted = f": {said!r}" if said else ""
        if status in (400, 422):
            name = self._unknown(error, said)
            if name == "response_format":
                return FaultError("format", f"{settings.url} does not know this format of replies{quoted}")
            if name:
                return FaultError("request", "", unknown=name)
        if status in (400, 404) and settings.preset.lists_models:
            try:
                listed = await _names(client, settings, self.key)
            except FaultError:
                listed = ()
            if listed and settings.model not in listed:
                return FaultError(
                    "model",
                    f"{settings.url} has no model {settings.model!r}; it lists {nearest(settings.model, listed)}",
                )
        if status == 404 and said:
            return FaultError("model", f"{settings.url} has no model {settings.model!r}{quoted}; see which it serves")
        return _refused(error, settings, self.key)

    def _unknown(self, error: openai.APIStatusError, said: str) -> str:
        """Which of the parameters the server does not know, or nothing."""
        code = str(error.code or "")
        if code not in ("unsupported_parameter", "unsupported_value", "unknown_parameter") and not _UNKNOWN.search(
            said
        ):
            return ""
        if error.param in self.parameters:
            return error.param or ""
        named = {said.find(name): name for name in self.parameters if name in said}
        return named[min(named)] if named else ""


@asynccontextmanager
async def _client(settings: Model, key: Secret | None) -> AsyncIterator[openai.AsyncOpenAI]:
    import openai

    http: Any = None
    if is_local(settings.url):  # a proxy for the world does not reach this machine
        make = getattr(openai, "DefaultAsyncHttpx2Client", None) or openai.DefaultAsyncHttpxClient
        # plain http needs no certificates: an empty context trusts none, and to load them takes longer than the call
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if settings.url.startswith("http:") else True
        http = make(trust_env=False, verify=plain)
    async with openai.AsyncOpenAI(
        # never none: the library would then take its own maker's key from the environment
        api_key=key.reveal() if key is not None else "none",
        base_url=settings.url,
        max_retries=0,
        timeout=openai.Timeout(settings.stall_s, connect=min(10.0, settings.stall_s)),
        http_client=http,
    ) as client:
        if origin(settings.url) != "https://api.openai.com:443":
            client.organization = client.project = None  # from the environment, and not for strangers
        yield client


async def _names(client: openai.AsyncOpenAI, settings: Model, key: Secret | None) -> tuple[str, ...]:
    import openai

    try:
        page = await client.models.list()
        found = tuple(str(m.id) for m in page.data)
    except openai.APIStatusError as error:
        raise _refused(error, settings, key) from None
    except openai.APIError as error:
        raise _unreached(error, settings, key) from None
    except Exception:  # a page that is none
        raise FaultError("not_a_server", _not_a_server(settings)) from None
    if not found:
        raise FaultError("model", f"{settings.url} lists no models; load one there")
    return found


def _refused(error: openai.APIStatusError, settings: Model, key: Secret | None) -> FaultError:
    """What a status code says."""
    status, preset, url = error.status_code, settings.preset, settings.url
    said = _said(error.body, key)
    quoted = f": {said!r}" if said else ""
    name = preset.key_env[0] if preset.key_env else ""
    if status == 401:
        where = f", or set {name} before Jupyter starts" if name else ""
        if key is None:
            return FaultError("no_key", f"{url} wants a key (401); paste one{where}")
        return FaultError("key", f"{url} does not accept the key (401); paste one of this server{where}")
    if status == 403:
        return FaultError("forbidden", f"{url} forbids this (403){quoted}; check what the key may do")
    if status == 402 or (status == 429 and error.code == "insufficient_quota"):
        return FaultError("quota", f"the account at {url} has no credit left ({status}); add some or go elsewhere")
    if status == 429:
        return FaultError(
            "rate",
            f"{url} allows no more calls for now (429); wait a while, or use another model",
            again="the server allows no more calls for now (429)",
            wait_s=_retry_after(error.response.headers),
        )
    if status >= 500 or status in (408, 409):
        return FaultError(
            "failing",
            f"{url} fails ({status}){quoted}; try again later, or use another server",
            again=f"the server fails ({status})",
            wait_s=_retry_after(error.response.headers),
        )
    if status == 404 and not said:
        return FaultError("not_a_server", _not_a_server(settings))
    return FaultError("request", f"{url} refuses the request ({status}){quoted}; change what it names")


def _unreached(error: openai.APIError, settings: Model, key: Secret | None) -> FaultError:
    """A connection that was not made, or broke before there was an answer."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        return FaultError("silent", _silent(settings, settings.stall_s), again="the server does not answer")
    if not isinstance(error, openai.APIConnectionError):
        return FaultError("not_a_server", _not_a_server(settings))
    cause = type(error.__cause__).__name__
    reason = _line(str(error.__cause__ or ""), key)
    if "SSL" in reason or "TLS" in reason:
        return FaultError(
            "no_server", f"no secure connection to {settings.url}; check whether it begins with http:// instead"
        )
    if cause == "ConnectError":
        start = f" {settings.preset.hint}" if is_local(settings.url) and settings.preset.local else ""
        return FaultError(
            "no_server", f"no server answers at {settings.url}; start it, or correct the address.{start}".rstrip(".")
        )
    if cause == "RemoteProtocolError" and "disconnected" not in reason:
        return FaultError("not_a_server", _not_a_server(settings))
    return FaultError(
        "failing",
        f"{settings.url} ended the connection without an answer; check that it is an OpenAI-compatible server",
        again="the server ended the connection",
    )


def _not_a_server(settings: Model) -> str:
    return f"{settings.url} does not answer as an OpenAI-compatible server; the address usually ends with /v1"


def _silent(settings: Model, seconds: float) -> str:
    return f"{settings.url} did not answer within {seconds:g} s; try again, or allow more time for a slow model"


def _said(body: Any, key: Secret | None) -> str:
    """What the server says about an error, on one line."""
    for _ in range(4):
        if isinstance(body, list) and body:
            body = body[0]
        elif isinstance(body, dict):
            body = body.get("message") or body.get("error") or body.get("detail")
    return "" if not isinstance(body, str) or "<" in body[:20] else _line(body, key)


def _line(text: str, key: Secret | None, at_most: int = 200) -> str:
    if key is not None:
        text = key.scrub(text)
    text = " ".join(text.split())
    return text if len(text) <= at_most else text[: at_most - 1] + "…"


def _retry_after(headers: Any) -> float | None:
    """Seconds to wait as the server says, or None."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) * unit
        except ValueError:
            try:
                when = parsedate_to_datetime(value)
            except ValueError:
                continue
            seconds = (when - datetime.now(UTC)).total_seconds() if when.tzinfo else -1.0
        if seconds >= 0:  # never for a NaN
            return seconds
    return None
