"""Plain numbers from whatever a `train` returned."""

from __future__ import annotations

import math
import numbers
from typing import Any

from workbench.nouns import ContractError


def plain_number(value: Any, what: str) -> float:
    """A finite float from a Python number, a numpy scalar, or an array or tensor with one element.

    Raises
    ------
    ContractError
        If it is not a number, or not a finite one; `what` names it in the sentence.
    """
    if isinstance(value, bool) or type(value).__name__ == "bool_" or str(getattr(value, "dtype", "")) == "bool":
        raise ContractError(f"{what} is {value!r}; it must be a number, not a truth value")
    if not isinstance(value, numbers.Number) and callable(getattr(value, "item", None)):
        shape = tuple(getattr(value, "shape", ()))
        if math.prod(shape) != 1:
            raise ContractError(f"{what} is a {type(value).__name__} of shape {shape}; it must be one number")
        value = value.item()
    if not isinstance(value, numbers.Real):
        raise ContractError(f"{what} is {describe(value)}; it must be a number")
    try:
        number = float(value)
    except OverflowError as error:
        raise ContractError(f"{what} is too large for a float; it must be a finite number") from error
    if not math.isfinite(number):
        name = "NaN" if math.isnan(number) else "infinite"
        raise ContractError(f"{what} is {name}; it must be a finite number")
    return number


def describe(value: Any) -> str:
    """A value in a few words; long or hostile representations are left out."""
    if value is None:
        return "None"
    if isinstance(value, str | int | float | complex):
        text = repr(value)
        return text if len(text) <= 40 else f"{text[:37]}… (a {type(value).__name__})"
    return f"a {type(value).__name__}"
