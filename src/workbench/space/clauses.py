"""Conditions and forbidden clauses as people read and write them.

`subsample active when loss == "log_loss" and max_depth > 3`; `max_depth == 6 and loss in ("a", "b")`;
`min_samples_leaf >= min_samples_split`, where two hyperparameters are compared.
A name that is not a plain word stands in backquotes: `` `n estimators` > 3 ``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from workbench.nouns import Clause, Condition, Forbidden, Hyperparameter, Operator, Relation, Space, SpaceError, Value
from workbench.space.problems import condition_problems, contains, forbidden_problems
from workbench.space.values import parse_value, value_text

_TOKEN = re.compile(
    r"\s*(?:(?P<name>`[^`]+`)"
    r'|(?P<text>"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')'
    r"|(?P<operator>==|!=|<=|>=|<|>|=|≠)"
    r"|(?P<mark>[(),\[\]{}])"
    r"|(?P<word>[^\s`\"'=!<>≠(),\[\]{}]+))",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^\W\d][\w.:-]*")
_RESERVED = {"and", "or", "in", "not", "active", "when", "if", "is"}
OPERATORS: dict[str, Operator] = {
    "=": "==",
    "==": "==",
    "≠": "!=",
    "!=": "!=",
    "<": "<",
    ">": ">",
    "<=": "<=",
    ">=": ">=",
}
EXAMPLE = 'subsample active when loss == "log_loss"'


def name_text(name: str) -> str:
    """A name as conditions show it."""
    return name if _PLAIN.fullmatch(name) and name.lower() not in _RESERVED else f"`{name}`"


def clause_text(clause: Clause | Relation) -> str:
    """`max_depth > 3`, `loss in ("a", "b")`, `low < high`."""
    if isinstance(clause, Relation):
        # after == a bare word may be a value; texts are in no order, so elsewhere it is a name
        right = f"`{clause.right}`" if clause.operator == "==" else name_text(clause.right)
        return f"{name_text(clause.left)} {clause.operator} {right}"
    if isinstance(clause.value, tuple):
        inner = ", ".join(value_text(v) for v in clause.value) + ("," if len(clause.value) == 1 else "")
        return f"{name_text(clause.parent)} {clause.operator} ({inner})"
    return f"{name_text(clause.parent)} {clause.operator} {value_text(clause.value)}"


def when_text(condition: Condition) -> str:
    """The clauses of a condition, without its child."""
    return f" {condition.join} ".join(clause_text(c) for c in condition.clauses)


def condition_text(condition: Condition) -> str:
    """`subsample active when loss == "log_loss"`; `parse_condition` reads it back."""
    return f"{name_text(condition.child)} active when {when_text(condition)}"


def forbidden_text(forbidden: Forbidden) -> str:
    """`max_depth == 6 and loss in ("a", "b")`; `parse_forbidden` reads it back."""
    return " and ".join(clause_text(c) for c in forbidden.clauses)


def parse_condition(text: str, space: Space) -> Condition:
    """Read `CHILD active when PARENT OPERATOR VALUE [and …]`.

    Operators are `==`, `!=`, `in`, `<`, `>`; several clauses are joined by `and` alone or by `or` alone. A value
    without quotes is taken as the parent has it: `kernel == rbf`, and `"1"` where the choice 1 is a text.

    Raises
    ------
    SpaceError
        If the text cannot be read, or the condition does not fit the space.
    """
    known = {h.name: h for h in space.hyperparameters}
    reader = _Reader(text, known)
    child = reader.name()
    if reader.peek_word() == "is":
        reader.word("is")
    if reader.peek_word() == "if":
        reader.word("if")
    else:
        reader.word("active")
        reader.word("if" if reader.peek_word() == "if" else "when")
    clauses, join = reader.clauses(("and", "or"))
    condition = Condition(child, tuple(c for c in clauses if isinstance(c, Clause)), join)
    if found := condition_problems(condition, known):
        raise SpaceError(found[0])
    return condition


def parse_forbidden(text: str, space: Space) -> Forbidden:
    """Read `NAME == VALUE and NAME in (VALUE, …)`; operators are `==`, `in`, `<`, `>`, `<=`, `>=`.

    In the place of a value may stand the name of another hyperparameter, except after `in`. What could be either is a
    value; a name in backquotes never is.

    Raises
    ------
    SpaceError
        If the text cannot be read, or the clause does not fit the space.
    """
    known = {h.name: h for h in space.hyperparameters}
    clauses, _ = _Reader(text, known, relations=True).clauses(("and",))
    forbidden = Forbidden(clauses)
    if found := forbidden_problems(forbidden, known):
        raise SpaceError(found[0])
    return forbidden


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


class _Reader:
    """One pass over the tokens of a text."""

    def __init__(self, text: str, known: Mapping[str, Hyperparameter], *, relations: bool = False) -> None:
        self.text = text
        self.relations = relations
        self.known = known
        self.tokens: list[_Token] = []
        self.next = 0
        position, end = 0, len(text.rstrip())
        if not end:
            raise SpaceError(f"nothing stands there; write it as in {EXAMPLE}")
        while position < end:
            match = _TOKEN.match(text, position)
            if not match or match.lastgroup is None:
                what = "a quote is not closed" if text[position:].lstrip()[:1] in "\"'`" else "this cannot be read"
                raise SpaceError(f"{what} at {text[position:].strip()[:30]!r}; write it as in {EXAMPLE}")
            self.tokens.append(_Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
            position = match.end()

    def peek(self) -> _Token:
        return self.tokens[self.next] if self.next < len(self.tokens) else _Token("end", "", len(self.text))

    def peek_word(self) -> str:
        token = self.peek()
        return token.text.lower() if token.kind == "word" else ""

    def take(self) -> _Token:
        token = self.peek()
        self.next += 1
        return token

    def fail(self, token: _Token, wanted: str) -> SpaceError:
        found = repr(token.text) if token.kind != "end" else "the end"
        return SpaceError(f"{wanted} was expected where {found} stands in {self.text.strip()[:80]!r}")

    def word(self, wanted: str) -> None:
        token = self.take()
        if token.kind != "word" or token.text.lower() != wanted:
            raise self.fail(token, f"`{wanted}`" if wanted != "active" else "`active when`")

    def name(self) -> str:
        token = self.take()
        if token.kind == "name":
            return token.text[1:-1]
        if token.kind != "word":
            raise self.fail(token, "the name of a hyperparameter")
        return token.text

    def clauses(self, joins: tuple[str, ...]) -> tuple[tuple[Clause | Relation, ...], Literal["and", "or"]]:
        found = [self.clause()]
        join: Literal["and", "or"] = "and"
        while (token := self.take()).kind != "end":
            word = token.text.lower() if token.kind == "word" else ""
            if word not in joins:
                if word == "or":
                    raise SpaceError(
                        "a forbidden clause joins by `and` alone; add one clause for each side of the `or`"
                    )
                raise self.fail(token, " or ".join(f"`{j}`" for j in joins))
            if len(found) > 1 and word != join:
                raise SpaceError("`and` and `or` cannot be mixed in one condition; add a second condition instead")
            join = "or" if word == "or" else "and"
            found.append(self.clause())
        return tuple(found), join

    def clause(self) -> Clause | Relation:
        parent = self.name()
        token = self.take()
        operator: Operator
        if token.kind == "word" and token.text.lower() == "in":
            return Clause(parent, "in", self.values(parent))
        if token.kind == "word" and token.text.lower() == "not":
            raise SpaceError(f"`not` is no operator; use != or list the values of {parent!r} by in (…)")
        if token.kind != "operator":
            raise self.fail(token, "an operator (==, !=, in, <, >)")
        if token.text in ("<=", ">=") and not self.relations:
            raise SpaceError(
                f"a condition of ConfigSpace knows no {token.text}; use {token.text[0]} with the next value"
            )
        operator = OPERATORS[token.text]
        if (other := self.other(parent)) is not None:
            return Relation(parent, operator, other)
        return Clause(parent, operator, self.value(parent))

    def other(self, parent: str) -> str | None:
        """The name of another hyperparameter where a value could stand; None where there is a value."""
        token = self.peek()
        if token.kind == "name":
            name = token.text[1:-1]
        elif token.kind == "word" and token.text in self.known:
            h = self.known.get(parent)
            if h is None or contains(h, token.text) or contains(h, parse_value(token.text)):
                return None
            name = token.text
        else:
            return None
        if not self.relations:
            raise SpaceError(f"a condition compares with a value, and {name!r} is a hyperparameter; write a value")
        self.take()
        return name

    def values(self, parent: str) -> tuple[Value, ...]:
        opening = self.take()
        closing = {"(": ")", "[": "]", "{": "}"}.get(opening.text) if opening.kind == "mark" else None
        if closing is None:
            raise self.fail(opening, "a bracket with values, such as (1, 2),")
        found: list[Value] = []
        while True:
            if self.peek().kind == "mark" and self.peek().text == closing and found:
                self.take()
                return tuple(found)
            found.append(self.value(parent))
            token = self.take()
            if token.kind == "mark" and token.text == closing:
                return tuple(found)
            if token.kind != "mark" or token.text != ",":
                raise self.fail(token, f"a comma or `{closing}`")

    def value(self, parent: str) -> Value:
        token = self.take()
        if token.kind not in ("word", "text"):
            raise self.fail(token, "a value")
        value = parse_value(token.text)
        h = self.known.get(parent)
        if h is None or contains(h, value):
            return _as_domain(h, value)
        if token.kind == "word" and contains(h, token.text):
            return token.text  # a choice such as the text 1, typed without its quotes
        if (
            token.kind == "text"
            and isinstance(value, str)
            and value.strip()
            and not isinstance(parse_value(value), str)
        ):
            inner = parse_value(value)
            if contains(h, inner):
                return inner
        return value


def _as_domain(h: Hyperparameter | None, value: Value) -> Value:
    """The value with the type that its parent gives it: 3 and 3.0 are one value of an integer."""
    if h is None or isinstance(value, str | bool):
        return value
    if h.kind == "integer":
        return int(value)
    if h.kind == "float":
        return float(value)
    own = h.choices if h.kind != "constant" else (h.default,) if h.default is not None else ()
    return next((c for c in own if c == value and not isinstance(c, bool)), value)
