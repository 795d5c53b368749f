"""Code out of the reply of a language model."""

from __future__ import annotations

import ast
import re

from workbench.nouns import GenerateError

MAX_REPLY = 1_000_000

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)


def extract_code(reply: str) -> str:
    """The code in a reply: itself, or its fenced block that defines `train`.

    Raises
    ------
    GenerateError
        If there is none, or there are several that define `train`.
    """
    if len(reply) > MAX_REPLY:
        raise GenerateError(f"the reply has {len(reply):,} characters; at most {MAX_REPLY:,} are read")
    blocks = [match.group(3) for match in _FENCE.finditer(reply)]
    if not blocks:
        opened = re.search(r"^[ \t]*```[\w+-]*[^\n]*\n", reply, re.MULTILINE)
        text = reply[opened.end() :] if opened else reply
        if "def train" not in text:
            raise GenerateError("the reply has no code that defines train")
        return text.strip("\n") + "\n"
    wanted = [b for b in blocks if _defines_train(b)]
    if not wanted:
        raise GenerateError(f"none of the reply's {len(blocks)} code blocks defines train")
    if len(set(wanted)) > 1:
        raise GenerateError(f"{len(wanted)} of the reply's code blocks define train; one is meant")
    return wanted[0].strip("\n") + "\n"


def _defines_train(code: str) -> bool:
    try:
        return any(isinstance(n, ast.FunctionDef) and n.name == "train" for n in ast.parse(code).body)
    except (SyntaxError, ValueError, RecursionError):
        return "def train" in code
