"""Inputs of the Data step: variables of the notebook; rows put aside by share, file, column or time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from workbench import datasets
from workbench.nouns import Split
from workbench.ui.panels.panel import Field
from workbench.ui.quiet import Quiet

SHARES = (0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5)
WAYS = (("By column …", "column"), ("By time …", "time"), ("By file …", "file"))


class PartChoice(ipywidgets.Box):
    """A dropdown of shares and other ways; a way that needs a column, a value or a file asks for it beside.

    Parameters
    ----------
    label, hint : str
        Of the dropdown.
    choose : callable
        `choose(split)` is called when a person has said enough; None takes the part back.
    """

    def __init__(self, label: str, hint: str, choose: Callable[[Split | None], None]) -> None:
        self._choose = choose
        self._label = label
        self._shown: Split | None = None
        self._quiet = Quiet()
        self._arranged: tuple[ipywidgets.Widget, ...] = ()
        options = [(percent(s), s) for s in SHARES]
        self.how = Field(label, ipywidgets.Dropdown(options=options), hint=hint, width="160px")
        self.column = Field(f"{label}: column", ipywidgets.Dropdown(options=[("Choose …", "")]), width="180px")
        self.value = Field(f"{label}: value", ipywidgets.Text(continuous_update=False), width="180px")
        self.file = Field(
            f"{label}: file",
            ipywidgets.Text(continuous_update=False, placeholder="data/test.csv"),
            hint="A table with the same columns",
            width="260px",
        )
        super().__init__()
        self.add_class("awb-toolbar")
        self.layout.align_items = "flex-start"
        for field in (self.how, self.column, self.value, self.file):
            field.control.observe(lambda change, field=field: self._changed(field), ["value"])
        self._arrange()

    def show(self, split: Split | None, names: Sequence[str], *, given: bool = False, enabled: bool = True) -> None:
        """Say what is in force; a way that a person is still describing stays until something else is in force."""
        with self._quiet:
            share = split.share if split is not None and split.by == "share" else 0.0
            ways = [*WAYS, *([("As it came", "given")] if given else [])]
            options = [(percent(s), s) for s in sorted({*SHARES, share})] + ways
            drafted = self.how.control.value
            offer(self.column.control, [("Choose …", ""), *((n, n) for n in names)], self.column.control.value)
            # a way that was begun and is not in force yet: the person goes on describing it
            keep = enabled and split == self._shown and drafted in ("column", "time", "file")
            offer(self.how.control, options, drafted if keep else share if split is None or share else split.by)
            if split is not None and not keep:
                offer(self.column.control, [("Choose …", ""), *((n, n) for n in names)], split.column)
                self.value.control.value, self.file.control.value = split.value, split.file
            self._shown = split
            for field in (self.how, self.column, self.value, self.file):
                field.control.disabled = not enabled
        self._arrange()

    def _arrange(self) -> None:
        """Only the inputs that the way needs."""
        way = self.how.control.value
        needed = {"column": (self.column, self.value), "time": (self.column, self.value), "file": (self.file,)}
        self.value.control.description = f"{self._label}: {'from' if way == 'time' else 'value'}"
        self.value.control.placeholder = "2024-03-31; empty: the latest 20 %" if way == "time" else "test"
        children = (self.how, *needed.get(way, ()))
        if children != self._arranged:
            self._arranged = self.children = children

    def _changed(self, field: Field) -> None:
        if self._quiet.here:
            return
        if field is self.how:
            with self._quiet:
                self.value.control.value = ""
            self._arrange()
        way, column, value = self.how.control.value, self.column.control.value, self.value.control.value.strip()
        if way == "given":
            self._choose(Split("given"))
        elif way == "file":
            if self.file.control.value.strip():
                self._choose(Split("file", file=self.file.control.value.strip()))
        elif way in ("column", "time"):
            if column:
                self._choose(Split(way, column=column, value=value))
        else:
            self._choose(Split("share", share=float(way)) if way else None)


def variables() -> dict[str, tuple[str, Any]]:
    """The notebook's variables that could be data, by name: what each could be, and its value; none elsewhere."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    found: dict[str, tuple[str, Any]] = {}
    for name, value in dict(shell.user_ns).items() if shell is not None else ():
        role = None if name.startswith("_") else datasets.role(value)
        if role is not None:
            found[name] = (role, value)
    return found


def percent(share: float) -> str:
    """A share as a person reads it."""
    return f"{100 * share:g} %" if share else "None"


def offer(dropdown: ipywidgets.Dropdown, options: list[tuple[str, Any]], value: Any) -> None:
    """Set what can be chosen, and what is; a value that cannot be chosen any more gives way to the first."""
    if value not in [v for _, v in options]:
        value = options[0][1]
    if tuple(dropdown.options) != tuple(options):
        dropdown.options = options
    dropdown.value = value
