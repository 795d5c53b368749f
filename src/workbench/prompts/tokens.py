"""How long a prompt is for a language model."""

from __future__ import annotations

import math

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb for English and code in GPT vocabularies: OpenAI's help pages, "What are tokens and how to count
them"."""


def estimate_tokens(text: str) -> int:
    """Tokens by length alone: an estimate that is often a fifth off, either way."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)
