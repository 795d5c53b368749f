"""Tokens are counted where tiktoken and its data are here, and estimated otherwise; nothing is downloaded for it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import workbench.prompts.tokens as tokens

STAND_IN = """
class _Encoding:
    def encode(self, text, disallowed_special):
        return text.split()

def get_encoding(name):
    assert name == "o200k_base"
    return _Encoding()
"""
SCRIPT = "from workbench.prompts.tokens import count_tokens; print(*count_tokens('one two three four five'))"


def counted(tmp_path: Path, *, data: bool) -> list[str]:
    """What a fresh process counts, with a stand-in for tiktoken, with or without its data."""
    (tmp_path / "tiktoken.py").write_text(STAND_IN)
    if data:
        (tmp_path / hashlib.sha1(tokens.ADDRESS.encode()).hexdigest()).write_text("data")
    env = {"PYTHONPATH": str(tmp_path), "TIKTOKEN_CACHE_DIR": str(tmp_path), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_with_tiktoken_and_its_data_the_count_is_exact(tmp_path):
    assert counted(tmp_path, data=True) == ["5", "True"]


def test_without_its_data_tiktoken_is_not_asked_since_it_would_download(tmp_path):
    assert counted(tmp_path, data=False) == ["6", "False"]


def test_the_estimate_is_four_characters_a_token(monkeypatch):
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    assert tokens.count_tokens("a" * 9) == (3, False)
