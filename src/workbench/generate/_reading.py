"""How composed code reads one hyperparameter, and hands it to the model."""

from __future__ import annotations

import math

from workbench.generate._plan import Setting, values
from workbench.nouns import GenerateError, Hyperparameter, Value
from workbench.recipes import Parameter
from workbench.space import resolved_default


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
    for value in values(h):
        _check(h, p, value)
    listed = ", ".join(literal(v) for v in values(h))
    comma = "," if len(values(h)) == 1 else ""
    default = literal(resolved_default(h))
    return "_choice", f"_choice(cfg, {literal(h.name)}, {default}, ({listed}{comma}))"


def _number(h: Hyperparameter, p: Parameter) -> tuple[str, str]:
    if p.kind == "choice" and not p.numbers:
        raise GenerateError(
            f"{h.name!r} is a {h.kind}, and {p.name} is one of {', '.join(p.choices)}; make it categorical"
        )
    assert h.low is not None
    assert h.high is not None
    low, high = float(h.low), float(h.high)
    if p.low is not None:
        low, high = max(low, p.low), max(high, p.low)
    if p.high is not None:
        low, high = min(low, p.high), min(high, p.high)
    default = min(high, max(low, float(resolved_default(h))))
    if p.kind in ("integer", "flag"):
        numbers = [literal(int(v)) for v in (round(default), math.ceil(low), math.floor(high))]
        helper = "_integer"
    else:
        whole = h.kind == "integer" and p.kind == "choice"
        numbers = [literal(int(v) if whole else v) for v in (default, low, high)]
        helper = "_integer" if whole else "_number"
    return helper, f"{helper}(cfg, {literal(h.name)}, {numbers[0]}, low={numbers[1]}, high={numbers[2]})"


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
        low = f" from {p.low:g}" if p.low is not None else ""
        high = f" to {p.high:g}" if p.high is not None else ""
        words.append(f"{'whole numbers' if p.kind == 'integer' else 'numbers'}{low}{high}")
    if p.kind == "flag":
        words += ["True", "False"]
    raise GenerateError(
        f"the choice {value!r} of {h.name!r} is none that {p.name} has in the offline composer; it has: "
        f"{', '.join(words)}"
    )


def argument(setting: Setting, variable: str) -> str:
    """The value as the model takes it, from the variable that was read."""
    h, p = setting.hyperparameter, setting.parameter
    code = variable
    listed = values(h) if h.kind not in ("integer", "float") else ()
    if p.kind == "flag":
        code = f'{variable} in ("True", "true")' if any(isinstance(v, str) for v in listed) else f"bool({variable})"
    none = [v for v in listed if isinstance(v, str) and v in p.none]
    if none:
        code = f"None if {variable} == {literal(none[0])} else {code}"
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
