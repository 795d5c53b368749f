"""How long a prompt is for a language model: exactly where tiktoken and its data are here, else estimated."""

from __future__ import annotations

import hashlib
import math
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb for English and code in GPT vocabularies: OpenAI's help pages, "What are tokens and how to count
them". It is often a fifth off, either way; other vocabularies differ more."""

ENCODING = "o200k_base"
ADDRESS = f"https://openaipublic.blob.core.windows.net/encodings/{ENCODING}.tiktoken"
"""What tiktoken downloads, and names its copy after; nothing is downloaded from here."""


def estimate_tokens(text: str) -> int:
    """Tokens by length alone."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def count_tokens(text: str) -> tuple[int, bool]:
    """The number of tokens, and whether it is exact (for OpenAI's newer vocabularies) or estimated by length."""
    encoding = _encoding(os.environ.get("TIKTOKEN_CACHE_DIR", ""))
    if encoding is None:
        return estimate_tokens(text), False
    return len(encoding.encode(text, disallowed_special=())), True


@cache
def _encoding(folder: str) -> Any:
    """tiktoken's encoding, None where it is not installed or its data would have to be downloaded."""
    held = Path(folder) / hashlib.sha1(ADDRESS.encode()).hexdigest()
    if not folder or not held.is_file() or find_spec("tiktoken") is None:
        return None
    import tiktoken

    return tiktoken.get_encoding(ENCODING)
