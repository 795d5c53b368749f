"""A dataset in words, for a prompt."""

from __future__ import annotations

from workbench.datasets.words import counted
from workbench.nouns import Column, Dataset

SHOWN = 60
"""Wider tables have this many columns described one by one."""
LISTED = 12
"""A category with at most this many values has them listed."""


def describe(dataset: Dataset) -> str:
    """What a person or a model must know to write a `train` for it: plain text, Markdown lists.

    The values of single rows do not appear; column names, class labels and the most frequent values do.
    """
    *columns, target = dataset.profile.columns
    kinds = {kind: sum(c.kind == kind for c in columns) for kind in ("number", "category", "boolean", "text", "date")}
    lines = [
        f"{dataset.name}: {dataset.task} of the column {target.name!r}.",
        f"{dataset.rows:,} rows, {counted(dataset.features, 'feature column')}: "
        + ", ".join(_kind(number, kind) for kind, number in kinds.items() if number)
        + ".",
        *_shape(dataset),
        _test(dataset),
        _missing(columns),
        "",
        "Target:",
        _target(dataset, target),
        "",
        "Feature columns:",
        *(_column(dataset, c) for c in columns[:SHOWN]),
    ]
    if len(columns) > SHOWN:
        rest = columns[SHOWN:]
        left = {kind: sum(c.kind == kind for c in rest) for kind in kinds}
        lines.append(f"- and {len(rest):,} more: " + ", ".join(_kind(n, k) for k, n in left.items() if n))
    if dataset.profile.notices:
        lines += ["", "Remarks:", *(f"- {n.text}" for n in dataset.profile.notices)]
    return "\n".join(lines)


def _shape(dataset: Dataset) -> list[str]:
    if not dataset.shape:
        return []
    shape = "×".join(str(n) for n in dataset.shape)
    return [f"Each row is an array of the shape {shape}, flattened in row-major order; its columns are in that order."]


def _test(dataset: Dataset) -> str:
    if dataset.X_test is None:
        return "No separate test part."
    return f"A separate test part of {counted(len(dataset.X_test), 'row')} with the same columns."


def _missing(columns: list[Column]) -> str:
    count = sum(c.missing > 0 for c in columns)
    if not count:
        return "No value is missing."
    return f"{counted(count, 'feature column')} with missing values."


def _target(dataset: Dataset, target: Column) -> str:
    if dataset.task == "regression":
        return (
            f"- numbers ({target.dtype}), {_number(target.low)} to {_number(target.high)}, mean {_number(target.mean)}"
        )
    quoted = (lambda c: c) if target.kind in ("number", "boolean") else repr
    counts = {str(value): int(n) for value, n in dataset.y.value_counts(sort=False).items()}
    what = {"number": "whole numbers", "boolean": "booleans"}.get(target.kind, "strings")
    if len(dataset.classes) > 20:
        return (
            f"- {len(dataset.classes)} classes, labels are {what} ({target.dtype}), "
            f"such as {quoted(dataset.classes[0])}"
        )
    shares = ", ".join(f"{quoted(c)} ({100 * counts.get(c, 0) / dataset.rows:.3g} %)" for c in dataset.classes)
    return f"- {len(dataset.classes)} classes, labels are {what} ({target.dtype}): {shares}"


def _column(dataset: Dataset, c: Column) -> str:
    parts = [f"- {c.name!r}: {c.kind} ({c.dtype})"]
    if c.kind == "number" and c.low is not None:
        parts.append(f"{_number(c.low)} to {_number(c.high)}, mean {_number(c.mean)}")
    elif c.kind == "date":
        parts.append(c.top or "")
    else:
        parts.append(_values(dataset, c))
    if c.missing:
        parts.append(f"{c.missing:,} missing")
    return ", ".join(p for p in parts if p)


def _values(dataset: Dataset, c: Column) -> str:
    """The values themselves where they are few, the most frequent first."""
    text = counted(c.unique, "different value")
    if c.kind == "text" or c.top is None:
        return text
    if c.kind == "category" and c.unique <= LISTED:
        values = [str(v) for v, count in dataset.X[c.name].value_counts().items() if count]
        if all(len(v) <= 40 for v in values):
            return ", ".join(repr(v) for v in values) if len(values) > 1 else text
    return f"{text}, most often {c.top[:40]!r}"


def _number(value: float | None) -> str:
    if value is None:
        return "unknown"
    value += 0.0  # no minus before a zero
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e9 else f"{value:.4g}"


def _kind(number: int, kind: str) -> str:
    plural = {"number": "numeric", "category": "categorical", "boolean": "boolean", "text": "text", "date": "date"}
    return f"{number:,} {plural[kind]}"
