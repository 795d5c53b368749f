"""A model that writes for a session: within its budget, each call recorded, earlier replies on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from workbench.generate import structured
from workbench.generate.keys import Secret
from workbench.generate.model import Completion, Format, Model, ModelError, Retry, Usage, complete, priced, request_hash
from workbench.generate.prices import Tally
from workbench.generate.record import Record
from workbench.generate.structured import WAYS, Way

OnText = Callable[[str], object]
OnRetry = Callable[[Retry], object]


class Writer:
    """Calls models and keeps account.

    Parameters
    ----------
    record : Record, optional
        Where calls are kept; without one, nothing is, and nothing is remembered of servers but by this object.
    tally : Tally, optional
        The sum over calls with its prices and budget.
    """

    def __init__(self, record: Record | None = None, tally: Tally | None = None):
        self.record = record
        self.tally = tally if tally is not None else Tally()
        self._ways: dict[tuple[str, str], Way] = {}

    def complete(
        self,
        prompt: str,
        settings: Model,
        key: Secret | None = None,
        *,
        variant: str = "",
        reuse: bool = False,
        on_text: OnText | None = None,
        on_retry: OnRetry | None = None,
        cancel: threading.Event | None = None,
        response_format: Format | None = None,
    ) -> Completion:
        """Ask a model; with `reuse`, the newest whole reply to the same request is given again if there is one.

        Parameters
        ----------
        variant : str
            The variant of the prompt, for the record.

        Raises
        ------
        ModelError
            If the budget is spent, or no whole reply came; a failed call is recorded too.
        """
        if reuse and self.record is not None:
            found = self.record.lookup(prompt, settings, response_format=response_format, variant=variant)
            if found is not None:
                if on_text is not None:
                    on_text(found.text)
                return found
        self.tally.allow(settings)
        failed: BaseException | None = None
        begun = time.monotonic()
        came: list[str] = []

        def show(text: str) -> None:
            came.append(text)
            if on_text is not None:
                on_text(text)

        try:
            done = complete(
                prompt,
                settings,
                key,
                on_text=show,
                on_retry=on_retry,
                cancel=cancel,
                response_format=response_format,
            )
        except ModelError as error:
            if error.completion is None:
                raise
            failed, done = error, error.completion
        except BaseException as error:  # an interrupt, or a callback's own: what was used counts all the same
            text = "".join(came)
            done = Completion(
                text,
                Usage.estimate(prompt, text),
                time.monotonic() - begun,
                "cancelled",
                request_hash(prompt, settings, response_format),
                settings.model,
                settings.server,
            )
            failed = error
        done = priced(done, self.tally.prices.cost(settings.server, settings.model, done.usage))
        self.tally.add(done)
        if self.record is not None:
            message = str(failed) if isinstance(failed, ModelError) else ""
            done = self.record.add(
                done, prompt, settings, variant=variant, response_format=response_format, message=message
            )
        if isinstance(failed, ModelError):
            raise ModelError(str(failed), failed.kind, done)
        if failed is not None:
            raise failed
        return done

    def way(self, settings: Model, key: Secret | None = None, *, cancel: threading.Event | None = None) -> Way:
        """How the model gives JSON: asked once for each model of a server, then remembered.

        Raises
        ------
        ModelError
            If it cannot be asked.
        """
        asked = (settings.url, settings.model)
        if asked not in self._ways:
            known = self.record.knows(settings, "json") if self.record is not None else None
            way = next((w for w in WAYS if w == known), None)
            if way is None:
                plain = replace(settings, max_tokens=None, retries=min(settings.retries, 1))
                way = structured.find_way(self._ask(plain, key, "probe", cancel))
                if self.record is not None:
                    self.record.learn(settings, "json", way)
            self._ways[asked] = way
        return self._ways[asked]

    def complete_object(
        self,
        prompt: str,
        schema: Mapping[str, Any],
        settings: Model,
        key: Secret | None = None,
        *,
        variant: str = "",
        cancel: threading.Event | None = None,
        on_text: OnText | None = None,
        on_retry: OnRetry | None = None,
    ) -> tuple[dict[str, Any], Completion]:
        """Ask for a JSON object by the best way that the model has; the schema is for the caller to check.

        Raises
        ------
        GenerateError
            If none came.
        """
        way = self.way(settings, key, cancel=cancel)
        return structured.ask_object(prompt, schema, way, self._ask(settings, key, variant, cancel, on_text, on_retry))

    def _ask(
        self,
        settings: Model,
        key: Secret | None,
        variant: str,
        cancel: threading.Event | None,
        on_text: OnText | None = None,
        on_retry: OnRetry | None = None,
    ) -> structured.Ask:
        def ask(prompt: str, response_format: Format | None) -> Completion:
            done = self.complete(
                prompt,
                settings,
                key,
                variant=variant,
                cancel=cancel,
                on_text=on_text,
                on_retry=on_retry,
                response_format=response_format,
            )
            if not done.whole:
                raise ModelError("the call was stopped before its end; ask again", "cancelled", done)
            return done

        return ask
