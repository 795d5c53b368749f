"""Keys of servers: from the environment, the system keyring or handed in, and shown by nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NoReturn

from workbench.generate.providers import belongs, origin, provider
from workbench.nouns import GenerateError

SERVICE = "automl-workbench"
HIDDEN = "•••"


class Secret:
    """A key that no `repr`, `str`, format, copy, pickle or JSON shows; `reveal()` alone gives it.

    Raises
    ------
    GenerateError
        If it is empty, or holds what no request could carry. The message does not hold it.
    """

    __slots__ = ("_reveal",)

    def __init__(self, value: str):
        value = value.strip()
        if not value:
            raise GenerateError("the key is empty; paste it whole")
        if not value.isascii() or not value.isprintable() or " " in value:
            # a client would quote the whole header in its error
            raise GenerateError("the key holds characters that no key has; paste it alone, without spaces or lines")
        self._reveal: Callable[[], str] = lambda: value

    def reveal(self) -> str:
        """The key."""
        return self._reveal()

    def scrub(self, text: str) -> str:
        """A text with the key taken out of it."""
        return text.replace(self._reveal(), HIDDEN)

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a key is not pickled; hand it in again where it is needed")


class Scrubber:
    """Takes a key out of a text that comes in pieces, also where it is cut in two."""

    def __init__(self, key: Secret | None):
        self._key = key
        self._held = ""

    def feed(self, piece: str) -> str:
        """What of the text so far can be shown; the beginning of a key is held back."""
        if self._key is None:
            return piece
        text = self._key.scrub(self._held + piece)
        value = self._key.reveal()
        held = next((n for n in range(min(len(value) - 1, len(text)), 0, -1) if value.startswith(text[-n:])), 0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def rest(self) -> str:
        """What was held back and turned out to be no key."""
        rest, self._held = self._held, ""
        return rest


def find_key(provider_id: str, base_url: str = "") -> Secret | None:
    """The key for a server: from the environment, or else from the system keyring; None if neither has one.

    A variable of the environment is read for the preset's own server alone: another address does not get it.
    """
    preset = provider(provider_id)
    url = base_url or preset.base_url
    if belongs(preset, url):
        for name in preset.key_env:
            if os.environ.get(name, "").strip():
                return Secret(os.environ[name])
    return _from_keyring(url)


def remember_key(key: Secret, base_url: str) -> None:
    """Put a key in the system keyring, for the server at that address.

    Raises
    ------
    GenerateError
        If there is no keyring, or it refuses.
    """
    keyring = _keyring()
    if keyring is None:
        raise GenerateError("keyring is not installed; `pip install automl-workbench[keyring]` brings it")
    refused = ""
    try:
        keyring.set_password(SERVICE, origin(base_url), key.reveal())
    except Exception as error:  # each backend has its own
        refused = type(error).__name__
    if refused:
        raise GenerateError(f"the system keyring took no key ({refused}); set the environment variable instead")


def forget_key(base_url: str) -> bool:
    """Take the key of a server out of the system keyring; False if it had none, or would not let go of it."""
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        keyring.delete_password(SERVICE, origin(base_url))
    except Exception:  # each backend has errors of its own, for a missing key too
        return False
    return True


def where_from(provider_id: str, base_url: str = "") -> str:
    """Where the key comes from, in words: the variable's name, "the system keyring", or nothing."""
    preset = provider(provider_id)
    url = base_url or preset.base_url
    if belongs(preset, url):
        for name in preset.key_env:
            if os.environ.get(name, "").strip():
                return name
    return "the system keyring" if _from_keyring(url) else ""


def _keyring() -> Any:
    try:
        import keyring
    except ImportError:
        return None
    return keyring


def _from_keyring(url: str) -> Secret | None:
    keyring = _keyring()
    if keyring is None or "{" in url or not url:
        return None
    try:
        value = keyring.get_password(SERVICE, origin(url))
    except Exception:  # a locked or missing backend is the same as no key
        return None
    return Secret(value) if value and value.strip() else None
