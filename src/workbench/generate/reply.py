"""Code out of the reply of a language model."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from workbench import contracts
from workbench.nouns import GenerateError

MAX_REPLY = 1_000_000

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<after>[^`]*)")
_TRAIN = re.compile(r"^[ \t]*def train[ \t]*\(", re.MULTILINE)
_THOUGHT = re.compile(
    r"\A\s*<(think|thinking)>.*?(?:</\1>|\Z)|\A.*?^[ \t]*</(?:think|thinking)>[ \t]*$", re.DOTALL | re.MULTILINE
)
"""What some models say to themselves first; where the server opens it, only its end is in the reply."""


def extract_code(reply: str) -> str:
    """The code in a reply: itself, or its fenced block that defines `train`.

    Raises
    ------
    GenerateError
        If there is none, or there are several that define `train`.
    """
    if len(reply) > MAX_REPLY:
        raise GenerateError(f"the reply has {len(reply):,} characters; at most {MAX_REPLY:,} are read")
    reply = reply.removeprefix("\ufeff").replace("\r\n", "\n")
    blocks = _blocks(reply)
    if not blocks:
        if not _TRAIN.search(reply):
            raise GenerateError("the reply has no code that defines train")
        return reply.strip("\n") + "\n"
    wanted = [b for b in blocks if _defines_train(b)]
    if not wanted:
        if len(blocks) == 1:
            raise GenerateError("the reply's code block does not define train")
        raise GenerateError(f"none of the reply's {len(blocks)} code blocks defines train")
    if len(set(wanted)) > 1:
        wanted = [b for b in wanted if not _is_sketch(b)] or wanted
    if len(set(wanted)) > 1:
        raise GenerateError(f"{len(wanted)} of the reply's code blocks define train; one is meant")
    return wanted[0].strip("\n") + "\n"


def without_thoughts(reply: str) -> str:
    """A reply without what the model thought before it; of thoughts that were cut off, nothing is left."""
    return _THOUGHT.sub("", reply, count=1)


def other_contract(code: str, contract_id: str) -> str:
    """Why the code is for another contract than this one, in a sentence; empty where it is not, or cannot be told."""
    found = _contract_of(code)
    if found in ("", contract_id):
        return ""
    wanted, written = contracts.get(contract_id), contracts.get(found)
    return (
        f"the reply is for the contract {found!r} (train returns {written.returns}), not for {contract_id!r} "
        f"({wanted.returns}); choose that contract, or have it written again"
    )


def _contract_of(code: str) -> str:
    """The contract that a `train` is for, by its annotation or by what it returns; empty where that is unclear."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    trains = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "train"]
    if not trains:
        return ""
    said = ast.unparse(trains[-1].returns).partition("[")[0].rpartition(".")[2].lower() if trains[-1].returns else ""
    if said:
        return {"float": "loss", "tuple": "model", "dict": "metrics"}.get(said, "")
    kinds = {_kind(n.value) for n in _own(trains[-1]) if isinstance(n, ast.Return)}
    return kinds.pop() if len(kinds) == 1 else ""


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions and classes in it."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo.extend(ast.iter_child_nodes(node))


def _kind(value: ast.expr | None) -> str:
    if isinstance(value, ast.Tuple) and len(value.elts) == 2:
        return "model"
    if isinstance(value, ast.Dict):
        return "metrics"
    if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
        return "loss"
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "float":
        return "loss"
    return ""


def _blocks(reply: str) -> list[str]:
    """What stands between fences, without the fences' indentation; a fence that is never closed goes on to the end."""
    blocks: list[list[str]] = []
    indent, fence = "", ""
    for line in reply.split("\n"):
        match = _FENCE.fullmatch(line)
        if not fence:
            if match:
                indent, fence = match["indent"], match["fence"]
                blocks.append([])
        elif (
            match
            and match["fence"].startswith(fence)
            and not match["after"].strip()
            and len(match["indent"]) <= len(indent) + 3  # further in, it stands in a docstring of the code
        ):
            fence = ""
        else:
            blocks[-1].append(line.removeprefix(indent))
    return ["\n".join(lines) for lines in blocks]


def _defines_train(code: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a stranger's string is not ours to print
            return any(isinstance(n, ast.FunctionDef) and n.name == "train" for n in ast.parse(code).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _TRAIN.search(code) is not None


def _is_sketch(code: str) -> bool:
    """Whether a `train` is only announced: a signature, with nothing behind it but a docstring or `...`."""
    lines = code.strip().splitlines()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code if not lines[-1].rstrip().endswith(":") else f"{code.rstrip()}\n    ...\n")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    trains = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "train"]
    said = [s for t in trains for s in t.body if not isinstance(s, ast.Pass)]
    return all(isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) for s in said)
