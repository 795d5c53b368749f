"""What an exercise is: a name, and a function that says what its answer lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

OPEN = "replace the … by your answer, run the cell, then run this one again"


class Exercises:
    """The exercises of one lesson, called with the name of one and its answer.

    Parameters
    ----------
    checks : mapping of str to function
        By name; a function takes the answer and returns what is missing in a sentence, empty when it is right.
    """

    def __init__(self, checks: Mapping[str, Callable[..., str]]) -> None:
        self.checks = dict(checks)
        self.solved: set[str] = set()

    def __call__(self, name: str, *answer: Any) -> bool:
        """Print whether the answer is right, or what it lacks; a wrong answer never raises."""
        if name not in self.checks:
            print(f"✗ there is no exercise {name!r}; there are: {', '.join(self.checks)}")
            return False
        try:
            missing = OPEN if any(a is ... for a in answer) else self.checks[name](*answer)
        except Exception as error:  # an answer may be anything
            missing = f"looking at the answer raised {type(error).__name__}: {error}"
        if missing:
            self.solved.discard(name)
            print(f"✗ {name}: {missing}")
            return False
        self.solved.add(name)
        print(f"✓ {name} ({len(self.solved)} of {len(self.checks)} exercises solved)")
        return True


def close(answer: Any, right: float, within: float) -> bool:
    """Whether an answer is a number that near to the right one."""
    return isinstance(answer, int | float) and not isinstance(answer, bool) and abs(answer - right) <= within
