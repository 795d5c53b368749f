"""The real signatures of library functions that a line of generated code calls, as installed here."""

from __future__ import annotations

import ast
import json
import logging
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence

logger = logging.getLogger(__name__)

LIBRARIES = frozenset(
    (
        *("numpy", "pandas", "scipy", "sklearn", "joblib", "ConfigSpace", "xgboost", "lightgbm", "catboost"),
        *(
            "torch",
            "torchvision",
            "json",
            "math",
            "os",
            "pathlib",
            "pickle",
            "random",
            "time",
            "functools",
            "itertools",
        ),
    )
)
"""What is imported to look at it, and nothing else: whatever a function names could be a module that does something."""

LIMIT_S = 120.0
LONGEST = 1_500
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")

_LOOK = """
import difflib, importlib, inspect, json, sys, warnings

warnings.simplefilter("ignore")


def look(name):
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:n]))
            break
        except ImportError:
            continue
    else:
        return ""
    for i, part in enumerate(parts[n:], n):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, dir(found), 3, 0.6)
            return f"# {'.'.join(parts[:i])} has no {part}" + (f"; it has {', '.join(near)}" if near else "")
        held, found = found, getattr(found, part)
    try:
        said = inspect.signature(found)
    except (TypeError, ValueError):
        return ""
    if n < len(parts) and inspect.isclass(held) and inspect.isfunction(found):
        said = said.replace(parameters=list(said.parameters.values())[1:])
    return name + str(said)


names = json.load(sys.stdin)
out = sys.stdout
sys.stdout = sys.stderr
json.dump([look(name) for name in names], out)
"""


def signatures(code: str, lines: Sequence[int]) -> tuple[str, ...]:
    """Signatures of the known libraries' functions that these lines (from 1) call, in their order.

    They are looked up in a process of its own, with nothing in its environment; empty where that fails.
    """
    names = [n for n in called(code, lines) if n.partition(".")[0] in LIBRARIES]
    if not names:
        return ()
    try:
        with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
            done = subprocess.run(
                [sys.executable, "-I", "-c", _LOOK],
                input=json.dumps(names),
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=True,
                cwd=folder,
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
            )
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        logger.warning("signatures could not be looked up", exc_info=True)
        return ()
    return tuple(dict.fromkeys(s[:LONGEST] for s in found if s))


def called(code: str, lines: Sequence[int]) -> tuple[str, ...]:
    """The full names of what the statements on these lines call, as far as imports and assignments tell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    known = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            made = _name(node.value.func, known)
            if made and made.rpartition(".")[2][:1].isupper():  # a class: its methods can be looked at
                known.setdefault(node.targets[0].id, made)
    found: dict[str, None] = {}
    for line in lines:
        for node in _statement(tree, line):
            if isinstance(node, ast.Call) and (name := _name(node.func, known)):
                found[name] = None
    return tuple(found)


def _imported(tree: ast.Module) -> dict[str, str]:
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return known


def _name(node: ast.expr, known: dict[str, str]) -> str:
    """The full name of what is called, or nothing."""
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = _name(node.value.func if isinstance(node.value, ast.Call) else node.value, known)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _statement(tree: ast.Module, line: int) -> Iterator[ast.AST]:
    """The nodes of the innermost statement on a line, of a compound one those of its head alone."""
    held = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and n.lineno <= line <= (n.end_lineno or n.lineno)]
    if not held:
        return
    inner = min(held, key=lambda n: (n.end_lineno or n.lineno) - n.lineno)
    todo: list[ast.AST] = [n for n in ast.iter_child_nodes(inner) if not isinstance(n, ast.stmt | ast.ExceptHandler)]
    while todo:
        node = todo.pop(0)
        yield node
        todo.extend(ast.iter_child_nodes(node))
