"""A rule: one sentence for the prompt, one check on the code, one row in the report."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from workbench.nouns.call import Call, Reply
from workbench.nouns.candidate import Level, Verdict
from workbench.nouns.scenario import Job
from workbench.nouns.space import Value

Group = Literal["reply", "robust", "data", "budget", "evaluation", "result", "saved model", "practice"]


@dataclass(frozen=True, eq=False)
class Case:
    """What a rule looks at: the code, its syntax tree, and the job that it is for."""

    code: str
    tree: ast.Module
    job: Job
    contract_signature: str = ""
    takes_budget: bool = True
    needs_budget: bool = False
    memo: dict[Any, Any] = field(default_factory=dict)
    """What rules have worked out about this code, for the next rule."""
    configurations: tuple[Mapping[str, Value], ...] = ()
    """Configurations to try: the default first, then corners, choices, and random ones."""

    @property
    def defaults(self) -> Mapping[str, Value] | None:
        """The default configuration, None where the space has none."""
        return self.configurations[0] if self.configurations else None

    @cached_property
    def train(self) -> ast.FunctionDef | None:
        """The last public function `train` at module level, None where there is none."""
        found = [n for n in self.tree.body if isinstance(n, ast.FunctionDef) and n.name == "train"]
        return found[-1] if found else None


@dataclass(frozen=True)
class Seen:
    """What a check saw: a verdict and a sentence, the place, and the call that showed it."""

    verdict: Verdict
    message: str
    line: int | None = None
    column: int | None = None
    call: Call | None = None
    traceback: str = ""
    level: Level | None = None
    """Set where this finding weighs other than the rule itself."""

    @classmethod
    def at(cls, node: ast.AST, message: str, verdict: Verdict = "fail", level: Level | None = None) -> Seen:
        """A finding at a node of the syntax tree."""
        return cls(verdict, message, getattr(node, "lineno", None), getattr(node, "col_offset", None), level=level)


Find = Callable[[Case], Iterable[Seen]]
"""A static check. Nothing seen is a pass; where it cannot tell, it says `unknown` with the reason."""


@dataclass(frozen=True)
class Probe:
    """A check that calls the function.

    `calls(case)` names the calls that it wants (equal ones are made once for all rules); `judge(case, replies)` is
    given a reply for each name. `more(case, replies)` may ask for a second round once the first is known: to make a
    failing input smaller, or to look twice before something is said.
    """

    calls: Callable[[Case], Mapping[str, Call]]
    judge: Callable[[Case, Mapping[str, Reply]], Iterable[Seen]]
    more: Callable[[Case, Mapping[str, Reply]], Mapping[str, Call]] | None = None


@dataclass(frozen=True)
class Example:
    """One line or more of a good function, and what would break the rule in its place.

    `good` stands in the good function named `base` (see `workbench.rules.BASES`); with `bad` there, the rule fails.
    """

    good: str
    bad: str
    base: str = "forest"


Mutate = Callable[[ast.Module, Job], Iterable[tuple[str, ast.Module]]]
"""Ways to break a good function: what was done, in words, and the broken tree. The tree given is a copy."""


@dataclass(frozen=True)
class Rule:
    """One rule of the rule book.

    Attributes
    ----------
    id : str
        Stable: it names the rule in prompts, reports and tables.
    level : mapping
        By contract id; `*` for every other one. A contract that is not named, without `*`, does not have the rule.
    text : str or mapping
        The sentence of the prompt, or one by contract id (`*` for every other one).
    asked : function, optional
        Whether a job has this rule at all, beyond its contract: else it is neither spoken nor checked.
    applies : function, optional
        Whether the code has to do with it at all; a network's rule has nothing to say of a forest.
    find, probe : optional
        The static check, and the one that calls the function.
    examples : tuple of Example
        Tests and documentation.
    mutate : function, optional
        Breaks good functions, to measure how much the checks catch.
    """

    id: str
    group: Group
    level: Mapping[str, Level]
    text: str | Mapping[str, str]
    find: Find | None = None
    probe: Probe | None = None
    asked: Callable[[Job], bool] | None = None
    applies: Callable[[Case], bool] | None = None
    examples: tuple[Example, ...] = field(default=())
    mutate: Mutate | None = None
    order: int = 100

    def level_for(self, contract: str) -> Level | None:
        """The rule's weight under a contract, None where it does not hold."""
        return self.level.get(contract, self.level.get("*"))

    def holds_for(self, job: Job) -> bool:
        """Whether it is spoken and checked for a job."""
        return self.level_for(job.contract) is not None and (self.asked is None or self.asked(job))

    def sentence(self, contract: str) -> str:
        """What the prompt asks under a contract; empty where it asks nothing."""
        if isinstance(self.text, str):
            return self.text
        return self.text.get(contract, self.text.get("*", ""))
