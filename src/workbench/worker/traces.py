"""What a trial leaves behind in its process: found, so that the process is used again only when there is nothing.

`Traces` is made before generated code is imported, and keeps its own references to what it looks with: code that
patches a module does not patch the search for patches. Looked for are a changed working folder, environment, signal
handler or timer, threads that go on, and names of modules that mean something else than before. Put back without a word
is what honest code changes often: warning filters, the import path, random numbers, numpy's error settings.

Modules are looked at where code is likely to change them: the public ones of the standard library's usual parts and of
the libraries that functions are written with. Not seen are attributes of classes and the insides of objects. Each call
gets the generated module anew, so its own globals are never carried over; and a call that is watched by a rule has a
process of its own.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import types
import warnings
from typing import Any

from workbench.worker.versions import Versions

_USUAL = """
    builtins collections contextlib copy datetime functools gc hashlib heapq io itertools json logging math
    multiprocessing operator os pathlib pickle random re shutil signal statistics string subprocess sys tempfile
    threading time traceback typing warnings
    ConfigSpace catboost joblib lightgbm numpy pandas scipy sklearn threadpoolctl torch workbench xgboost
"""
LOOKED_AT = frozenset(_USUAL.split())
"""Packages whose modules are compared."""
DEEP = 2
"""Down to `package.module`: below that lie the packages' own affairs."""
_NUMBERS = (int, float, type(None))
"""Module globals that count, or that are filled at their first use: changing those is what they are for."""


class Traces:
    """The state of this process, to compare with later."""

    def __init__(self) -> None:
        self._getcwd, self._environ, self._listdir = os.getcwd, os.environ, os.listdir
        self._frames, self._getitimer = sys._current_frames, signal.getitimer
        self._getsignal = getattr(signal.getsignal, "__wrapped__", signal.getsignal)  # without making names of numbers
        self._modules, self._numbers = sys.modules, [s for s in signal.Signals if s not in _UNCHANGEABLE]
        self._folder = self._getcwd()
        self._variables = self._all_variables()
        self._handlers = [self._getsignal(s) for s in self._numbers]
        self._tasks = 0
        self._path, self._filters = list(sys.path), list(warnings.filters)
        self._numpy: Any = sys.modules.get("numpy")
        self._errors = self._numpy.geterr() if self._numpy is not None else {}
        if self._numpy is not None:
            self._seed, self._get_state = self._numpy.random.seed, self._numpy.random.get_state
            self._drawn = self._numbers_drawn()
        self._names: dict[str, tuple[dict[str, Any], list[Any]]] = {}
        self._order: list[str] = []
        self._versions = Versions()
        self._count = 0
        self._note_modules()

    def find(self) -> list[str]:
        """What is not as it was, in words; an empty list when the process can be used again."""
        left = []
        try:
            if self._getcwd() != self._folder:
                left.append("another working folder")
        except OSError:
            left.append("no working folder")
        if self._all_variables() != self._variables:
            left.append("changed environment variables")
        if [self._getsignal(s) for s in self._numbers] != self._handlers:
            left.append("changed signal handlers")
        if any(self._getitimer(timer)[0] for timer in _TIMERS):
            left.append("a timer that runs")
        if len(self._frames()) > 1:
            left.append("threads that go on")
        elif self._more_tasks():
            left.append("more threads of libraries than before")
        left += [f"a changed {name}" for name in self._changed_names()]
        return left

    def put_back(self) -> None:
        """Undo what honest code changes, and give the next call random numbers of its own."""
        sys.path[:] = self._path
        if warnings.filters != self._filters:
            warnings.filters[:] = self._filters  # type: ignore[index]  # a list, whatever its stub says
            warnings._filters_mutated()  # type: ignore[attr-defined]
        random.seed()
        if self._numpy is not None:
            self._numpy.seterr(**self._errors)
            if self._numbers_drawn() != self._drawn:  # to seed takes longer than all else here
                self._seed()
                self._drawn = self._numbers_drawn()
        torch: Any = self._modules.get("torch")
        if torch is not None and hasattr(torch, "seed"):
            torch.seed()
        self._note_modules()

    def _all_variables(self) -> dict[Any, Any]:
        """The environment as it lies in `os.environ`: not each variable decoded anew."""
        return dict(getattr(self._environ, "_data", self._environ))

    def _numbers_drawn(self) -> tuple[Any, ...]:
        """The state of numpy's global random numbers."""
        name, key, *rest = self._get_state()
        return (name, key.tobytes(), *rest)

    def _more_tasks(self) -> bool:
        """Whether there are more threads than after the first call: a library's pool is made once, and stays."""
        try:
            tasks = len(self._listdir("/proc/self/task"))
        except OSError:
            return False
        before, self._tasks = self._tasks, max(tasks, self._tasks)
        return bool(before) and tasks > before

    def _note_modules(self) -> None:
        """Remember what the names of modules mean that were not known yet."""
        if len(self._modules) == self._count:
            return
        self._count = len(self._modules)
        for name, module in list(self._modules.items()):
            if name not in self._names and _is_looked_at(name) and type(module) is types.ModuleType:
                names = module.__dict__
                self._versions.add(names)
                self._order.append(name)
                self._names[name] = (names, list(names.values()))

    def _changed_names(self) -> list[str]:
        """Names of modules that mean something else; new names are no change."""
        changed = []
        for place in self._versions.written():
            name = self._order[place]
            names, before = self._names[name]
            now = list(names.values())
            if len(now) != len(before):
                del now[len(before) :]
            try:
                if now == before:
                    continue
            except Exception:  # arrays and their like: compared one by one below
                pass
            different = [i for i, (one, other) in enumerate(zip(now, before, strict=False)) if one is not other]
            if len(now) < len(before) or any(not isinstance(before[i], _NUMBERS) for i in different):
                keys = list(names)
                first = next((i for i in different if not isinstance(before[i], _NUMBERS)), -1)
                changed.append(f"{name}.{keys[first]}" if 0 <= first < len(keys) else name)
            else:
                self._names[name] = (names, list(names.values()))
        return changed


def _is_looked_at(name: str) -> bool:
    parts = name.split(".")
    return parts[0] in LOOKED_AT and len(parts) <= DEEP and not parts[-1].startswith("_")


_UNCHANGEABLE = {getattr(signal, name) for name in ("SIGKILL", "SIGSTOP") if hasattr(signal, name)}
_TIMERS = [getattr(signal, name) for name in ("ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF") if hasattr(signal, name)]
