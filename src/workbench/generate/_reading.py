"""How composed code reads one hyperparameter, and hands it to the model."""

from __future__ import annotations

import math

from workbench.generate._plan import Setting, values
from workbench.nouns import GenerateError, Hyperparameter, Value
from workbench.recipes import Parameter
from workbench.space import resolved_default

LINE, DEEPEST = 120, 8
"""Calls that would go beyond this column are written on several lines; none stands deeper in the code."""


def reading(setting: Setting) -> tuple[str, str]:
    """The helper that reads the hyperparameter, and the call of it.

    Raises
    ------
    GenerateError
        If the model cannot take what the hyperparameter can be.
    """
    h, p = setting.hyperparameter, setting.parameter
    if h.kind in ("integer", "float"):
        return _number(h, p)
    listed = values(h)
    for value in listed:
        _check(h, p, value)
    call = choice(h, p)
    if p.kind == "flag" and any(isinstance(v, str) for v in listed):
        true = [literal(v) for v in listed if v is True or str(v).lower() == "true"]
        call = f"{call} in ({', '.join(true)}{',' if len(true) == 1 else ''})"
    return "_choice", call


def choice(h: Hyperparameter, p: Parameter | None = None) -> str:
    """The call that reads one of a list of values, on several lines where one is too short."""
    listed = [literal(_as_taken(v, p)) for v in values(h)]
    comma = "," if len(listed) == 1 else ""
    name, default = literal(h.name), literal(_as_taken(resolved_default(h), p))
    line = f"_choice(cfg, {name}, {default}, ({', '.join(listed)}{comma}))"
    variable = "algorithm" if p is None else p.name
    if DEEPEST + len(f"{variable} = {line}") <= LINE:
        return line
    rows = [""]
    for value in listed:
        if rows[-1] and len(rows[-1]) + len(value) > LINE - 2 * DEEPEST - 2:
            rows.append("")
        rows[-1] += f"{value}, "
    inner = "\n".join(f"        {row.rstrip()}" for row in rows)
    return f"_choice(\n    cfg,\n    {name},\n    {default},\n    (\n{inner}\n    ),\n)"


def _as_taken(value: Value, p: Parameter | None) -> Value:
    """A listed number as the kind of number that the model takes: 2 for 2.0, or 1.0 for 1."""
    if p is None or isinstance(value, bool | str):
        return value
    if p.kind == "integer":
        return int(value)
    return float(value) if p.kind == "number" or p.numbers else value


def _number(h: Hyperparameter, p: Parameter) -> tuple[str, str]:
    if p.kind == "choice" and not p.numbers:
        kind = "an integer" if h.kind == "integer" else "a float"
        raise GenerateError(f"{h.name!r} is {kind}, and {p.name} is one of {', '.join(p.choices)}; make it categorical")
    assert h.low is not None
    assert h.high is not None
    whole = p.kind in ("integer", "flag")
    low, high = float(h.low), float(h.high)
    low = low if p.low is None else max(low, p.low)
    high = high if p.high is None else min(high, p.high)
    if whole:
        low, high = math.ceil(low), math.floor(high)
    if low > high or (low == high and h.low < h.high):
        raise GenerateError(
            f"{h.name!r} runs from {h.low:g} to {h.high:g}, where {p.name} takes {_numbers(p)}; change its range, or "
            "have a language model write the function"
        )
    default = min(high, max(low, float(resolved_default(h))))
    numbers = [literal(round(v) if whole else float(v)) for v in (default, low, high)]
    helper = "_integer" if whole else "_number"
    return helper, f"{helper}(cfg, {literal(h.name)}, {numbers[0]}, low={numbers[1]}, high={numbers[2]})"


def _numbers(p: Parameter) -> str:
    low = f" from {p.low:g}" if p.low is not None else ""
    high = f" to {p.high:g}" if p.high is not None else ""
    return f"{'whole numbers' if p.kind in ('integer', 'flag') else 'numbers'}{low}{high}"


def _check(h: Hyperparameter, p: Parameter, value: Value) -> None:
    if isinstance(value, str) and value in p.none:
        return
    number = isinstance(value, int | float) and not isinstance(value, bool)
    size = float(value) if number else math.nan
    inside = number and (p.low is None or size >= p.low) and (p.high is None or size <= p.high)
    fits = {
        "integer": inside and size == round(size),
        "number": inside,
        "choice": (isinstance(value, str) and (not p.choices or value in p.choices)) or (p.numbers and inside),
        "flag": isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false")),
    }[p.kind]
    if fits:
        return
    words = [*p.choices, *p.none[:1]]
    if p.kind in ("integer", "number") or p.numbers:
        words.append(_numbers(p))
    if p.kind == "flag":
        words += ["True", "False"]
    raise GenerateError(
        f"the choice {value!r} of {h.name!r} is none that {p.name} has in the offline composer; it has: "
        f"{', '.join(words)}"
    )


def argument(setting: Setting, variable: str) -> str:
    """The value as the model takes it, from the variable that was read."""
    h, p = setting.hyperparameter, setting.parameter
    words = [v for v in values(h) if isinstance(v, str)] if h.kind not in ("integer", "float") else []
    none = [literal(v) for v in words if v in p.none]
    code = f"bool({variable})" if p.kind == "flag" and not words else variable
    if len(none) == 1:
        code = f"{p.nothing} if {variable} == {none[0]} else {code}"
    elif none:
        code = f"{p.nothing} if {variable} in ({', '.join(none)}) else {code}"
    return p.code.format(value=code)


def literal(value: object) -> str:
    """A value as Python source, strings in double quotes, large integers with underscores."""
    if isinstance(value, str):
        text = repr(value)
        return f'"{text[1:-1]}"' if text.startswith("'") and '"' not in text else text
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return f"{value:_.1f}" if abs(value) >= 1e4 else repr(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        return f"{value:_}"
    return repr(value)
